"""Pictures of the page in its states: `python -m tests.e2e.screenshots FOLDER`.

`python -m tests.e2e.screenshots docs/page.png` makes only that, the README's picture.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from emnist.hub import PRETRAINED
from tests.drawings import STROKES, scribble
from tests.e2e.browser import DESKTOP, PHONE, chromium, draw, settle, visit
from tests.serving import serving

PAUSE = 600  # ms until transitions are over
SHARP = {**DESKTOP, "device_scale_factor": 2}


def take(page: Page, path: Path) -> None:
    """Take a picture once the answer is there and nothing moves."""
    settle(page)
    page.wait_for_timeout(PAUSE)
    page.screenshot(path=path)


def states(browser: Browser, address: str, folder: Path, name: str, device: dict[str, object]) -> None:
    """Take the states of one device."""
    page = visit(browser, address, **device)
    page.screenshot(path=folder / f"{name}-blank.png")
    draw(page, STROKES["B"])
    take(page, folder / f"{name}-read.png")
    page.get_by_label("Where it looked").check()
    page.wait_for_selector("#answer .heat")
    take(page, folder / f"{name}-looked.png")
    page.get_by_role("button", name="Not right?").click()
    take(page, folder / f"{name}-correct.png")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_label("Choose").check()
    for character in "8BR":
        page.locator("#answer .tile button").get_by_text(character, exact=True).click()
    take(page, folder / f"{name}-chosen.png")
    page.get_by_label("Anything").check()
    with tempfile.TemporaryDirectory() as pictures:
        scribble().save(Path(pictures) / "scribble.png")
        page.set_input_files("#pad input[type=file]", Path(pictures) / "scribble.png")
        take(page, folder / f"{name}-doubt.png")
    page.context.close()


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, chromium() as browser:
        with serving(Path(work), "--feedback", f"{work}/corrections") as address:
            for name, device in (("desktop", DESKTOP), ("phone", PHONE)):
                for scheme in ("light", "dark"):
                    states(browser, address, folder, f"{name}-{scheme}", {**device, "color_scheme": scheme})
        with serving(Path(work), "--model", str(PRETRAINED), "--model", str(copy(PRETRAINED, work))) as address:
            for name, device in (("desktop", DESKTOP), ("phone", PHONE)):
                page = visit(browser, address, **device)
                draw(page, STROKES["O"])
                take(page, folder / f"{name}-compare.png")
                page.context.close()
    picture(folder / "page.png")


def copy(model: Path, folder: str) -> Path:
    """Return a copy of a model, to be compared with it."""
    return Path(shutil.copytree(model, Path(folder) / "the same again"))


def picture(path: Path) -> None:
    """Take the README's picture."""
    with tempfile.TemporaryDirectory() as work, chromium() as browser, serving(Path(work)) as address:
        page = visit(browser, address, **SHARP)
        page.get_by_role("button", name="Draw g as an example").click()
        page.wait_for_timeout(4 * PAUSE)
        take(page, path)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    picture(target) if target.suffix == ".png" else main(target)
