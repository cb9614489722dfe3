"""Pictures of the page in its states: `python -m tests.e2e.pictures FOLDER [SCREEN …]`.

`python -m tests.e2e.pictures docs/page.png` makes only that, the README's picture.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from emnist.hub import PRETRAINED
from tests.drawings import STROKES, scribble
from tests.e2e.browser import DESKTOP, PHONE, chromium, draw, settle, visit, write
from tests.serving import serving

PAUSE = 700  # ms until transitions are over
SCREENS: dict[str, dict[str, Any]] = {
    "laptop": DESKTOP,
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "large": {"viewport": {"width": 2560, "height": 1440}},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "tablet-side": {"viewport": {"width": 1024, "height": 768}},
    "phone": PHONE,
    "phone-side": {**PHONE, "viewport": {"width": 844, "height": 390}},
}


def blank(page: Page) -> None:
    """Leave the sheet empty."""


def read(page: Page) -> None:
    """Draw a letter that is read with confidence."""
    draw(page, STROKES["B"])


def equals(page: Page) -> None:
    """Draw what may be 0 or O."""
    draw(page, STROKES["O"])


def several(page: Page) -> None:
    """Write five characters."""
    write(page, [STROKES[character] for character in "KLT47"])


def doubt(page: Page) -> None:
    """Choose a picture in which there is no character."""
    with tempfile.TemporaryDirectory() as folder:
        scribble().save(Path(folder) / "scribble.png")
        page.set_input_files("#page input[type=file]", Path(folder) / "scribble.png")


def chosen(page: Page) -> None:
    """Mark the characters it may be."""
    draw(page, STROKES["B"])
    page.locator(".only label").last.click()
    for character in "8BR":
        page.locator(f".key [data-character='{character}']").click()


def correcting(page: Page) -> None:
    """Say that the answer is not right."""
    draw(page, STROKES["B"])
    settle(page)
    page.locator(".correct").click()


def looked(page: Page) -> None:
    """Ask where the network looked."""
    draw(page, STROKES["B"])
    page.locator(".looking").check()
    page.wait_for_selector(".step .heat")


def written(page: Page) -> None:
    """Write one character after another."""
    for character in "BT7":
        draw(page, STROKES[character])
        settle(page)
        page.click("[data-do=clear]")
    draw(page, STROKES["Z"])


STATES: list[Callable[[Page], None]] = [blank, read, equals, several, doubt, chosen, correcting, looked, written]


def take(page: Page, path: Path) -> None:
    """Take a picture once the answer is there and nothing moves."""
    if page.locator("#page").get_attribute("data-version") != "0":
        settle(page)
    page.wait_for_timeout(PAUSE)
    page.screenshot(path=path)


def one(browser: Browser, address: str, path: Path, state: Callable[[Page], None], device: dict[str, Any]) -> None:
    """Take one state on one device."""
    page = visit(browser, address, **device)
    state(page)
    take(page, path)
    page.context.close()


def main(folder: Path, wanted: list[str]) -> None:
    """Take them all, or those of some screens."""
    folder.mkdir(parents=True, exist_ok=True)
    screens = {name: device for name, device in SCREENS.items() if not wanted or name in wanted}
    with tempfile.TemporaryDirectory() as work, chromium() as browser:
        with serving(Path(work), "--feedback", f"{work}/corrections") as address:
            for name, device in screens.items():
                for scheme in ("light", "dark"):
                    for state in STATES:
                        path = folder / f"{name}-{scheme}-{state.__name__}.png"
                        one(browser, address, path, state, {**device, "color_scheme": scheme})
        with serving(Path(work), "--model", str(PRETRAINED), "--model", str(copy(PRETRAINED, work))) as address:
            for name, device in screens.items():
                one(browser, address, folder / f"{name}-compared.png", read, device)


def copy(model: Path, folder: str) -> Path:
    """Return a copy of a model, to be compared with it."""
    return Path(shutil.copytree(model, Path(folder) / "the same again"))


def picture(path: Path) -> None:
    """Take the README's picture."""
    with tempfile.TemporaryDirectory() as work, chromium() as browser, serving(Path(work)) as address:
        page = visit(browser, address, **{**SCREENS["desktop"], "device_scale_factor": 2})
        page.get_by_role("button", name="Draw g as an example").click()
        page.wait_for_timeout(4 * PAUSE)
        take(page, path)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    picture(target) if target.suffix == ".png" else main(target, sys.argv[2:])
