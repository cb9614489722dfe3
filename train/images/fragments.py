"""Pictures made of whole and cut characters that are not one character: pieces, pairs, a neighbour that is cut off.

A program that parts a line of writing sees them at every wrong cut.  They are made from pen strokes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emnist.picture.arrays import Mask, box
from emnist.text.drawing import draw, unit
from train.images.hand import PEN
from train.images.strokes import Drawing

Random = np.random.Generator
Strokes = tuple[NDArray[np.float64], ...]

SIDE = 46  # px: longer side of a whole character, as in EMNIST's scans
LEFT = (0.25, 0.75)  # share that is left of a character or of a stroke when it is cut
SIZES = (0.7, 1.2)  # factor on the size of a character that stands beside another one
GAPS = (-0.12, 0.45)  # gap between two characters, in SIDEs; below 0 they overlap
SHOWN = (0.2, 0.5)  # share of its width that a cut-off neighbour shows


def _drawn(strokes: Sequence[NDArray[np.float64]], random: Random) -> Mask:
    return draw(strokes, SIDE, max(SIDE * random.uniform(*PEN), 1.0))


def _pick(drawings: Sequence[Drawing], random: Random) -> Drawing:
    return drawings[int(random.integers(len(drawings)))]


def piece(drawings: Sequence[Drawing], random: Random) -> Mask:
    """Draw a piece of a character: some of its strokes, part of a stroke, or what is on one side of a cut.

    Many pieces are characters themselves (the stem of an E, half an 8): whoever learns from them must leave those out.
    """
    strokes = _pick(drawings, random).strokes
    if len(strokes) > 1 and random.random() < 0.6:
        kept = random.permutation(len(strokes))[: int(random.integers(1, len(strokes)))]
        return _drawn(_at_origin([strokes[i] for i in kept]), random)
    if random.random() < 0.5:
        return _half(_drawn(strokes, random), random.uniform(*LEFT), random)
    longest = max(range(len(strokes)), key=lambda i: len(strokes[i]))
    count = len(strokes[longest])
    length = max(round(count * random.uniform(*LEFT)), 2)
    first = int(random.integers(0, max(count - length, 0) + 1))
    rest = [strokes[i] for i in range(len(strokes)) if i != longest]
    return _drawn(_at_origin([strokes[longest][first : first + length], *rest]), random)


def _at_origin(strokes: Sequence[NDArray[np.float64]]) -> Strokes:
    """Return `strokes` moved so that their box begins at 0, 0, their size unchanged."""
    low = np.min([stroke.min(0) for stroke in strokes], axis=0)
    return tuple(stroke - low for stroke in strokes)


def _half(mask: Mask, share: float, random: Random) -> Mask:
    """Return `share` of `mask`, cut straight through at one of its four sides."""
    mask = mask[box(mask)]
    across = int(random.integers(2))
    kept = max(round(mask.shape[across] * share), 3)
    window = slice(kept) if random.random() < 0.5 else slice(-kept, None)
    return mask[window] if across == 0 else mask[:, window]


def pair(drawings: Sequence[Drawing], random: Random) -> Mask:
    """Draw two or three characters beside each other: apart, touching, or overlapping a little."""
    count = int(random.choice([2, 2, 2, 3]))
    return _row([_drawn(_sized(_pick(drawings, random).strokes, random), random) for _ in range(count)], random)


def neighbour(drawings: Sequence[Drawing], random: Random) -> Mask:
    """Draw a character with what a cut leaves of its neighbour, on its left or right or on both sides."""
    parts = [_drawn(_pick(drawings, random).strokes, random)]
    sides = random.choice(["left", "right", "right", "both"])
    for side in ("left", "right"):
        if sides in (side, "both"):
            other = _drawn(_sized(_pick(drawings, random).strokes, random), random)
            other = other[box(other)]
            shown = max(round(other.shape[1] * random.uniform(*SHOWN)), 4)
            parts = [other[:, -shown:], *parts] if side == "left" else [*parts, other[:, :shown]]
    return _row(parts, random)


def _sized(strokes: Strokes, random: Random) -> Strokes:
    size = random.uniform(*SIZES)
    return tuple(stroke * size for stroke in unit(strokes))


def _row(parts: Sequence[Mask], random: Random) -> Mask:
    """Return `parts` side by side on a common line, about which they dance a little."""
    inks = [part[box(part)] for part in parts if part.any()]
    tallest = max(len(ink) for ink in inks)
    gaps = [round(random.uniform(*GAPS) * SIDE) for _ in inks]
    canvas = np.zeros((2 * tallest, sum(ink.shape[1] for ink in inks) + sum(abs(gap) for gap in gaps)), bool)
    x = 0
    for ink, gap in zip(inks, gaps, strict=True):
        bottom = min(tallest * 3 // 2 + round(random.normal(0, 0.06) * SIDE), 2 * tallest)
        canvas[max(bottom - len(ink), 0) : bottom, x : x + ink.shape[1]] |= ink[-bottom:]
        x = max(x + ink.shape[1] + gap, 0)
    return canvas
