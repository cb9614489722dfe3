"""Marks (pen strokes or pieces of ink): which stand in one row, in what order, and which may belong together.

A mark is described by its box x0, y0, x1, y1 (y down) and by its distances to the marks around it.
"""

from collections.abc import Sequence

import numpy as np

from emnist.constants import MARKS
from emnist.picture.arrays import Doubles, Floats, Indices, Mask
from emnist.text.search import Group

# Least height of a body, in usual heights (the upper quartile of all marks); lower ones are dots and bars.
TALL: float = MARKS["TALL"]
PAIR: float = MARKS["PAIR"]  # the same for two marks alone, in heights of the taller one: i and a long dot
ALONG: float = MARKS["ALONG"]  # least vertical overlap of bodies in one line, as a share of the smaller one's height
WINDOW = 5  # consecutive atoms, from left to right, among which all atoms of a group lie
MOST = 5  # most atoms of a group: marks of one character
MEETS: float = MARKS["MEETS"]  # largest gap, in usual heights, from a body alone in its line to one that it joins
STEEP: float = MARKS["STEEP"]  # slope of lines from which on they are levelled to find what stands in them
PAIRS: int = MARKS["PAIRS"]  # least number of pairs of bodies that tell the slope
COLUMN: int = MARKS["COLUMN"]  # least number of bodies alone in their lines that are a column, if not SMALL
LOOSEST = 0.9  # greatest `looseness` of a group, in line heights; 0.4 % of validation writers' characters are looser
LARGEST_DOT = 0.7  # longest side of a dot or accent, in heights of the line; quick hands draw it as a stroke
DOT_OF_BODY = 1.1  # the same, in heights of the body below it
OVER = 0.5  # how far a dot may hang down beside its body, as a share of the body's height
SMALL: float = MARKS["SMALL"]  # height, in usual heights, below which a body alone in its line may be a dot or an arm
OFF: float = MARKS["OFF"]  # largest gap between such a dot and its letter, in usual heights; lines are farther
# Of points, commas, hyphens and dashes before a line (bullets), in heights of the line:
POINT, COMMA = MARKS["POINT"], MARKS["COMMA"]  # longest side of each
HYPHEN, BULLET = MARKS["HYPHEN"], MARKS["BULLET"]  # least and greatest length; least gap to the rest, greatest length
CLEAR: float = MARKS["CLEAR"]  # least gap to the characters around them
# In neighbours' heights, from the top: points begin below LOW, commas also end below 1 + HANGS; a hyphen's MIDDLE.
LOW, HANGS = MARKS["LOW"], MARKS["HANGS"]
MIDDLE: list[float] = MARKS["MIDDLE"]
FLAT: float = MARKS["FLAT"]  # width over height above which a long mark is a line, even a wavy one
LONG: float = MARKS["LONG"]  # least width of such a line, in usual heights
BY: float = MARKS["BY"]  # largest gap from it to what it stands by, in the same; to a T's roof it is larger
THROUGH: float = MARKS["THROUGH"]  # share of a mark's height, at top and foot, where a line does not strike it out
PER_ATOM = 8  # most groups of several marks that begin at one atom; the least loose are kept


def lines(boxes: Doubles) -> Mask:
    """Tell which marks (N, 4) are long lines under, over or between several others, as in a heading or a fraction.

    A line through others strikes them out, and one beside them may be a dash.
    """
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    usual = np.quantile(high, 0.75)
    flat = (wide > FLAT * high) & (wide > LONG * usual)
    shared = np.minimum(boxes[:, None, 2], boxes[:, 2]) - np.maximum(boxes[:, None, 0], boxes[:, 0])
    away = np.maximum(boxes[:, None, 1] - boxes[:, 3], boxes[:, 1] - boxes[:, None, 3])
    level = (boxes[:, 1::2].mean(axis=1)[:, None] - boxes[:, 1]) / np.maximum(high, 1e-9)  # of each in each other
    others = (shared >= wide / 2) & (away < BY * usual) & ~flat & (high >= TALL * usual)
    through = others & (level > THROUGH) & (level < 1 - THROUGH)
    found: Mask = flat & (others.sum(axis=1) > 1) & (through.sum(axis=1) < others.sum(axis=1) / 2)
    return found


