"""Kinds of pictures with something printed, lying or shown around the character: lines, boxes, tables, windows."""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from tests.papers import BLACK, BLUE, PAPER, PENCIL, SIDE, Colour, Floats, Hand, grain, grid, inked, lit, picture

LINES = (150, 175, 215)  # colour of ruled lines, pale blue


def ruled(
    hand: Hand, spacing: float, thick: float, colour: Colour, squared: bool = False, slope: float = 0.03
) -> Floats:
    """Return paper (SIDE, SIDE, 3) with printed lines, a little aslant."""
    x, y = (value * SIDE / 2 for value in grid())
    turn, start = hand.random.uniform(-slope, slope), hand.random.uniform(0, spacing)
    cover = np.zeros((SIDE, SIDE))
    for across in (y + turn * x, x - turn * y)[: 1 + squared]:
        away = np.abs((across + start) % spacing - spacing / 2)
        cover = np.maximum(cover, np.clip(thick / 2 + 0.5 - away, 0, 1))
    return inked(np.ones((SIDE, SIDE, 3)) * PAPER, cover, colour)


def ruled_paper(hand: Hand) -> Floats:
    return lit(hand, inked(ruled(hand, 55, 2, LINES), hand.cover(pen=8), BLUE))


def pencil_on_ruled_paper(hand: Hand) -> Floats:
    tooth = np.clip(0.8 + 0.3 * grain(hand, 0.8), 0, 1)
    paper = ruled(hand, hand.random.uniform(45, 70), 2.5, (125, 150, 200))
    return lit(hand, inked(paper, hand.cover(pen=9) * tooth, PENCIL))


def ballpoint_on_squares(hand: Hand) -> Floats:
    return lit(hand, inked(ruled(hand, 32, 1.6, (165, 180, 205), True), hand.cover(pen=7), BLUE))


def dark_squares(hand: Hand) -> Floats:
    return lit(hand, inked(ruled(hand, 60, 2.5, (110, 110, 115), True), hand.cover(pen=12), BLACK))


def small_on_squares(hand: Hand) -> Floats:
    return lit(hand, inked(ruled(hand, 26, 1.6, (165, 180, 205), True), hand.cover(pen=8, extent=0.25), BLUE))


def dotted_paper(hand: Hand) -> Floats:
    pixels = hand.written(pen=9)
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            pixels[10 + dy :: 30, 10 + dx :: 30] *= 0.7
    return lit(hand, pixels)


def underlined(hand: Hand, down: float) -> Floats:
    """Return a character `down` px below whose middle a line begins and ends inside the picture."""
    pixels = hand.written(pen=11, stray=0)
    row = int(SIDE / 2 + down)
    pixels[row : row + 4, 20:380] = BLACK
    return lit(hand, pixels)


def large_squares(hand: Hand) -> Floats:
    """Return squared paper so near that the character spans several squares."""
    colour = ((165, 180, 205), (110, 110, 115))[hand.random.integers(2)]
    paper = ruled(hand, hand.random.uniform(80, 170), hand.random.uniform(1.5, 3), colour, True)
    return lit(hand, inked(paper, hand.cover(pen=hand.random.uniform(9, 14), extent=0.6), BLUE))


def line_to_write_on(hand: Hand) -> Floats:
    return underlined(hand, hand.random.uniform(112, 140))


def on_the_very_line(hand: Hand) -> Floats:
    high = np.ptp(np.concatenate(hand.strokes)[:, 1])
    return underlined(hand, 100 * high + hand.random.uniform(-8, 6))


def on_a_short_line(hand: Hand) -> Floats:
    """Return a character on a line little longer than itself, a little aslant, up to half as thick as the pen."""
    pixels = hand.written(pen=11, stray=0)
    wide, high = np.ptp(np.concatenate(hand.strokes), axis=0)
    long = max(200 * wide, 90) * hand.random.uniform(1.8, 2.4)
    x, y = (200 * value for value in grid())
    away = np.abs(y - 100 * high - hand.random.uniform(-8, 6) - hand.random.uniform(-0.05, 0.05) * x)
    cover = np.clip(hand.random.uniform(1, 2.7) + 0.5 - away, 0, 1) * (np.abs(x) < long / 2)
    return lit(hand, inked(pixels, cover, BLACK))


def lines_above_and_below(hand: Hand) -> Floats:
    pixels = hand.written(pen=12, stray=0)
    for row in (70, 325):
        pixels[row : row + 4] = (90, 90, 95)
    return lit(hand, pixels)


def box(pixels: Floats, left: float, top: float, wide: float, high: float, thick: float, ink: Colour = BLACK) -> Floats:
    """Return `pixels` with a rectangle drawn on them."""
    image = picture(pixels)
    corners = [(left, top), (left + wide, top + high)]
    ImageDraw.Draw(image).rectangle(corners, outline=tuple(int(v) for v in ink), width=round(thick))
    return np.asarray(image, np.float64)


