"""Rows of boxes for one character each, as they are printed on forms of many kinds."""

from collections.abc import Callable

import numpy as np

from tests.sheets import SIDE, Box, Sheet
from train.images.words import Hand, Random

WIDEST = 1100  # px: greatest width of most sheets
LENGTHS = (2, 14)  # least number of boxes in a row, and the greatest plus one
Printer = Callable[[Sheet, Box, int], list[Box]]  # prints so many boxes like the first one, and returns them


def walls_between(sheet: Sheet, first: Box, count: int) -> list[Box]:
    x, y, wide, high = first
    for y0 in (y, y + high):
        sheet.rule(x, y0, x + count * wide, y0)
    for i in range(count + 1):
        sheet.rule(x + i * wide, y, x + i * wide, y + high)
    return [(x + i * wide, y, wide, high) for i in range(count)]


def apart(sheet: Sheet, first: Box, count: int) -> list[Box]:
    x, y, wide, high = first
    gap = sheet.random.uniform(0.1, 0.5) * wide + sheet.thick
    boxes = [(x + i * (wide + gap), y, wide, high) for i in range(count)]
    for box in boxes:
        sheet.frame(box)
    return boxes


def comb(sheet: Sheet, first: Box, count: int) -> list[Box]:
    x, y, wide, high = first
    sheet.rule(x, y + high, x + count * wide, y + high)
    tick = sheet.random.uniform(0.2, 0.4) * high
    for i in range(count + 1):
        sheet.rule(x + i * wide, y + high - tick, x + i * wide, y + high)
    return [(x + i * wide, y, wide, high) for i in range(count)]


def with_signs(sheet: Sheet, first: Box, count: int) -> list[Box]:
    """Print groups of boxes with a slash, a hyphen or a point between them."""
    x, y, wide, high = first
    sign, boxes = str(sheet.random.choice(["/", "-", "."])), []
    while len(boxes) < count:
        some = min(int(sheet.random.integers(1, 4)), count - len(boxes))
        boxes += walls_between(sheet, (x, y, wide, high), some)
        x += some * wide + 0.15 * wide
        if len(boxes) < count:
            x = sheet.caption(x, y + 0.75 * high, 0.55 * high, sign) + 0.15 * wide
    return boxes


def round_corners(sheet: Sheet, first: Box, count: int) -> list[Box]:
    x, y, wide, high = first
    boxes = [(x + i * 1.25 * wide, y, wide, high) for i in range(count)]
    for box in boxes:
        sheet.rounded(box, sheet.random.uniform(0.08, 0.2) * wide)
    return boxes


def shaded(sheet: Sheet, first: Box, count: int) -> list[Box]:
    sheet.shade((*first[:2], count * first[2], first[3]), (sheet.random.uniform(200, 232),) * 3)
    return walls_between(sheet, first, count)


def white(sheet: Sheet, first: Box, count: int) -> list[Box]:
    boxes = (apart if sheet.random.random() < 0.5 else walls_between)(sheet, first, count)
    for box in boxes:
        sheet.shade(box, (252, 252, 252))
    return boxes


def thick_frame(sheet: Sheet, first: Box, count: int) -> list[Box]:
    sheet.thick = min(sheet.thick, 3)
    x, y, wide, high = first
    sheet.frame((x, y, count * wide, high), sheet.random.uniform(2, 4) * sheet.thick)
    return walls_between(sheet, first, count)


def twice(sheet: Sheet, first: Box, count: int) -> list[Box]:
    sheet.thick = min(sheet.thick, 0.04 * first[2] + 0.5)
    off = 2 * sheet.thick + sheet.random.uniform(1, 3)
    boxes = walls_between(sheet, first, count)
    inner = [(x + off, y + off, wide - 2 * off, high - 2 * off) for x, y, wide, high in boxes]
    for box in inner:
        sheet.frame(box)
    return inner


def rows(
    print_boxes: Printer,
    hand: Hand,
    random: Random,
    dashes: tuple[tuple[float, float], tuple[float, float]] | None = None,
    tint: float = 0,
    beside: bool = False,
) -> Sheet:
    """Return one to three rows of boxes, most with a caption.

    `dashes` are the lengths of dashes and gaps in line widths, `tint` how far from white the paper is; with `beside`,
    free writing stands below the boxes.
    """
    side = float(np.exp(random.uniform(*np.log(SIDE))))
    wide, high = side * random.uniform(0.8, 1), side
    lengths = random.integers(*LENGTHS, int(random.integers(1, 4))).clip(2, int((WIDEST - 100) / (1.6 * wide)))
    pitch = high * random.uniform(1.6, 2.4) + 12
    size = 100 + 1.6 * wide * max(lengths), 90 + pitch * (len(lengths) + beside)
    sheet = Sheet.blank(hand, random, *size, side)
    if tint:
        colour = (255, 255, 255) - tint * random.uniform(0, 1, 3)
        sheet.shade((0, 0, *size), tuple(colour.tolist()))
    if dashes:
        sheet.thick = max(min(sheet.thick, 3), 1.5)
        sheet.broken = tuple(sheet.thick * random.uniform(*lengths_) for lengths_ in dashes)  # type: ignore[assignment]
    for number, count in enumerate(lengths.tolist()):
        y = 50 + number * pitch
        if random.random() < 0.6:
            sheet.caption(50, y - 0.1 * side - 4, random.uniform(0.2, 0.32) * side)
        sheet.fill(print_boxes(sheet, (50, y + 0.15 * side, wide, high), count), sheet.signs(count))
    if beside:
        sheet.write(sheet.word(), 60, 50 + (len(lengths) + 0.75) * pitch, 0.75 * side)
    return sheet
