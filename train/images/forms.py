"""Forms and pages drawn at random, filled in by hand, with whose ink is where: what tells writing from print.

A page is put together of rows of boxes, combs, fields, tables, lines of type and free writing, on plain, ruled or
squared paper, and then scanned or photographed.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from emnist.picture.arrays import Mask
from train.images import boxed, camera, listed, plotter
from train.images.draft import DOODLES, Draft, blank, canvas, strip
from train.images.press import FINE, Box
from train.images.typeface import number, said, sign
from train.images.words import Hand, Random

COLOURS = ((25, 25, 30), (25, 25, 30), (110, 110, 115), (165, 165, 170), (70, 95, 170), (190, 70, 70), (70, 140, 90))
INKS = ((35, 45, 120), (20, 20, 25), (20, 20, 25), (40, 60, 170), (150, 150, 152), (180, 40, 40))
COPIED, SPACED = 0.2, 0.3  # share of the fields whose caption says what is to be written there, and of these with gaps
LISTED = 0.3  # share of free lines that have a printed number or words before them
SAME_INK = 0.3  # share of the pages that are printed and written in one ink, besides those by chance
CUT_OUT = 0.25  # share of the pages that are lines cut out of pages of low resolution: they are small
PLOTTED = 0.15  # share of the pages whose characters are not a writer's but those of `train.images.plotter`
DRAWN = 0.2  # share of the pages that are a few characters on blank paper
SQUARED = 0.07  # share of the pages that are squared paper with single characters in some of the squares


def draw(hand: Hand, random: Random) -> tuple[Image.Image, NDArray[np.uint8], Mask]:
    """Return a page as it is sent in, what its ink is, and where the boxes for one character each have their middles.

    The ink (H, W) is 0 for lines and where there is none, 1 for type and 2 for writing; the middles are a mask (H, W).
    """
    hand = plotter.hand(random) if random.random() < PLOTTED else hand
    kind = KINDS[int(random.choice(len(KINDS), p=SHARES))]
    page = kind(hand, random)
    if kind is not _drawn:
        _besides(page)
    line, letter, ink = _colours(random)
    ink = letter if random.random() < SAME_INK else ink
    layers = [(page.lines, line, 0), (page.letters, letter, 1), (page.marks, ink, 0), (page.written, ink, 2)]
    return camera.sent(page.ground, layers, page.places, random)


def _cut_out(hand: Hand, random: Random) -> Draft:
    page = strip(hand, random)
    listed.cut_out(page)
    return page


def _drawn(hand: Hand, random: Random) -> Draft:
    """Return blank paper with characters in lines of one height, or each in one of its own."""
    page = canvas(hand, random)
    (wide, tall), y, alike = page.ground.size, random.uniform(0.1, 0.4) * page.high, random.random() < 0.5
    while y < tall - 0.6 * page.high:
        high = page.high * (1 if alike else random.uniform(0.35, 1))
        x = random.uniform(0.1, 1) * high
        count = int(random.integers(1, max(2, int((wide - x) / high))))
        page.write(page.signs(count), x, y + high, high)
        y += high * random.uniform(1.3, 2)
    return page


def _filled(hand: Hand, random: Random) -> Draft:
    page = blank(hand, random)
    (wide, tall), y = page.ground.size, random.uniform(0.2, 1) * page.high
    _ground(page)
    while True:
        part = PARTS[int(random.choice(len(PARTS), p=OFTEN))]
        high = part(page, random.uniform(0.1, 1.5) * page.high, y, wide)
        y += high + random.uniform(0.15, 1.2) * page.high
        if y > tall - 1.5 * page.high:
            return page


def _colours(random: Random) -> list[Sequence[float]]:
    line, ink = COLOURS[random.integers(len(COLOURS))], INKS[random.integers(len(INKS))]
    return [line, line if random.random() < 0.6 else COLOURS[random.integers(len(COLOURS))], ink]


def _ground(page: Draft) -> None:
    """Print ruled or squared paper, or none."""
    random, (wide, tall) = page.random, page.ground.size
    kind = random.random()
    if kind > 0.3:
        return
    pitch = page.high * (random.uniform(1.3, 2.5) if kind < 0.13 else random.uniform(0.3, 1.6))
    pitch, thick = max(pitch, 6.0), random.uniform(0.6, 2.2)
    for y in np.arange(random.uniform(0, pitch), tall, pitch):
        page.rule(0, y, wide, y, thick)
    if kind < 0.04:
        margin = random.uniform(0.05, 0.3) * wide
        page.rule(margin, 0, margin, tall, thick)
    if kind > 0.13:
        for x in np.arange(random.uniform(0, pitch), wide, pitch):
            page.rule(x, 0, x, tall, thick)


def _squares(hand: Hand, random: Random) -> Draft:
    """Return squared paper with one character in each of some squares beside each other."""
    page = blank(hand, random)
    side, (wide, tall) = page.high * random.uniform(1.15, 2), page.ground.size
    page.thick = random.uniform(0.6, 2.5)
    left, top = random.uniform(-side, 0, 2)
    for y in np.arange(top, tall, side):
        page.rule(0, y, wide, y)
    for x in np.arange(left, wide, side):
        page.rule(x, 0, x, tall)
    size = random.uniform(0.5, 0.85)
    for y in np.arange(top + side, tall - side, side * int(random.integers(1, 4))):
        for x in np.arange(left + side * int(random.integers(1, 4)), wide - side * random.uniform(1, 8), side):
            page.place((x, y, side, side))
            if random.random() < 0.85:
                page.put(page.drawing(), (x, y, side, side), size)
    return page


def _besides(page: Draft) -> None:
    """Print now and then a frame along the border, holes, or a solid bar."""
    random, (wide, tall) = page.random, page.ground.size
    pencil = ImageDraw.Draw(page.lines)
    if random.random() < 0.1:
        edge = random.uniform(1, 0.4 * page.high + 2)
        page.frame((edge, edge, wide - 2 * edge, tall - 2 * edge))
    if random.random() < 0.06:
        for _ in range(int(random.integers(1, 4))):
            x, y, r = random.uniform(0, wide), random.uniform(0, tall), page.high * random.uniform(0.2, 0.6)
            pencil.ellipse([FINE * v for v in (x - r, y - r, x + r, y + r)], 255)
    if random.random() < 0.06:
        y, high = random.uniform(0, tall), page.high * random.uniform(0.3, 2)
        pencil.rectangle([FINE * v for v in (0, y, random.uniform(0.2, 1) * wide, y + high)], 255)


def _type(page: Draft, x: float, y: float, wide: float) -> float:
    """Print lines of type."""
    random = page.random
    high = max(page.high * random.uniform(0.25, 1.2), 6)
    lines = int(random.integers(1, 4))
    for line in range(lines):
        text = " ".join(said(random) for _ in range(int(random.integers(1, 5))))
        page.print(text, x, y + high * (1 + 1.7 * line), high)
    return high * (1.7 * lines - 0.4)


def _field(page: Draft, x: float, y: float, wide: float) -> float:
    """Print fields beside each other, with captions, and write into most; or only the lines below them."""
    random, high = page.random, page.high * page.random.uniform(1.3, 2.4)
    place, open_ = int(random.integers(4)), random.random() < 0.35
    if place == 1:
        y += 0.7 * page.high
    while x < wide - 2 * high:
        small = max(page.high * random.uniform(0.25, 0.6), 6)
        text = page.text()
        copied = " ".join(text) if random.random() < SPACED else text
        caption = copied if random.random() < COPIED else said(random)
        if place == 0:
            x = page.print(caption, x, y + 0.7 * high, small * 1.4) + 0.3 * page.high
        elif place == 1:
            page.print(caption, x, y - 0.15 * page.high, small)
        elif place == 2:
            page.print(caption, x + 4, y + small + 4, small)
        end = x + random.uniform(1, 6) * high
        if random.random() < 0.8:
            foot = y + high * random.uniform(0.78, 1.02 if open_ else 0.95)
            tall = page.high * random.uniform(0.85, 1.1)
            end = max(end, page.write(text, x + 0.3 * high, foot, tall) + 0.3 * high)
        page.rule(x, y + high, end, y + high) if open_ else page.frame((x, y, end - x, high))
        x = end + random.uniform(0, 1) * high
        if random.random() < 0.4:
            break
    return high


def _writing(page: Draft, x: float, y: float, wide: float) -> float:
    """Write a line freely, now and then with doodles, rings around words or lines below them."""
    random, high = page.random, page.high
    if random.random() < LISTED:
        mark = (number, said, sign)[int(random.integers(3))](random)
        x = page.print(mark, x, y + high, max(high * random.uniform(0.4, 1.1), 6)) + random.uniform(0.3, 2) * high
    while x < wide - high:
        end = page.write(page.text(), x, y + high, high)
        kind = random.random()
        if kind < 0.12:
            page.put(DOODLES[int(random.integers(len(DOODLES)))](random), (end + 0.5 * high, y, high, high), 1)
            end += 1.5 * high
        elif kind < 0.24:
            _ring(page, (x, y, end - x, high))
        elif kind < 0.34:
            _below(page, x, end, y + high * random.uniform(1.2, 1.5))
        x = end + random.uniform(0.5, 2) * high
        if random.random() < 0.4:
            break
    return high


def _ring(page: Draft, box: Box) -> None:
    """Draw a ring or a box around what is written in `box`, closed or nearly so."""
    random, (x, y, wide, high) = page.random, box
    way = np.linspace(0, 2 * np.pi * random.uniform(0.9, 1.1), 60) + random.uniform(0, 2 * np.pi)
    power = random.choice([1, 1, 0.5, 0.25])  # from an ellipse to a box
    around = np.stack([np.cos(way), np.sin(way)], axis=1)
    around = np.sign(around) * np.abs(around) ** power
    wobble = 1 + 0.03 * np.sin(2 * way[:, None] + random.uniform(0, 6, 2)) + random.normal(0, 0.004, (len(way), 1))
    far = (1.45 if power == 1 else 1.1) * np.array([wide, high]) / 2 + high * random.uniform(0.2, 0.6, 2)
    page.mark(np.array([x + wide / 2, y + high / 2]) + around * wobble * far)


def _below(page: Draft, start: float, end: float, y: float) -> None:
    """Draw one or two lines below a word, straight or in waves."""
    random = page.random
    x = np.linspace(start - 0.1 * page.high, end + 0.1 * page.high, 80)
    wave = random.uniform(0.05, 0.12) * page.high * (random.random() < 0.3)
    bow = random.normal(0, 0.04, 2) * page.high
    line = y + wave * np.sin(x / page.high * random.uniform(6, 12)) + bow[0] * np.linspace(-1, 1, 80) ** 2
    for count in range(int(random.integers(1, 3))):
        page.mark(np.stack([x, line + count * page.high * random.uniform(0.2, 0.35)], axis=1))


PARTS: tuple[Callable[[Draft, float, float, float], float], ...] = (
    *(boxed.draw, _field, _type, _writing, listed.numbered, listed.table),
)
OFTEN = (0.3, 0.2, 0.1, 0.22, 0.1, 0.08)  # probability of each of PARTS
KINDS: tuple[Callable[[Hand, Random], Draft], ...] = (_filled, _cut_out, _drawn, _squares)
SHARES = (1 - CUT_OUT - DRAWN - SQUARED, CUT_OUT, DRAWN, SQUARED)  # probability of each of KINDS