def box_of_a_form(hand: Hand) -> Floats:
    pixels = box(hand.written(pen=11, extent=0.42, stray=0.02), 75, 65, 250, 270, hand.random.integers(3, 7))
    return lit(hand, pixels)


def touching_its_box(hand: Hand) -> Floats:
    """Return a character that reaches over one side of its box."""
    pixels = hand.written(pen=11, extent=0.42, stray=0)
    wide, high = np.ptp(np.concatenate(hand.strokes), axis=0) * 0.42 * SIDE
    left, top, right, bottom = (200 - wide / 2, 200 - high / 2, 200 + wide / 2, 200 + high / 2)
    over, free = hand.random.uniform(-4, 10), hand.random.uniform(25, 50, 4)
    sides = np.array([left, top, right, bottom]) + np.array([-1, -1, 1, 1]) * free
    side = int(hand.random.integers(4))
    sides[side] = (left + over, top + over, right - over, bottom - over)[side]
    thick = hand.random.integers(3, 7)
    return lit(hand, box(pixels, sides[0], sides[1], sides[2] - sides[0], sides[3] - sides[1], thick))


def box_as_thick_as_the_pen(hand: Hand) -> Floats:
    return lit(hand, box(hand.written(pen=11, extent=0.42, stray=0.02), 75, 65, 250, 270, 11))


def row_of_boxes(hand: Hand) -> Floats:
    pixels = hand.written(pen=11, extent=0.4, stray=0.02)
    for left in (-155, 85, 325):
        pixels = box(pixels, left, 70, 230, 260, 4)
    return lit(hand, pixels)


def frame(hand: Hand) -> Floats:
    return box(hand.written(BLACK, (255, 255, 255)), 8, 8, 384, 384, 6)


