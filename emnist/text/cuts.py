"""Where touching characters may be cut: along the seams that look most like a border of two characters."""

import math
from dataclasses import dataclass, replace

import numpy as np

from emnist.picture.arrays import Doubles, Indices, Mask, resize
from emnist.text import scenes, seams

SIDE = 40  # px: height to which a higher line is shrunk before seams are looked for
THICK = 3.0  # greatest cost of a seam (see `seams`), in widths of the pen
END = 0.12  # least distance of the ink that a seam is laid through from either end of its part, in heights of the line
NEAR = 0.03  # least distance of that ink from the ink that an earlier seam crosses, in heights of the line
LOOKED = 240  # most seams of one part that are judged


@dataclass(frozen=True)
class Seam:
    """A path through a connected part of the ink, from top to bottom.

    Attributes:
        columns: (H,), in each row of the part, the first column to the right of the seam.
        middle: mean row and column of the ink that it crosses, px.
        odds: the log-odds that the seam is the border of two characters.
    """

    columns: Indices
    middle: Doubles
    odds: float = 0.0


def find(mask: Mask, high: float, pen: float) -> list[Seam]:
    """Return the seams along which a connected part (H, W) may be cut, the most likely border first.

    `high` is the height of the line and `pen` the width of its pen, in px.
    """
    ways = looked(mask, high, pen)
    if not ways:
        return []
    odds = scenes.borders(scenes.draw_sides(mask, high, [(seam.columns, seam.middle) for seam in ways]))
    return [replace(ways[number], odds=float(odds[number])) for number in (-odds).argsort(kind="stable")]


def looked(mask: Mask, high: float, pen: float) -> list[Seam]:
    """Return the seams of a part that cross least ink, each at another place; all of them leave ink on both sides."""
    scale = min(1.0, SIDE / high)
    size = max(2, round(mask.shape[1] * scale)), max(2, round(mask.shape[0] * scale))
    ink = resize(mask.astype(np.float32), *size).astype(np.float64)
    rows = np.clip(((np.arange(len(mask)) + 0.5) * len(ink) / len(mask)).astype(np.intp), 0, len(ink) - 1)
    found = []
    for way in _ways(ink, high * scale, max(pen * scale, 1.0)):
        columns = np.zeros(len(ink), np.intp)
        for row, column in way:
            columns[row] = column
        right = np.arange(ink.shape[1]) >= columns[:, None]
        if (ink[right] > 0.5).any() and (ink[~right] > 0.5).any():
            crossed = [point for point in way if ink[point] > 0.5] or [way[len(way) // 2]]
            whole = np.rint((columns[rows] + 0.5) / scale).astype(np.intp)
            whole = whole.clip(max=mask.shape[1])  # `ink` is wider than the part where that has few pixels
            found.append(Seam(whole, np.mean(crossed, axis=0) / scale))
    return found


def _ways(ink: Doubles, high: float, pen: float) -> list[list[seams.Point]]:
    """Return the seams through `ink` (H, W) that cross least of it; of several near each other, the cheapest."""
    above, below = seams.costs(ink)
    total = above + below - ink
    end = END * high
    column = np.arange(ink.shape[1])
    open_ = (ink > 0.5) & (total <= THICK * pen) & (column > end) & (column < ink.shape[1] - end)
    reach = math.ceil(NEAR * high)
    near = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) < max(NEAR * high, 0.5)
    around = np.pad(np.where(open_, total, np.inf), reach, constant_values=np.inf)
    waiting = around[reach:-reach, reach:-reach]
    found: list[list[seams.Point]] = []
    while len(found) < LOOKED and np.isfinite(waiting.min()):
        row, col = np.unravel_index(int(waiting.argmin()), ink.shape)
        way = seams.through((int(row), int(col)), ink, above, below)
        for y, x in {(int(row), int(col)), *(point for point in way if ink[point] > 0.5)}:
            around[y : y + len(near), x : x + len(near)][near] = np.inf
        found.append(way)
    return found
