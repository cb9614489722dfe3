"""Checks in a real browser what is beside reading: what was written, sharing, the maps, the words, the game."""

import io
import re

import drawings
import pytest
from browser import DESKTOP, PHONE, best, draw, glyph, settle, touch, write
from conftest import Visit
from PIL import Image
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
STROKES = drawings.STROKES


def test_several_characters_are_text_and_a_tap_shows_the_keys_of_one(page: Page) -> None:
    write(page, [STROKES[character] for character in "KLT"])
    settle(page)
    assert "".join(page.locator(".large .glyph").all_inner_texts()) == "KLT"
    expect(page.locator(".saying")).to_contain_text("3 characters")
    page.locator(".large .glyph").nth(2).click()
    settle(page)
    expect(page.locator(".key.best button")).to_have_text("T")


def test_the_steps_of_one_of_several_begin_with_its_strokes_alone(page: Page) -> None:
    write(page, [STROKES[character] for character in "KLT"])
    settle(page)
    high = page.locator(".step.picture canvas").evaluate(
        """canvas => {
          const {data, width} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
          const rows = [...data].flatMap((value, i) => i % 4 || value > 128 ? [] : [Math.floor(i / 4 / width)])
          return (Math.max(...rows) - Math.min(...rows)) / canvas.height
        }"""
    )
    assert high > 0.6  # all three together are far wider than high


def test_what_stands_in_two_lines_is_read_in_two_lines(page: Page) -> None:
    high = page.locator(".pad").bounding_box()
    assert high is not None
    for line in (0.25, 0.6):
        for left in (0.3, 0.5):
            for stroke in STROKES["T"]:
                at = [(high["width"] * (left + 0.1 * x), high["height"] * (line + 0.15 * y)) for x, y in stroke]
                page.mouse.move(high["x"] + at[0][0], high["y"] + at[0][1])
                page.mouse.down()
                page.mouse.move(high["x"] + at[1][0], high["y"] + at[1][1], steps=3)
                page.mouse.up()
    settle(page)
    glyphs = page.locator(".large .glyph")
    assert "".join(glyphs.all_inner_texts()) == "TTTT"
    tops = glyphs.evaluate_all("glyphs => glyphs.map(glyph => glyph.getBoundingClientRect().top)")
    assert tops[0] == tops[1] < tops[2] == tops[3]


def test_words_stand_apart_in_the_answer_too(page: Page) -> None:
    write(page, [STROKES["K"], STROKES["L"], [], [], STROKES["T"]])
    settle(page)
    assert page.locator(".large").evaluate("large => large.textContent") == "KL T"
    space = page.locator(".large .space").bounding_box()
    assert space is not None
    assert space["width"] > 5


def test_what_was_taken_for_several_is_one_character_if_the_visitor_says_so(page: Page) -> None:
    write(page, [STROKES[character] for character in "LC"])
    settle(page)
    assert page.locator(".large .glyph").count() == 2
    page.get_by_role("button", name="This is one character").click()
    expect(page.locator(".large .glyph")).to_have_count(1)
    page.get_by_role("button", name="These are several").click()
    expect(page.locator(".large .glyph")).to_have_count(2)
    page.get_by_role("button", name="This is one character").click()
    page.click("[data-do=clear]")
    write(page, [STROKES[character] for character in "KL"])
    expect(page.locator(".large .glyph")).to_have_count(2)


