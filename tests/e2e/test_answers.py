"""Checks in a real browser how answers are shown, restricted, corrected and compared."""

import csv
import re
from pathlib import Path

import drawings
import pytest
from browser import DESKTOP, PHONE, best, draw, glyph, key, settle, shares, write
from conftest import Visit
from playwright.sync_api import Browser, Page, expect
from serving import serving

from emnist.hub import PRETRAINED
from emnist.store import load, save

pytestmark = pytest.mark.browser
STROKES = drawings.STROKES
SCRIBBLE = [[(0.2, 0.3), (0.8, 0.4), (0.25, 0.55), (0.7, 0.2), (0.5, 0.8), (0.3, 0.2), (0.8, 0.7), (0.2, 0.72)]]


def test_a_restriction_is_kept_to(page: Page) -> None:
    draw(page, STROKES["O"])
    page.get_by_label("Digits", exact=True).check()
    expect(key(page, "O")).to_have_attribute("aria-label", "O: 0.0\u00a0%")
    assert best(page) == "0"
    page.get_by_label("Letters", exact=True).check()
    expect(glyph(page)).to_have_text(re.compile("^O"))


def test_an_answer_to_what_was_there_before_fades_while_a_slow_server_reads(page: Page) -> None:
    draw(page, STROKES["T"])
    assert best(page) == "T"
    page.evaluate(
        """() => {
          const quick = fetch
          window.fetch = (...asked) => new Promise((done) => setTimeout(done, 3000)).then(() => quick(...asked))
        }"""
    )
    draw(page, [[(1.2, 0), (1.2, 1)]])
    expect(page.locator(".large")).to_have_css("opacity", "0.35")
    assert glyph(page).inner_text() == "T"
    settle(page)
    expect(page.locator(".large")).to_have_css("opacity", "1")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_set_of_ones_own_is_marked_on_the_keys_and_kept_to(open_page: Visit, device: dict[str, object]) -> None:
    page = open_page(**device)
    page.get_by_label("Choose", exact=True).check()
    expect(page.locator(".told")).to_contain_text("Mark the characters")
    expect(page.locator(".key [aria-pressed=true]")).to_have_count(0)
    for character in "CQ7":
        key(page, character).click()
    key(page, "7").click()
    expect(page.locator(".told")).to_contain_text("Only C Q")
    expect(key(page, "Q")).to_have_attribute("aria-pressed", "true")
    expect(key(page, "7")).to_have_attribute("aria-pressed", "false")
    draw(page, STROKES["O"])
    assert best(page) in "CQ"
    assert page.locator(".chip").count() <= 2
    page.get_by_label("Anything", exact=True).check()
    expect(glyph(page)).to_have_text(re.compile("[0O]"))
    expect(key(page, "Q")).to_be_disabled()


def test_the_keys_are_one_stop_of_the_tab_key_with_arrows_inside(page: Page) -> None:
    page.get_by_label("Choose", exact=True).check()
    key(page, "0").focus()
    for name, character in (("ArrowRight", "1"), ("ArrowDown", "B"), ("End", "t"), ("ArrowUp", "X"), ("q", "q")):
        page.keyboard.press(name)
        expect(key(page, character)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".told")).to_contain_text("Only q")
    assert page.locator(".key button[tabindex='0']").count() == 1


def test_0_and_o_are_equals_and_a_tap_accepts_one(page: Page) -> None:
    draw(page, STROKES["O"])
    settle(page)
    assert sorted(page.locator(".large .glyph").all_inner_texts()) == ["0", "O"]
    sizes = [box["height"] for box in (each.bounding_box() for each in page.locator(".large .glyph").all()) if box]
    assert sizes[0] == pytest.approx(sizes[1])
    page.locator(".large .glyph").get_by_text("0").click()
    assert page.locator(".large .glyph").all_inner_texts() == ["0"]
    expect(page.locator(".saying")).to_contain_text("You say it is")


def test_the_focus_goes_on_to_the_one_of_two_equals_that_was_accepted(page: Page) -> None:
    draw(page, STROKES["O"])
    settle(page)
    page.locator(".large .glyph").get_by_text("O").press("Enter")
    expect(page.locator(".chip:focus")).to_contain_text("O")


