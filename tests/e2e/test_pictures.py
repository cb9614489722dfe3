"""Checks in a real browser what becomes of pictures: chosen, dropped, pasted and taken."""

import base64
import io
from pathlib import Path

import drawings
import pytest
from browser import best, draw, glyph, settle
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
STROKES = drawings.STROKES
FILE = "#page input[type=file]"


def png(path: Path, character: str, **shape: int) -> Path:
    drawings.draw(character, **shape).save(path)
    return path


def bring(page: Page, path: Path, event: str, on: str = ".pad") -> bool:
    """Paste a PNG file, or drop it; return whether the browser was kept from showing it instead of the page."""
    kept: bool = page.evaluate(
        """([encoded, name, on]) => {
          const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0))
          const data = new DataTransfer()
          data.items.add(new File([bytes], 'picture.png', {type: 'image/png'}))
          const event = name === 'paste'
            ? new ClipboardEvent(name, {clipboardData: data, bubbles: true, cancelable: true})
            : new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true})
          return !document.querySelector(on).dispatchEvent(event)
        }""",
        [base64.b64encode(path.read_bytes()).decode(), event, on],
    )
    return kept


@pytest.mark.parametrize(
    "name", ["picture.png", "picture.jpg", "picture.webp", "picture.gif", "picture.bmp", "picture.tiff"]
)
def test_a_chosen_file_is_read_whatever_its_format(page: Page, tmp_path: Path, name: str) -> None:
    page.set_input_files(FILE, png(tmp_path / name, "Z"))
    assert best(page) == "Z"


def test_of_several_characters_in_a_picture_the_one_that_is_tapped_is_framed(page: Page, tmp_path: Path) -> None:
    paper = Image.new("RGB", (900, 300), "white")
    for i, character in enumerate("KLT"):
        paper.paste(drawings.draw(character, size=200), (50 + 300 * i, 50))
    paper.save(tmp_path / "KLT.png")
    page.set_input_files(FILE, tmp_path / "KLT.png")
    expect(page.locator(".large .glyph")).to_have_text(["K", "L", "T"])
    first = seen(page)
    page.locator(".large .glyph").nth(2).click()
    expect(page.locator(".large .glyph").nth(2)).to_have_attribute("aria-pressed", "true")
    left, _, right, _ = ImageChops.difference(first, seen(page)).getbbox() or (0, 0, 0, 0)
    assert left < first.width / 3
    assert right > 2 * first.width / 3


def seen(page: Page) -> Image.Image:
    """Return the sheet with all that lies over it, once nothing on it changes."""
    page.wait_for_timeout(300)
    settle(page)
    return Image.open(io.BytesIO(page.locator(".pad").screenshot())).convert("RGB")


def test_a_large_photo_turned_by_exif_is_read_upright(page: Page, tmp_path: Path) -> None:
    picture = drawings.draw("7", size=3000, pen=160).rotate(90)
    exif = picture.getexif()
    exif[0x0112] = 6  # turn clockwise by a quarter to see it upright
    picture.save(tmp_path / "photo.jpg", exif=exif)
    page.set_input_files(FILE, tmp_path / "photo.jpg")
    assert best(page) == "7"


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_pasted_and_a_dropped_picture_is_read(page: Page, tmp_path: Path, event: str) -> None:
    bring(page, png(tmp_path / "picture.png", "T"), event)
    expect(glyph(page)).to_have_text("T")


def test_a_drop_beside_the_sheet_is_read_too_and_the_page_stays(page: Page, tmp_path: Path) -> None:
    assert bring(page, png(tmp_path / "picture.png", "T"), "drop", ".answer")
    expect(glyph(page)).to_have_text("T")


