"""Checks in a real browser what can be done on the sheet of paper, with mouse, finger and keyboard."""

import re

import drawings
import pytest
from browser import DESKTOP, PHONE, best, draw, glyph, key, placed, settle, shares, touch, visit
from conftest import Visit
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
STROKES = drawings.STROKES
INKED = """() => {  // not the printed letter, which is pale
  const {width, height} = document.querySelector('.pad')
  const pixels = document.querySelector('.pad').getContext('2d').getImageData(0, 0, width, height).data
  return pixels.filter((value, i) => i % 4 === 3 && value > 127).length / width / height
}"""

INKED_EDGE = """() => {  // the part of the column at the left end that is
  const {height} = document.querySelector('.pad')
  const pixels = document.querySelector('.pad').getContext('2d').getImageData(0, 0, 1, height).data
  return pixels.filter((value, i) => i % 4 === 3 && value > 127).length / height
}"""

INKED_AT = """([x, y]) => document.querySelector('.pad').getContext('2d')
  .getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data[3] > 127"""


def test_a_drawn_letter_is_read(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    assert re.fullmatch(r"\d+\.\d\s%|>\s99\.9\s%", shares(page)[0])
    expect(key(page, "T")).to_have_attribute("aria-label", f"T: {shares(page)[0]}")


def impatient(browser: Browser, address: str) -> Page:
    """Open a page that waits for a server a tenth of its time; not `page`, as the browser logs refusals as errors."""
    hurry = "const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, ms < 4000 ? ms : ms / 10)"
    return visit(browser, address, lambda page: page.add_init_script(hurry), **DESKTOP)


def test_a_busy_server_is_said_to_be_busy_and_asked_again(browser: Browser, address: str) -> None:
    page = impatient(browser, address)
    draw(page, STROKES["L"])
    assert best(page) == "L"
    page.route("**/gradio_api/**", lambda route: route.fulfill(status=429, json={"error": "Too many requests"}))
    draw(page, [[(0.0, 0.0), (1.0, 0.0)]])
    expect(page.locator(".beside")).to_contain_text("server is busy")
    expect(page.locator(".answer.late")).to_contain_text("L")  # pale: it answers an earlier drawing
    page.unroute("**/gradio_api/**")
    settle(page)
    expect(page.locator(".answer.late")).to_have_count(0)
    page.context.close()


def test_the_page_asks_at_once_when_the_device_is_back_on_the_network(browser: Browser, address: str) -> None:
    page = visit(browser, address)
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.clock.install()  # the page's own attempts stand still
    page.context.set_offline(True)
    draw(page, [[(1.2, 0), (1.2, 1)]])
    page.clock.run_for(5000)
    expect(page.locator(".answer")).to_contain_text("busy or away")
    page.context.set_offline(False)
    expect(page.locator(".answer")).to_contain_text("2 characters")
    page.context.close()


def test_a_server_that_is_gone_is_said_to_be_gone_while_the_pen_moves(browser: Browser, address: str) -> None:
    page = impatient(browser, address)
    draw(page, STROKES["L"])
    assert best(page) == "L"
    page.route("**/gradio_api/**", lambda route: route.abort())
    (x, y), *_ = placed(page, [(0.5, 0.5)])
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(12):  # strokes are sent after each of these, for longer than it waits
        page.mouse.move(x + i, y)
        page.wait_for_timeout(100)
    assert page.locator(".answer.late").count() == 1
    page.mouse.up()
    page.context.close()


def test_a_reload_keeps_the_drawing_and_reads_it(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.reload()
    expect(glyph(page)).to_have_text("T")
    page.click("[data-do=clear]")
    settle(page)
    page.reload()
    expect(page.locator(".hint")).to_be_visible()


def test_where_nothing_may_be_stored_the_page_works(page: Page) -> None:
    page.evaluate(
        """() => Object.defineProperty(window, 'sessionStorage',
          {get() { throw new DOMException('', 'SecurityError') }})"""
    )
    draw(page, STROKES["T"])
    assert best(page) == "T"


def test_the_answer_changes_while_the_pen_is_down(page: Page) -> None:
    [stroke] = STROKES["L"]
    points = placed(page, stroke)
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=5)
    expect(glyph(page)).to_have_text(re.compile(r"[1IlL]"))
    before = shares(page)
    page.mouse.move(*points[2], steps=5)
    expect(glyph(page)).to_have_text(re.compile("L"))
    assert shares(page) != before
    page.mouse.up()


def test_clearing_twice_and_drawing_again_works(page: Page) -> None:
    for character in "TL":
        draw(page, STROKES[character])
        assert best(page) == character
        page.click("[data-do=clear]")
        expect(page.locator(".hint")).to_be_visible()
        expect(page.locator("[data-do=clear]")).to_be_disabled()
        page.locator(".pad").press("Delete")
        settle(page)
    draw(page, STROKES["Z"])
    assert best(page) == "Z"


def test_undo_and_redo_take_back_strokes_and_even_the_clearing(page: Page) -> None:
    draw(page, STROKES["T"])
    page.click("[data-do=undo]")
    assert best(page) != "T"
    page.click("[data-do=redo]")
    assert best(page) == "T"
    expect(page.locator("[data-do=redo]")).to_be_disabled()
    page.click("[data-do=clear]")
    page.click("[data-do=undo]")
    assert best(page) == "T"
    for _ in STROKES["T"]:
        page.click("[data-do=undo]")
    expect(page.locator("[data-do=undo]")).to_be_disabled()
    expect(page.locator(".hint")).to_be_visible()


def test_undo_while_a_stroke_is_drawn_leaves_the_others_as_they_were(page: Page) -> None:
    draw(page, STROKES["T"])
    settle(page)
    before = page.evaluate(INKED)
    start, middle, end = placed(page, [(0.1, 0.4), (0.3, 0.7), (0.0, 1.0)])
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*middle)
    page.keyboard.press("Control+z")
    page.mouse.move(*end, steps=3)
    page.mouse.up()
    assert best(page) == "T"
    assert page.evaluate(INKED) == pytest.approx(before, rel=0.01)