def copied(page: Page) -> str:
    """Copy what was written by the menu, and return what the clipboard holds."""
    page.click(".menu summary")
    page.get_by_role("button", name="Copy as text").click()
    expect(page.locator(".told")).to_have_text("Copied.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_what_was_written_comes_back_by_a_tap_and_is_copied_as_text(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.click("[data-do=clear]")
    draw(page, STROKES["Z"])
    assert best(page) == "Z"
    assert copied(page) == "T\nZ"
    page.get_by_role("button", name="Bring back T").click()
    assert best(page) == "T"


def test_a_tap_beside_the_menu_closes_it_and_writes_nothing(open_page: Visit) -> None:
    page = open_page(**PHONE)
    touch(page, STROKES["T"])
    assert best(page) == "T"
    page.locator(".menu summary").tap()
    touch(page, [[(-0.2, 0.2)]])
    expect(page.locator(".menu .items")).to_be_hidden()
    page.locator("[data-do=clear]").tap()
    page.locator("[data-do=undo]").tap()
    for _ in STROKES["T"]:
        page.locator("[data-do=undo]").tap()
    expect(page.locator(".hint")).to_be_visible()


def test_what_was_chosen_with_the_keyboard_keeps_the_focus_or_hands_it_on(page: Page) -> None:
    draw(page, STROKES["T"])
    settle(page)
    example = page.get_by_role("button", name="Draw 7 as an example")
    example.press("Enter")
    expect(page.get_by_role("button", name="Bring back T")).to_be_visible()
    expect(example).to_be_focused()
    play = page.get_by_role("button", name="Play")
    play.click()
    page.get_by_role("button", name="Stop").press("Enter")
    expect(play).to_be_focused()


def test_text_is_copied_where_the_page_came_over_http_too(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read"])
    page.evaluate("Object.defineProperty(Clipboard.prototype, 'writeText', {value: undefined})")
    draw(page, STROKES["T"])
    assert best(page) == "T"
    assert copied(page) == "T"


def test_a_link_carries_the_drawing_to_another_visitor(page: Page, open_page: Visit) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw(page, STROKES["7"])
    settle(page)
    page.click(".menu summary")
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator(".told")).to_have_text("Copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    expect(glyph(open_page(link, **DESKTOP))).to_have_text("7")


def test_a_link_that_is_opened_where_the_page_is_open_brings_its_drawing(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.evaluate("location.hash = 's=-3c.-3c.6o.0.-4c.6o'")
    expect(glyph(page)).to_have_text("7")
    expect(page.get_by_role("button", name="Bring back T")).to_be_visible()
    assert "#" not in page.url


def test_the_maps_fill_and_a_tap_lays_one_over_the_drawing(page: Page) -> None:
    page.get_by_label("Its feature maps").check()
    expect(page.locator(".maps .empty")).to_be_visible()
    draw(page, STROKES["T"])
    expect(page.locator(".layer")).to_have_count(4)
    settle(page)
    before = page.locator(".pad").evaluate("canvas => canvas.toDataURL()")
    page.locator(".layer").first.click(position={"x": 20, "y": 20})
    page.wait_for_timeout(300)
    assert page.locator(".pad").evaluate("canvas => canvas.toDataURL()") != before


def test_a_page_of_plain_words_opens_and_closes(page: Page) -> None:
    page.click("[data-do=how]")
    expect(page.locator("dialog.how")).to_contain_text("99.5 %")
    expect(page.locator("dialog.how h2")).to_be_in_viewport()
    expect(page.locator("dialog.how .facts")).to_contain_text("MIT licence")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.how")).to_be_hidden()


def test_the_browsers_way_back_closes_the_page_of_words_and_then_leaves_as_ever(page: Page) -> None:
    address = page.url
    for close in (page.go_back, lambda: page.keyboard.press("Escape")):
        page.click("[data-do=how]")
        expect(page.locator("dialog.how")).to_be_visible()
        close()
        expect(page.locator("dialog.how")).to_be_hidden()
        page.wait_for_function("history.state === null")
    assert page.url == address
    page.go_back()
    assert page.url == "about:blank"


def test_without_javascript_the_page_says_so(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("noscript p")).to_be_in_viewport()
    assert page.inner_text("body") == "This page needs JavaScript."
    context.close()


def test_the_game_goes_on_when_it_is_sure_and_says_at_the_end_what_it_saw(page: Page) -> None:
    page.evaluate("Math.random = () => 29 / 47 + 0.001")  # a T
    page.click("[data-do=game]")
    expect(page.locator(".wanted")).to_contain_text("T")
    draw(page, STROKES["T"])
    expect(page.locator(".streak")).to_contain_text("1 in a row")
    page.click("[data-do=stop]")
    expect(page.locator("dialog.end")).to_contain_text("1 of 1")


def test_the_game_asks_for_any_character_and_says_so(page: Page) -> None:
    page.get_by_label("Digits", exact=True).check()
    page.click("[data-do=game]")
    expect(page.get_by_label("Anything", exact=True)).to_be_checked()


def test_link_previews_title_and_icon_are_the_pages_own(page: Page) -> None:
    head = page.request.get(page.url).text()
    assert 'property="og:title" content="What did you write?"' in head
    assert "gradio-app/gradio/main" not in head
    assert "svg" in page.request.get(page.url + "favicon.ico").headers["content-type"]
    picture = re.search(r'property="og:image" content="([^"]+)"', head)
    assert picture is not None
    assert picture[1] == f"{page.url}static/preview.png"
    found = Image.open(io.BytesIO(page.request.get(picture[1]).body()))
    assert (found.format, found.size) == ("PNG", (1200, 630))
