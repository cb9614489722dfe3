"""What is drawn in a box is read whatever its lines are like, and thin, faint and dithered strokes stay whole."""

import pytest
from drawings import BLACK, STROKES, WHITE, Colour, alike, draw, sketch
from PIL import Image, ImageChops, ImageDraw

from emnist.picture import prepare

DIGITS, CHARACTERS = "0479", "A5eTO"
Lines = dict[tuple[int, int, int, int], tuple[int, Colour]]


def with_lines(picture: Image.Image, lines: Lines) -> Image.Image:
    for line, (width, colour) in lines.items():
        ImageDraw.Draw(picture).line(line, fill=colour, width=width)
    return picture


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize("thick", [3, 8, 16])
@pytest.mark.parametrize("margin", [0, 0.2, 0.5])
def test_a_cell_is_read_however_far_beyond_its_lines_it_is_cropped(digit: str, thick: int, margin: float) -> None:
    side, near, far = round(200 * (1 + 2 * margin)), round(200 * margin), round(200 * (1 + margin))
    picture = draw(digit, size=side, pen=9, extent=100 / side)
    for at in (near, far):
        with_lines(picture, {(at, 0, at, side): (thick, BLACK), (0, at, side, at): (thick, BLACK)})
    assert alike(draw(digit, pen=25), picture) > 0.95


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize("fine", [BLACK, (170, 170, 170)])
def test_a_box_may_have_thick_lines_and_fine_pale_ones(digit: str, fine: Colour) -> None:
    thick, thin = (8, BLACK), (1, fine)
    lines: Lines = {
        (30, 0, 30, 150): thick,
        (0, 122, 150, 122): thick,
        (124, 0, 124, 150): thin,
        (0, 26, 150, 26): thin,
    }
    picture = with_lines(draw(digit, size=150, pen=5, extent=40 / 150), lines)
    assert alike(draw(digit, pen=22), picture) > 0.93


@pytest.mark.parametrize("digit", DIGITS)
def test_the_lines_of_a_box_may_bend_and_end(digit: str) -> None:
    picture = draw(digit, size=300, pen=9, extent=0.35)
    for box, start, end in (((-780, 20, 50, 280), -12, 12), ((250, 20, 1080, 280), 168, 192)):
        ImageDraw.Draw(picture).arc([box[0], -270, box[2], 570], start, end, BLACK, 10)
    with_lines(picture, {(30, 70, 270, 70): (10, BLACK), (30, 230, 270, 230): (10, BLACK)})
    assert alike(draw(digit, pen=24), picture) > 0.95


def test_a_dotted_zero_is_no_box() -> None:
    picture = draw("0")
    ImageDraw.Draw(picture).ellipse([(125, 120), (155, 160)], fill=BLACK)
    assert (prepare(picture).image[14, 3:10] > 100).any()


@pytest.mark.parametrize("character", CHARACTERS)
def test_the_ring_around_a_character_is_left_out(character: str) -> None:
    picture = draw(character, size=300, pen=9, extent=0.35)
    ImageDraw.Draw(picture).ellipse([(40, 50), (260, 240)], outline=BLACK, width=9)
    assert alike(draw(character, pen=24), picture) > 0.9


@pytest.mark.parametrize("character", "5KH3")
@pytest.mark.parametrize("spacing", [80, 110, 140])
def test_a_character_may_span_the_squares_of_its_paper(character: str, spacing: int) -> None:
    squares = Image.new("RGB", (400, 400), WHITE)
    for at in range(spacing // 2, 400, spacing):
        with_lines(squares, {(at, 0, at, 400): (2, (150, 150, 160)), (0, at, 400, at): (2, (150, 150, 160))})
    picture = ImageChops.darker(squares, draw(character, size=400, pen=12, extent=0.6))
    assert alike(draw(character, pen=17), picture) > 0.95


@pytest.mark.parametrize("character", "5AT")
def test_a_pale_canvas_keeps_what_lies_around_it_away(character: str) -> None:
    drawn = draw(character, size=340, pen=26, extent=0.5)
    picture = Image.new("RGB", (390, 700), (250, 250, 252))
    picture.paste(drawn, (25, 125))
    ImageDraw.Draw(picture).rectangle((24, 124, 366, 466), outline=(225, 225, 231), width=2)
    ImageDraw.Draw(picture).rectangle((20, 510, 185, 555), (0, 110, 250))
    assert alike(drawn, picture) > 0.95


@pytest.mark.parametrize("character", list("A74KNMEZY"))
@pytest.mark.parametrize("pen", [1, 2])
@pytest.mark.parametrize("size", [(500, 400), (800, 560), (1600, 1200)])
@pytest.mark.parametrize("ground", ["white", "black", "transparent"])
def test_lines_of_a_pixel_or_two_survive_the_shrinking(
    character: str, pen: int, size: tuple[int, int], ground: str
) -> None:
    side = 0.65 * size[1]
    ink = 255 if ground == "black" else 0
    paper = {"white": (255, 255, 255, 255), "black": (0, 0, 0, 255), "transparent": (0, 0, 0, 0)}[ground]
    picture = Image.new("RGBA", size, paper)
    for stroke in STROKES[character]:
        points = [(size[0] / 3 + side * x, size[1] / 6 + side * y) for x, y in stroke]
        ImageDraw.Draw(picture).line(points, fill=(ink, ink, ink, 255), width=pen)
    assert alike(draw(character, pen=20), picture) > 0.85


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("grey", [160, 190, 220])
def test_grey_paper_shown_by_black_dots_is_read(character: str, grey: int) -> None:
    picture = draw(character, paper=(grey, grey, grey), size=400, pen=24)
    assert alike(draw(character), picture.convert("1")) > 0.9


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_photograph_pasted_small_on_a_white_page_is_read(character: str) -> None:
    page = Image.new("RGB", (400, 400), WHITE)
    page.paste(draw(character, ink=(35, 45, 120), paper=(190, 186, 178), size=120, pen=7), (150, 210))
    assert alike(draw(character), page) > 0.9


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_faint_stroke_on_a_transparent_ground_is_read(character: str) -> None:
    faint = sketch(character)
    faint.putalpha(faint.getchannel("A").point(lambda value: value * 40 // 255))
    assert alike(sketch(character), faint) > 0.97


def test_the_dot_stays_over_an_i_with_a_wide_hook() -> None:
    picture = Image.new("RGB", (280, 280), WHITE)
    canvas = ImageDraw.Draw(picture)
    canvas.line([(90, 120), (110, 105), (110, 190), (150, 205), (210, 180)], fill=BLACK, width=14, joint="curve")
    without = prepare(picture).mask.sum()
    canvas.ellipse([(103, 50), (119, 66)], fill=BLACK)
    assert prepare(picture).mask.sum() > without + 150
