"""Printed lines on forms, tables and ruled paper, whether they cross all of the picture or only a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Doubles, Indices, Mask
from emnist.picture.lines import CROSSED, pen_width, run_heights

PIECE = 0.02  # of the longer side: the shortest piece that a line is made of
SEED = 0.045  # of the longer side: the shortest piece that a line is looked for around
SLOPE = 0.12  # the largest rise over run: a camera is held straight within about 7°
BENT = 0.012  # of its length: how far a piece strays from straight
AWAY = 0.006  # of the longer side: how far a piece may lie from the line through another
COVERED = 0.6  # of its length: what a line shows of itself at least
BORDER = 0.01  # of the side of a picture: a line that ends so near to it runs on
LONGER = 2.2  # times the height of the writing: a line is at least so long
CLOSE = 0.12  # of the distance between two lines: how near to both of them a divider ends
WRITTEN_OVER = 1.2  # times the height of a box: so much may be missing at the end of a line that is written over
THINNER = 0.75  # of the pen's width: a divider so thin is no stroke
ALIKE = 0.12  # standard deviation of the distances between dividers over their mean, from which they are none
FEWEST = 3  # dividers that are told by their distances
MANY = 4  # dividers as fine as the lines that they run between are told by their number
TICKS = 4  # of a comb at least, so many that nobody's strokes stand like that by chance
TICKS_KNOWN = 2  # of one whose ticks are as far apart as those of another
SEEN = 0.6  # of the ticks of a comb must be found: others are written over
STRAYS = 0.07  # of the distance from tick to tick: how far one may be from its place
TALL = 1.4  # times that distance: the space for a character over a comb


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


@dataclass(frozen=True)
class Printed:
    """The printed lines across and down a picture, and walls: where none is printed, but a box ends all the same."""

    across: list[Rule]
    down: list[Rule]
    walls_across: list[Rule]
    walls_down: list[Rule]


def find(ink: Mask, traces: Mask) -> Printed:
    """Return the printed lines of a picture, in `traces` (H, W): the `ink` and what is fainter."""
    pen = pen_width(ink)
    side = max(ink.shape)
    level, upright = (_pieces(mask, max(3.0, 1.2 * pen)) for mask in (traces, traces.T))
    across, down = (_candidates(pieces, side) for pieces in (level, upright))
    height, width = _writing(erase(ink, across, down))
    long_across = [line for line in across if line.length > LONGER * width or line.crosses(ink.shape[1])]
    long_down = [line for line in down if line.length > LONGER * height or line.crosses(ink.shape[0])]
    short = [line for line in down if line not in long_down]
    upright_lines = long_down + _dividers(short, long_across, pen)
    found = Printed([_reaching(line, upright_lines) for line in long_across], upright_lines, [], [])
    steps = {line: _add_comb(found, line, upright) for line in found.across}
    if known := [step for step in steps.values() if step]:
        for line in (line for line, step in steps.items() if not step):
            _add_comb(found, line, upright, known)
    ordered = sorted(found.across, key=lambda line: line.at((line.start + line.stop) / 2))
    for upper, lower in pairwise(ordered):
        found.walls_down.extend(_hidden(upper, lower, upright_lines))
    return found


def erase(ink: Mask, across: list[Rule], down: list[Rule]) -> Mask:
    """Return `ink` (H, W) without the lines, except where strokes cross them."""
    for lines in (across, down):
        ink = (ink & ~_covered(ink, lines)).T
    return ink


def _covered(ink: Mask, lines: list[Rule]) -> Mask:
    """Return the pixels of `ink` (H, W) that are lines across it, and no stroke that crosses one."""
    covered = np.zeros_like(ink)
    if not lines:
        return covered
    heights = run_heights(ink)
    for line in lines:
        on = 2 * round(line.thickness) + 1  # to where lines meet: pieces end before that
        columns = np.arange(max(0, round(line.start) - on), min(ink.shape[1], round(line.stop) + on + 1))
        reach = int(line.thickness / 2 + 2)
        rows = np.rint(line.along(columns)).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]  # (rows, columns)
        inside = (rows >= 0) & (rows < ink.shape[0])
        rows = rows.clip(0, ink.shape[0] - 1)
        covered[rows, columns] |= inside & (heights[rows, columns] <= CROSSED * line.thickness + 1)
    return covered & ink


def _candidates(pieces: Pieces, side: int) -> list[Rule]:
    """Return what may be lines: straight rows of thin `pieces`, longest first; `side` is the picture's longer one."""
    free = pieces.stop - pieces.start > PIECE * side
    lines = []
    for seed in np.argsort(pieces.start - pieces.stop):
        if free[seed] and pieces.stop[seed] - pieces.start[seed] > SEED * side:
            members = _in_line(pieces, seed, np.flatnonzero(free), AWAY * side)
            free[members] = False
            lines.append(_joined(pieces, members))
    return lines


