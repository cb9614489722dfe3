"""Chromium, and what a visitor does in it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
PATIENCE = 60_000  # ms, for a machine that does much else
SETTLED = """() => {
  const {version, rested} = document.querySelector('#page').dataset
  return version !== '0' && version === rested
}"""
Stroke = list[tuple[float, float]]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def visit(browser: Browser, address: str, watch: Callable[[Page], object] = id, **device: Any) -> Page:
    """Open the page in a context of its own and wait until it can be drawn on and read."""
    page = browser.new_context(**{"locale": "en-GB", **device}).new_page()
    page.set_default_timeout(PATIENCE)
    watch(page)
    page.goto(address)
    page.wait_for_selector("#page .key")
    return page


def placed(page: Page, stroke: Stroke, extent: float = 0.5) -> Stroke:
    """Return the points of a stroke in the unit square as places on the sheet, in its middle."""
    box = page.locator(".pad").bounding_box()
    assert box is not None
    side = extent * min(box["width"], box["height"])
    left, top = box["x"] + box["width"] / 2 - side / 2, box["y"] + box["height"] / 2 - side / 2
    return [(left + side * x, top + side * y) for x, y in stroke]


def draw(page: Page, strokes: list[Stroke], steps: int = 1) -> None:
    """Draw with the mouse."""
    for stroke in strokes:
        first, *others = placed(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point, steps=steps)
        page.mouse.up()


def write(page: Page, characters: list[list[Stroke]]) -> None:
    """Write characters beside each other with the mouse."""
    box = page.locator(".pad").bounding_box()
    assert box is not None
    wide = 0.8 * box["width"] / len(characters)
    for i, strokes in enumerate(characters):
        left, top = box["x"] + 0.1 * box["width"] + (i + 0.15) * wide, box["y"] + box["height"] / 2 - 0.35 * wide
        for stroke in strokes:
            points = [(left + 0.7 * wide * x, top + 0.8 * wide * y) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point)
            page.mouse.up()


def touch(page: Page, strokes: list[Stroke]) -> None:
    """Draw with a finger."""
    session = page.context.new_cdp_session(page)

    def event(kind: str, *points: tuple[float, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    for stroke in strokes:
        points = placed(page, stroke)
        event("touchStart", points[0])
        for (x, y), (u, v) in pairwise(points):
            for i in range(1, 5):
                event("touchMove", (x + (u - x) * i / 4, y + (v - y) * i / 4))
        event("touchEnd")
    session.detach()


def settle(page: Page) -> None:
    """Wait until the answer, with its pictures, is that to what is on the sheet now."""
    page.wait_for_function(SETTLED)


def best(page: Page) -> str:
    """Return the character that is shown large."""
    settle(page)
    letter: str = page.locator(".large .glyph").first.evaluate("glyph => glyph.firstChild.textContent")
    return letter


def shares(page: Page) -> list[str]:
    """Return the confidences beside the best character and its alternatives."""
    return page.locator(".chip span").all_inner_texts()


def glyph(page: Page) -> Locator:
    """Return the character that is shown large, or the first of them."""
    return page.locator(".large .glyph").first


def key(page: Page, character: str) -> Locator:
    """Return a key; its aria-label is what an assistive technology reads."""
    return page.locator(f".key [data-character='{character}']")
