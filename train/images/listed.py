"""Lists, tables and lines cut out of forms, partly printed and partly filled in by hand."""

import numpy as np

from train.images.draft import Draft
from train.images.typeface import CAPITALS, DIGITS, said

MARKS = (DIGITS[1:], DIGITS[1:], CAPITALS, CAPITALS.lower())  # what the items of a list are counted by
BY_HAND = 0.65  # share of the lists whose numbers or letters are written, too
LINED = 0.3  # share of the lists whose items stand on printed lines
CAPTIONED, NAMED = 0.5, 0.3  # share of the strips that begin with a caption in type, or by hand
BARE = 0.4  # share of the lists of numbers and letters by hand that have nothing behind them
COUNTED, PRINTED = 0.2, 0.15  # share of the columns of a table that hold running numbers, and words or numbers in type


def cut_out(page: Draft) -> None:
    """Print a caption on a strip and write behind it, often close by and in the same ink; now and then on a line."""
    random, high = page.random, page.high
    wide, tall = page.ground.size
    foot, x = 0.5 * (tall + high) + random.normal(0, 0.1) * high, random.uniform(0, 1.5) * high
    kind, small, room = random.random(), max(high * random.uniform(0.4, 1.1), 6), random.uniform(0.15, 1.5) * high
    if kind < CAPTIONED:
        x = page.print(said(random), x, foot, small) + room
    elif kind < CAPTIONED + NAMED:
        x = page.write(page.signs(int(random.integers(1, 4))), x, foot, small) + room
    end = page.write(page.text(), x, foot, high) if x < wide - 3 * high or random.random() < 0.5 else x
    if random.random() < 0.5:
        page.rule(x, foot + 0.15 * high, max(end, random.uniform(0.5, 1) * wide), foot + 0.15 * high)


def numbered(page: Draft, x: float, y: float, wide: float) -> float:
    """Print or write numbers or letters below each other, and write behind each; return how high that is."""
    random, high = page.random, page.high
    pitch, small = high * random.uniform(1.3, 2.2), max(high * random.uniform(0.4, 1.1), 6)
    marks = MARKS[random.integers(len(MARKS))]
    first, count = int(random.integers(9)), int(random.integers(2, 7))
    before, after = random.choice(["", "", "("]), random.choice(["", ".", ")", ":"])
    room, lined, by_hand = random.uniform(0.2, 1.2) * high, random.random() < LINED, random.random() < BY_HAND
    bare = by_hand and random.random() < BARE
    for line in range(count):
        foot = y + high + line * pitch
        mark = marks[(first + line) % len(marks)]
        if by_hand and mark in page.hand:
            start = page.write(mark, x, foot, high) + room
        else:
            start = page.print(f"{before}{mark}{after}", x, foot, small) + room
        end = start if bare else page.write(page.text(), start, foot, high)
        if lined:
            page.rule(start, foot + 0.1 * high, max(end, 0.9 * wide), foot + 0.1 * high)
    return high + (count - 1) * pitch


def table(page: Draft, x: float, y: float, wide: float) -> float:
    """Print a table with headings, running numbers and words, and write into other cells; return its height."""
    random, high = page.random, page.high * page.random.uniform(1.4, 2.2)
    columns, rows = int(random.integers(2, 6)), int(random.integers(1, 6))
    edges = x + np.append(0, np.cumsum(random.uniform(1.2, 5, columns) * high))
    for row in range(rows + 1):
        page.rule(edges[0], y + row * high, edges[-1], y + row * high)
    for edge in edges:
        page.rule(edge, y, edge, y + rows * high)
    headed, small = random.random() < 0.8, page.high * random.uniform(0.4, 0.8)
    for left in edges[:-1]:
        kind, first = random.random(), int(random.integers(1, 100)) if random.random() < 0.5 else 1
        for row in range(rows):
            place = left + 0.2 * high, y + (row + 0.65) * high, small
            heading = row == 0 and headed
            if heading or kind < COUNTED + PRINTED:
                page.print(str(first + row) if kind < COUNTED and not heading else said(random).split()[0], *place)
            elif random.random() < 0.75:
                foot = y + (row + random.uniform(0.78, 0.95)) * high
                page.write(page.signs(int(random.integers(1, 4))), left + 0.3 * high, foot, page.high)
    return rows * high