def test_what_the_visitor_said_of_a_character_stays_while_more_are_written(page: Page) -> None:
    write(page, [STROKES["T"], STROKES["K"], []])
    settle(page)
    page.get_by_role("button", name="Not right?").click()
    key(page, "7").click()
    expect(page.locator(".told")).to_contain_text("Kept as “7”")
    write(page, [[], [], STROKES["L"]])
    settle(page)
    assert page.locator(".large .glyph").all_inner_texts() == ["7", "K", "L"]


def test_the_thanks_for_a_correction_go_when_another_character_is_looked_at(page: Page) -> None:
    write(page, [STROKES[character] for character in "KLT"])
    settle(page)
    page.get_by_role("button", name="Not right?").click()
    key(page, "X").click()
    expect(page.locator(".told")).to_contain_text("Kept as “X”")
    page.locator(".large .glyph").nth(1).click()
    expect(page.locator(".told")).to_be_empty()


def test_after_digits_a_circle_is_a_0(page: Page) -> None:
    for character in "47":
        draw(page, STROKES[character])
        assert best(page) == character
        page.click("[data-do=clear]")
    draw(page, STROKES["O"])
    settle(page)
    assert page.locator(".large .glyph").all_inner_texts() == ["0"]


def test_doubt_looks_like_doubt_large_small_and_in_colour(page: Page) -> None:
    draw(page, SCRIBBLE)
    settle(page)
    assert page.locator(".answer").get_attribute("data-tone") == "none"
    assert best(page) == "?"
    expect(page.locator(".saying")).to_contain_text("doesn't look like one character")
    assert not any(share.strip() for share in page.locator(".chip span:visible").all_inner_texts())
    expect(page.locator(".chart.unsure")).to_have_count(1)


def test_what_a_class_holds_is_said_on_its_key_and_in_the_answer(page: Page) -> None:
    draw(page, STROKES["C"])
    assert best(page) == "C"
    expect(glyph(page)).to_have_text("Cc")
    expect(key(page, "C")).to_have_text("Cc")
    expect(key(page, "g")).to_have_text("g")


def test_where_the_network_looked_is_shown_on_demand(page: Page) -> None:
    draw(page, STROKES["T"])
    settle(page)
    assert page.locator(".step .heat").count() == 0
    page.get_by_label("Where it looked").check()
    expect(page.locator(".step .heat")).to_be_visible()


def test_a_correction_is_kept_once_with_its_picture_and_thanked_for_twice(page: Page, corrections: Path) -> None:
    draw(page, STROKES["T"])
    settle(page)
    for _ in range(2):
        page.get_by_role("button", name="Not right?").click()
        expect(page.locator(".saying")).to_contain_text("What was it?")
        expect(page.locator(".beside")).to_contain_text("are kept")
        key(page, "J").click()
        expect(page.locator(".told")).to_contain_text("Kept as “J”")
    with (corrections / "corrections.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "J"]
    assert [row["answer"] for row in rows] == ["T"]
    assert (corrections / rows[0]["file"]).is_file()


def test_a_right_answer_and_what_is_no_character_are_kept_too(page: Page, corrections: Path) -> None:
    draw(page, STROKES["Z"])
    settle(page)
    page.get_by_role("button", name="Yes, that's it").click()
    expect(page.locator(".told")).to_contain_text("Kept as “Z”")
    page.click("[data-do=clear]")
    draw(page, SCRIBBLE)
    settle(page)
    expect(page.get_by_role("button", name="Yes, that's it")).to_be_hidden()
    page.get_by_role("button", name="Not a character").click()
    expect(page.locator(".told")).to_contain_text("Kept as “Not a character”")
    expect(page.get_by_role("button", name="Not a character")).to_be_hidden()
    with (corrections / "corrections.csv").open(newline="") as file:
        kept = [(row["label"], row["answer"]) for row in csv.DictReader(file)]
    assert ("Z", "Z") in kept
    assert "not a character" in {label for label, _ in kept}


def test_nothing_is_asked_where_nothing_is_kept(open_page: Visit, comparing: str) -> None:
    page = open_page(comparing)
    draw(page, STROKES["T"])
    settle(page)
    for name in ("Yes, that's it", "Not right?", "Not a character"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()


def test_labels_of_any_script_have_keys_can_be_chosen_and_kept(
    open_page: Visit, browser: Browser, tmp_path: Path
) -> None:
    strange = {"T": "あ", "L": "ñ", "Z": "+", "7": "n\u0308"}  # the last is one character of two code points
    network, labels = load(PRETRAINED)
    save(tmp_path / "mine", network, [strange.get(label, label) for label in labels], {})
    kept = tmp_path / "kept"
    with serving(tmp_path, "--model", str(tmp_path / "mine"), "--feedback", str(kept)) as address:
        page = open_page(address, **DESKTOP)
        write(page, [STROKES[character] for character in "KT7"])
        settle(page)
        assert page.locator(".large .glyph").all_inner_texts() == ["K", "あ", "n\u0308"]
        page.click("[data-do=clear]")
        draw(page, STROKES["T"])
        page.get_by_label("Choose", exact=True).check()
        for label in strange.values():
            key(page, label).click()
        expect(page.locator(".told")).to_contain_text("Only")
        assert sorted(page.locator(".told").inner_text().split()[1:]) == sorted(strange.values())
        assert best(page) == "あ"
        page.get_by_role("button", name="Not right?").click()
        key(page, "n\u0308").click()
        expect(page.locator(".told")).to_contain_text("Kept as “n\u0308”")
    assert "n\u0308" in (kept / "corrections.csv").read_text("utf-8")


def test_a_correction_can_be_given_with_the_keyboard_alone(page: Page) -> None:
    draw(page, STROKES["Z"])
    settle(page)
    page.get_by_role("button", name="Not right?").press("Enter")
    expect(key(page, "0")).to_be_focused()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".told")).to_contain_text("Kept as “2”")
    expect(page.get_by_role("button", name="Not right?")).to_be_focused()