def levelled(boxes: Doubles) -> Doubles:
    """Return the marks `boxes` (N, 4) raised or lowered so that their lines are level, if these are steep.

    A steep line falls apart into several; what is left of it tells how steep it is.
    """
    slope = _slope(boxes, rows(boxes))
    raised = slope * boxes[:, [0, 2]].mean(axis=1, keepdims=True) * [0, 1, 0, 1]
    return boxes - raised if abs(slope) > STEEP else boxes


def _slope(boxes: Doubles, found: Sequence[Sequence[int]]) -> float:
    """Return how far the feet of bodies sink to the right, over the way there: the median of all pairs in the rows."""
    high = boxes[:, 3] - boxes[:, 1]
    usual = float(np.quantile(high, 0.75))
    feet = np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]], axis=1)  # (N, 2): x, y
    bodies = [feet[[mark for mark in row if high[mark] >= TALL * usual]] for row in found]
    pairs = [np.triu_indices(len(row), 1) for row in bodies]
    across, down = np.concatenate([row[b] - row[a] for row, (a, b) in zip(bodies, pairs, strict=True)]).T
    apart = across > usual / 2  # not strokes of one character
    return float(np.median(down[apart] / across[apart])) if apart.sum() >= PAIRS else 0.0


def rows(boxes: Doubles) -> list[list[int]]:
    """Return the indices of the marks `boxes` (N, 4) in each line, from left to right, the uppermost line first."""
    high = boxes[:, 3] - boxes[:, 1]
    usual = float(np.quantile(high, 0.75))
    pair = len(boxes) == 2 and high[boxes[:, 3].argmin()] < PAIR * high.max()
    bodies = np.flatnonzero(high >= (PAIR * high.max() if pair else TALL * usual))
    row = _join(boxes, bodies)
    alone = [body for body in bodies if (row == row[body]).sum() == 1]
    tall = SMALL * usual if len(alone) >= COLUMN else np.inf
    for body in alone:
        if high[body] < tall and (row == row[body]).sum() == 1:  # the arm of a Y may stand above all else
            row[body] = row[_nearest(boxes, int(body), usual)]
    for mark in np.setdiff1d(np.arange(len(boxes)), bodies):
        row[mark] = row[bodies[_distances(boxes[mark], boxes[bodies]).argmin()]]
    names = np.unique(row)
    upright = sorted(names, key=lambda name: float(boxes[row == name][:, [1, 3]].mean()))
    centre = boxes[:, 0] + boxes[:, 2]
    return [sorted(np.flatnonzero(row == name).tolist(), key=lambda i: (centre[i], i)) for name in upright]


def _join(boxes: Doubles, bodies: Indices) -> Indices:
    """Return a number a mark, the same for bodies that stand beside each other, through others in between.

    Each body looks for its nearest neighbour on either side, so that a line may climb or fall; one whose foot stands as
    low is nearer.
    """
    row = np.arange(len(boxes))
    centre, foot = boxes[:, 0] + boxes[:, 2], boxes[:, 3]
    for body in bodies:
        shared = np.minimum(boxes[body, 3], boxes[bodies, 3]) - np.maximum(boxes[body, 1], boxes[bodies, 1])
        least = np.minimum(boxes[body, 3] - boxes[body, 1], boxes[bodies, 3] - boxes[bodies, 1])
        beside = bodies[(shared >= ALONG * np.maximum(least, 1e-9)) & (bodies != body)]
        away = centre[beside] - centre[body]
        for side in (beside[away >= 0], beside[away <= 0]):
            if len(side):
                nearest = side[(np.abs(centre[side] - centre[body]) + 2 * np.abs(foot[side] - foot[body])).argmin()]
                row[row == row[nearest]] = row[body]
    return row


