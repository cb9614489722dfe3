"""What stands around writing in a photograph: a ring drawn around it, a table, punched holes, stamps, edges, folds."""

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from emnist import Recognizer
from tests.drawings import alike, draw
from tests.test_written import INK, PAPER, boxes, read, sheet
from train.images import typeface

TABLE = (60, 60, 65)


def word(left: float = 190, top: float = 120) -> Image.Image:
    return sheet([("K247", (left, top), 60, 80)])


def frame(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


@pytest.mark.parametrize("gap", [0, 12])
@pytest.mark.parametrize("text", ["K247", "EL"])
def test_a_ring_around_a_word_is_left_out_though_it_may_not_close(recognizer: Recognizer, gap: int, text: str) -> None:
    picture = sheet([(text, (230, 120), 60, 70)])
    ImageDraw.Draw(picture).arc([(150, 60), (570, 250)], 200 + gap, 560, INK, 14)
    assert read(recognizer, picture) == [text]


def test_a_ring_may_go_around_several_lines(recognizer: Recognizer) -> None:
    picture = sheet([("K247", (240, 60), 40, 60), ("EL8", (260, 130), 40, 60), ("Z64", (270, 200), 40, 60)])
    ImageDraw.Draw(picture).ellipse([(160, 10), (550, 290)], outline=INK, width=10)
    assert read(recognizer, picture) == ["K247", "EL8", "Z64"]


def test_the_corners_of_a_box_drawn_by_hand_may_stand_open(recognizer: Recognizer) -> None:
    picture = word()
    ImageDraw.Draw(picture).line([(165, 100), (160, 215), (530, 222), (536, 92), (150, 88)], INK, 12)
    assert read(recognizer, picture) == ["K247"]


@pytest.mark.parametrize("top", [128, 136, 144])
def test_letters_that_touch_the_frame_of_a_field_are_read(recognizer: Recognizer, top: int) -> None:
    written = [("K2", (170, 120), 60, 80), ("4", (330, top), 60, 80), ("7", (430, 120), 60, 80)]
    assert read(recognizer, sheet(written, frame(150, 100, 530, 205))) == ["K247"]


@pytest.mark.parametrize("wide", [86, 110])
@pytest.mark.parametrize("digits", ["72", "24", "47"])
def test_a_field_hardly_wider_than_high_may_hold_two_digits(recognizer: Recognizer, digits: str, wide: int) -> None:
    left = 200 + (wide - 62) // 2
    fields = frame(200, 100, 200 + wide, 180) + frame(380, 100, 680, 180)
    picture = sheet([(digits, (left, 118), 44, 32), ("K247", (410, 118), 44, 60)], fields)
    assert "".join(read(recognizer, picture)).replace(" ", "") == digits + "K247"


@pytest.mark.parametrize("gap", [40, 100])
@pytest.mark.parametrize("wide", [70, 86, 115])
def test_three_fields_of_a_date_may_hold_two_digits_each(recognizer: Recognizer, wide: int, gap: int) -> None:
    lefts = range(60, 60 + 3 * (wide + gap), wide + gap)
    fields = [line for left in lefts for line in frame(left, 100, left + wide, 180)]
    digits = [
        (text, (left + (wide - 62) / 2, 118), 44, 32) for text, left in zip(("72", "46", "84"), lefts, strict=True)
    ]
    picture = sheet(digits, fields, (lefts.stop, 280))
    assert "".join(read(recognizer, picture)).replace(" ", "") == "724684"


@pytest.mark.parametrize("font", ["DejaVuSans-Oblique", "STIXGeneralBolIta", "cmti10"])
@pytest.mark.parametrize("number", ["442", "8 8 4"])
def test_a_printed_number_above_the_field_it_is_to_be_copied_into_is_left_out(
    recognizer: Recognizer, number: str, font: str
) -> None:
    picture = sheet([(number.replace(" ", ""), (170, 120), 60, 70)], frame(150, 100, 530, 205))
    ImageDraw.Draw(picture).text((160, 94), number, INK, typeface.loaded(font, 26), anchor="ls")
    assert "".join(read(recognizer, picture)).replace(" ", "") == number.replace(" ", "")


@pytest.mark.parametrize("text", ["K8EK4", "TK847", "84EK6"])
def test_a_word_that_reaches_over_the_border_of_a_strip_is_no_table_beside_its_paper(
    recognizer: Recognizer, text: str
) -> None:
    picture = sheet([(text, (250, -1.5), 50, 45)], size=(650, 62)).filter(ImageFilter.GaussianBlur(1.25))
    ImageDraw.Draw(picture).text((15, 48), "Name:", (110, 120, 170), ImageFont.load_default(45), anchor="ls")
    assert read(recognizer, picture) == [text]


def test_an_o_with_a_letter_beside_it_is_no_ring(recognizer: Recognizer) -> None:
    found = recognizer.transcribe(sheet([("OK", (250, 100), 80, 100)]), only="OK247")
    assert found.text == "OK"


def test_neither_holes_nor_stamps_nor_edges_are_characters(recognizer: Recognizer) -> None:
    picture = word()
    pen = ImageDraw.Draw(picture)
    for y in (40, 140, 240):
        pen.ellipse([(60, y), (95, y + 35)], (70, 60, 55))
    pen.rectangle([(590, 20), (670, 110)], (60, 110, 160))
    pen.text((610, 80), "0.85", (255, 255, 255))
    pen.rectangle([(0, 0), (5, 170)], (90, 85, 80))
    assert read(recognizer, picture) == ["K247"]


@pytest.mark.parametrize(
    "beyond", [((0, 0), (90, 0), (30, 300), (0, 300)), ((0, 230), (700, 250), (700, 300), (0, 300))]
)
def test_a_table_at_a_slanting_edge_of_the_page(recognizer: Recognizer, beyond: tuple[tuple[int, int], ...]) -> None:
    picture = word(190, 100)
    ImageDraw.Draw(picture).polygon(beyond, (90, 65, 45))
    assert read(recognizer, picture) == ["K247"]


@pytest.mark.parametrize("turn", [0, 4])
def test_a_lined_card_on_a_dark_table(recognizer: Recognizer, turn: int) -> None:
    card = sheet([("K247", (60, 84), 40, 60)], [(0, y, 340, y) for y in (50, 56, 90, 130, 170)], (340, 210))
    turned = card.convert("RGBA").rotate(turn, Image.Resampling.BICUBIC, expand=True)
    picture = Image.new("RGB", (480, 330), TABLE)
    picture.paste(turned, ((480 - turned.width) // 2, (330 - turned.height) // 2), turned)
    assert read(recognizer, picture) == ["K247"]


@pytest.mark.parametrize("turn", [0, 4])
def test_a_small_sheet_far_away_on_a_dark_table(recognizer: Recognizer, turn: int) -> None:
    small = sheet([("K247", (60, 75), 40, 60)], size=(340, 210)).convert("RGBA")
    turned = small.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    picture = Image.new("RGB", (1200, 900), TABLE)
    picture.paste(turned, (160, 420), turned)
    assert read(recognizer, picture) == ["K247"]


def test_a_character_on_a_lined_card_on_a_dark_table() -> None:
    card = Image.new("RGB", (300, 300), PAPER)
    for y in range(30, 300, 45):
        ImageDraw.Draw(card).line([(0, y), (300, y)], (150, 185, 215), 3)
    card.paste(INK, mask=draw("5", size=300, pen=10, extent=0.4).convert("L").point(lambda value: 255 - value))
    picture = Image.new("RGB", (400, 400), TABLE)
    picture.paste(card, (50, 50))
    assert alike(draw("5", pen=24), picture) > 0.9


def test_the_quarters_of_a_folded_sheet_are_no_boxes(recognizer: Recognizer) -> None:
    picture = sheet([("K24", (60, 60), 60, 85), ("78E", (400, 60), 60, 85)], [(350, 0, 354, 300), (0, 195, 700, 190)])
    assert read(recognizer, picture) == ["K2478E"]


def test_a_wavy_line_under_a_word_is_none_of_its_characters(recognizer: Recognizer) -> None:
    picture = word(190, 90)
    ImageDraw.Draw(picture).line([(170 + 6 * i, 190 + (-13, 0, 13, 0)[i % 4]) for i in range(61)], INK, 10)
    assert read(recognizer, picture) == ["K247"]


@pytest.mark.parametrize("turn", [1.2, 2.2])
def test_free_writing_on_dark_graph_paper_that_is_turned(recognizer: Recognizer, turn: float) -> None:
    squares = [(0, y, 900, y) for y in range(10, 500, 22)] + [(x, 0, x, 500) for x in range(10, 900, 22)]
    picture = sheet([("K247", (290, 220), 50, 75)], squares, (900, 500), (INK, (90, 105, 150), PAPER))
    turned = picture.rotate(turn, Image.Resampling.BICUBIC, fillcolor=PAPER).crop((60, 60, 840, 440))
    assert read(recognizer, turned) == ["K247"]


@pytest.mark.parametrize("pen", [18, 24])
def test_an_upright_stroke_in_a_bold_pen_is_no_hole(recognizer: Recognizer, pen: int) -> None:
    picture = sheet([("247", (270, 120), 60, 80)])
    ImageDraw.Draw(picture).rounded_rectangle((210 - pen / 2, 116, 210 + pen / 2, 184), pen / 2, INK)
    assert recognizer.transcribe(picture, only="digits").text == "1247"


@pytest.mark.parametrize("margin", [0, 1])
@pytest.mark.parametrize("text", ["K247", "EL8", "7"])
def test_a_picture_may_be_trimmed_to_its_ink(recognizer: Recognizer, text: str, margin: int) -> None:
    drawn = ImageOps.invert(sheet([(text, (190, 120), 60, 80)], colours=((0, 0, 0), (0, 0, 0), (255, 255, 255))))
    left, top, right, bottom = drawn.getbbox() or (0, 0, 0, 0)
    trimmed = drawn.crop((left - margin, top - margin, right + margin, bottom + margin))
    assert recognizer.transcribe(ImageOps.invert(trimmed), only="24678EKLTZ").text == text


def test_a_grid_far_larger_than_what_is_written_in_it_does_not_shrink_the_sheet(recognizer: Recognizer) -> None:
    grid = [line for row in range(9) for line in boxes(20, 20 + 60 * row, 60, 9)]
    picture = sheet([("2 7  4 8 ", (34, 30 + 120 * row), 38, 60) for row in range(4)], grid, size=(580, 580))
    assert read(recognizer, picture) == ["2748"] * 4
