"""Checks that everything fits one screen, can be reached, and speaks the visitor's language."""

import io

import drawings
import pytest
from browser import DESKTOP, PHONE, best, draw, settle, write
from conftest import Visit
from PIL import Image
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
SCREENS = {
    "desktop": DESKTOP,
    "low laptop": {"viewport": {"width": 1280, "height": 650}},
    "large screen": {"viewport": {"width": 2560, "height": 1440}},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "tablet on its side": {"viewport": {"width": 1024, "height": 768}},
    "laptop at 150 %": {"viewport": {"width": 911, "height": 512}},
    "laptop at 200 %": {"viewport": {"width": 640, "height": 360}},
    "phone": PHONE,
    "phone with the browser's bars": {**PHONE, "viewport": {"width": 390, "height": 664}},
    "small phone": {**PHONE, "viewport": {"width": 360, "height": 640}},
    "smallest phone": {**PHONE, "viewport": {"width": 320, "height": 568}},
    "phone on its side": {**PHONE, "viewport": {"width": 844, "height": 390}},
}
# What lies outside the screen, outside its part of the page, or under something else.
LOST = """() => {
  const seen = each => each.checkVisibility({visibilityProperty: true}) && !each.closest('.shelf, .chips, .large')
  const lost = []
  for (const element of document.querySelectorAll('#page :is(button, label, .step, .saying, .told)')) {
    if (!seen(element)) continue
    const {left, right, top, bottom} = element.getBoundingClientRect()
    if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) lost.push(element.outerHTML)
    if (!element.matches('button:not(.key *), label')) continue
    const found = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    if (!element.contains(found)) lost.push(`${element.outerHTML} under ${found?.outerHTML}`)
  }
  for (const part of document.querySelectorAll('.answer, .chart, .way')) {
    if (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1) lost.push(part.className)
  }
  return lost
}"""
# Whether all chips that can be seen can be seen as a whole.
WHOLE = """chips => {
  const {right, bottom} = chips.getBoundingClientRect()
  return [...chips.children].every(chip => {
    const box = chip.getBoundingClientRect()
    return box.top >= bottom || box.right <= right && chip.scrollWidth <= chip.clientWidth
  })
}"""
# What is cut off at the side.
ASIDE = """() => [...document.querySelectorAll('#page :is(button, label, .saying, .told, .note)')].filter(each => {
  const {left, right} = each.getBoundingClientRect()
  return each.checkVisibility({visibilityProperty: true}) && !each.closest('.shelf, .chips, .large') &&
    (left < -1 || right > innerWidth + 1 || each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1)
}).map(each => each.outerHTML)"""
FITS = "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize("device", SCREENS.values(), ids=SCREENS)
def test_everything_fits_one_screen_and_nothing_lies_under_anything(
    open_page: Visit, device: dict[str, object]
) -> None:
    page = open_page(**device)
    assert not page.evaluate(LOST)
    draw(page, drawings.STROKES["B"])
    assert best(page) == "B"
    assert page.evaluate(FITS)
    assert not page.evaluate(LOST)
    page.locator(".only label").last.click()
    assert not page.evaluate(LOST)
    page.locator(".correct").click()
    assert not page.evaluate(LOST)
    assert page.evaluate(FITS)


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_model_of_a_thousand_characters_leaves_the_sheet_and_the_rest_their_places(
    open_page: Visit, screen: str
) -> None:
    def know_many(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["data"][0]["labels"] = [chr(0x4E00 + i) for i in range(1000)]
        route.fulfill(response=answer, json=told)

    page = open_page(**SCREENS[screen])
    page.route("**/gradio_api/run/welcome", know_many)
    page.reload()
    expect(page.locator(".key")).to_have_count(1000)
    assert page.evaluate(FITS)
    for name in (".pad", ".tools", ".only"):
        box = page.locator(name).first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= page.viewport_size["height"] + 1
    assert page.locator(".pad").evaluate("each => each.clientHeight > innerHeight / 3")
    page.locator(".only label").last.click()  # to choose
    page.locator(".key button").first.focus()
    page.keyboard.press("End")
    assert page.locator(".key").last.evaluate(
        "key => key.getBoundingClientRect().bottom <= key.parentElement.getBoundingClientRect().bottom"
    )


@pytest.mark.parametrize("name", ["smallest phone", "laptop at 150 %", "phone on its side"])
def test_the_sheet_is_large_and_a_circle_stays_one(open_page: Visit, name: str) -> None:
    page = open_page(**SCREENS[name])
    box = page.locator(".pad").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 200
    drawn = page.locator(".pad").evaluate(
        "canvas => [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight]"
    )
    assert drawn[0] == pytest.approx(drawn[1], rel=0.01)


@pytest.mark.parametrize("size", [(320, 480), (320, 256), (512, 384), (195, 422), (160, 284)], ids=str)
def test_a_window_too_small_for_everything_scrolls_and_can_be_drawn_in(open_page: Visit, size: tuple[int, int]) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    page.locator(".tools").scroll_into_view_if_needed()
    draw(page, drawings.STROKES["B"])
    assert best(page) == "B"
    page.click("[data-do=how]")
    expect(page.locator("dialog.how")).to_be_visible()
    assert page.evaluate("document.querySelector('#page').scrollWidth <= innerWidth")


@pytest.mark.parametrize("screen", ["smallest phone", "phone on its side", "desktop"])
def test_text_of_twice_the_size_is_larger_and_loses_nothing(open_page: Visit, screen: str) -> None:
    page = open_page(**SCREENS[screen])
    before = page.locator(".only label").first.bounding_box()
    sizes = {"standard": 32, "fixed": 26}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})  # as in a browser's settings
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '32px'")
    page.locator(".pad").scroll_into_view_if_needed()
    draw(page, drawings.STROKES["B"])
    assert best(page) == "B"
    after = page.locator(".only label").first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > 1.4 * before["height"]
    assert page.evaluate("document.querySelector('#page').scrollWidth <= innerWidth")
    assert not page.evaluate(ASIDE)