def test_undo_and_redo_have_their_keys_wherever_the_focus_is(page: Page) -> None:
    draw(page, STROKES["T"])
    page.get_by_label("Letters", exact=True).check()
    page.keyboard.press("Control+z")
    assert best(page) != "T"
    page.keyboard.press("Control+Shift+z")
    assert best(page) == "T"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    assert best(page) == "T"


def test_a_finger_draws_at_the_first_touch_and_the_page_stays_where_it_is(open_page: Visit) -> None:
    page = open_page(**PHONE)
    touch(page, STROKES["7"])
    assert best(page) == "7"
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("place", ["beside", "on"])
def test_a_finger_draws_where_the_row_of_examples_is_too(open_page: Visit, place: str) -> None:
    page = open_page(viewport={"width": 1024, "height": 768}, has_touch=True)
    row, first = (page.locator(place).first.bounding_box() for place in (".shelf", ".shelf li"))
    assert row is not None
    assert first is not None
    x = (row["x"] + first["x"]) / 2 if place == "beside" else first["x"] + first["width"] / 2
    y = row["y"] + row["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, down in (("touchStart", 0), ("touchMove", 100), ("touchMove", 200), ("touchEnd", None)):
        points = [] if down is None else [{"x": x, "y": y + down}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator(".hint")).to_be_hidden()
    assert best(page) == "1"  # a straight line, and not the example


def test_a_pen_that_took_an_example_draws_nothing_while_it_hovers(open_page: Visit) -> None:
    page = open_page(viewport={"width": 1024, "height": 768})
    first = page.locator(".example").first.bounding_box()
    assert first is not None
    x, y = first["x"] + first["width"] / 2, first["y"] + first["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, down, held in (("Pressed", 0, 1), ("Released", 0, 0), ("Moved", 100, 0), ("Moved", 300, 0)):
        button = {"button": "none" if kind == "Moved" else "left", "buttons": held, "clickCount": 1}
        event = {"type": f"mouse{kind}", "x": x, "y": y + down, "pointerType": "pen", **button}
        session.send("Input.dispatchMouseEvent", event)
    assert best(page) == "0"  # the example, drawn to its end


def test_a_button_that_has_nothing_left_to_do_hands_the_focus_to_the_sheet(page: Page) -> None:
    for name, presses in (("undo", len(STROKES["T"])), ("clear", 1)):
        draw(page, STROKES["T"])
        page.locator(f"[data-do={name}]").focus()
        for _ in range(presses):
            page.keyboard.press("Enter")
        expect(page.locator(".pad")).to_be_focused()


def test_the_keyboard_alone_draws_and_clears(page: Page) -> None:
    page.locator(".pad").focus()
    for name, times in (("ArrowUp", 10), (" ", 1), ("ArrowDown", 20), ("ArrowRight", 12), (" ", 1)):
        for _ in range(times):
            page.keyboard.press(name)
    assert best(page) == "L"
    page.keyboard.press("Control+z")
    expect(page.locator(".hint")).to_be_visible()


@pytest.mark.parametrize("way", ["mouse", "finger", "keyboard"])
def test_a_tap_is_a_dot_of_ink(open_page: Visit, way: str) -> None:
    page = open_page(**(PHONE if way == "finger" else DESKTOP))
    if way == "keyboard":
        page.locator(".pad").focus()
        page.keyboard.press(" ")
        page.keyboard.press(" ")
        page.locator(".pad").blur()
    else:
        (touch if way == "finger" else draw)(page, [[(0.5, 0.5)]])
    settle(page)
    assert page.evaluate(INKED) > 0.0002
    assert "blank" not in page.locator(".answer").inner_text().lower()


def test_an_i_keeps_its_dot(page: Page) -> None:
    draw(page, [[(0.5, 0.35), (0.5, 1.0)]])
    settle(page)
    before = page.evaluate(INKED)
    draw(page, [[(0.5, 0.0)]])
    settle(page)
    assert page.evaluate(INKED) > before


def test_a_stroke_that_begins_outside_the_sheet_is_drawn_from_where_it_enters(page: Page) -> None:
    (x, y), *_ = placed(page, [(0.5, 0.5)])
    box = page.locator(".answer").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 20, y)
    page.mouse.down()
    page.mouse.move(x, y, steps=12)
    page.mouse.up()
    settle(page)
    assert page.evaluate(INKED) > 0.005


POINTER = """([kind, id, type, x, y]) => document.querySelector('.pad').dispatchEvent(
  new PointerEvent(kind, {pointerId: id, pointerType: type, clientX: x, clientY: y, bubbles: true, cancelable: true,
    button: kind === 'pointermove' ? -1 : 0, pressure: 0.6}))"""


def test_a_palm_that_lands_first_gives_way_to_the_pen(open_page: Visit) -> None:
    page = open_page(**DESKTOP)
    page.evaluate("HTMLCanvasElement.prototype.setPointerCapture = () => {}")  # these pointers are not real ones
    corners = placed(page, [(0.9, 1.0), (0.9, 0.9), *STROKES["L"][0]])
    page.evaluate(POINTER, ["pointerdown", 1, "touch", *corners[0]])
    page.evaluate(POINTER, ["pointermove", 1, "touch", *corners[1]])
    page.evaluate(POINTER, ["pointerdown", 2, "pen", *corners[2]])
    for corner in corners[3:]:
        page.evaluate(POINTER, ["pointermove", 2, "pen", *corner])
    page.evaluate(POINTER, ["pointerup", 2, "pen", *corners[-1]])
    assert best(page) == "L"


def test_two_fingers_draw_nothing_and_take_nothing_away(open_page: Visit) -> None:
    page = open_page(**PHONE)
    touch(page, STROKES["7"])
    assert best(page) == "7"
    session = page.context.new_cdp_session(page)
    (x, y), *_ = placed(page, [(0.5, 0.8)])
    for kind, away in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", None)):
        fingers = [] if away is None else [{"x": x - away, "y": y, "id": 1}, {"x": x + away, "y": y, "id": 2}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    assert best(page) == "7"
    page.locator("[data-do=undo]").tap()
    expect(page.locator(".answer")).to_have_attribute("data-status", "blank")  # there was one stroke to take back


def test_the_eraser_takes_away_what_it_touches_and_undo_brings_it_back(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    before = page.evaluate(INKED)
    page.get_by_role("button", name="Eraser").click()
    draw(page, [[(0.0, 0.0), (1.0, 0.0)]], steps=20)
    settle(page)
    assert 0 < page.evaluate(INKED) < 0.8 * before
    page.click("[data-do=undo]")
    assert best(page) == "T"


def test_an_eraser_that_touches_nothing_leaves_nothing_to_undo(page: Page) -> None:
    draw(page, STROKES["T"])
    page.get_by_role("button", name="Eraser").click()
    draw(page, [[(1.2, 0.2), (1.3, 0.8)]], steps=5)
    for _ in STROKES["T"]:
        page.click("[data-do=undo]")
    expect(page.locator("[data-do=undo]")).to_be_disabled()
    expect(page.locator(".hint")).to_be_visible()


def test_on_a_cleared_sheet_the_eraser_is_a_pen_again(page: Page) -> None:
    draw(page, STROKES["T"])
    page.get_by_role("button", name="Eraser").click()
    page.click("[data-do=clear]")
    draw(page, STROKES["Z"])
    assert best(page) == "Z"


def test_pens_have_three_widths(page: Page) -> None:
    inked = []
    for pen in ("Fine", "Medium", "Broad"):
        page.get_by_role("button", name=f"{pen} pen").click()
        draw(page, STROKES["T"])
        assert best(page) == "T"
        inked.append(page.evaluate(INKED))
        page.click("[data-do=clear]")
    assert inked[0] < 0.8 * inked[1] < 0.64 * inked[2]


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
    page.wait_for_timeout(200)
    assert page.evaluate(INKED) > 0.01
    assert best(page) == "T"


def test_ink_is_under_the_pen_when_the_phone_was_turned_while_it_drew(open_page: Visit) -> None:
    page = open_page(**PHONE)
    (x, y), *_ = placed(page, [(0.5, 0.5)])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y)
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_function("document.querySelector('.pad').clientWidth > 400")
    box = page.locator(".pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 30, 100, steps=3)
    page.mouse.up()
    settle(page)
    assert page.evaluate(INKED_AT, [box["width"] - 30, 100 - box["y"]])


def test_ink_that_comes_back_to_a_smaller_sheet_lies_within_it(open_page: Visit) -> None:
    page = open_page(**{**PHONE, "viewport": {"width": 844, "height": 390}})
    draw(page, [[(-0.57, 0.5), (1.57, 0.5)]])
    settle(page)
    page.click("[data-do=clear]")
    page.set_viewport_size({"width": 390, "height": 844})
    page.click("[data-do=undo]")
    settle(page)
    assert 0 < page.evaluate(INKED) < 0.1
    assert page.evaluate(INKED_EDGE) == 0


def test_an_example_draws_itself_and_is_read(page: Page) -> None:
    page.get_by_role("button", name="Draw 7 as an example").click()
    expect(glyph(page)).to_have_text("7")


def test_the_examples_are_read_as_what_they_are_called(open_page: Visit) -> None:
    page = open_page(**DESKTOP, reduced_motion="reduce")  # at once
    for example in page.locator(".example").all():
        name = (example.get_attribute("aria-label") or "").split()[1]
        before = page.evaluate("document.querySelector('#page').dataset.version")
        example.click()  # or else what was there before may be taken for settled
        page.wait_for_function("before => document.querySelector('#page').dataset.version !== before", arg=before)
        page.wait_for_function("!document.querySelector('#page').matches('.moving')")
        settle(page)
        read = page.locator(".large .glyph").all_inner_texts()
        assert name in {letter[0] for letter in read}


def test_an_example_stands_there_at_once_where_motion_is_not_wanted(open_page: Visit) -> None:
    page = open_page(**DESKTOP, reduced_motion="reduce")
    page.get_by_role("button", name="Draw 7 as an example").click()
    settle(page)
    assert best(page) == "7"
    assert page.evaluate("getComputedStyle(document.querySelector('.key .bar')).transitionDuration") == "0s"