def test_the_newest_of_two_pictures_wins_whichever_is_ready_first(page: Page, tmp_path: Path) -> None:
    page.evaluate(
        """() => {
          const open = window.createImageBitmap.bind(window)
          let first = true
          window.createImageBitmap = async (...all) => {
            const wait = first ? 800 : 0
            first = false
            await new Promise(done => setTimeout(done, wait))
            return open(...all)
          }
        }"""
    )
    page.set_input_files(FILE, png(tmp_path / "first.png", "T"))
    page.set_input_files(FILE, png(tmp_path / "second.png", "Z"))
    assert best(page) == "Z"
    page.wait_for_timeout(1000)
    assert best(page) == "Z"


def test_a_reload_keeps_the_picture_and_reads_it(page: Page, tmp_path: Path) -> None:
    page.set_input_files(FILE, png(tmp_path / "letter.png", "T"))
    expect(glyph(page)).to_have_text("T")
    page.reload()
    expect(glyph(page)).to_have_text("T")


def test_a_picture_that_a_reload_brings_back_is_said_to_be_read(page: Page, tmp_path: Path) -> None:
    page.set_input_files(FILE, png(tmp_path / "letter.png", "T"))
    expect(glyph(page)).to_have_text("T")
    page.route("**/gradio_api/run/read", lambda route: None)  # which never ends
    page.add_init_script(
        """const open = createImageBitmap  // as of a large picture: ready after the server has said its welcome
        window.createImageBitmap = (...all) => new Promise(done => setTimeout(done, 1500)).then(() => open(...all))"""
    )
    page.reload()
    expect(page.locator(".saying")).to_have_text("Reading…")


def test_a_picture_of_the_camera_is_taken(page: Page) -> None:
    page.click("[data-do=camera]")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("button", name="Camera")).to_be_visible()
    settle(page)
    assert page.locator(".saying").inner_text()


def test_the_camera_can_be_put_away_before_and_after_a_drawing(page: Page) -> None:
    for strokes in ([], STROKES["T"]):
        draw(page, strokes)
        page.click("[data-do=camera]")
        expect(page.locator(".hint")).to_be_hidden()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Camera")).to_be_visible()
        expect(page.locator("#page video")).to_be_hidden()
    assert best(page) == "T"


def test_a_camera_that_is_asked_for_twice_can_still_be_put_away(page: Page) -> None:
    page.evaluate(
        """() => {
          window.streams = []
          const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
          navigator.mediaDevices.getUserMedia = async wanted => {
            await new Promise(done => setTimeout(done, 300))
            window.streams.push(await get(wanted))
            return window.streams.at(-1)
          }
        }"""
    )
    page.dblclick("[data-do=camera]")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_timeout(700)
    expect(page.locator("#page video")).to_be_hidden()
    assert page.evaluate("window.streams.every(stream => stream.getTracks().every(t => t.readyState === 'ended'))")


def test_what_cannot_be_had_leaves_the_answer_of_the_drawing_alone(page: Page, tmp_path: Path) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') } }"
    )
    page.click("[data-do=camera]")
    expect(page.locator(".note")).to_contain_text("camera")
    assert glyph(page).inner_text() == "T"
    (tmp_path / "large.raw").write_bytes(b"x" * 8_000_001)
    page.set_input_files(FILE, tmp_path / "large.raw")
    expect(page.locator(".note")).to_contain_text("8 MB")
    assert glyph(page).inner_text() == "T"
    page.evaluate(
        """() => document.querySelector('.pad').dispatchEvent(
          new DragEvent('drop', {dataTransfer: new DataTransfer(), bubbles: true, cancelable: true}))"""
    )
    expect(page.locator(".note")).to_contain_text("picture files")
    assert glyph(page).inner_text() == "T"


def test_a_photo_in_heic_is_said_to_be_one(page: Page, tmp_path: Path) -> None:
    (tmp_path / "IMG_0001.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    page.set_input_files(FILE, tmp_path / "IMG_0001.HEIC")
    expect(page.locator(".note")).to_contain_text("iPhone")
    expect(page.locator(".note")).to_contain_text("JPEG")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255)], ids=["black ink", "white ink"])
