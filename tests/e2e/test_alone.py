"""The page without a server, as `deploy --static --dry-run` writes it for any web server, in a real browser."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import drawings
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import DESKTOP, PATIENCE, PHONE, SETTLED, draw, glyph, key, touch
from browser import write as write_beside
from conftest import Visit
from playwright.sync_api import Page, Route, expect

from emnist import Recognizer
from train.publish import static
from train.publish.deploy import write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not static.PACKAGE.is_dir(), reason="`npm ci --prefix web` has not been run"),
    pytest.mark.skipif(not (static.PAGE / "index.html").is_file(), reason="there is no page"),
]
FILE = "#page input[type=file]"
LANDSCAPE: dict[str, Any] = {**PHONE, "viewport": {"width": 844, "height": 390}}


class Quiet(SimpleHTTPRequestHandler):
    """Python's own web server, without its log."""

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="session")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a static Space of the built-in model."""
    folder = tmp_path_factory.mktemp("static") / "space"
    write(static.plan(), folder)
    return folder


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def open_static(open_page: Visit, serve: Callable[[Path], str], space: Path) -> Callable[..., Page]:
    """Open the page; it must ask nobody but its own server, and log no error."""
    address = serve(space)
    return lambda **device: open_page(address, **(device or DESKTOP))


def settled(page: Page) -> Page:
    """Wait until the answer, with its pictures, is that to what is on the sheet now."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(SETTLED):  # `wait_for_function` would need a policy that lets the page evaluate text
        assert time.monotonic() < deadline, page.locator("#page").inner_text()
        page.wait_for_timeout(50)
    return page


@pytest.mark.parametrize(
    ("device", "hand"), [(DESKTOP, draw), (PHONE, touch), (LANDSCAPE, touch)], ids=["desktop", "phone", "landscape"]
)
def test_a_drawing_is_read_as_by_the_library(
    open_static: Callable[..., Page], device: dict[str, Any], hand: Callable[..., None]
) -> None:
    page = open_static(**device)
    hand(page, drawings.STROKES["A"])
    expect(glyph(settled(page))).to_have_text("A")
    assert page.locator(".key").count() == len(Recognizer.from_pretrained().labels)
    assert page.locator(".step").count() == 3


def test_answers_can_be_restricted(open_static: Callable[..., Page]) -> None:
    page = open_static()
    page.locator(".only label", has_text="Digits").click()
    draw(page, drawings.STROKES["O"])
    expect(glyph(settled(page))).to_have_text("0")