def _nearest(boxes: Doubles, body: int, usual: float) -> int:
    """Return the mark that meets `body`, as a rule above or below it, or `body` itself if none does.

    What is smaller than the `usual` height of a body may be a dot, and farther off.
    """
    away = _distances(boxes[body], boxes)
    away[body] = np.inf
    nearest = int(away.argmin())
    high = boxes[body, 3] - boxes[body, 1]
    within = usual * (OFF if high < SMALL * usual else MEETS)
    return nearest if away[nearest] <= within else body


def _distances(box: Doubles, others: Doubles) -> Doubles:
    """Return how far `box`, perhaps a dot, is from each of `others`; 0 where they meet.

    A dot stands above its body, so the way across counts double.  What lies above a dot is of the line before, so the
    way up counts double as well.
    """
    across = np.maximum(np.maximum(others[:, 0] - box[2], box[0] - others[:, 2]), 0)
    down = np.maximum(np.maximum(others[:, 1] - box[3], 2 * (box[1] - others[:, 3])), 0)
    distances: Doubles = np.hypot(2 * across, down)
    return distances


def height(boxes: Doubles) -> float:
    """Return how high most characters of a line are: as its taller marks, and at least a tenth of its longest side."""
    sizes = boxes[:, 3] - boxes[:, 1]
    largest = max(float((boxes[:, 2:] - boxes[:, :2]).max()), 1e-9)
    return max(float(np.quantile(sizes, 0.75)), 0.1 * largest)


def punctuation(boxes: Doubles) -> Mask:
    """Tell which marks (N, 4) of a line, from left to right, are points, commas, colons and hyphens.

    The network has no class for them.  They are small, apart from the characters around them, and neither above nor
    below one.
    """
    boxes = boxes / height(boxes)
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    long = np.maximum(wide, high)
    flat = (long > HYPHEN[0]) & (long < np.where(np.arange(len(boxes)), HYPHEN[1], BULLET[1])) & (wide > 2 * high)
    found = np.zeros(len(boxes), bool)
    for i in sorted(np.flatnonzero((long < COMMA) | flat), key=lambda i: -boxes[i, 3]):
        across = np.maximum(boxes[:, 0] - boxes[i, 2], boxes[i, 0] - boxes[:, 2])
        down = np.maximum(boxes[:, 1] - boxes[i, 3], boxes[i, 1] - boxes[:, 3])
        others = (long >= COMMA) & (np.arange(len(boxes)) != i)
        tall = np.flatnonzero(others & (high >= TALL))
        beside = [*tall[tall < i][-1:], *tall[tall > i][:1]]
        if not beside or across[others].min() <= 0 or np.maximum(across, down)[others].min() < CLEAR:
            continue
        below = (boxes[i, 1::2, None] - boxes[beside, 1]) / high[beside]  # of those beside it, (2, 1 or 2)
        low, middle = below[0].min() > LOW, below.mean(axis=0)
        column = across <= 0  # itself, and what stands above or below: a colon's other point, or the dot of an i
        point = long[i] < POINT and (low or (found & column).any())
        comma = long[i] < COMMA and low and below[1].min() > 1 + HANGS and column.sum() == 1
        between = len(beside) == 2 or (i == 0 and across[others].min() > BULLET[0])
        hyphen = flat[i] and between and MIDDLE[0] < middle.min() <= middle.max() < MIDDLE[1]
        found[i] = point or comma or hyphen
    return found


