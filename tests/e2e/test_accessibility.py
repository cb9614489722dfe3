"""What axe-core, the usual accessibility checker, finds on the page: nothing, in every state, light and dark."""

from collections.abc import Callable
from typing import Any

import drawings
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import DESKTOP, PHONE, draw, settle
from conftest import Visit
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": DESKTOP,
    "phone": PHONE,
    "dark desktop": {**DESKTOP, "color_scheme": "dark"},
    "dark phone": {**PHONE, "color_scheme": "dark"},
}


def read(page: Page) -> None:
    draw(page, drawings.STROKES["T"])
    settle(page)


def doubtful(page: Page) -> None:
    page.locator("#answer .example").last.click()
    page.locator("#answer .unsure").wait_for()


def choosing(page: Page) -> None:
    page.locator("#only label").last.click()
    page.locator("#answer .picking").wait_for()


def correcting(page: Page) -> None:
    read(page)
    page.locator("#answer .correct").click()


def noted(page: Page) -> None:
    page.locator("#pad input[type=file]").set_input_files(
        {"name": "picture.png", "mimeType": "image/png", "buffer": b"none"}
    )
    page.locator("#answer .note:not(:empty)").wait_for()


def check(page: Page) -> None:
    page.wait_for_timeout(300)  # colours fade in
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


STATES: list[Callable[[Page], object]] = [lambda page: None, read, doubtful, choosing, correcting, noted]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_to_mend(open_page: Visit, screen: str) -> None:
    for state in STATES:
        page = open_page(**SCREENS[screen])
        state(page)
        check(page)


def test_axe_finds_nothing_to_mend_where_models_are_compared(open_page: Visit, comparing: str) -> None:
    page = open_page(comparing)
    read(page)
    check(page)
