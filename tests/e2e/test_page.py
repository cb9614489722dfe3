"""Checks in a real browser what a visitor can do on the page, with mouse, finger, keyboard and pictures."""

import base64
import csv
import re
from pathlib import Path

import drawings
import pytest
from browser import DESKTOP, PHONE, best, draw, placed, settle, touch, visit
from conftest import Visit
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
STROKES = drawings.STROKES
FITS = "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"

SCREENS = {
    "desktop": DESKTOP,
    "low laptop": {"viewport": {"width": 1280, "height": 650}},
    "phone": PHONE,
    "phone with the browser's bars": {**PHONE, "viewport": {"width": 390, "height": 664}},
    "small phone": {**PHONE, "viewport": {"width": 360, "height": 640}},
}
INKED = """() => {
  const {width, height} = document.querySelector('#pad canvas')
  const pixels = document.querySelector('#pad canvas').getContext('2d').getImageData(0, 0, width, height).data
  return pixels.filter((value, i) => i % 4 === 3 && value > 0).length / width / height
}"""


def shares(page: Page) -> list[str]:
    return page.locator("#answer .share").all_inner_texts()


def tile(page: Page, character: str) -> Locator:
    """Return a tile of the chart; its aria-label is what an assistive technology reads."""
    return page.locator("#answer .tile button").get_by_text(character, exact=True)


def png(path: Path, character: str, **shape: int) -> Path:
    drawings.draw(character, **shape).save(path)
    return path


def bring(page: Page, path: Path, event: str) -> None:
    """Paste a PNG file, or drop it on the pad."""
    page.evaluate(
        """([encoded, name]) => {
          const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0))
          const data = new DataTransfer()
          data.items.add(new File([bytes], 'picture.png', {type: 'image/png'}))
          const event = name === 'paste'
            ? new ClipboardEvent(name, {clipboardData: data, bubbles: true, cancelable: true})
            : new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true})
          document.querySelector('#pad canvas').dispatchEvent(event)
        }""",
        [base64.b64encode(path.read_bytes()).decode(), event],
    )


