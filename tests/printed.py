"""Kinds of printed forms, each filled in by one hand: boxes, combs, fields, tables, cards, graph paper."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import ImageDraw

from tests.boxed import apart, comb, round_corners, rows, shaded, thick_frame, twice, walls_between, white, with_signs
from tests.sheets import SIDE, Box, Sheet
from train.images.words import Hand, Random

HEADINGS = ["No.", "Item", "Price", "Day"]
SQUARES = ((165, 180, 205), (150, 150, 155), (90, 110, 160))  # colours of the lines of graph paper
TURNED = (1.5, 3.0)  # degrees by which forms are turned that are scanned askew


def field(sheet: Sheet, x: float, y: float, wide: float, high: float, caption: str = "") -> float:
    """Print a field at least so `wide` around what is written in it, with a `caption` where it says; return its end."""
    small = max(8, 0.2 * high)
    if caption == "beside":
        x = sheet.caption(x, y + 0.65 * high, 1.5 * small) + 10
    elif caption == "above":
        sheet.caption(x, y - 0.1 * high - 3, 1.2 * small)
    elif caption == "inside":
        sheet.caption(x + 4, y + small + 5, small)
    foot, tall = y + high * sheet.random.uniform(0.86, 0.93), sheet.random.uniform(0.45, 0.55) * high
    said = sheet.signs(int(sheet.random.integers(2, 9)), 0) if caption == "copied" else sheet.word()
    if caption == "copied":
        sheet.caption(x, y - 0.1 * high - 3, 1.5 * small, said)
    end = sheet.write(said, x + 0.25 * high, foot, tall) + 0.3 * high
    sheet.frame((x, y, max(wide, end - x), high))
    return max(x + wide, end)


def fields_with_captions(hand: Hand, random: Random, caption: str = "") -> Sheet:
    """Return rows of fields; a `caption` that is "copied" says what is to be written, as on NIST's forms."""
    high, columns = random.uniform(36, 80), int(random.integers(1, 3))
    lines = int(random.integers(1, 4))
    sheet = Sheet.blank(hand, random, 120 + columns * 13 * high, 100 + lines * 2 * high, high)
    caption = caption or str(random.choice(["above", "beside", "inside"]))
    for line in range(lines):
        x = 40.0
        for _ in range(columns):
            x = field(sheet, x, 60 + 2 * line * high, random.uniform(3, 6) * high, high, caption) + 0.5 * high
    return sheet


def page_of_a_form(hand: Hand, random: Random) -> Sheet:
    """Return a page of 150 mm: a heading, rows of fields and of boxes, 100 to 300 dpi, as NIST's forms are."""
    mm, lines = random.uniform(100, 300) / 25.4, int(random.integers(2, 6))
    high, pitch = random.uniform(8, 12) * mm, random.uniform(16, 20) * mm
    sheet = Sheet.blank(hand, random, 150 * mm, 25 * mm + lines * pitch, high)
    sheet.thick, sheet.pen = random.uniform(0.25, 0.7) * mm, random.uniform(0.4, 0.8) * mm
    sheet.caption(10 * mm, 12 * mm, random.uniform(3, 6) * mm, "Handwriting sample form")
    caption = str(random.choice(["above", "inside", "beside"]))
    for line in range(lines):
        x, y = 10 * mm, 22 * mm + line * pitch
        if random.random() < 0.4:
            sheet.caption(x, y - 1.5 * mm, 2.2 * mm)
            count = int(random.integers(3, 15))
            sheet.fill(walls_between(sheet, (x, y, 0.85 * high, high), count), sheet.signs(count))
            continue
        while x < 90 * mm:
            x = field(sheet, x, y, random.uniform(20, 60) * mm, high, caption) + 6 * mm
    return sheet


def table_with_headings(hand: Hand, random: Random) -> Sheet:
    high, columns, lines = random.uniform(32, 70), int(random.integers(2, 5)), int(random.integers(2, 5))
    widths = random.uniform(3, 5, columns) * high
    sheet = Sheet.blank(hand, random, 80 + widths.sum(), 80 + (lines + 1) * high, high)
    edges = 40 + np.append(0, np.cumsum(widths))
    for y in 40 + high * np.arange(lines + 2):
        sheet.rule(40, y, edges[-1], y)
    for left in edges:
        sheet.rule(left, 40, left, 40 + high * (lines + 1))
    for left in edges[:-1]:
        sheet.caption(left + 0.2 * high, 40 + 0.65 * high, 0.3 * high, str(random.choice(HEADINGS)))
        for line in range(1, lines + 1):
            if random.random() < 0.8:
                foot = 40 + high * (line + random.uniform(0.8, 0.9))
                sheet.write(sheet.signs(int(random.integers(1, 4)), 0), left + 0.4 * high, foot, 0.55 * high)
    if not sheet.rows:
        sheet.write(sheet.signs(2, 0), 40 + 0.4 * high, 40 + 1.85 * high, 0.55 * high)
    return sheet