def _pieces(traces: Mask, thickest: float) -> Pieces:
    """Return the connected parts of `traces` (H, W) that are no thicker, fairly straight and level."""
    heights = run_heights(traces)
    labels, count = ndimage.label((heights > 0) & (heights <= thickest), np.ones((3, 3)))
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
            fitted = _joined(pieces, np.array(found))
            slope, offset = fitted.slope, fitted.offset
    return np.array(found)


def _joined(pieces: Pieces, members: Indices) -> Rule:
    """Return the line through the middles and ends of several pieces."""
    start, stop, slope, offset, thickness = (
        values[members] for values in (pieces.start, pieces.stop, pieces.slope, pieces.offset, pieces.thickness)
    )
    x = np.concatenate([start, stop])
    y = np.concatenate([offset + slope * start, offset + slope * stop])
    weights = np.tile(np.sqrt(stop - start), 2)
    rise, at = np.polyfit(x, y, 1, w=weights)
    order = np.argsort(thickness)
    half = np.cumsum((stop - start)[order]).searchsorted((stop - start).sum() / 2)
    return Rule(float(start.min()), float(stop.max()), float(rise), float(at), float(thickness[order][half]))


def _writing(ink: Mask) -> tuple[float, float]:
    """Return the typical height and width, px, of the parts of `ink`, each counted by its size; 0, 0 without ink."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    if not count:
        return 0.0, 0.0
    sizes = np.bincount(labels.ravel())[1:]
    spans = ndimage.find_objects(labels)
    order = [[(span[axis].stop - span[axis].start) for span in spans] for axis in (0, 1)]
    high, wide = (_middle(np.array(lengths), sizes) for lengths in order)
    return high, max(wide, high)


def _middle(values: Indices, weights: Indices) -> float:
    """Return the median of `values`, each counted `weights` times."""
    order = np.argsort(values)
    return float(values[order][np.cumsum(weights[order]).searchsorted(weights.sum() / 2)])


def _dividers(lines: list[Rule], across: list[Rule], pen: float) -> list[Rule]:
    """Return those of the short `lines` down the picture that divide rows of boxes.

    They run from one of the lines `across` to another, and are thinner than the pen, evenly apart, or many and fine.
    """
    found = []
    ordered = sorted(across, key=lambda line: line.at((line.start + line.stop) / 2))
    for i, upper in enumerate(ordered):
        for lower in ordered[i + 1 :]:
            between = [line for line in lines if _divides(line, upper, lower)]
            even = len(between) >= FEWEST and _are_even([line.at(line.start) for line in between])
            fine = 1.3 * max(upper.thickness, lower.thickness) + 0.5
            many = sum(line.thickness < fine for line in between) >= MANY
            most = np.inf if even else max(fine if many else 0.0, THINNER * pen)
            found += [line for line in between if line.thickness < most and line not in found]
    return found


def _hidden(upper: Rule, lower: Rule, down: list[Rule]) -> list[Rule]:
    """Return the dividers of a row of boxes that strokes hide, which the others tell by their distances."""
    places = np.array([line.at((line.start + line.stop) / 2) for line in down if _divides(line, upper, lower)])
    if len(places) < FEWEST:
        return []
    first, step = _comb(places, upper)
    if not step:
        return []
    wanted = np.arange(first, upper.stop + STRAYS * step, step)
    missing = wanted[np.abs(wanted[:, None] - places).min(axis=1) >= STRAYS * step + 1].tolist()
    return [
        Rule(upper.at(x), lower.at(x), -upper.slope, x + upper.slope * upper.at(x), upper.thickness) for x in missing
    ]


def _divides(line: Rule, upper: Rule, lower: Rule) -> bool:
    middle = line.at((line.start + line.stop) / 2)
    top, bottom = upper.at(middle), lower.at(middle)
    slack = 3 + WRITTEN_OVER * (bottom - top)
    if not max(upper.start, lower.start) - slack <= middle <= min(upper.stop, lower.stop) + slack:
        return False
    near = CLOSE * (bottom - top) + 2
    return abs(line.start - top) < near and abs(line.stop - bottom) < near


def _reaching(line: Rule, down: list[Rule]) -> Rule:
    """Return a `line` across, continued to those `down` that end at it: its own end may be written over."""
    start, stop = line.start, line.stop
    for other in down:
        slack = WRITTEN_OVER * other.length
        for end in (other.start, other.stop):
            place = other.at(end)
            beside = line.start - slack < place < line.stop + slack
            if beside and abs(end - line.at(place)) < CLOSE * other.length + 2:
                start, stop = min(start, place), max(stop, place)
    return replace(line, start=start, stop=stop)


def _are_even(places: list[float]) -> bool:
    gaps = np.diff(np.sort(places))
    return bool(gaps.min() > 0 and gaps.std() < ALIKE * gaps.mean())


def _add_comb(printed: Printed, line: Rule, upright: Pieces, known: Sequence[float] = ()) -> float:
    """Add to `printed` the ticks that stand evenly apart on a `line` across, and walls between the boxes they mean.

    Return their distance, 0 if it is no comb.  Of ticks as far apart as in `known` combs, a few will do.
    """
    across = upright.offset + upright.slope * upright.stop
    places = line.offset + line.slope * across
    stands = (np.abs(upright.stop - places) < 1.5 * line.thickness + 2) & (upright.thickness < 1.5 * line.thickness + 1)
    stands &= (across > line.start - 3) & (across < line.stop + 3)
    ticks = np.flatnonzero(stands)
    if any(_meets(other, line) for other in printed.down):
        return 0.0
    first, step = _comb(across[ticks], line, known)
    if not step:
        return 0.0
    at = np.arange(first, line.stop + STRAYS * step, step)
    near = ticks[np.abs(across[ticks][:, None] - at).min(axis=1) < STRAYS * step + 1]
    printed.down.extend(_joined(upright, near[[i]]) for i in range(len(near)))
    above = [line.offset - other.offset for other in printed.across if 0.6 * step < line.offset - other.offset]
    tall = min([TALL * step, *above])
    printed.walls_across.append(Rule(line.start, line.stop, line.slope, line.offset - tall, line.thickness))
    for x in at:
        foot = line.at(float(x))
        printed.walls_down.append(Rule(foot - tall, foot, -line.slope, float(x) + line.slope * foot, line.thickness))
    return step


def _meets(upright: Rule, line: Rule) -> bool:
    """Tell whether a line down the picture ends at or crosses `line`: then there are boxes already."""
    place = line.at(upright.at(upright.stop))
    return upright.start < place - 2 and upright.stop > place - 2 * line.thickness - 3


def _comb(places: Doubles, line: Rule, known: Sequence[float] = ()) -> tuple[float, float]:
    """Return the first of the even ticks along all of `line` that most of `places` are, and their distance; or 0, 0.

    If distances are `known`, it is one of these.
    """
    best, found, fewest = 0.0, (0.0, 0.0), TICKS_KNOWN if known else TICKS
    for one in places:
        for step in places[places > one] - one:
            if known and min(abs(step / each - 1) for each in known) > STRAYS:
                continue
            if not known and not 3 * line.thickness + 3 < step < line.length / 2:
                continue
            first = one - step * np.floor((one - line.start + STRAYS * step) / step)
            wanted = np.arange(first, line.stop + STRAYS * step, step)
            seen = np.abs(wanted[:, None] - places).min(axis=1) < STRAYS * step + 1
            astray = np.abs(wanted[:, None] - places).min(axis=0) > STRAYS * step + 1
            score = float(2 * seen.sum() - len(wanted) - astray.sum())
            if len(wanted) >= fewest and seen.mean() >= SEEN and score > best:
                best, found = score, (float(first), float(step))
    return found
