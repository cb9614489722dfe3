"""Where characters that touch may be cut: along seams that look more like a border of two characters than others."""

from dataclasses import dataclass

import numpy as np

from emnist.picture.arrays import Doubles, Indices, Mask, resize
from emnist.text import seams

SIDE = 40  # px, the height of the line at which seams are looked for
THICK = 3.0  # widths of the pen: a seam goes through no more ink
END = 0.12  # of the height of the line: a seam crosses ink at least so far from the ends of its part
NEAR = 0.06  # of the height: seams that are looked at cross ink so far from each other
LOOKED = 60  # seams of a part that are looked at
CUTS = 4.0  # cuts for a width of one height
APART = 0.14  # of the height: cuts cross ink so far from each other
RING = 2.2  # widths of the pen from where a seam crosses ink: how many strokes meet there
TURNS = np.linspace(0, 2 * np.pi, 32, endpoint=False)  # around that ring
# What each clue of `Seam.clues` adds to the log-odds of being a border; `python -m train.results.fits cuts` fits it.
BORDER = (0.7, -1.53, 1.08, 1.05, -8.45, -4.34, -3.36, 6.14, 1.92, 0.48, 0.48, 1.02, 1.92, -6.84, -6.85)


@dataclass(frozen=True)
class Seam:
    """A way through a part from top to bottom.

    Attributes:
        columns: (H,), the first column right of it in each row of the part.
        middle: row and column where it crosses ink, in heights of the line.
        clues: (15,), what tells whether it is the border of two characters.
    """

    columns: Indices
    middle: Doubles
    clues: Doubles

    @property
    def odds(self) -> float:
        """The log-odds that this is the border of two characters."""
        return float(self.clues @ BORDER)


def find(mask: Mask, high: float, pen: float) -> list[Seam]:
    """Return where a connected part (H, W) may be cut, from left to right.

    `high` is the height of the line and `pen` the width of its pen, in px.
    """
    found: list[Seam] = []
    for seam in sorted(looked(mask, high, pen), key=lambda seam: -seam.odds):
        if len(found) >= CUTS * mask.shape[1] / high:
            break
        if all(np.hypot(*(seam.middle - other.middle)) > APART for other in found):
            found.append(seam)
    return sorted(found, key=lambda seam: float(seam.middle[1]))


def looked(mask: Mask, high: float, pen: float) -> list[Seam]:
    """Return the seams of a part that cross least ink, each somewhere else; for `find`, and to fit it."""
    scale = min(1.0, SIDE / high)
    size = max(2, round(mask.shape[1] * scale)), max(2, round(mask.shape[0] * scale))
    ink = resize(mask.astype(np.float32), *size).astype(np.float64)
    rows = np.clip(((np.arange(len(mask)) + 0.5) * len(ink) / len(mask)).astype(np.intp), 0, len(ink) - 1)
    part = _Part(ink > 0.5, high * scale, max(pen * scale, 1.0))
    found = []
    for way, cost in _ways(ink, part):
        columns = np.zeros(len(ink), np.intp)
        for row, column in way:
            columns[row] = column
        crossed = np.array([point for point in way if part.ink[point]] or [way[len(way) // 2]])
        if (clues := part.clues(columns, crossed, cost)) is not None:
            whole = np.rint((columns[rows] + 0.5) / scale).astype(np.intp)
            found.append(Seam(whole, crossed.mean(axis=0) / part.high, clues))
    return found


def _ways(ink: Doubles, part: "_Part") -> list[tuple[list[seams.Point], float]]:
    """Return the cheapest seams and the ink they cross, none near where a cheaper one crosses it."""
    above, below = seams.costs(ink)
    total = above + below - ink
    end = END * part.high
    column = np.arange(ink.shape[1])
    open_ = (ink > 0.5) & (total <= THICK * part.pen) & (column > end) & (column < ink.shape[1] - end)
    waiting = np.where(open_, total, np.inf)
    places = np.indices(ink.shape)
    found: list[tuple[list[seams.Point], float]] = []
    while len(found) < LOOKED and np.isfinite(best := waiting.min()):
        row, col = np.unravel_index(int(waiting.argmin()), ink.shape)
        way = seams.through((int(row), int(col)), ink, above, below)
        for y, x in {(int(row), int(col)), *(point for point in way if ink[point] > 0.5)}:
            waiting[np.hypot(places[0] - y, places[1] - x) < max(NEAR * part.high, 0.5)] = np.inf
        found.append((way, float(best)))
    return found


class _Part:
    """A part (H, W) of a line that is `high` px high and written with a pen `pen` px wide."""

    def __init__(self, ink: Mask, high: float, pen: float) -> None:
        self.ink, self.high, self.pen = ink, high, pen
        inked = ink.any(axis=0)
        self.top = np.where(inked, ink.argmax(axis=0), len(ink))
        self.foot = np.where(inked, len(ink) - 1 - ink[::-1].argmax(axis=0), -1)

    def clues(self, columns: Indices, crossed: Indices, cost: float) -> Doubles | None:
        """Return the clues of a seam that crosses ink at `crossed` (N, 2), or None if all ink is on one side."""
        right = np.arange(self.ink.shape[1]) >= columns[:, None]
        sides = [self.ink & ~right, self.ink & right]
        if not (sides[0].any() and sides[1].any()):
            return None
        spans = [np.flatnonzero(side.any(axis=0)) for side in sides]
        wide = [min((np.ptp(span) + 1) / self.high, 1.0) for span in spans]
        tall = [min((np.ptp(np.flatnonzero(side.any(axis=1))) + 1) / self.high, 1.2) for side in sides]
        row, column = crossed.mean(axis=0)
        above, below = (min(depth / self.high, 1.0) for depth in self._pockets(crossed, column))
        meeting = self._meeting(row, column)
        return np.array(
            [
                1.0,
                cost / self.pen,
                above,
                below,
                max(above, 0.0) * max(below, 0.0),
                *wide,
                min(wide),
                min(tall),
                min(sides[0].sum(), sides[1].sum()) / (self.pen * self.high),
                float(meeting == 3),
                float(meeting > 3),
                max(0, spans[0][-1] - spans[1][0]) / self.high,  # the sides overlap across
                (spans[0][-1] - column) / self.high,
                (column - spans[1][0]) / self.high,
            ]
        )

    def _pockets(self, crossed: Indices, column: float) -> tuple[float, float]:
        """Return how deep in the outline, from above and from below, a seam first crosses ink."""
        at = int(np.clip(round(column), 0, self.ink.shape[1] - 1))
        over = max(self.top[: at + 1].min(), self.top[at:].min())
        under = min(self.foot[: at + 1].max(), self.foot[at:].max())
        return float(crossed[:, 0].min() - over), float(under - crossed[:, 0].max())

    def _meeting(self, row: float, column: float) -> int:
        """Return how many strokes cross a ring around a point."""
        reach = RING * self.pen + 0.5
        rows = np.rint(row + reach * np.sin(TURNS)).astype(np.intp)
        columns = np.rint(column + reach * np.cos(TURNS)).astype(np.intp)
        inside = (rows >= 0) & (rows < self.ink.shape[0]) & (columns >= 0) & (columns < self.ink.shape[1])
        ring = np.zeros(len(TURNS), bool)
        ring[inside] = self.ink[rows[inside], columns[inside]]
        return int((ring & ~np.roll(ring, 1)).sum())
