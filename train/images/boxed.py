"""Rows of boxes for one character each: joined, apart, as a comb, round, double, with signs between them."""

import numpy as np

from train.images.draft import Draft
from train.images.press import Box
from train.images.typeface import said


def draw(page: Draft, x: float, y: float, wide: float) -> float:
    """Print a row of boxes, joined, apart or as a comb, and write a character in most."""
    random = page.random
    side = max(page.high * random.uniform(1.25, 2.2), 12)
    box_wide = side * random.uniform(0.55, 1.15)
    gap = random.choice([0, 0, random.uniform(0.08, 0.5), random.uniform(0.5, 1.2)]) * box_wide
    if random.random() < 0.5:
        y += caption(page, x, y) * 1.1
    style = BOXES[int(random.integers(len(BOXES)))]
    rows = int(random.integers(2, 5)) if not gap and style is _framed and random.random() < 0.3 else 1
    inner: list[Box] = []
    for boxes in _groups(page, (x, y, box_wide, side), gap, wide):
        for row in range(rows):
            inner += style(page, [(left, y + row * side, w, h) for left, _, w, h in boxes], gap)
    filled, size = random.uniform(0.4, 1.1) * (random.random() < 0.92), random.uniform(0.45, 0.8)
    for box in inner:
        page.place(box)
        if random.random() < filled:
            page.put(page.drawing(), box, size * random.uniform(0.85, 1.15))
    return side * rows


def _groups(page: Draft, first: Box, gap: float, wide: float) -> list[list[Box]]:
    """Return the boxes of a row like the `first`, in one group or in several with a sign printed between them."""
    random, (x, y, box_wide, side) = page.random, first
    most = max(1, int((wide - x) / (box_wide + gap)))
    if random.random() > 0.35:
        return [
            [(x + i * (box_wide + gap), y, box_wide, side) for i in range(int(random.integers(1, min(16, most + 1))))]
        ]
    found: list[list[Box]] = []
    sign, size = str(random.choice(list("/-.:,+"))), random.uniform(0.3, 0.65) * side
    foot, room = y + random.uniform(0.6, 0.9) * side, random.uniform(0.03, 0.25) * side
    while x < wide - box_wide and len(found) < 6:
        count = int(random.integers(1, 5))
        found.append([(x + i * (box_wide + gap), y, box_wide, side) for i in range(count)])
        x = page.print(sign, found[-1][-1][0] + box_wide + room, foot, size) + room
    return found


def _framed(page: Draft, boxes: list[Box], gap: float) -> list[Box]:
    if page.random.random() < 0.25:
        shade = page.random.uniform(195, 250, 3 if page.random.random() < 0.3 else 1)
        for box in boxes:
            page.shade(box, np.broadcast_to(shade, 3).tolist())
        if page.random.random() < 0.3:
            return boxes
    for box in boxes:
        page.frame(box)
    if not gap and page.random.random() < 0.2:
        x, y, _, high = boxes[0]
        page.frame((x, y, boxes[-1][0] + boxes[-1][2] - x, high), page.thick * page.random.uniform(1.5, 4))
    return boxes


def _comb(page: Draft, boxes: list[Box], gap: float) -> list[Box]:
    x, y, _, high = boxes[0]
    end = boxes[-1][0] + boxes[-1][2]
    page.rule(x, y + high, end, y + high)
    tick = page.random.uniform(0.12, 0.6) * high
    for box in [*boxes, (end, y, 0, high)]:
        page.rule(box[0], y + high - tick, box[0], y + high)
    return boxes


def _lines_under(page: Draft, boxes: list[Box], gap: float) -> list[Box]:
    for x, y, wide, high in boxes:
        page.rule(x + 0.1 * wide, y + high, x + 0.9 * wide, y + high)
    return boxes


def _round(page: Draft, boxes: list[Box], gap: float) -> list[Box]:
    radius = page.random.uniform(0.06, 0.4) * boxes[0][2]
    for box in boxes:
        page.rounded(box, radius)
    return boxes


def _double(page: Draft, boxes: list[Box], gap: float) -> list[Box]:
    off = min(1.5 * page.thick + page.random.uniform(1, 4), 0.15 * boxes[0][2])
    inner = [(x + off, y + off, wide - 2 * off, high - 2 * off) for x, y, wide, high in boxes]
    for box in boxes + inner:
        page.frame(box)
    return inner


BOXES = (_framed, _framed, _framed, _comb, _comb, _lines_under, _round, _double)


def caption(page: Draft, x: float, y: float) -> float:
    """Print a caption below `y`; return its height."""
    small = max(page.high * page.random.uniform(0.22, 0.75), 6)
    page.print(said(page.random), x, y + small, small)
    return small * 1.3