def test_a_drawn_letter_is_read(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    assert re.fullmatch(r"\d+\.\d\s%|>\s99\.9\s%", shares(page)[0])
    expect(tile(page, "T")).to_have_attribute("aria-label", f"T: {shares(page)[0]}")


def test_a_busy_server_is_said_to_be_busy_and_asked_again(browser: Browser, address: str) -> None:
    page = visit(browser, address, **DESKTOP)  # not `page`: the browser itself logs the refusals as errors
    draw(page, STROKES["L"])
    assert best(page) == "L"
    page.route("**/gradio_api/**", lambda route: route.fulfill(status=429, json={"error": "Too many requests"}))
    draw(page, [[(0.0, 0.0), (1.0, 0.0)]])
    expect(page.locator("#answer .foot p")).to_contain_text("server is busy")
    expect(page.locator("#answer .late .glyph")).to_have_text("L")  # pale: it answers an earlier drawing
    page.unroute("**/gradio_api/**")
    settle(page)
    expect(page.locator("#answer .late")).to_have_count(0)
    page.context.close()


def test_a_server_that_is_gone_is_said_to_be_gone_while_the_pen_moves(browser: Browser, address: str) -> None:
    page = visit(browser, address, **DESKTOP)
    draw(page, STROKES["L"])
    assert best(page) == "L"
    page.route("**/gradio_api/**", lambda route: route.abort())
    (x, y), *_ = placed(page, [(0.5, 0.5)])
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(30):  # a picture is sent after each of these, for six seconds
        page.mouse.move(x + i, y)
        page.wait_for_timeout(200)
    assert page.locator("#answer .late").count() == 1
    page.mouse.up()
    page.context.close()


def test_a_reload_keeps_the_drawing_and_reads_it(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.reload()
    expect(page.locator("#answer .glyph")).to_have_text("T")
    page.locator("#pad [data-do=clear]").click()
    settle(page)
    page.reload()
    expect(page.locator("#answer .invitation")).to_be_visible()


def test_a_reload_keeps_the_picture_and_reads_it(page: Page, tmp_path: Path) -> None:
    page.set_input_files("#pad input[type=file]", png(tmp_path / "letter.png", "T"))
    expect(page.locator("#answer .glyph")).to_have_text("T")
    page.reload()
    expect(page.locator("#answer .glyph")).to_have_text("T")


def test_the_answer_changes_while_the_pen_is_down(page: Page) -> None:
    [stroke] = STROKES["L"]
    points = placed(page, stroke)
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=5)
    expect(page.locator("#answer .glyph")).to_have_text(re.compile(r"[1IlL]"))
    before = shares(page)
    page.mouse.move(*points[2], steps=5)
    expect(page.locator("#answer .glyph")).to_have_text("L")
    assert shares(page) != before
    page.mouse.up()


def test_clearing_twice_and_drawing_again_works(page: Page) -> None:
    for character in "TL":
        draw(page, STROKES[character])
        assert best(page) == character
        page.click("[data-do=clear]")
        expect(page.locator("#answer .empty")).to_be_visible()
        expect(page.locator("[data-do=clear]")).to_be_disabled()
        page.locator("#pad canvas").press("Delete")
        settle(page)
    draw(page, STROKES["Z"])
    assert best(page) == "Z"


def test_undo_takes_back_strokes_and_even_the_clearing(page: Page) -> None:
    draw(page, STROKES["T"])
    page.click("[data-do=undo]")
    settle(page)
    assert best(page) != "T"
    draw(page, STROKES["T"][1:])
    page.click("[data-do=clear]")
    page.click("[data-do=undo]")
    assert best(page) == "T"
    for _ in STROKES["T"]:
        page.click("[data-do=undo]")
    expect(page.locator("[data-do=undo]")).to_be_disabled()
    expect(page.locator("#answer .empty")).to_be_visible()


def test_a_finger_draws_at_the_first_touch_and_the_page_stays_where_it_is(open_page: Visit) -> None:
    page = open_page(**PHONE)
    touch(page, STROKES["7"])
    assert best(page) == "7"
    assert page.evaluate("scrollY") == 0


def test_the_keyboard_alone_draws_and_clears(page: Page) -> None:
    canvas = page.locator("#pad canvas")
    canvas.focus()
    for key, times in (("ArrowUp", 10), (" ", 1), ("ArrowDown", 20), ("ArrowRight", 12), (" ", 1)):
        for _ in range(times):
            page.keyboard.press(key)
    assert best(page) == "L"
    page.keyboard.press("Control+z")
    expect(page.locator("#answer .empty")).to_be_visible()


def test_a_restriction_is_kept_to(page: Page) -> None:
    draw(page, STROKES["O"])
    page.get_by_label("Digits").check()
    expect(tile(page, "O")).to_have_attribute("aria-label", "O: 0.0\u00a0%")
    assert best(page) == "0"
    page.get_by_label("Letters").check()
    expect(page.locator("#answer .glyph")).to_have_text("O")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_set_of_ones_own_is_marked_in_the_chart_and_kept_to(open_page: Visit, device: dict[str, object]) -> None:
    page = open_page(**device)
    page.get_by_label("Choose").check()
    expect(page.locator("#answer .foot")).to_contain_text("Mark the characters")
    for character in "CQ7":
        tile(page, character).click()
    tile(page, "7").click()
    expect(page.locator("#answer .foot")).to_contain_text("Only C Q")
    expect(tile(page, "Q")).to_have_attribute("aria-pressed", "true")
    expect(tile(page, "7")).to_have_attribute("aria-pressed", "false")
    draw(page, STROKES["O"])
    assert best(page) in "CQ"
    assert page.locator("#answer .top li:visible").count() == 2
    page.get_by_label("Anything").check()
    expect(page.locator("#answer .glyph")).to_have_text(re.compile("[0O]"))
    expect(tile(page, "Q")).to_be_disabled()


def test_the_chart_is_one_stop_of_the_tab_key_with_arrows_inside(page: Page) -> None:
    page.get_by_label("Choose").check()
    tile(page, "0").focus()
    for key, character in (("ArrowRight", "1"), ("ArrowDown", "B"), ("End", "t"), ("ArrowUp", "X"), ("q", "q")):
        page.keyboard.press(key)
        expect(tile(page, character)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#answer .foot")).to_contain_text("Only q")
    assert page.locator("#answer .tile button[tabindex='0']").count() == 1


@pytest.mark.parametrize(
    "name", ["picture.png", "picture.jpg", "picture.webp", "picture.gif", "picture.bmp", "picture.tiff"]
)
def test_a_chosen_file_is_read_whatever_its_format(page: Page, tmp_path: Path, name: str) -> None:
    page.set_input_files("#pad input[type=file]", png(tmp_path / name, "Z"))
    assert best(page) == "Z"


def test_a_large_photo_turned_by_exif_is_read_upright(page: Page, tmp_path: Path) -> None:
    picture = drawings.draw("7", size=3000, pen=160).rotate(90)
    exif = picture.getexif()
    exif[0x0112] = 6  # turn clockwise by a quarter to see it upright
    picture.save(tmp_path / "photo.jpg", exif=exif)
    page.set_input_files("#pad input[type=file]", tmp_path / "photo.jpg")
    assert best(page) == "7"


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_pasted_and_a_dropped_picture_is_read(page: Page, tmp_path: Path, event: str) -> None:
    bring(page, png(tmp_path / "picture.png", "T"), event)
    expect(page.locator("#answer .glyph")).to_have_text("T")


def test_a_picture_of_the_camera_is_taken(page: Page) -> None:
    page.click("[data-do=camera]")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("button", name="Camera")).to_be_visible()
    settle(page)
    assert not page.locator("#answer .empty").is_visible() or page.locator("#answer .note").inner_text()


def test_the_camera_can_be_put_away_before_and_after_a_drawing(page: Page) -> None:
    for strokes in ([], STROKES["T"]):
        draw(page, strokes)
        page.click("[data-do=camera]")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Camera")).to_be_visible()
        expect(page.locator("#pad video")).to_be_hidden()
    assert best(page) == "T"


def test_a_drop_without_a_file_says_what_can_be_dropped(page: Page) -> None:
    page.evaluate(
        """() => {
          const event = new DragEvent('drop', {dataTransfer: new DataTransfer(), bubbles: true, cancelable: true})
          document.querySelector('#pad canvas').dispatchEvent(event)
        }"""
    )
    expect(page.locator("#answer .note")).to_contain_text("picture files")


def test_a_blank_and_a_broken_picture_are_answered_kindly_and_the_page_goes_on(page: Page, tmp_path: Path) -> None:
    drawings.Image.new("RGB", (90, 90), "white").save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    for name, message in (("blank.png", "blank"), ("broken.png", "damaged")):
        page.set_input_files("#pad input[type=file]", tmp_path / name)
        expect(page.locator("#answer .note")).to_contain_text(message)
    draw(page, STROKES["T"])
    assert best(page) == "T"


def test_an_example_draws_itself_and_is_read(page: Page) -> None:
    page.get_by_role("button", name="Draw 7 as an example").click()
    expect(page.locator("#answer .glyph")).to_have_text("7")


def test_where_the_network_looked_is_shown_on_demand(page: Page) -> None:
    draw(page, STROKES["T"])
    settle(page)
    assert page.locator("#answer .heat").count() == 0
    page.get_by_label("Where it looked").check()
    expect(page.locator("#answer .heat")).to_be_visible()


def test_a_correction_is_kept_with_its_picture(page: Page, corrections: Path) -> None:
    draw(page, STROKES["T"])
    settle(page)
    page.get_by_role("button", name="Not right?").click()
    expect(page.locator("#answer .foot")).to_contain_text("are kept")
    tile(page, "J").click()
    expect(page.locator("#answer .foot")).to_contain_text("Kept as “J”")
    with (corrections / "corrections.csv").open(newline="") as file:
        row = list(csv.DictReader(file))[-1]
    assert (row["label"], row["answer"]) == ("J", "T")
    assert (corrections / row["file"]).is_file()


def test_a_correction_can_be_given_with_the_keyboard_alone(page: Page, corrections: Path) -> None:
    draw(page, STROKES["Z"])
    settle(page)
    page.get_by_role("button", name="Not right?").press("Enter")
    expect(tile(page, "0")).to_be_focused()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .foot")).to_contain_text("Kept as “2”")
    expect(page.get_by_role("button", name="Not right?")).to_be_focused()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_several_models_answer_side_by_side(open_page: Visit, comparing: str, device: dict[str, object]) -> None:
    page = open_page(comparing, **device)
    draw(page, STROKES["T"])
    settle(page)
    assert page.locator("#answer .name").all_inner_texts() == ["everything", "ten digits"]
    glyphs = page.locator("#answer .glyph").all_inner_texts()
    assert glyphs[0] == "T"
    assert glyphs[1] in "0123456789?"
    first, second = (box for box in (page.locator("#answer .model").nth(i).bounding_box() for i in range(2)) if box)
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    assert page.evaluate(FITS)
    page.get_by_label("Letters").check()
    expect(page.locator("#answer .remark").nth(1)).to_contain_text("none of these characters")
    assert page.locator("#answer .glyph").first.inner_text() == "T"


def test_two_tabs_do_not_mix(open_page: Visit) -> None:
    first, second = open_page(), open_page()
    draw(first, STROKES["T"])
    draw(second, STROKES["Z"])
    assert (best(first), best(second)) == ("T", "Z")


def test_turning_the_phone_keeps_the_drawing(open_page: Visit) -> None:
    page = open_page(**PHONE)
    touch(page, STROKES["T"])
    settle(page)
    page.set_viewport_size({"width": 844, "height": 390})
    expect(page.locator("#pad canvas")).to_be_visible()
    assert page.evaluate(INKED) > 0.03
    assert best(page) == "T"


@pytest.mark.parametrize("device", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_fits_one_screen(open_page: Visit, device: dict[str, object], scheme: str) -> None:
    page = open_page(**device, color_scheme=scheme)
    assert page.evaluate(FITS)
    page.get_by_role("button", name="Draw R as an example").click()
    expect(page.locator("#answer .glyph")).to_have_text("R")
    settle(page)
    assert page.evaluate(FITS)
    page.get_by_label("Choose").check()
    assert page.evaluate(FITS)
    page.get_by_role("button", name="Not right?").click()
    assert page.evaluate(FITS)


def test_an_example_stands_there_at_once_where_motion_is_not_wanted(open_page: Visit) -> None:
    page = open_page(**DESKTOP, reduced_motion="reduce")
    page.get_by_role("button", name="Draw 7 as an example").click()
    settle(page)
    assert best(page) == "7"
    assert page.evaluate("getComputedStyle(document.querySelector('#answer .bar')).transitionDuration") == "0s"


def test_the_answer_is_read_out_when_it_has_settled(page: Page) -> None:
    draw(page, STROKES["T"])
    expect(page.locator("#answer [role=status]").first).to_have_text(re.compile(r"T, .*%\. Then"))


def test_everything_is_reached_with_the_tab_key_in_reading_order(page: Page) -> None:
    draw(page, STROKES["T"])
    settle(page)
    page.locator("#head h1").click()  # from here the tab key starts
    names = []
    for _ in range(11):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("(e => e.ariaLabel || e.innerText || e.parentElement.innerText)(document.activeElement)")
        )
    order = ["Drawing area", "Undo", "Clear", "Picture", "Camera", "Anything", "Where it looked", "Not right?"]
    found = [next((i for i, name in enumerate(names) if wanted in name), -1) for wanted in order]
    assert -1 not in found, names
    assert found == sorted(found)
