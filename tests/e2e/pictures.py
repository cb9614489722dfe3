"""Pictures of the page in its states: `python -m tests.e2e.pictures FOLDER [SCREEN …]`.

`python -m tests.e2e.pictures docs/page.png` makes only that, the README's picture, and
`python -m tests.e2e.pictures web/static/preview.png` what is shown where somebody sends the page's address.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image
from playwright.sync_api import Browser, Page

from emnist import terminal
from emnist.hub import PRETRAINED
from tests.drawings import STROKES, scribble
from tests.e2e.browser import PHONE, chromium, draw, settle, visit, write
from tests.serving import serving

PAUSE = 700  # ms until transitions are over
PREVIEW: dict[str, Any] = {"viewport": {"width": 800, "height": 420}, "device_scale_factor": 1.5}  # 1200×630 pixels
COLOURS = 64  # of the preview, which keeps it small
ALONE = """.sheet { box-shadow: none !important }
.tools, .shelf, .foot, .way, .line { display: none !important }
.chart { padding-bottom: 1.5em !important }"""  # what is left out of it
SCREENS: dict[str, dict[str, Any]] = {
    "laptop": {"viewport": {"width": 1280, "height": 720}},
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "large": {"viewport": {"width": 2560, "height": 1440}},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "tablet-side": {"viewport": {"width": 1024, "height": 768}},
    "phone": PHONE,
    "phone-small": {**PHONE, "viewport": {"width": 320, "height": 568}},
    "phone-side": {**PHONE, "viewport": {"width": 844, "height": 390}},
}


FILE = "#page input[type=file]"


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
    file = io.BytesIO()
    scribble().save(file, "PNG")
    page.set_input_files(FILE, {"name": "scribble.png", "mimeType": "image/png", "buffer": file.getvalue()})


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


def unsure(page: Page) -> None:
    """Draw what may be one of two."""
    draw(page, [[(0.1, 0.25), (0.6, 0.0), (0.45, 1.0)]])


def seen(page: Page) -> None:
    """Open the feature maps and lay one over the drawing."""
    page.locator(".seeing").check()
    draw(page, STROKES["B"])
    settle(page)
    page.locator(".layer").first.click(position={"x": 20, "y": 12})


def refused(page: Page) -> None:
    """Choose what is no picture."""
    draw(page, STROKES["B"])
    settle(page)
    page.set_input_files(FILE, {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": b"heic"})
    page.locator(".note").wait_for()


def shared(page: Page) -> None:
    """Open the menu that keeps and shares."""
    draw(page, STROKES["B"])
    settle(page)
    page.click(".menu summary")


def filming(page: Page) -> None:
    """Turn the camera on."""
    page.click("[data-do=camera]")


def how(page: Page) -> None:
    """Open the page of plain words."""
    page.click("[data-do=how]")


def playing(page: Page) -> None:
    """Play, and write something else than what is asked for."""
    page.evaluate("Math.random = () => 29 / 47 + 0.001")  # a T
    page.click("[data-do=game]")
    draw(page, STROKES["Z"])
    page.wait_for_function("document.querySelector('.saw').textContent")


def played(page: Page) -> None:
    """Play, and stop."""
    playing(page)
    page.click("[data-do=stop]")


STATES: list[Callable[[Page], None]] = [
    *(blank, read, equals, unsure, several, doubt, chosen, correcting, looked, seen),
    *(written, refused, shared, filming, how, playing, played),
]


def take(page: Page, path: Path, state: Callable[[Page], None]) -> None:
    """Take a picture once the answer is there and nothing moves, but in the game, which does not wait."""
    if state not in (playing, played) and page.locator("#page").get_attribute("data-version") != "0":
        settle(page)
    page.wait_for_timeout(0 if state is playing else PAUSE)
    page.screenshot(path=path)


def one(browser: Browser, address: str, path: Path, state: Callable[[Page], None], device: dict[str, Any]) -> None:
    """Take one state on one device."""
    page = visit(browser, address, **device)
    state(page)
    take(page, path, state)
    page.context.close()


def main(
    target: Annotated[Path, typer.Argument(help="A folder, or the one PNG file to take.")],
    wanted: Annotated[list[str] | None, typer.Argument(help="Some of the screens; all without.")] = None,
) -> None:
    """Take pictures of the page in all its states, or the README's, or that of link previews."""
    if wanted and (target.suffix == ".png" or not SCREENS.keys() >= set(wanted)):
        raise ValueError(f"after a folder, name some of {', '.join(SCREENS)}; after a PNG file, nothing")
    if target.suffix == ".png":
        picture(target)
    else:
        pictures(target, wanted or SCREENS)


def pictures(folder: Path, wanted: Collection[str]) -> None:
    """Take all states on some of the screens."""
    folder.mkdir(parents=True, exist_ok=True)
    screens = {name: device for name, device in SCREENS.items() if name in wanted}
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
    """Take the README's picture, or that of link previews."""
    screen = PREVIEW if path.name == "preview.png" else {**SCREENS["desktop"], "device_scale_factor": 2}
    with tempfile.TemporaryDirectory() as work, chromium() as browser, serving(Path(work)) as address:
        page = visit(browser, address, **screen)
        letter = "B" if screen is PREVIEW else "g"
        page.get_by_role("button", name=f"Draw {letter} as an example").click()
        page.wait_for_timeout(4 * PAUSE)
        if screen is PREVIEW:
            page.add_style_tag(content=ALONE)
            page.wait_for_timeout(PAUSE)
        page.screenshot(path=path)
    if screen is PREVIEW:
        Image.open(path).quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