def test_a_picture_is_read_and_the_page_says_on_what_paper_it_reads_best(
    open_static: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_static()
    drawings.photograph("8").save(tmp_path / "photo.jpg")
    page.set_input_files(FILE, tmp_path / "photo.jpg")
    expect(glyph(settled(page))).to_have_text("8")
    expect(page.locator(".beside")).to_contain_text("read best here")
    page.locator(".looking").check()
    expect(page.locator(".heat")).to_be_visible()


def test_several_characters_in_a_picture_are_read_and_shown_where_they_are(
    open_static: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_static()
    expect(page.locator(".saying")).to_contain_text("or a few of them")
    sheet = drawings.Image.new("RGB", (640, 220), "white")
    for at, character in enumerate("K24"):
        sheet.paste(drawings.draw(character, size=200, pen=12), (210 * at, 10))
    sheet.save(tmp_path / "word.png")
    page.set_input_files(FILE, tmp_path / "word.png")
    expect(settled(page).locator(".large .glyph")).to_have_text(["K", "2", "4"])
    page.locator(".large .glyph").nth(1).click()
    assert "2" in (key(settled(page), "2").get_attribute("aria-label") or "")
    expect(page.locator(".step")).to_have_count(5)


def test_what_is_transparent_in_a_picture_is_paper(open_static: Callable[..., Page], tmp_path: Path) -> None:
    page = open_static()
    drawings.sketch("8").save(tmp_path / "ink.png")
    page.set_input_files(FILE, tmp_path / "ink.png")
    corner = "canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    assert settled(page).locator(".step canvas").first.evaluate(corner) > 250


def test_what_is_no_picture_or_a_blank_one_is_refused_with_what_to_do(
    open_static: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_static()
    page.set_input_files(FILE, {"name": "picture.png", "mimeType": "image/png", "buffer": b"none"})
    expect(page.locator(".note")).to_contain_text("send a PNG or JPEG picture")
    drawings.Image.new("RGB", (200, 200), "white").save(tmp_path / "blank.png")
    page.set_input_files(FILE, tmp_path / "blank.png")
    expect(page.locator(".saying")).to_contain_text("write something")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_several_characters_are_read_each_with_its_confidences(
    open_static: Callable[..., Page], device: dict[str, Any]
) -> None:
    page = open_static(**device)
    expect(page.locator(".saying")).to_contain_text("or a few of them")  # what reads several has come
    write_beside(page, [drawings.STROKES[character] for character in "KLT"])
    expect(settled(page).locator(".large")).to_have_text("KLT")
    page.locator(".large .glyph").nth(1).click()
    assert "L" in (key(settled(page), "L").get_attribute("aria-label") or "")
    page.get_by_role("button", name="This is one character").click()
    expect(page.locator(".large .glyph")).to_have_count(1)


def test_questions_that_are_withdrawn_are_not_answered(open_static: Callable[..., Page]) -> None:
    ask = """strokes => new Promise(done => {
        const worker = new Worker('local/worker.js', { type: 'module' })
        const answered = []
        worker.onmessage = ({ data: { ready, key, answer } }) => {
            for (let key = 1; ready && key <= 20; key++) {
                worker.postMessage({ key, question: { turn: key, strokes, only: '', several: true } })
                if (key < 20) worker.postMessage({ key })
            }
            if (answer) answered.push(key)
            if (key === 20) done(answered)
        }
    })"""
    assert open_static().evaluate(ask, drawings.STROKES["K"]) == [20]


@pytest.mark.parametrize("file", ["sequence", "layers"])
def test_without_what_reads_several_it_reads_one_and_says_so_until_that_comes(
    browser: Any, serve: Callable[[Path], str], space: Path, file: str
) -> None:
    page = browser.new_context(**DESKTOP, locale="en-GB", service_workers="block").new_page()
    page.context.route(f"**/{file}.onnx", partial(_fulfil, {"status": 404}))
    page.goto(serve(space))
    expect(page.locator(".saying")).to_have_text(
        "Write a letter or a digit, and watch how sure it is.", timeout=PATIENCE
    )
    write_beside(page, [drawings.STROKES[character] for character in "KLT"])
    expect(settled(page).locator(".beside")).to_have_text("This page reads one character at a time.")
    page.context.unroute(f"**/{file}.onnx")
    expect(page.locator(".large")).to_have_text("KLT", timeout=PATIENCE)
    page.context.close()


def test_it_works_offline_once_it_has_been_loaded(open_static: Callable[..., Page]) -> None:
    page = open_static()
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    page.context.set_offline(True)
    page.reload()
    draw(page, drawings.STROKES["T"])
    expect(glyph(settled(page))).to_have_text("T")


@pytest.mark.parametrize("device", [DESKTOP, {**PHONE, "color_scheme": "dark"}], ids=["desktop", "dark phone"])
def test_axe_finds_nothing_to_mend(open_static: Callable[..., Page], device: dict[str, Any]) -> None:
    page = open_static(**device)
    draw(page, drawings.STROKES["K"])
    settled(page).wait_for_timeout(300)  # colours fade in
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_without_its_model_or_without_simd_the_page_says_what_to_do(
    browser: Any, serve: Callable[[Path], str], space: Path
) -> None:
    old = "WebAssembly.validate = () => false;" + (space / "local" / "worker.js").read_text()
    for path, answer, language, told in [
        ("model.onnx", {"status": 404}, "en", "could not be loaded (model.onnx)"),
        ("model.onnx", {"status": 404}, "de", "ließ sich nicht laden (model.onnx)"),
        ("model.onnx", {"body": "none"}, "en", "could not be loaded"),
        ("local/worker.js", {"body": old, "content_type": "text/javascript"}, "en", "lacks WebAssembly with SIMD"),
    ]:
        page = browser.new_context(**DESKTOP, locale=language, service_workers="block").new_page()
        page.context.route(f"**/{path}", partial(_fulfil, answer))
        page.goto(serve(space))
        expect(page.locator(".note")).to_contain_text(told, timeout=PATIENCE)
        expect(page.locator(".saying")).to_have_text("")
        page.context.close()


def _fulfil(answer: dict[str, Any], route: Route) -> None:
    route.fulfill(**answer)


def test_a_key_says_its_confidence(open_static: Callable[..., Page]) -> None:
    page = open_static()
    draw(page, drawings.STROKES["H"])
    settled(page)
    assert "H" in (key(page, "H").get_attribute("aria-label") or "")