@pytest.mark.parametrize("screen", ["smallest phone", "phone on its side", "tablet", "desktop"])
def test_a_note_lies_over_nothing(open_page: Visit, screen: str) -> None:
    page = open_page(**SCREENS[screen])
    draw(page, drawings.STROKES["B"])
    assert best(page) == "B"
    heic = {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": b"heic"}
    page.set_input_files("#page input[type=file]", heic)
    expect(page.locator(".note")).to_be_in_viewport(ratio=1)
    note, sheet, letter = (page.locator(name).bounding_box() for name in (".note", ".sheet", ".large .glyph"))
    assert note is not None
    for other in (sheet, letter):
        assert other is not None
        beside = note["x"] >= other["x"] + other["width"] - 1 or other["x"] >= note["x"] + note["width"] - 1
        above = note["y"] >= other["y"] + other["height"] - 1 or other["y"] >= note["y"] + note["height"] - 1
        assert beside or above
    page.locator(".correct").click()  # what has no room is scrolled to


def test_the_sheet_stays_under_the_pen_when_a_message_goes(open_page: Visit) -> None:
    page = open_page(**SCREENS["smallest phone"])
    draw(page, drawings.STROKES["B"])
    settle(page)
    page.get_by_role("button", name="Yes, that's it").click()
    expect(page.locator(".told")).to_contain_text("Kept as")
    before = page.locator(".pad").bounding_box()
    assert before is not None
    x, y = before["x"] + 40, before["y"] + before["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=4)
    page.wait_for_timeout(200)
    assert page.locator(".pad").bounding_box() == before
    page.mouse.up()
    expect(page.locator(".told")).to_be_empty()


@pytest.mark.parametrize("language", ["en-GB", "de-AT", "fr-FR", "sv-SE"])
def test_the_language_that_is_said_is_the_one_that_is_spoken(open_page: Visit, language: str) -> None:
    page = open_page(**DESKTOP, locale=language)
    said = page.evaluate("document.documentElement.lang")
    titles = {"en": "What did you write?", "de": "Was hast du geschrieben?", "fr": "Qu’avez-vous écrit ?"}
    assert said == (language[:2] if language[:2] in titles else "en")
    expect(page.locator("h1")).to_have_text(titles[said])
    expect(page).to_have_title(titles[said])


def test_what_the_server_says_is_said_in_the_language_of_the_page(open_page: Visit) -> None:
    page = open_page(**PHONE, locale="de-DE")
    draw(page, drawings.STROKES["B"])
    settle(page)
    page.get_by_role("button", name="Stimmt nicht?").click()
    expect(page.locator(".beside")).to_have_text("Das Bild, diese Antwort und die Zeit werden behalten.")
    file = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(file, "PNG")
    page.set_input_files(
        "#page input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    expect(page.locator(".saying")).to_contain_text("Das Bild ist leer")


def test_high_contrast_shows_bars_and_choices(open_page: Visit) -> None:
    page = open_page(**DESKTOP, forced_colors="active")
    draw(page, drawings.STROKES["T"])
    settle(page)
    look = page.evaluate(
        """() => {
          const style = selector => getComputedStyle(document.querySelector(selector))
          return [style('.key.best .bar').backgroundColor, style('.key').backgroundColor,
                  style('.only label:has(:checked)').outlineStyle, style('.key').borderTopStyle]
        }"""
    )
    assert look[0] != look[1]
    assert look[2:] == ["solid", "solid"]


def test_everything_is_reached_with_the_tab_key_in_reading_order(page: Page) -> None:
    draw(page, drawings.STROKES["T"])
    settle(page)
    names = []
    for _ in range(90):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("(e => e.ariaLabel || e.innerText || e.parentElement.innerText)(document.activeElement)")
        )
    start = next(i for i, name in enumerate(names) if "Sheet of paper" in name)
    names = names[start:]
    order = ["Sheet of paper", "Undo", "Clear", "Picture", "Camera", "Not right?", "Anything", "Where it looked"]
    found = [next((i for i, name in enumerate(names) if wanted in name), -1) for wanted in order]
    assert -1 not in found, names
    assert found == sorted(found)


@pytest.mark.parametrize("screen", ["phone", "phone on its side"])
def test_alternatives_to_one_of_several_leave_room_for_what_stands_beside_them(open_page: Visit, screen: str) -> None:
    page = open_page(**SCREENS[screen])
    write(page, [drawings.STROKES[character] for character in "KLT"])
    settle(page)
    more = "chips => { for (let i = 0; i < 5; i += 1) chips.append(chips.firstElementChild.cloneNode(true)) }"
    page.locator(".chips").evaluate(more)  # as of a character that may be many
    chips, beside = page.locator(".chips").bounding_box(), page.locator(".count").bounding_box()
    assert chips is not None
    assert beside is not None
    assert chips["x"] + chips["width"] <= beside["x"]
    assert page.locator(".chips").evaluate(WHOLE)
    large = page.locator(".large").bounding_box()
    assert large is not None
    assert large["y"] >= 0


@pytest.mark.parametrize("screen", ["small phone", "phone on its side"])
def test_many_lines_are_large_enough_to_read_and_to_tap(open_page: Visit, screen: str) -> None:
    page = open_page(**SCREENS[screen])
    pad = page.locator(".pad").bounding_box()
    assert pad is not None
    for line in range(5):
        top = pad["y"] + pad["height"] * (0.15 + 0.14 * line)
        for left in (0.3, 0.5):
            x = pad["x"] + pad["width"] * left
            for (u, v), (s, t) in (((0, 0), (18, 0)), ((9, 0), (9, 20))):
                page.mouse.move(x + u, top + v)
                page.mouse.down()
                page.mouse.move(x + s, top + t, steps=3)
                page.mouse.up()
    settle(page)
    glyphs = page.locator(".large .glyph")
    assert glyphs.count() == 10
    last = glyphs.last.bounding_box()
    assert last is not None
    assert last["height"] > 14
    expect(glyphs.last).to_be_in_viewport(ratio=0.9)  # what was written last
    glyphs.last.click()
    expect(glyphs.last).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".saying")).to_be_in_viewport(ratio=1)
    assert not page.evaluate(LOST)