def test_a_transparent_picture_is_seen_on_any_sheet(
    page: Page, tmp_path: Path, scheme: str, ink: tuple[int, int, int]
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    mask = drawings.draw("T").convert("L").point(lambda value: 255 - value)
    picture = Image.new("RGBA", mask.size, ink)
    picture.putalpha(mask)
    picture.save(tmp_path / "ink.png")
    page.set_input_files(FILE, tmp_path / "ink.png")
    assert best(page) == "T"
    spread = page.evaluate(
        """() => {
          const {width, height} = document.querySelector('.pad')
          const context = document.querySelector('.pad').getContext('2d')
          const pixels = context.getImageData(width / 2 - 150, height / 2 - 150, 300, 300).data
          const light = pixels.filter((_, i) => i % 4 === 0)
          const opaque = pixels.filter((_, i) => i % 4 === 3).every(a => a === 255)
          return opaque ? Math.max(...light) - Math.min(...light) : 0
        }"""
    )
    assert spread > 150
    page.click("[data-do=clear]")
    card = (
        "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, 96, 96).data.filter((_, i) => i % 4 === 3)).size"
    )
    assert page.locator(".card canvas").evaluate(card) == 1  # no part of it is transparent


def test_a_chosen_file_may_be_gone_when_it_is_asked_about_again(page: Page, tmp_path: Path) -> None:
    page.set_input_files(FILE, png(tmp_path / "picture.png", "Z"))
    assert best(page) == "Z"
    page.evaluate(
        """() => {
          const read = FileReader.prototype.readAsDataURL
          FileReader.prototype.readAsDataURL = function (blob) {
            if (blob instanceof File) setTimeout(() => this.onerror()) // as if it had been moved
            else read.call(this, blob)
          }
        }"""
    )
    page.get_by_text("Digits", exact=True).click()
    settle(page)
    assert best(page) in "0123456789"


def test_a_folder_is_no_picture_and_leaves_the_answer_alone(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.evaluate(
        """() => {
          const folder = new File([], 'folder') // whose content no browser reads
          folder.arrayBuffer = folder.stream = () => Promise.reject(new DOMException('', 'NotFoundError'))
          const event = new DragEvent('drop', {bubbles: true, cancelable: true})
          Object.defineProperty(event, 'dataTransfer', {value: {files: [folder]}})
          document.querySelector('.pad').dispatchEvent(event)
        }"""
    )
    expect(page.locator(".note")).to_contain_text("picture files")
    assert glyph(page).inner_text() == "T"


def test_a_picture_that_takes_long_is_said_to_be_read(page: Page, tmp_path: Path) -> None:
    page.route("**/gradio_api/run/read", lambda route: None)  # which never ends
    page.set_input_files(FILE, png(tmp_path / "picture.png", "B"))
    expect(page.locator(".saying")).to_have_text("Reading…")
    page.click("[data-do=clear]")
    expect(page.locator(".saying")).to_contain_text("Write a letter")


def test_a_blank_and_a_broken_picture_are_answered_kindly_and_the_page_goes_on(page: Page, tmp_path: Path) -> None:
    Image.new("RGB", (90, 90), "white").save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    draw(page, STROKES["B"])
    expect(page.locator(".step canvas")).to_have_count(3)
    page.set_input_files(FILE, tmp_path / "broken.png")
    expect(page.locator(".note")).to_contain_text("damaged")
    assert best(page) == "B"  # which it did not replace
    page.set_input_files(FILE, tmp_path / "blank.png")
    expect(page.locator(".note")).to_be_hidden()
    expect(page.locator(".saying")).to_contain_text("blank")
    expect(page.locator(".step canvas")).to_have_count(0)  # not those of what was there before
    draw(page, STROKES["T"])
    assert best(page) == "T"


def test_what_is_no_picture_leaves_an_empty_sheet_that_may_be_written_on(page: Page) -> None:
    page.set_input_files(FILE, {"name": "letter.png", "mimeType": "image/png", "buffer": b"none"})
    expect(page.locator(".note")).to_contain_text("not a picture")
    expect(page.locator(".hint")).to_be_visible()
    expect(page.locator(".answer")).to_have_attribute("data-status", "blank")
