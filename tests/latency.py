"""How quick and how light the page is: answers, the browser's work for them, what moves, what a visit loads.

`python -m tests.latency [ADDRESS]`: strokes on a desktop and on an emulated phone, a photograph of twelve megapixels
that EXIF turns, the first load, and the server's parts, measured in this process.
"""

import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import numpy as np
import torch
import typer
from PIL import Image
from playwright.sync_api import Browser, Page

from emnist import Recognizer, terminal
from tests.drawings import STROKES, draw, photograph
from tests.e2e import browser as visitor
from tests.e2e.browser import DESKTOP, PHONE, chromium, settle, touch, visit
from tests.serving import serving
from web.drawing import steps as drawing_steps
from web.handlers import Handlers
from web.models import Models
from web.question import WISHES, Question
from web.reader import read
from web.routes import STATIC

DRAWN = 8  # characters that are drawn, each twice
PHOTOS = 5
REPEATS = 60  # counted runs of each part
TURN_RIGHT = 6  # EXIF's orientation of a phone held upright
PAUSE = 300  # ms of waiting in which an answer comes
QUIET = 1500  # ms of waiting after which nothing loads or moves any more
TRACED = ["blink.user_timing", "disabled-by-default-devtools.timeline", "__metadata"]
WATCH = """([subject, event]) => {
  window.delays = []
  let from = null
  const page = document.querySelector('#page')
  document.querySelector(subject).addEventListener(event, () => {
    performance.mark('asked')
    from = performance.now()
  }, {capture: true})
  new MutationObserver(() => {
    performance.mark('answer')
    if (from === null || page.dataset.answered !== page.dataset.version) return
    const start = from
    from = null
    requestAnimationFrame(() => setTimeout(() => {
      performance.mark('painted')
      window.delays.push(performance.now() - start)
    }))
  }).observe(page, {attributes: true, attributeFilter: ['data-answered']})
}"""
SHIFTS = """() => {
  window.shifts = []
  new PerformanceObserver(list => window.shifts.push(...list.getEntries()))
    .observe({type: 'layout-shift', buffered: true})
}"""


def strokes(page: Page, write: Callable[..., None]) -> tuple[list[float], list[float]]:
    """Return the ms from the end of each stroke to the painted answer, and those the main thread was busy meanwhile."""
    page.evaluate(WATCH, [".pad", "pointerup"])
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=TRACED)
    for character in list(STROKES)[:DRAWN] * 2:
        for stroke in STROKES[character]:
            write(page, [stroke])
            page.wait_for_timeout(PAUSE)  # not `settle` at once, which asks in every frame
            settle(page)
        page.click("[data-do=clear]")
        settle(page)
    work = busy(json.loads(browser.stop_tracing())["traceEvents"])
    delays: list[float] = page.evaluate("window.delays")
    return delays, work


def busy(events: list[dict[str, Any]]) -> list[float]:
    """Return the ms of processor an answer that the page's thread took from each mark `asked` to the next `painted`.

    Between the two lie one answer or more: the pen was asked about while it moved, too.
    """
    marks = sorted((each["ts"], each["name"]) for each in events if each["name"] in ("asked", "answer", "painted"))
    threads = {(each["pid"], each["tid"]) for each in events if each["name"] == "painted"}
    tasks = [
        each
        for each in events
        if each["name"] == "RunTask" and each.get("dur") and (each["pid"], each["tid"]) in threads
    ]
    found, start, answers = [], 0.0, 0
    for at, name in marks:
        if name == "asked":
            start, answers = at, 0
        answers += name == "answer"
        if name == "painted":
            found.append(sum(overlap(task, start, at) for task in tasks) / 1000 / answers)
    return found


def overlap(task: dict[str, Any], start: float, end: float) -> float:
    """Return how long the processor worked on `task` between `start` and `end`, spread evenly over it."""
    within = min(end, task["ts"] + task["dur"]) - max(start, task["ts"])
    return max(0.0, within) * task.get("tdur", 0) / task["dur"]


