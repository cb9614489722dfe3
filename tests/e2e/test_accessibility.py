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


def equals(page: Page) -> None:
    draw(page, drawings.STROKES["O"])
    settle(page)


def doubtful(page: Page) -> None:
    draw(page, [[(0.2, 0.3), (0.8, 0.4), (0.25, 0.55), (0.7, 0.2), (0.5, 0.8), (0.3, 0.2), (0.8, 0.7)]])
    page.locator(".chart.unsure").wait_for()


def choosing(page: Page) -> None:
    page.locator(".only label").last.click()
    page.locator(".chart.picking").wait_for()


def correcting(page: Page) -> None:
    read(page)
    page.locator(".correct").click()


def noted(page: Page) -> None:
    page.locator("#page input[type=file]").set_input_files(
        {"name": "picture.png", "mimeType": "image/png", "buffer": b"none"}
    )
    page.locator(".answer[data-status=note]").wait_for()


def written(page: Page) -> None:
    read(page)
    page.click("[data-do=clear]")
    page.locator(".card").wait_for()


def check(page: Page) -> None:
    page.wait_for_timeout(300)  # colours fade in
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


STATES: list[Callable[[Page], object]] = [
    lambda page: None,
    *(read, equals, doubtful, choosing, correcting, noted, written),
]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_to_mend(open_page: Visit, screen: str) -> None:
    for state in STATES:
        page = open_page(**SCREENS[screen])
        state(page)
        check(page)
        page.context.close()


def test_axe_finds_nothing_to_mend_where_models_are_compared(open_page: Visit, comparing: str) -> None:
    page = open_page(comparing)
    read(page)
    check(page)
