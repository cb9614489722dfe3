"""Several characters in a picture: boxes and combs of forms, grids, free lines, and what is printed around them."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from emnist import NoInkError, Recognizer, UnreadableImageError
from tests.drawings import STROKES, Colour, Point, draw
from tests.meter import forget_peak, resident

INK, PRINTED, PAPER = (20, 20, 40), (120, 120, 130), (250, 249, 245)


def sheet(
    words: list[tuple[str, Point, float, float]],  # text, left top, height, step from character to character
    lines: list[tuple[float, float, float, float]] = (),  # type: ignore[assignment]
    size: tuple[int, int] = (700, 300),
    colours: tuple[tuple[int, int, int], ...] = (INK, PRINTED, PAPER),
) -> Image.Image:
    """Return `words` written among printed `lines`."""
    ink, printed, paper = colours
    picture = Image.new("RGB", (2 * size[0], 2 * size[1]), paper)
    pen = ImageDraw.Draw(picture)
    for line in lines:
        pen.line([2 * value for value in line], printed, 4)
    for text, (left, top), high, step in words:
        for place, character in enumerate(text):
            for stroke in STROKES.get(character, []):
                points = [(2 * (left + step * place + 0.7 * high * x), 2 * (top + high * y)) for x, y in stroke]
                for one, other in pairwise(points):
                    pen.line([one, other], ink, round(0.24 * high))
                for x, y in points:
                    pen.ellipse([x - 0.12 * high, y - 0.12 * high, x + 0.12 * high, y + 0.12 * high], ink)
    return picture.resize(size, Image.Resampling.BOX)


def boxes(left: float, top: float, side: float, count: int) -> list[tuple[float, float, float, float]]:
    """Return the lines of a row of boxes."""
    right, bottom = left + count * side, top + side
    upright = [(left + side * i, top, left + side * i, bottom) for i in range(count + 1)]
    return [(left, top, right, top), (left, bottom, right, bottom), *upright]


def read(recognizer: Recognizer, picture: Image.Image) -> list[str]:
    return ["".join(line.split()) for line in recognizer.transcribe(picture, only="24678EKLTZ").text.split("\n")]


def test_a_row_of_boxes_holds_one_character_each_and_some_none(recognizer: Recognizer) -> None:
    picture = sheet([("K2 47", (52, 105), 40, 60)], boxes(40, 100, 60, 5))
    assert read(recognizer, picture) == ["K247"]


def test_one_box_alone_on_a_page_is_read_as_its_character(recognizer: Recognizer) -> None:
    assert read(recognizer, sheet([("K", (312, 105), 40, 60)], boxes(300, 95, 60, 1))) == ["K"]


@pytest.mark.parametrize("place", [(-3, 9), (6, -5), (6, 21)])
@pytest.mark.parametrize("text", ["K", "4", "7", "4E", "7T"])
def test_one_or_two_characters_may_touch_the_lines_of_their_boxes(
    recognizer: Recognizer, text: str, place: Point
) -> None:
    lines = [line for left in (40, 148)[: len(text)] for line in boxes(left, 100, 60, 1)]
    picture = sheet([(text, (40 + place[0], 100 + place[1]), 42, 108)], lines, (400, 240))
    assert len("".join(read(recognizer, picture))) == len(text)


@pytest.mark.parametrize("gap", [40, 54])
@pytest.mark.parametrize("place", [(1, -5), (24, 0), (1, 18)])
@pytest.mark.parametrize("text", ["K2478", "E4TZK"])
def test_characters_may_touch_the_lines_of_boxes_that_stand_far_apart(
    recognizer: Recognizer, text: str, place: Point, gap: int
) -> None:
    lefts = range(40, 40 + 5 * (60 + gap), 60 + gap)
    written = (text, (40 + place[0], 100 + place[1]), 42, 60 + gap)
    picture = sheet([written], [line for left in lefts for line in boxes(left, 100, 60, 1)], (lefts.stop + 20, 260))
    assert read(recognizer, picture) == [text]


@pytest.mark.parametrize("turn", [-4, 2])
@pytest.mark.parametrize("size", [(440, 300), (640, 200)])
def test_a_note_on_a_table_is_read_and_its_edge_is_not(
    recognizer: Recognizer, turn: int, size: tuple[int, int]
) -> None:
    note = sheet([("K247", (35, 40), 40, 60)], size=(300, 120), colours=(INK, PRINTED, (250, 235, 120)))
    turned = note.convert("RGBA").rotate(turn, Image.Resampling.BICUBIC, expand=True)
    table = Image.new("RGB", size, (110, 80, 60))
    table.paste(turned, ((size[0] - turned.width) // 2, (size[1] - turned.height) // 2), turned)
    assert read(recognizer, table) == ["K247"]


def scribbled_over(lines: list[tuple[float, float, float, float]], step: int) -> tuple[Image.Image, Image.Image]:
    """Return K2487 among `lines`, without and with a scribble over the 4, its lines `step` px from each other."""
    clean = sheet([("K2487", (52, 105), 40, 60)], lines)
    struck = clean.copy()
    zigzag = [(165.0 + step * i, (108.0 if i % 2 else 148.0) + (7 * i) % 5) for i in range(36 // step)]
    ImageDraw.Draw(struck).line(zigzag, INK, 5)
    return clean, struck


@pytest.mark.parametrize("step", [2, 3, 4])  # at 2 it is nearly solid
def test_a_letter_scribbled_over_in_its_box_is_no_character_and_the_text_is_doubted(
    recognizer: Recognizer, step: int
) -> None:
    before, after = (recognizer.transcribe(picture) for picture in scribbled_over(boxes(40, 100, 60, 5), step))
    assert [one.is_character for one in after.characters] == [True, True, False, True, True]
    assert before.confidence > 0.9
    assert after.confidence < 0.5


@pytest.mark.parametrize("step", [2, 3, 4])
def test_a_text_in_which_a_letter_is_scribbled_over_is_doubted(recognizer: Recognizer, step: int) -> None:
    before, after = (recognizer.transcribe(picture) for picture in scribbled_over([], step))
    assert before.confidence > 0.9
    assert after.confidence < 0.6


@pytest.mark.parametrize("place", [(165, 30), (300, 30), (400, 108), (60, 220), (165, 200)])
def test_a_blot_beside_the_boxes_of_a_form_is_no_character_and_the_text_is_doubted(
    recognizer: Recognizer, place: Point
) -> None:
    form = sheet([("K2487", (52, 105), 40, 60)], boxes(40, 100, 60, 5))
    blot = [(place[0] + 2 * i, place[1] + (0 if i % 2 else 46) + (7 * i) % 5) for i in range(23)]
    ImageDraw.Draw(form).line(blot, INK, 5)
    assert read(recognizer, form) == ["K2487"]
    assert recognizer.transcribe(form).confidence < 0.5


def test_a_grid_that_the_picture_cuts_off_is_read_row_by_row(recognizer: Recognizer) -> None:
    lines = [(x, 0, x, 300) for x in (140.0, 280, 420, 560)] + [(0, y, 700, y) for y in (100.0, 200)]
    words = [(text, (30.0, 20.0 + 100 * row), 60.0, 140.0) for row, text in enumerate(["EK24T", "7L Z8", "TEK46"])]
    assert read(recognizer, sheet(words, lines)) == ["EK24T", "7LZ8", "TEK46"]


def caption(picture: Image.Image, text: str, place: Point, size: int = 16) -> Image.Image:
    ImageDraw.Draw(picture).text(place, text, PRINTED, ImageFont.load_default(size))
    return picture


@pytest.mark.parametrize("text", ["$", "1)", "B."])
@pytest.mark.parametrize("size", [50, 70])
def test_a_sign_or_number_in_type_before_writing_is_left_out(recognizer: Recognizer, text: str, size: int) -> None:
    assert read(recognizer, caption(sheet([("K247", (240, 100), 60, 70)]), text, (90, 165 - size), size)) == ["K247"]


@pytest.mark.parametrize(("said", "text", "high"), [("NAME", "K247", 18), ("NAME", "ZEK", 12), ("Name:", "ZEK", 14)])
def test_a_caption_is_left_out_where_small_regular_writing_looks_like_type_as_well(
    recognizer: Recognizer, said: str, text: str, high: int
) -> None:
    picture = sheet([(text, (100 + 1.1 * high, 30), high, 0.95 * high)], size=(320, 70))
    ImageDraw.Draw(picture).text((100, 30 + high), said, PRINTED, ImageFont.load_default(0.8 * high), anchor="rs")
    assert read(recognizer, picture) == [text]


@pytest.mark.parametrize(
    ("said", "text", "high", "gap"), [("NAME", "K247", 32, 13), ("NAME", "EL8", 40, 12), ("CITY", "84ZT", 40, 12)]
)
def test_letters_close_behind_a_caption_in_another_ink_are_no_part_of_it(
    recognizer: Recognizer, said: str, text: str, high: int, gap: int
) -> None:
    picture = sheet([(text, (200 + gap, 50), high, 0.95 * high)], size=(480, 130))
    ImageDraw.Draw(picture).text((200, 50 + high), said, (130,) * 3, ImageFont.load_default(0.9 * high), anchor="rs")
    assert read(recognizer, picture) == [text]


@pytest.mark.parametrize(("printed", "ink"), [((70, 70, 75), (40, 60, 190)), ((190, 50, 50), (60, 60, 70))])
@pytest.mark.parametrize(("said", "text", "high"), [("1", "K247", 40), ("No", "EL8", 60), ("12", "ZEK4", 40)])
def test_print_close_before_writing_in_another_colour_is_left_out_and_no_letter_with_it(
    recognizer: Recognizer, printed: Colour, ink: Colour, said: str, text: str, high: int
) -> None:
    size = (60 + 8 * high, 140 + 2 * high)
    picture = sheet([(text, (60 + 2.4 * high, 100), high, high)], size=size, colours=(ink, printed, PAPER))
    font = ImageFont.load_default(1.3 * high)
    ImageDraw.Draw(picture).text((60 + 2 * high, 100 + high), said, printed, font, anchor="rs")
    assert read(recognizer, picture) == [text]


def test_words_in_two_colours_are_read(recognizer: Recognizer) -> None:
    first, second = (sheet([(text, (30, 60), 50, 55)], size=(240, 160)) for text in ("K24", "ZEL"))
    inks = np.stack([np.asarray(one.convert("L"), float) / 255 for one in (first, second)])
    for colours in (((190, 50, 50), (40, 60, 190)), ((30, 120, 60), (30, 30, 40))):
        halves = [255 - (1 - ink[..., None]) * (255 - np.array(c)) for ink, c in zip(inks, colours, strict=True)]
        picture = Image.fromarray(np.concatenate(halves, axis=1).astype(np.uint8))
        assert read(recognizer, picture) == ["K24ZEL"]


def test_the_numbers_of_a_list_are_left_out(recognizer: Recognizer) -> None:
    picture = sheet([("K247", (160, 30), 50, 60), ("EL8", (160, 110), 50, 60), ("4Z", (160, 190), 50, 60)])
    for row in range(3):
        caption(picture, f"{row + 1})", (60, 30 + 80 * row), 50)
    assert read(recognizer, picture) == ["K247", "EL8", "4Z"]


@pytest.mark.parametrize(("numbers", "high"), [("247", 40), ("789", 60), ("123", 40)])
def test_the_numbers_of_a_list_are_read_where_they_are_written(
    recognizer: Recognizer, numbers: str, high: float
) -> None:
    items = list(zip(numbers, ("KLTZ", "ELH", "ZKN"), [30 + 1.9 * high * row for row in range(3)], strict=True))
    written = [(number, (40.0, top), high, high) for number, _, top in items]
    written += [(word, (40 + 1.9 * high, top), high, 0.95 * high) for _, word, top in items]
    found = recognizer.transcribe(sheet(written, size=(int(40 + 7 * high), int(60 + 6 * high))), only="1234789EHKLNTZ")
    assert ["".join(line.split()) for line in found.text.split("\n")] == [number + word for number, word, _ in items]


@pytest.mark.parametrize("words", [("2", "478"), ("E4", "27"), ("7", "482", "246")])
def test_a_number_in_groups_is_read_whole(recognizer: Recognizer, words: tuple[str, ...]) -> None:
    places = [sum(map(len, words[:number])) * 45 + 55 * number for number in range(len(words))]
    picture = sheet([(word, (60.0 + x, 100), 60, 45) for word, x in zip(words, places, strict=True)])
    assert read(recognizer, picture) == ["".join(words)]


def test_boxes_that_stand_apart_with_strokes_across_their_lines(recognizer: Recognizer) -> None:
    apart = [line for i in range(6) for line in boxes(40 + 70 * i, 100, 56, 1)]
    picture = sheet(
        [("K2 ", (52, 108), 40, 70), ("E", (252, 112), 56, 70), ("4Z", (332, 108), 40, 70)], apart, size=(1400, 500)
    )
    assert read(recognizer, picture) == ["K2E4Z"]


def test_rows_of_boxes_of_several_lengths_under_printed_captions(recognizer: Recognizer) -> None:
    lines = boxes(60, 80, 50, 2) + boxes(60, 200, 50, 9)
    picture = sheet([("4", (72, 86), 36, 50), ("EK 27T", (72, 206), 36, 50)], lines, size=(900, 600))
    picture = caption(caption(picture, "Day", (60, 56)), "Street and number", (60, 176))
    assert read(recognizer, picture) == ["4", "EK27T"]


def test_a_short_comb_beside_a_long_one(recognizer: Recognizer) -> None:
    lines = [(60.0, y, 60.0 + 50 * count, y) for y, count in ((120, 8), (240, 2))]
    lines += [(60.0 + 50 * i, y - 14, 60.0 + 50 * i, y) for y, count in ((120, 8), (240, 2)) for i in range(count + 1)]
    picture = sheet([("EK 27T", (72, 78), 36, 50), ("8Z", (72, 198), 36, 50)], lines)
    picture = caption(caption(picture, "Name", (60, 36)), "Floor", (60, 156))
    assert read(recognizer, picture) == ["EK27T", "8Z"]


def test_a_comb_of_many_small_boxes_with_short_ticks_on_a_wide_sheet(recognizer: Recognizer) -> None:
    lines = [(60.0, 200.0, 372.0, 200.0)] + [(x, 193.0, x, 200.0) for x in np.arange(60.0, 373, 26).tolist()]
    picture = sheet([("EK24 7LTZ8K2", (64, 174), 19, 26)], lines, size=(900, 300))
    assert read(recognizer, picture) == ["EK247LTZ8K2"]


@pytest.mark.parametrize("character", "42KE")
def test_one_box_whose_line_its_character_reaches(recognizer: Recognizer, character: str) -> None:
    assert read(recognizer, sheet([(character, (312, 100), 40, 60)], boxes(300, 95, 60, 1))) == [character]


def test_fields_that_hold_several_characters_under_printed_captions(recognizer: Recognizer) -> None:
    lines = []
    for left, top, right in ((40, 80, 260), (320, 80, 520), (40, 200, 110)):
        edges = [(left, top, right, top), (right, top, right, top + 60), (right, top + 60, left, top + 60)]
        lines += [tuple(map(float, edge)) for edge in [*edges, (left, top + 60, left, top)]]
    words = [("EK4", (56, 88), 42, 56), ("27", (340, 90), 40, 60), ("Z", (60, 208), 42, 56)]
    picture = sheet(words, lines)  # type: ignore[arg-type]
    for text, place in (("Street and number", (40, 54)), ("Day", (320, 54)), ("Class", (40, 174))):
        picture = caption(picture, text, place)
    assert read(recognizer, picture) == ["EK427", "Z"]


def test_neither_headings_as_large_as_the_writing_nor_small_print_in_fields_are_read(recognizer: Recognizer) -> None:
    lines = boxes(40, 120, 76, 1) + [(180.0, y, 560.0, y) for y in (120, 196)]
    lines += [(x, 120.0, x, 196.0) for x in (180.0, 560.0)]
    picture = sheet([("Z", (58, 144), 42, 56), ("EK 247", (200, 144), 42, 56)], lines)
    picture = caption(caption(picture, "Day", (44, 121), 12), "Street and number", (184, 121), 12)
    assert read(recognizer, caption(picture, "Change of address", (60, 40), 48)) == ["ZEK247"]


@pytest.mark.parametrize("top", [84.0, 104.0])
def test_a_field_may_be_touched_and_crossed_by_all_that_is_written_in_it(recognizer: Recognizer, top: float) -> None:
    lines = [(40.0, y, 640.0, y) for y in (90, 140)] + [(x, 90.0, x, 140.0) for x in (40.0, 640.0)]
    picture = sheet([("EK24LZ", (70, top), 42, 70)], lines)
    assert read(recognizer, caption(picture, "Street and number", (40, 60))) == ["EK24LZ"]


@pytest.mark.parametrize("row", [36.0, 50.0])
def test_a_printed_line_that_writing_covers_for_the_most_part(recognizer: Recognizer, row: float) -> None:
    picture = sheet([("EK24LZ", (16, 30), 36, 32)], [(0, row, 220, row)], size=(220, 100))
    assert read(recognizer, picture) == ["EK24LZ"]


def test_letters_that_cross_the_lines_of_their_boxes_stay_whole(recognizer: Recognizer) -> None:
    picture = sheet([("E 7", (52, 90), 66, 60), (" K 4", (52, 108), 40, 60)], boxes(40, 100, 60, 4))
    assert read(recognizer, picture) == ["EK74"]


def test_written_on_ruled_paper_in_two_lines(recognizer: Recognizer) -> None:
    lines = [(0, y, 700, y + 6) for y in (60.0, 124, 188, 252)]
    picture = sheet([("LEK247", (60, 72), 48, 60), ("7Z4", (60, 200), 48, 60)], lines)
    assert read(recognizer, picture) == ["LEK247", "7Z4"]


@pytest.mark.parametrize("text", ["KN4", "7EH", "2ELT"])
def test_fine_lines_of_large_boxes_are_no_fine_pen(recognizer: Recognizer, text: str) -> None:
    picture = Image.new("RGB", (60 + 130 * len(text), 240), PAPER)
    for place, character in enumerate(text):
        drawn = draw(character, size=150, pen=8, extent=0.75)
        picture.paste(INK, (20 + 130 * place, 40), ImageOps.invert(drawn.convert("L")))
    for line in boxes(30, 50, 130, len(text)):
        ImageDraw.Draw(picture).line(line, PRINTED, 1)
    assert recognizer.transcribe(picture, only="247EHKLNT").text == text


@pytest.mark.parametrize("text", ["842", "784"])
@pytest.mark.parametrize("step", [75, 85, 100])
def test_characters_one_below_the_other_are_lines_of_one_each(recognizer: Recognizer, text: str, step: int) -> None:
    words = [(one, (50.0, 40.0 + step * place), 60, 0) for place, one in enumerate(text)]
    assert read(recognizer, sheet(words, size=(150, 80 + step * len(text)))) == list(text)


def test_chalk_on_a_board(recognizer: Recognizer) -> None:
    picture = sheet([("8K2T", (60, 100), 60, 80)], colours=((240, 240, 235), PRINTED, (30, 60, 45)))
    assert read(recognizer, picture) == ["8K2T"]


@pytest.mark.parametrize("width", range(440, 801, 40))
def test_uneven_light_in_pictures_of_any_size(recognizer: Recognizer, width: int) -> None:
    picture = np.asarray(sheet([("EK247", (60, 72), 48, 60)], size=(width, width)), float)
    light = np.linspace(0.3, 1, width)[:, None] * np.linspace(0.6, 1, width)
    assert read(recognizer, Image.fromarray((picture * light[..., None]).astype(np.uint8))) == ["EK247"]


def test_small_letters_on_a_large_sheet(recognizer: Recognizer) -> None:
    picture = sheet([("EKT247", (300, 200), 13, 18)], size=(1000, 700))
    assert read(recognizer, picture) == ["EKT247"]


def test_boxes_are_in_pixels_of_the_picture_as_sent(recognizer: Recognizer) -> None:
    small = sheet([("K27", (60, 100), 60, 80)])
    large = small.resize((2800, 1200))
    one, other = (
        np.array([found.box for found in recognizer.transcribe(picture).characters]) for picture in (small, large)
    )
    assert one.shape == (3, 4)
    assert np.abs(4 * one - other).max() < 12
    assert np.abs(one[0] - (60, 97, 104, 163)).max() < 8


@pytest.mark.parametrize("text", ["HI", "FIT", "11", "TILL", "LIT\nHILL"])
def test_letters_of_straight_strokes_alone_are_no_printed_lines(recognizer: Recognizer, text: str) -> None:
    picture = Image.new("L", (700, 300), 255)
    ImageDraw.Draw(picture).text((60, 40), text, 0, ImageFont.load_default(90), stroke_width=2)
    found = recognizer.transcribe(picture, only="upper" if text != "11" else "digits")
    assert "".join(found.text.split(" ")) == text


@pytest.mark.parametrize("lines", [[], boxes(40, 100, 60, 5)])
def test_blank_sheets_and_empty_forms_are_said_to_be_blank(
    recognizer: Recognizer, lines: list[tuple[float, float, float, float]]
) -> None:
    with pytest.raises(NoInkError, match=r"blank|only lines"):
        recognizer.transcribe(sheet([], lines))


def test_an_empty_form_is_blank_though_captions_are_printed_over_its_boxes(recognizer: Recognizer) -> None:
    picture = caption(sheet([], boxes(60, 60, 60, 5) + boxes(60, 200, 60, 5)), "Name", (60, 28))
    with pytest.raises(NoInkError, match="blank"):
        recognizer.transcribe(caption(picture, "Street and number", (60, 168)))


def test_a_page_full_of_text_is_too_much_and_not_blank(recognizer: Recognizer) -> None:
    page = Image.new("L", (3000, 4000), 255)
    text = "\n".join(["NKXB PRE2 75 WZHT Y3 SDFK HARB Q4 "[i % 20 :] * 6 for i in range(60)])
    ImageDraw.Draw(page).text((20, 20), text, 0, ImageFont.load_default(40), spacing=16)
    with pytest.raises(UnreadableImageError, match="crop the picture to a few lines"):
        recognizer.transcribe(page)


def test_thousands_of_pieces_take_little_memory(recognizer: Recognizer) -> None:
    scattered = Image.new("L", (1600, 1600), 255)
    pen = ImageDraw.Draw(scattered)
    for number, (x, y) in enumerate(np.random.default_rng(0).integers(0, 1560, (3000, 2)).tolist()):
        pen.line([(x, y), (x + 12 + number % 9, y + 20), (x + number % 20, y + 24)], 0, 3)
    forget_peak()
    before = resident()
    with pytest.raises(UnreadableImageError, match="crop the picture to a few lines"):
        recognizer.transcribe(scattered)
    assert resident(key="VmHWM") - before < 400


@pytest.mark.parametrize("text", ["47", "2E", "K8", "TEL", "6842"])
def test_characters_that_touch_are_parted(recognizer: Recognizer, text: str) -> None:
    assert read(recognizer, sheet([(text, (60, 100), 60, 46)])) == [text]


def test_a_line_through_all_letters_is_no_part_of_them(recognizer: Recognizer) -> None:
    picture = sheet([("LEKZ4", (160, 100), 60, 70)], [(0, 140, 700, 140)])
    assert read(recognizer, picture) == ["LEKZ4"]


def test_stripes_all_over_are_refused(recognizer: Recognizer) -> None:
    y, x = np.mgrid[:700, :700]
    stripes = Image.fromarray((255 * ((x + y) // 12 % 4 > 0)).astype(np.uint8))
    with pytest.raises(UnreadableImageError, match="too dense for writing: crop the picture"):
        recognizer.transcribe(stripes)