def moved(page: Page, write: Callable[..., None]) -> list[float]:
    """Return how far what stands on the page moved by itself while it loaded, was drawn on and answered.

    The first is the sum of all layout shifts, the second without those that a visitor's press explains.
    """
    page.evaluate(SHIFTS)
    page.wait_for_timeout(QUIET)
    for character in "BK":
        write(page, STROKES[character])
        settle(page)
        page.wait_for_timeout(QUIET)
        page.click("[data-do=clear]")
        settle(page)
    page.wait_for_timeout(QUIET)
    shifts = page.evaluate("window.shifts.map(({value, hadRecentInput}) => [value, hadRecentInput])")
    return [sum(value for value, _ in shifts), sum(value for value, pressed in shifts if not pressed)]


def loaded(browser: Browser, address: str) -> tuple[int, int]:
    """Return the bytes, as they were sent, of a first visit: the page's own, and Gradio's."""
    page = browser.new_context(**DESKTOP).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    paths: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on(
        "Network.responseReceived", lambda it: paths.update({it["requestId"]: urlsplit(it["response"]["url"]).path})
    )
    session.on("Network.loadingFinished", lambda it: sizes.update({it["requestId"]: it["encodedDataLength"]}))
    page.goto(address)
    page.wait_for_selector("#page .key")
    page.wait_for_timeout(QUIET)
    page.context.close()
    own = sum(size for request, size in sizes.items() if is_own(paths.get(request, "")))
    return own, sum(sizes.values()) - own


def is_own(path: str) -> bool:
    """Return whether a path is the page's own: the HTML, which is Gradio's and the page's in one, counts in full."""
    return path == "/" or path.endswith("/welcome") or (STATIC.parent / path.lstrip("/")).is_file()


def photos(page: Page, folder: Path) -> list[float]:
    """Return the delays in ms from the choice of a photograph to the painted answer."""
    grain = np.asarray(photograph("R", size=1000, pen=60).resize((4000, 3000)), np.int16)
    grain = grain + np.random.default_rng(0).normal(0, 4, (3000, 4000, 1)).astype(np.int16)
    picture = Image.fromarray(grain.clip(0, 255).astype(np.uint8))
    exif = picture.getexif()
    exif[0x0112] = TURN_RIGHT
    picture.save(folder / "photo.jpg", quality=88, exif=exif)
    page.evaluate(WATCH, ["#page input[type=file]", "change"])
    for count in range(1, PHOTOS + 1):
        page.set_input_files("#page input[type=file]", folder / "photo.jpg")
        page.wait_for_function("count => window.delays.length === count", arg=count, polling=50)
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


def show(name: str, values: list[float]) -> None:
    """Print one row."""
    cuts = statistics.quantiles(values, n=100)
    print(f"| {name} | {len(values)} | {cuts[49]:.1f} | {cuts[94]:.1f} | {max(values):.1f} |", flush=True)


def browse(browser: Browser, address: str, folder: Path) -> None:
    """Print the rows that take a browser, and below them what is no time."""
    below = []
    for name, device, write in (("desktop", DESKTOP, visitor.draw), ("phone", PHONE, touch)):
        delays, work = strokes(visit(browser, address, **device), write)
        show(f"end of a stroke to changed bars, {name}", delays)
        show(f"main thread an answer, {name}", work)
        every, unasked = moved(visit(browser, address, **device), write)
        below.append(f"layout shift, {name}: {every:.4f}; without what follows a press: {unasked:.4f}")
    show("photograph chosen to answer, phone", photos(visit(browser, address, **PHONE), folder))
    own, framework = loaded(browser, address)
    print(*below, f"first load: the page's own {own / 1000:.0f} kB, Gradio's {framework / 1000:.0f} kB", sep="\n")


def main(
    address: Annotated[str | None, typer.Argument(help="A running app; without it one is started.")] = None,
) -> None:
    """Print how quick and how light the page is."""
    print("| ms | times | p50 | p95 | worst |\n|---|---|---|---|---|")
    for name, delays in parts().items():
        show(name, delays)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        if address:
            return browse(browser, address, Path(folder))
        with serving(Path(folder)) as own:
            browse(browser, own, Path(folder))


if __name__ == "__main__":
    sys.exit(terminal.run_one(main, alone=()))
