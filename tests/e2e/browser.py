"""Chromium, and what a visitor does in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

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
  const turn = id => document.querySelector(`#${id} [data-turn]`)?.dataset.turn
  return turn('pad') !== undefined && turn('pad') === turn('answer')
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
    page = browser.new_context(**device).new_page()
    page.set_default_timeout(PATIENCE)
    watch(page)
    page.goto(address)
    page.wait_for_selector("#answer .tile")
    return page


def placed(page: Page, stroke: Stroke, extent: float = 0.6) -> Stroke:
    """Return the points of a stroke in the unit square as places on the pad, whose middle they fill."""
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    side = box["width"]
    return [
        (box["x"] + side * (0.5 + extent * (x - 0.5)), box["y"] + side * (0.5 + extent * (y - 0.5))) for x, y in stroke
    ]


def draw(page: Page, strokes: list[Stroke], steps: int = 4) -> None:
    """Draw with the mouse."""
    for stroke in strokes:
        first, *others = placed(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point, steps=steps)
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
    """Wait until the answer is that to what is on the pad now."""
    page.wait_for_function(SETTLED)


def best(page: Page) -> str:
    """Return the character that is shown large."""
    settle(page)
    return page.locator("#answer .glyph").first.inner_text()
