"""What axe-core, the usual accessibility checker, finds on the page: nothing, in every state, light and dark."""

import io
from collections.abc import Iterator
from typing import Any

import drawings
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import DESKTOP, PHONE, draw, settle
from conftest import Visit
from PIL import Image
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


def states(page: Page) -> Iterator[str]:
    """Bring the page into one state after the other, and yield what they are called."""
    yield "blank"
    page.locator(".only label").last.click()
    page.locator(".chart.picking").wait_for()
    yield "choosing"
    page.get_by_label("Anything", exact=True).check()
    read(page)
    yield "read"
    page.locator(".correct").click()
    yield "correcting"
    page.click("[data-do=clear]")
    page.locator(".card").wait_for()
    yield "written"
    draw(page, drawings.STROKES["O"])
    settle(page)
    yield "equals"
    page.click("[data-do=clear]")
    draw(page, [[(0.2, 0.3), (0.8, 0.4), (0.25, 0.55), (0.7, 0.2), (0.5, 0.8), (0.3, 0.2), (0.8, 0.7)]])
    page.locator(".chart.unsure").wait_for()
    yield "doubtful"
    file = page.locator("#page input[type=file]")
    file.set_input_files({"name": "picture.png", "mimeType": "image/png", "buffer": b"none"})
    page.locator(".note").wait_for()
    yield "refused"
    white = io.BytesIO()
    Image.new("RGB", (90, 90), "white").save(white, "PNG")
    file.set_input_files({"name": "blank.png", "mimeType": "image/png", "buffer": white.getvalue()})
    page.locator(".answer[data-status=note]").wait_for()
    yield "noted"


def check(page: Page, state: str) -> None:
    page.wait_for_timeout(300)  # colours fade in
    found = Axe().run(page)
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_to_mend(open_page: Visit, screen: str) -> None:
    page = open_page(**SCREENS[screen])
    for state in states(page):
        check(page, state)


def test_axe_finds_nothing_to_mend_where_models_are_compared(open_page: Visit, comparing: str) -> None:
    page = open_page(comparing)
    read(page)
    check(page, "compared")