def groups(boxes: Doubles, apart: Doubles) -> list[Group]:
    """Return the sets of neighbouring marks that may be one character; `boxes` are in heights of the line."""
    found: list[Group] = []
    for first in range(len(boxes)):
        grown: list[Group] = [(first,)]
        for group in grown:  # the list grows during the loop
            more = range(group[-1] + 1, min(first + WINDOW, len(boxes)))
            grown += [(*group, atom) for atom in more if len(group) < MOST]
        ranked: list[tuple[float, Group]] = []
        for size in range(2, MOST + 1):
            sized = [group for group in grown if len(group) == size]
            ranked += zip(looseness(sized, boxes, apart), sized, strict=True)
        found += [grown[0], *(group for much, group in sorted(ranked)[:PER_ATOM] if much <= LOOSEST)]
    return found


def looseness(groups: Sequence[Group], boxes: Doubles, apart: Doubles) -> list[float]:
    """Return how little each of `groups` looks like one character: its marks are far apart, side by side, or wide.

    All groups have the same number of marks.  A dot may stand far from its letter, so this pair counts half.
    """
    if not groups:
        return []
    members = np.array(groups)
    own = boxes[members]  # (groups, marks, 4)
    link, gap = _longest_gaps(apart[members[:, :, None], members[:, None]]), _asides(own)
    wide = own[:, :, 2].max(axis=1) - own[:, :, 0].min(axis=1)
    much = link + 1.5 * gap + 0.5 * np.maximum(wide - 1.0, 0.0)
    if members.shape[1] == 2:
        much = np.where([dotted(pair) for pair in own], 0.5 * (link + gap), much)
    loose: list[float] = much.tolist()
    return loose


def dotted(boxes: Doubles) -> bool:
    """Tell whether two marks in `boxes`, in heights of the line, stand like a body and the dot or accent over it."""
    if len(boxes) != 2:
        return False
    dot, body = boxes[boxes[:, 3].argsort()]
    size, high = float((dot[2:] - dot[:2]).max()), float(body[3] - body[1])
    return size < min(LARGEST_DOT, DOT_OF_BODY * high) and float(dot[3]) < float(body[1]) + OVER * high


def _asides(boxes: Doubles) -> Doubles:
    """Return the widest gap from left to right in each of several groups of `boxes`, (groups, marks, 4); 0 for none."""
    by_left = np.take_along_axis(boxes, boxes[:, :, :1].argsort(axis=1), axis=1)
    gaps = by_left[:, 1:, 0] - np.maximum.accumulate(by_left[:, :-1, 2], axis=1)
    widest: Doubles = gaps.max(axis=1, initial=0.0)
    return widest


def _longest_gaps(apart: Doubles) -> Doubles:
    """Return the longest gap to bridge to connect each of several groups of marks, `apart` (groups, marks, marks)."""
    for via in range(apart.shape[1]):  # the path whose longest gap is shortest (Floyd 1962)
        apart = np.minimum(apart, np.maximum(apart[:, :, via, None], apart[:, None, via]))
    longest: Doubles = apart[:, 0, 1:].max(axis=1, initial=0.0)
    return longest


def joints(groups: Sequence[Group], around: Doubles, apart: Doubles) -> Floats:
    """Return the clues (2, G, G) of `Weights.joint`: how much two groups overlap horizontally, and whether they touch.

    For a crowded line these arrays take most of the memory: 500 strokes make 4,500 groups.
    """
    left, right = (around[:, [0, 2]] - around[:, 0].min()).T.astype(np.float32)
    wide = np.maximum(right - left, np.float32(0.1))
    found = np.empty((2, len(groups), len(groups)), np.float32)
    overlap = np.minimum(right[:, None], right, out=found[0])
    overlap -= np.maximum(left[:, None], left)
    overlap /= np.minimum(wide[:, None], wide)
    np.clip(overlap, 0, 1, out=overlap)
    found[1] = _touching(groups, apart)
    return found


def _touching(groups: Sequence[Group], apart: Doubles) -> Mask:
    member = np.zeros((len(groups), len(apart)), np.float32)
    for index, group in enumerate(groups):
        member[index, list(group)] = 1
    close = (apart < 0.03).astype(np.float32)
    touching: Mask = member @ close @ member.T > 0
    return touching
