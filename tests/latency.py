"""How long after the end of a stroke the bars have changed, and what the parts of it take.

`python -m tests.latency [ADDRESS]`: strokes on a desktop and on an emulated phone, a photograph of twelve megapixels
that EXIF turns, and the server's parts, measured in this process.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Browser, Page

from emnist import Recognizer
from tests.drawings import STROKES, draw, photograph
from tests.e2e import browser as visitor
from tests.e2e.browser import DESKTOP, PHONE, chromium, settle, touch, visit
from tests.serving import serving
from web.drawing import steps as drawing_steps
from web.handlers import Handlers
from web.models import Models
from web.question import WISHES, Question
from web.reader import read

DRAWN = 12  # characters a round
PHOTOS = 5
REPEATS = 60  # of each part
TURN_RIGHT = 6  # EXIF's orientation of a phone held upright
WATCH = """([subject, event]) => {
  window.delays = []
  let from = null
  const page = document.querySelector('#page')
  document.querySelector(subject).addEventListener(event, () => { from = performance.now() }, {capture: true})
  new MutationObserver(() => {
    if (from === null || page.dataset.answered !== page.dataset.version) return
    const start = from
    from = null
    requestAnimationFrame(() => setTimeout(() => window.delays.push(performance.now() - start)))
  }).observe(page, {attributes: true, attributeFilter: ['data-answered']})
}"""


def strokes(page: Page, write: Callable[..., None]) -> list[float]:
    """Return the delays in ms from the end of each stroke to the painted answer."""
    page.evaluate(WATCH, [".sheet > canvas", "pointerup"])
    for character in list(STROKES)[:DRAWN] * 2:
        for stroke in STROKES[character]:
            write(page, [stroke])
            settle(page)
            page.wait_for_timeout(150)
        page.click("[data-do=clear]")
        settle(page)
    delays: list[float] = page.evaluate("window.delays")
    return delays


def photos(page: Page, folder: Path) -> list[float]:
    """Return the delays in ms from the choice of a photograph to the painted answer."""
    grain = np.asarray(photograph("R", size=1000, pen=60).resize((4000, 3000)), np.int16)
    grain = grain + np.random.default_rng(0).normal(0, 4, (3000, 4000, 1)).astype(np.int16)
    picture = Image.fromarray(grain.clip(0, 255).astype(np.uint8))
    exif = picture.getexif()
    exif[0x0112] = TURN_RIGHT
    picture.save(folder / "photo.jpg", quality=88, exif=exif)
    page.evaluate(WATCH, ["#page input[type=file]", "change"])
    for _ in range(PHOTOS):
        page.set_input_files("#page input[type=file]", folder / "photo.jpg")
        page.wait_for_timeout(100)
        settle(page)
    delays: list[float] = page.evaluate("window.delays")
    return delays


def parts() -> dict[str, list[float]]:
    """Return what each part of an answer takes, in ms."""
    torch.set_num_threads(1)
    recognizer = Recognizer.from_pretrained()
    drawing = [[(x, y) for x, y in stroke] for stroke in STROKES["B"]]
    asked, full = Question(1, drawing, several=True), Question(1, drawing, want=frozenset(WISHES))
    file = io.BytesIO()
    draw("B", size=800, pen=60).save(file, "PNG")
    picture = Question(1, picture=file.getvalue())
    image = drawing_steps(drawing).image
    handlers = Handlers(Models(), None)
    handlers.models.start()
    handlers.models.get()
    wire = {"turn": 1, "strokes": [[list(point) for point in stroke] for stroke in drawing], "want": list(WISHES)}
    return {
        "one pass of the network": timed(lambda: recognizer.probabilities(image[None])),
        "a drawing as one character": timed(lambda: read(recognizer, full)),
        "a drawing as several": timed(lambda: read(recognizer, asked)),
        "a photograph": timed(lambda: read(recognizer, picture)),
        "where it looked": timed(lambda: recognizer.attention(image, "B")),
        "all that the page can ask": timed(lambda: handlers.read(wire)),
    }


def timed(work: Callable[[], Any]) -> list[float]:
    """Return how long each of REPEATS runs takes in ms, after one that does not count."""
    work()
    stamps = [time.perf_counter()]
    for _ in range(REPEATS):
        work()
        stamps.append(time.perf_counter())
    return [1000 * (b - a) for a, b in pairwise(stamps)]


def show(name: str, delays: list[float]) -> None:
    """Print one row."""
    cuts = statistics.quantiles(delays, n=100)
    print(f"| {name} | {len(delays)} | {cuts[49]:.1f} | {cuts[94]:.1f} | {max(delays):.1f} |", flush=True)


def browse(browser: Browser, address: str, folder: Path) -> None:
    """Print the rows that take a browser."""
    show("end of a stroke to changed bars, desktop", strokes(visit(browser, address, **DESKTOP), visitor.draw))
    show("end of a stroke to changed bars, phone", strokes(visit(browser, address, **PHONE), touch))
    show("photograph chosen to answer, phone", photos(visit(browser, address, **PHONE), folder))


def main() -> None:
    """Print the table."""
    print("| ms | times | p50 | p95 | worst |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        if len(sys.argv) > 1:
            browse(browser, sys.argv[1], Path(folder))
        else:
            with serving(Path(folder)) as address:
                browse(browser, address, Path(folder))
    for name, delays in parts().items():
        show(name, delays)


if __name__ == "__main__":
    main()