def test_one_of_several_that_is_chosen_with_the_keyboard_keeps_the_focus(page: Page) -> None:
    write(page, [STROKES[character] for character in "KLT"])
    settle(page)
    page.locator(".large .glyph").nth(1).press("Enter")
    expect(page.locator(".large .glyph").nth(1)).to_have_attribute("aria-pressed", "true")
    settle(page)
    expect(page.locator(".large .glyph").nth(1)).to_be_focused()


def test_a_circle_that_only_its_neighbours_tell_is_said_to_be_one_of_two(page: Page) -> None:
    for character in "TZ":
        draw(page, STROKES[character])
        settle(page)
        page.click("[data-do=clear]")
    draw(page, STROKES["O"])
    expect(page.locator(".saying")).to_have_text("0 or O – one shape. After the last characters I take it for an O.")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_several_models_answer_and_what_they_disagree_on_is_marked(
    open_page: Visit, comparing: str, device: dict[str, object]
) -> None:
    page = open_page(comparing, **device)
    draw(page, STROKES["T"])
    assert best(page) == "T"
    expect(page.locator(".beside")).to_contain_text("ten digits reads")
    expect(page.locator(".key.other")).to_have_count(1)
    page.get_by_label("Letters", exact=True).check()
    expect(page.locator(".beside")).to_contain_text("none of these characters")
    assert best(page) == "T"


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_model_of_digits_is_shown_and_tried_with_digits_alone(
    open_page: Visit, ten: str, device: dict[str, object]
) -> None:
    page = open_page(ten, **device)
    expect(page.locator(".key")).to_have_count(10)
    named = [str(each.get_attribute("aria-label")) for each in page.locator(".example").all()]
    assert [name.split()[1] for name in named] == list("0124579")
    assert page.locator(".only label:visible").all_inner_texts() == ["Anything", "Choose"]
    write(page, [STROKES[character] for character in "47"])
    settle(page)
    assert page.locator(".large .glyph").all_inner_texts() == ["4", "7"]


def test_the_answer_is_read_out_when_it_has_settled_and_nothing_at_load(page: Page) -> None:
    page.wait_for_timeout(1000)
    assert not page.locator(".spoken").inner_text()
    draw(page, STROKES["T"])
    expect(page.locator(".spoken")).to_have_text(re.compile(r"T, .*%\."))
    assert shares(page)[0] in page.locator(".spoken").inner_text()
