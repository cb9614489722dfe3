"""Marks, pen strokes or pieces of ink alike: which stand in one row, in what order, and what may belong together.

A mark is known by its box x0, y0, x1, y1, y down, and by its distances to the marks around it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from emnist.picture.arrays import Doubles, Mask
from emnist.text.search import Group

TALL = 0.45  # a mark so high, of the height of most, is the body of a character; others are dots and bars
ALONG = 0.4  # bodies that share so much of the smaller one's height stand in one line
WINDOW = 5  # a group's atoms are so near in the order from left to right
MOST = 5  # marks of a character
WIDEST = 1.7  # of a group of several strokes, in heights of the line
FARTHEST = 0.6  # from each stroke of a group to the next, in heights of the line
PER_ATOM = 10  # candidates that begin at an atom, the closest first


def rows(boxes: Doubles) -> list[list[int]]:
    """Return for each line of writing the indices of its marks (N, 4), from left to right, the uppermost line first."""
    high = boxes[:, 3] - boxes[:, 1]
    bodies = np.flatnonzero(high >= TALL * np.quantile(high, 0.75))
    row = _join(boxes, bodies)
    for mark in np.setdiff1d(np.arange(len(boxes)), bodies):
        row[mark] = row[bodies[_distances(boxes[mark], boxes[bodies]).argmin()]]
    names = np.unique(row)
    upright = sorted(names, key=lambda name: float(boxes[row == name][:, [1, 3]].mean()))
    centre = boxes[:, 0] + boxes[:, 2]
    return [sorted(np.flatnonzero(row == name).tolist(), key=lambda i: (centre[i], i)) for name in upright]


def _join(boxes: Doubles, bodies: np.ndarray[Any, np.dtype[np.intp]]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return a number a mark, the same for bodies that stand beside each other, through others in between.

    Each body looks for its nearest neighbour on the right, so that a line may climb or fall.
    """
    row = np.arange(len(boxes))
    for body in bodies:
        x0, y0, x1, y1 = boxes[body]
        others = bodies[(boxes[bodies, 0] + boxes[bodies, 2] >= x0 + x1) & (bodies != body)]
        shared = np.minimum(y1, boxes[others, 3]) - np.maximum(y0, boxes[others, 1])
        least = np.minimum(y1 - y0, boxes[others, 3] - boxes[others, 1])
        beside = others[shared >= ALONG * np.maximum(least, 1e-9)]
        if len(beside):
            nearest = beside[np.argmin(boxes[beside, 0] + boxes[beside, 2])]
            row[row == row[nearest]] = row[body]
    return row


def _distances(box: Doubles, others: Doubles) -> Doubles:
    """Return how far `box` is from each of `others`, 0 where they meet; across counts double, for dots stand above."""
    across = np.maximum(np.maximum(others[:, 0] - box[2], box[0] - others[:, 2]), 0)
    down = np.maximum(np.maximum(others[:, 1] - box[3], box[1] - others[:, 3]), 0)
    distances: Doubles = np.hypot(2 * across, down)
    return distances


def height(boxes: Doubles) -> float:
    """Return how high most characters of a line are: of its taller marks, or how wide if none is high."""
    sizes = boxes[:, 3] - boxes[:, 1]
    largest = max(float((boxes[:, 2:] - boxes[:, :2]).max()), 1e-9)
    return max(float(np.quantile(sizes, 0.75)), 0.1 * largest)


def groups(boxes: Doubles, apart: Doubles) -> list[Group]:
    """Return the sets of neighbouring marks that may be one character; `boxes` are in heights of the line."""
    found: list[Group] = []
    for first in range(len(boxes)):
        grown: list[Group] = [(first,)]
        for group in grown:  # grows while it is walked
            for atom in range(group[-1] + 1, min(first + WINDOW, len(boxes))):
                bigger = (*group, atom)
                wide = boxes[list(bigger), 2].max() - boxes[list(bigger), 0].min()
                if len(bigger) <= MOST and wide <= WIDEST:
                    grown.append(bigger)
        near = [(longest_gap(group, apart), group) for group in grown]
        kept = sorted((link, len(group), group) for link, group in near if link <= FARTHEST)
        found += [group for _, _, group in kept[:PER_ATOM]]
    return found


def longest_gap(group: Group, apart: Doubles) -> float:
    """Return the longest gap that must be bridged to connect all atoms of `group`."""
    inside, outside, longest = [group[0]], list(group[1:]), 0.0
    while outside:
        gaps = apart[np.ix_(inside, outside)].min(0)
        longest = max(longest, float(gaps.min()))
        inside.append(outside.pop(int(gaps.argmin())))
    return longest


def joints(groups: Sequence[Group], around: Doubles, apart: Doubles) -> Doubles:
    """Return the clues of `Weights.joint`: how much two groups overlap across, and whether they touch."""
    left, right = around[:, 0], around[:, 2]
    wide = np.maximum(right - left, 0.1)
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    overlap = np.clip(shared / np.minimum(wide[:, None], wide), 0, 1)
    return np.stack([overlap, _touching(groups, apart)])


def _touching(groups: Sequence[Group], apart: Doubles) -> Doubles:
    member: Mask = np.zeros((len(groups), len(apart)), bool)
    for index, group in enumerate(groups):
        member[index, list(group)] = True
    close = (apart < 0.03).astype(float)
    touching: Mask = member @ close @ member.T > 0
    return touching.astype(float)
