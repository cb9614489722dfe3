"""Straight printed lines, and how they are pieced together of what strokes leave of them."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Doubles, Indices, Mask, connected, weighted_median
from emnist.picture.lines import run_heights

PIECE = 0.02  # of the longer side: the shortest piece that a line is made of
SEED = 0.045  # of the longer side: the shortest piece that tells a line alone
CHAIN = 0.135  # of the longer side: the shortest line made of smaller pieces, as that of a comb between its ticks
SLOPE = 0.12  # the largest rise over run: a camera is held straight within about 7°
BENT = 0.012  # of its length: how far a piece strays from straight
AWAY = 0.006  # of the longer side: how far a piece may lie from the line through another
BORDER = 0.01  # of the side of a picture: a line that ends so near to it runs on
COVERED = 0.6  # of its length: what a line shows of itself at least


@dataclass(frozen=True)
class Rule:
    """A printed line from `start` to `stop` along one axis; its middle is at `offset + slope · position` on the other.

    All are px; `thickness` is that in most places.
    """

    start: float
    stop: float
    slope: float
    offset: float
    thickness: float

    @property
    def length(self) -> float:
        """Return how long the line is, px along its axis."""
        return self.stop - self.start

    def crosses(self, side: float) -> bool:
        """Tell whether the line runs from border to border of a picture whose `side` along it is so long, px."""
        return self.start <= BORDER * side and self.stop >= (1 - BORDER) * side - 1

    def at(self, position: float) -> float:
        """Return where the middle of the line is at `position` along it."""
        return self.offset + self.slope * position

    def along(self, positions: Indices) -> Doubles:
        """Return the same for many positions."""
        return np.asarray(self.offset + self.slope * positions, float)


@dataclass(frozen=True)
class Printed:
    """The printed lines across and down a picture, and walls: where none is printed, but a box ends all the same."""

    across: list[Rule]
    down: list[Rule]
    walls_across: list[Rule]
    walls_down: list[Rule]


@dataclass(frozen=True)
class Pieces:
    """Thin and fairly straight pieces of ink; each array holds one value a piece, (pieces,)."""

    start: Doubles
    stop: Doubles
    slope: Doubles
    offset: Doubles
    thickness: Doubles

    @property
    def middle(self) -> Doubles:
        """Return where each piece has its middle, along the axis."""
        return (self.start + self.stop) / 2


def candidates(pieces: Pieces, shape: tuple[int, int]) -> list[Rule]:
    """Return what may be lines across a picture (H, W) of that `shape`: straight rows of thin `pieces`."""
    side, width = max(shape), shape[1]
    free = pieces.stop - pieces.start > PIECE * side
    lines = []
    for seed in np.argsort(pieces.start - pieces.stop):
        if not free[seed]:
            continue
        members = _in_line(pieces, seed, np.flatnonzero(free), AWAY * side)
        line = joined(pieces, members)
        if pieces.stop[seed] - pieces.start[seed] > SEED * side or line.length > CHAIN * side:
            free[members] = False
            lines.append(line)
    return _across_all(lines, width, AWAY * side)


def _across_all(lines: list[Rule], width: int, away: float) -> list[Rule]:
    """Return `lines`, one instead of two that come in from either border and meet: writing may cover the most of it."""
    left = [line for line in lines if line.start <= BORDER * width and not line.crosses(width)]
    right = [line for line in lines if line.stop >= (1 - BORDER) * width - 1 and not line.crosses(width)]
    for one, other in product(left, right):
        first, last = ((line.start + line.stop) / 2 for line in (one, other))
        slope = (other.at(last) - one.at(first)) / (last - first)
        whole = Rule(one.start, other.stop, slope, one.at(first) - slope * first, (one.thickness + other.thickness) / 2)
        strays = [abs(line.at(end) - whole.at(end)) for line in (one, other) for end in (line.start, line.stop)]
        if one in lines and other in lines and max(strays) < away and abs(slope) < SLOPE:
            lines = [line for line in lines if line not in (one, other)] + [whole]
    return lines


def straight(traces: Mask, thickest: float) -> Pieces:
    """Return the connected parts of `traces` (H, W) that are no thicker, fairly straight and level."""
    heights = run_heights(traces)
    labels, count = connected((heights > 0) & (heights <= thickest))
    rows, columns = np.nonzero(labels)
    part = labels[rows, columns]
    total = np.maximum(np.bincount(part, minlength=count + 1), 1).astype(np.float64)

    def mean(values: Doubles | Indices) -> Doubles:
        return np.bincount(part, values, minlength=count + 1) / total

    x, y = mean(columns), mean(rows)
    dx, dy = columns - x[part], rows - y[part]
    xx, xy, yy = mean(dx * dx), mean(dx * dy), mean(dy * dy)
    slope = xy / np.maximum(xx, 1e-9)
    stray = np.sqrt(np.maximum(yy - slope * xy, 0))
    spans = ndimage.find_objects(labels)
    start = np.array([0.0, *(span[1].start for span in spans)])
    stop = np.array([0.0, *(span[1].stop for span in spans)])
    thickness = total / np.maximum(stop - start, 1)
    straight = (stray < 0.5 * thickness + BENT * (stop - start)) & (np.abs(slope) < SLOPE)
    straight &= stop - start > 2 * thickness
    return Pieces(*(values[straight] for values in (start, stop, slope, y - slope * x, thickness)))


def _in_line(pieces: Pieces, seed: int, free: Indices, away: float) -> Indices:
    """Return which of the `free` pieces continue the `seed`, no gap being longer than what was found before it."""
    start, stop, slope, offset = (
        float(values[seed]) for values in (pieces.start, pieces.stop, pieces.slope, pieces.offset)
    )
    found, covered = [seed], stop - start
    rest = free[free != seed]
    while rest.size:
        gaps = np.maximum(pieces.start[rest] - stop, start - pieces.stop[rest])
        best = int(gaps.argmin())
        if gaps[best] > covered * (1 / COVERED - 1):
            break
        piece, rest = rest[best], np.delete(rest, best)
        middle = pieces.middle[piece]
        strayed = abs(pieces.offset[piece] + pieces.slope[piece] * middle - offset - slope * middle)
        if strayed < away and gaps[best] > -away:
            found.append(piece)
            start, stop = min(start, pieces.start[piece]), max(stop, pieces.stop[piece])
            covered += pieces.stop[piece] - pieces.start[piece]
            fitted = joined(pieces, np.array(found))
            slope, offset = fitted.slope, fitted.offset
    return np.array(found)


def joined(pieces: Pieces, members: Indices) -> Rule:
    """Return the line through the middles and ends of several pieces."""
    start, stop, slope, offset, thickness = (
        values[members] for values in (pieces.start, pieces.stop, pieces.slope, pieces.offset, pieces.thickness)
    )
    x = np.concatenate([start, stop])
    y = np.concatenate([offset + slope * start, offset + slope * stop])
    weights = np.tile(np.sqrt(stop - start), 2)
    rise, at = np.polyfit(x, y, 1, w=weights)
    usual = weighted_median(thickness, stop - start)
    return Rule(float(start.min()), float(stop.max()), float(rise), float(at), usual)