def test_a_remark_beside_the_answer_cuts_no_alternative_and_no_sentence(open_page: Visit) -> None:
    page = open_page(**SCREENS["small phone"])
    draw(page, [[(0.125 * i, 0.4 + 0.3 * (i % 2)) for i in range(9)]])
    settle(page)
    expect(page.locator(".beside")).to_contain_text("joined writing")
    answer, saying, chips, chip = (
        page.locator(name).first.bounding_box() for name in (".answer", ".saying", ".chips", ".chip")
    )
    assert None not in (answer, saying, chips, chip)
    assert saying["y"] >= answer["y"]
    assert chips["height"] >= chip["height"] - 1
    page.locator(".correct").click()  # what has no room is scrolled to


def test_a_second_model_leaves_several_characters_whole(open_page: Visit, comparing: str) -> None:
    page = open_page(comparing, **SCREENS["small phone"])
    write(page, [drawings.STROKES[character] for character in "KLT"])
    settle(page)
    large, letter, saying = (page.locator(name).first.bounding_box() for name in (".large", ".large .glyph", ".saying"))
    assert None not in (large, letter, saying)
    assert large["height"] >= letter["height"]
    assert saying["y"] >= letter["y"] + letter["height"]


def test_a_long_text_among_what_was_written_leaves_room_for_the_others(open_page: Visit) -> None:
    page = open_page(**PHONE)
    write(page, [drawings.STROKES[character] for character in 8 * "MW"])
    settle(page)
    page.click("[data-do=clear]")
    card = page.locator(".card").bounding_box()
    assert card is not None
    assert card["width"] < 0.5 * 390


def test_a_text_of_two_lines_stands_in_one_among_what_was_written(open_page: Visit) -> None:
    page = open_page(**PHONE)
    for top in (0.0, 0.7):
        for left in (-0.4, 0.0, 0.4, 0.8, 1.2):
            draw(page, [[(left + x / 4, top + y / 4) for x, y in stroke] for stroke in drawings.STROKES["M"]])
    settle(page)
    expect(page.locator(".large .end")).to_have_count(1)
    page.click("[data-do=clear]")
    text = page.locator(".card b")
    assert text.evaluate("text => text.offsetHeight < 2 * parseFloat(getComputedStyle(text).fontSize)")


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_several_characters_stay_in_one_line_however_wide_they_are(open_page: Visit, screen: str) -> None:
    page = open_page(**SCREENS[screen])
    write(page, [drawings.STROKES[character] for character in "MWMWMWMWMW"])
    settle(page)
    glyphs = page.locator(".large .glyph").all()
    boxes = [box for glyph in glyphs if (box := glyph.bounding_box())]
    assert len(boxes) == 10
    assert len({box["y"] for box in boxes}) == 1