def card(hand: Hand, random: Random) -> Sheet:
    """Return five by three letters in boxes."""
    side = random.uniform(100, 160)
    sheet = Sheet.blank(hand, random, 5 * side + 120, 3 * side + 120, side)
    sheet.photographed = True
    letters = [c for c in hand if c.isupper()]
    for line in range(3):
        boxes = walls_between(sheet, (60, 60 + line * side, side, side), 5)
        sheet.fill(boxes, "".join(random.choice(letters, 5)))
    return sheet


def graph_paper(hand: Hand, random: Random, cells: int = 1) -> Sheet:
    """Return squared paper with one character in each of some cells, or free writing that is `cells` high."""
    side = random.uniform(*((14, 30) if cells > 1 else (30, 60)))
    wide, high = int(random.integers(9, 16)) * cells, 4 * cells
    sheet = Sheet.blank(hand, random, side * wide, side * high, side * cells)
    sheet.thick, sheet.colour = random.uniform(1, 2), SQUARES[random.integers(3)]
    x, y = random.uniform(0, side, 2)
    for at in np.arange(x, side * wide, side):
        sheet.rule(at, 0, at, side * high)
    for at in np.arange(y, side * high, side):
        sheet.rule(0, at, side * wide, at)
    if cells > 1:
        sheet.write(sheet.word(), x + side, y + 2.5 * cells * side, random.uniform(0.7, 1) * cells * side)
    else:
        text = sheet.signs(int(random.integers(3, wide - 3)))
        sheet.fill([(x + (1 + i) * side, y + side, side, side) for i in range(len(text))], text)
    return sheet


def one_box_alone(hand: Hand, random: Random) -> Sheet:
    side = random.uniform(*SIDE)
    sheet = Sheet.blank(hand, random, 6 * side, 4 * side, side)
    x, y = random.uniform(1, 4) * side, random.uniform(1, 2) * side
    sheet.fill(walls_between(sheet, (x, y, 0.9 * side, side), 1), sheet.signs(1, 0))
    return sheet


def words_over_a_dotted_line(hand: Hand, random: Random) -> Sheet:
    high = random.uniform(20, 60)
    sheet = Sheet.blank(hand, random, 18 * high, 4 * high, high)
    sheet.thick = min(sheet.thick, 3)
    sheet.broken = (sheet.thick, sheet.thick * random.uniform(1, 2.5))
    start = sheet.caption(20, 2.5 * high, 0.35 * high) + 10 if random.random() < 0.5 else 20
    end = sheet.write(sheet.word(), start + 0.5 * high, random.uniform(2.3, 2.6) * high, high)
    sheet.rule(start, 2.55 * high, max(end + high, 16 * high), 2.55 * high)
    return sheet


def numbered_list(hand: Hand, random: Random) -> Sheet:
    """Return words below each other, each behind its number or letter in type."""
    high, count = random.uniform(20, 60), int(random.integers(2, 5))
    sheet = Sheet.blank(hand, random, 11 * high, (1 + 1.8 * count) * high, high)
    marks, end = ("1234", "ABCD")[int(random.integers(2))], str(random.choice([".", ")", ":"]))
    small = random.uniform(0.5, 0.9) * high
    for line in range(count):
        foot = (1.6 + 1.8 * line) * high
        x = sheet.caption(0.4 * high, foot, small, marks[line] + end) + random.uniform(0.4, 1.2) * high
        sheet.write(sheet.word(), x, foot, high)
    return sheet


def date(hand: Hand, random: Random) -> Sheet:
    """Return a date, DD/MM/YYYY, in boxes or combs with slashes between them."""
    side = random.uniform(*SIDE)
    sheet = Sheet.blank(hand, random, 13 * side, 3.2 * side, side)
    x, y, wide = side, 1.2 * side, random.uniform(0.75, 0.95) * side
    sheet.caption(x, y - 0.25 * side, 0.28 * side, "Date of birth")
    boxes: list[Box] = []
    for name, count in (("DD", 2), ("MM", 2), ("YYYY", 4)):
        if boxes:
            x = sheet.caption(x, y + 0.8 * side, 0.6 * side, "/") + 0.1 * side
        boxes += walls_between(sheet, (x, y, wide, side), count)
        sheet.caption(x, y + 1.35 * side, 0.22 * side, name)
        x += count * wide + 0.1 * side
    sheet.fill(boxes, "".join(random.choice([c for c in hand if c.isdigit()], 8)))
    return sheet