def photographed_sheet(hand: Hand, turn: float, paper: Colour, table: Floats) -> Floats:
    """Return a sheet lying on a `table` (SIDE, SIDE, 3)."""
    image = picture(hand.written(paper=paper, pen=16, stray=0.03)).resize((250, 250)).convert("RGBA")
    image = image.rotate(-turn, Image.Resampling.BICUBIC, fillcolor=(*(int(v) for v in paper), 255))  # writing upright
    image = image.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    ground = picture(table)
    place = tuple((SIDE - side) // 2 + int(hand.random.integers(-15, 16)) for side in image.size)
    ground.paste(image, place, image)
    return lit(hand, np.asarray(ground, np.float64))


def wood(hand: Hand) -> Floats:
    x, y = grid()
    rings = 0.5 + 0.5 * np.sin(40 * y + 4 * np.sin(5 * x) + grain(hand, 8))
    return rings[..., None] * np.array((120, 80, 45)) + (1 - rings[..., None]) * np.array((165, 115, 70))


def sheet_on_a_table(hand: Hand) -> Floats:
    return photographed_sheet(hand, 0, PAPER, wood(hand))


def turned_sheet_on_a_table(hand: Hand) -> Floats:
    return photographed_sheet(hand, 12, PAPER, wood(hand))


def sticky_note(hand: Hand) -> Floats:
    return photographed_sheet(hand, hand.random.uniform(-6, 6), (238, 220, 110), np.ones((SIDE, SIDE, 3)) * 200.0)


def corner_of_the_sheet(hand: Hand) -> Floats:
    pixels, table = hand.written(pen=12, stray=0.04), wood(hand)
    x, y = grid()
    away = (x + 0.15 * y > 0.75) | (y - 0.1 * x > 0.8)
    return lit(hand, np.where(away[..., None], table, pixels))


def punched_holes(hand: Hand) -> Floats:
    pixels = hand.written(pen=12, stray=0.04)
    x, y = grid()
    for row in (-0.6, 0.6):
        pixels[(x + 0.84) ** 2 + (y - row) ** 2 < 0.075**2] = (70, 55, 45)
    return lit(hand, pixels)


def thumb_at_the_border(hand: Hand) -> Floats:
    pixels = hand.written(pen=12, stray=0.03)
    x, y = grid()
    inside = ((x + hand.random.uniform(-0.3, 0.3)) / 0.22) ** 2 + ((y - 1.05) / 0.32) ** 2
    cover = ndimage.gaussian_filter((inside < 1).astype(float), 3)
    return lit(hand, inked(pixels, cover, (190, 140, 115)))


def neighbours_stroke(hand: Hand) -> Floats:
    pixels = picture(hand.written(pen=12, stray=0.02))
    edge = int(hand.random.choice([2, SIDE - 3]))
    line = [(edge, 120), (edge + (25 if edge < 9 else -25), 220), (edge, 300)]
    ImageDraw.Draw(pixels).line(line, fill=BLUE, width=12)
    return lit(hand, np.asarray(pixels, np.float64))


def window(hand: Hand, ink: Colour, paper: Colour, bar: Colour) -> Floats:
    """Return a screenshot of a drawing program."""
    image = picture(hand.written(ink, paper, pen=16, stray=0.04))
    canvas, grey = ImageDraw.Draw(image), tuple(int(v) for v in bar)
    canvas.rectangle([(0, 0), (399, 30)], fill=grey)
    canvas.rectangle([(388, 30), (399, 399)], fill=grey)
    for x, colour in ((12, (255, 95, 86)), (30, (255, 189, 46)), (48, (39, 201, 63))):
        canvas.ellipse([(x - 6, 9), (x + 6, 21)], fill=colour)
    canvas.text((150, 10), "Untitled - drawing", fill=tuple(255 - v for v in grey))
    return np.asarray(image, np.float64)


def screenshot(hand: Hand) -> Floats:
    return window(hand, (0, 0, 0), (255, 255, 255), (225, 227, 230))


def dark_screenshot(hand: Hand) -> Floats:
    return window(hand, (230, 230, 90), (20, 20, 22), (50, 52, 56))


def sketchpad_with_a_grid(hand: Hand) -> Floats:
    x, y = (value * SIDE / 2 for value in grid())
    cover = ((np.abs(x % 40) < 1) | (np.abs(y % 40) < 1)) * 0.25
    return inked(inked(np.full((SIDE, SIDE, 3), 255.0), cover, (0, 0, 0)), hand.cover(pen=16), (0, 0, 0))


def cell(
    hand: Hand,
    margin: float,
    thick: tuple[float, ...] = (),
    bend: float = 0,
    reach: float = 9,
    broken: tuple[float, float] = (1, 0),
) -> Floats:
    """Return a digit or letter in a cell of a table, with `margin` of the cell's side around its lines.

    `thick` are the widths of the lines left, above, right and below, of the cell's side; `bend` is how far lines sag,
    `reach` how far they go beyond the corners, `broken` how long their dashes and gaps are, all of the side.
    """
    widths = np.array(thick or (hand.random.uniform(0.015, 0.07),) * 4)
    side = int(hand.random.integers(90, 220))
    size = round(side * (1 + 2 * margin))
    x, y = ((value + 1) * (0.5 + margin) - margin for value in grid((size, size)))  # 0 to 1 in the cell
    bent = bend * hand.random.choice([-1, 1])
    cover = np.zeros((size, size))
    for across, along, at, width in zip((x, y, x, y), (y, x, y, x), (0, 0, 1, 1), widths, strict=True):
        away = np.abs(across - at - bent * 4 * along * (1 - along)) - width / 2
        away = np.maximum(away, np.maximum(-reach - along, along - 1 - reach))
        away = np.maximum(away, along % sum(broken) - broken[0])
        cover = np.maximum(cover, np.clip(0.5 - away * side, 0, 1))
    paper = inked(np.ones((size, size, 3)) * PAPER, cover, BLACK)
    extent = hand.random.uniform(0.4, 0.6) / (1 + 2 * margin)
    written = hand.cover(size, size, extent, pen=max(side * hand.random.uniform(0.035, 0.06), 2), stray=0.02)
    return lit(hand, inked(paper, written, BLUE), blur=0.5)


def cell_without_a_margin(hand: Hand) -> Floats:
    return cell(hand, 0)


def cell_cropped_10_percent_beyond(hand: Hand) -> Floats:
    return cell(hand, 0.1)


def cell_cropped_20_percent_beyond(hand: Hand) -> Floats:
    return cell(hand, 0.2)


def cell_cropped_30_percent_beyond(hand: Hand) -> Floats:
    return cell(hand, 0.3)


def cell_cropped_40_percent_beyond(hand: Hand) -> Floats:
    return cell(hand, 0.4)


def cell_cropped_50_percent_beyond(hand: Hand) -> Floats:
    return cell(hand, 0.5)


def cell_with_two_thick_lines(hand: Hand) -> Floats:
    thick, fine = hand.random.uniform(0.07, 0.1), hand.random.uniform(0.015, 0.025)
    return cell(hand, hand.random.uniform(0.2, 0.35), (thick, fine, fine, thick))


def cell_with_one_thick_line(hand: Hand) -> Floats:
    thick, fine = hand.random.uniform(0.06, 0.1), hand.random.uniform(0.012, 0.025)
    widths = [fine] * 4
    widths[hand.random.integers(4)] = thick
    return cell(hand, hand.random.uniform(0, 0.5), tuple(widths))


def cell_of_its_own(hand: Hand) -> Floats:
    return cell(hand, hand.random.uniform(0.05, 0.5), reach=0)


def cell_with_lines_that_end(hand: Hand) -> Floats:
    return cell(hand, hand.random.uniform(0.1, 0.5), reach=hand.random.uniform(0.05, 0.3))


def cell_with_curved_lines(hand: Hand) -> Floats:
    return cell(hand, hand.random.uniform(0, 0.5), bend=hand.random.uniform(0.015, 0.05))


def box_of_dots(hand: Hand) -> Floats:
    thick = hand.random.uniform(0.02, 0.04)
    dots = thick, thick * hand.random.uniform(1, 2.5)
    return cell(hand, hand.random.uniform(0.05, 0.5), (thick,) * 4, reach=0, broken=dots)


def box_of_dashes(hand: Hand) -> Floats:
    dashes = hand.random.uniform(0.08, 0.14), hand.random.uniform(0.05, 0.1)
    return cell(hand, hand.random.uniform(0.05, 0.5), (hand.random.uniform(0.015, 0.04),) * 4, reach=0, broken=dashes)


def on_a_dotted_line(hand: Hand) -> Floats:
    pixels, x = hand.written(pen=11, stray=0), np.arange(20, 380)
    high = np.ptp(np.concatenate(hand.strokes)[:, 1])
    row = int(SIDE / 2 + 100 * high + hand.random.uniform(0, 12))
    pixels[row : row + 4, x[x % hand.random.integers(9, 14) < 4]] = BLACK
    return lit(hand, pixels)


def circled(hand: Hand) -> Floats:
    """Return a character in a ring drawn by hand with the same pen."""
    turns = np.linspace(0, 2 * np.pi * hand.random.uniform(1.02, 1.12), 80) + hand.random.uniform(0, 2 * np.pi)
    wide = hand.random.uniform(0.9, 1.1)
    radii = hand.random.uniform(115, 150) * (1 + 0.06 * np.sin(2 * turns + hand.random.uniform(0, 2 * np.pi)))
    radii += np.linspace(0, hand.random.uniform(-8, 8), 80)
    ring = np.stack([200 + wide * radii * np.cos(turns), 200 + radii / wide * np.sin(turns)], axis=1)
    image = picture(hand.written(pen=10, extent=0.33, stray=0.03))
    ImageDraw.Draw(image).line([(x, y) for x, y in ring.tolist()], BLUE, 10, "curve")
    return lit(hand, np.asarray(image, np.float64))


def button_beside(hand: Hand) -> Floats:
    """Return the screenshot of a page to draw on, with a coloured button below the character."""
    image = Image.new("RGB", (390, 700), (250, 250, 252))
    cover = hand.cover(340, 340, extent=0.55, pen=16, stray=0.03)
    canvas = picture(inked(np.full((340, 340, 3), 255.0), cover, (0, 0, 0)))
    image.paste(canvas, (25, 125))
    ImageDraw.Draw(image).rounded_rectangle((20, 120, 370, 470), 18, outline=(200, 200, 206), width=2)
    top = 500 + int(hand.random.integers(40))
    ImageDraw.Draw(image).rounded_rectangle((20, top, 185, top + int(hand.random.integers(44, 56))), 12, (0, 110, 250))
    return np.asarray(image, np.float64)


def cell_with_neighbours(hand: Hand) -> Floats:
    margin = hand.random.uniform(0.2, 0.4)
    pixels = cell(hand, margin)
    side, size = len(pixels) / (1 + 2 * margin), len(pixels)
    cover = hand.cover(size, size, 0.5 / (1 + 2 * margin), pen=side * 0.05, stray=0)
    for shift in (-side, side):
        pixels = inked(pixels, ndimage.shift(cover, (0, shift), order=1), BLUE)
    return pixels


KINDS = (
    *(ruled_paper, pencil_on_ruled_paper, ballpoint_on_squares, dark_squares, small_on_squares, dotted_paper),
    *(line_to_write_on, lines_above_and_below, box_of_a_form, row_of_boxes, frame, sheet_on_a_table),
    *(turned_sheet_on_a_table, sticky_note, corner_of_the_sheet, punched_holes, thumb_at_the_border, neighbours_stroke),
    *(screenshot, dark_screenshot, sketchpad_with_a_grid),
)
NEW = (
    *(
        on_the_very_line,
        on_a_short_line,
        touching_its_box,
        box_as_thick_as_the_pen,
        cell_without_a_margin,
        cell_cropped_10_percent_beyond,
        cell_cropped_20_percent_beyond,
    ),
    *(cell_cropped_30_percent_beyond, cell_cropped_40_percent_beyond, cell_cropped_50_percent_beyond),
    *(cell_with_two_thick_lines, cell_with_one_thick_line, cell_of_its_own, cell_with_lines_that_end),
    *(cell_with_curved_lines, box_of_dots, box_of_dashes, on_a_dotted_line, cell_with_neighbours),
    *(large_squares, circled, button_beside),
)