def name_cut_out(hand: Hand, random: Random) -> Sheet:
    """Return one field cut out of a form of low resolution: a caption in type and a word beside it, nearly as small."""
    high = random.uniform(12, 26)
    sheet = Sheet.blank(hand, random, 24 * high, random.uniform(1.6, 2.6) * high, 2 * high)
    foot, said = 0.5 * (sheet.ground.height + high), str(random.choice(["NAME:", "FIRST NAME:", "CITY", "BORN:"]))
    x = sheet.caption(0.3 * high, foot, random.uniform(0.5, 0.8) * high, said) + random.uniform(0.3, 1) * high
    end = sheet.write(sheet.word(), x, foot, high)
    sheet.thick, sheet.broken = 1, [None, (1.0, 2.0)][int(random.integers(2))]
    if random.random() < 0.5:
        sheet.rule(x, foot + 0.15 * high, max(end, 22 * high), foot + 0.15 * high)
    return sheet


def amount_on_a_cheque(hand: Hand, random: Random) -> Sheet:
    """Return a number behind a sign, mostly in a box, on paper with fine waves."""
    high = random.uniform(20, 60)
    sheet = Sheet.blank(hand, random, 9 * high, 2.5 * high, 2 * high)
    wide, tall = sheet.ground.size
    tint, x = tuple(random.integers(190, 235, 3).tolist()), np.arange(wide)
    wave = 0.12 * high * np.sin(x / random.uniform(6, 30))
    for y in np.arange(0, tall, random.uniform(5, 12)):
        ImageDraw.Draw(sheet.ground).line(list(zip(x.tolist(), (y + wave).tolist(), strict=True)), tint)
    foot = 1.75 * high
    start = sheet.caption(0.2 * high, foot, 0.8 * high, str(random.choice(["$", "EUR", "No."]))) + 0.3 * high
    digits = [c for c in hand if c.isdigit()]
    number = "".join(random.choice(digits, int(random.integers(2, 7))))
    end = sheet.write(number, start + 0.4 * high, foot, high)
    if random.random() < 0.7:
        sheet.frame((start, 0.4 * high, max(end - start + 0.4 * high, 4 * high), 1.7 * high))
    return sheet


def pencil(hand: Hand, random: Random) -> Sheet:
    sheet = (rows(walls_between, hand, random), fields_with_captions(hand, random))[random.integers(2)]
    sheet.ink = (random.uniform(130, 175),) * 3
    return sheet


def turned(hand: Hand, random: Random) -> Sheet:
    sheet = rows((walls_between, apart)[random.integers(2)], hand, random)
    sheet.turn = random.uniform(*TURNED) * random.choice([-1, 1])
    return sheet


DOTS, DASHES = ((1, 1), (1, 2.5)), ((3, 8), (1.5, 4))
KINDS: dict[str, Callable[[Hand, Random], Sheet]] = {
    "rows of boxes": partial(rows, walls_between),
    "boxes apart": partial(rows, apart),
    "combs": partial(rows, comb),
    "fields with captions": fields_with_captions,
    "fields with numbers to copy": partial(fields_with_captions, caption="copied"),
    "page of a form": page_of_a_form,
    "table with headings": table_with_headings,
    "boxes of dotted lines": partial(rows, walls_between, dashes=DOTS),
    "boxes of dashed lines": partial(rows, walls_between, dashes=DASHES),
    "signs between boxes": partial(rows, with_signs),
    "round corners": partial(rows, round_corners),
    "shaded boxes": partial(rows, shaded),
    "white boxes on tinted paper": partial(rows, white, tint=50),
    "thick frames": partial(rows, thick_frame),
    "double lines": partial(rows, twice),
    "boxes beside free writing": partial(rows, walls_between, beside=True),
    "photographed card": card,
    "graph paper": graph_paper,
    "free writing on graph paper": partial(graph_paper, cells=3),
    "one box alone": one_box_alone,
    "words over a dotted line": words_over_a_dotted_line,
    "numbered list": numbered_list,
    "date": date,
    "name cut out": name_cut_out,
    "amount on a cheque": amount_on_a_cheque,
    "pencil": pencil,
    "turned": turned,
}
