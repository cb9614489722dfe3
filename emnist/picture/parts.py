"""Which parts of the ink are the character: no specks, no frames, nothing that reaches in from the border."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.picture.arrays import Doubles, Mask, connected, filled, from_border, outline, those

# All lengths are shares of the longer side of the main part, unless said otherwise.
NEAR = 0.2  # gap up to which small parts, such as pieces of a broken stroke, belong to the main one
DOT_ABOVE, DOT_ASIDE = 1.1, 0.45  # the same for a dot, up and across: nearly all of those on i and j that people draw
DOT_SIDE = 0.35  # longest side of a dot
NARROW, DOT_OVER = 0.6, 0.0  # DOT_ASIDE for a main part wider than NARROW: beside one, a dot is a punched hole, or dirt
SPECK = 0.04  # side below which a near part is dirt
DOT = 0.6  # the same, in widths of the main part's pen: a dot is as wide as the pen
SAME_PEN = 0.45  # stroke width, over the main part's, above which a part is a stroke of the same pen, or its dot
PART = 0.4  # side below which a part farther away is dirt; else it is another character, which the network is to refuse
INWARD = 0.25  # nearness to the middle, as a share of the main part's, below which a part is marginal
INWARD_TOUCHING = 0.5  # the same, if it touches the border
BESIDE = 0.3  # gap up to which a marginal part still belongs, if it lies in a square of side 1.5 around the main one
BESIDE_TOUCHING = 0.1  # the same, if it touches the border
BLOB = 2.0  # stroke width, over the main part's, from which on what touches the border is a table, or a finger
OTHER, OTHER_NEAR = 0.6, 1.0  # least size and greatest gap of another whole character, which the network is to refuse
RULE = 0.6  # share of the main part's length and pen: a straight bar beside it that is longer and thinner is printed
LONG_RULE, THICK_RULE = 1.1, 0.85  # the same of a bar longer than the main part: its pen need be only a little thinner
STRAIGHT = 0.02  # greatest standard deviation of such a bar from a straight line, as a share of its length


@dataclass(frozen=True)
class _Parts:
    """Connected parts of the ink; part 0 is the paper.

    Attributes:
        labels: (H, W), which part a pixel belongs to.
        boxes: (parts, row or column, first or past the last).
        sides: (parts,), longer side of each box in px.
        gaps: (parts, rows or columns), px between each box and that of the main part; negative where they overlap.
        inward: (parts,), how near to the middle the outline runs, of 1.
        touches: (parts,), whether the part touches the border.
        main: the part with most outline near the middle.
        pens: (parts,), widths of stroke in px.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    sides: NDArray[np.int64]
    gaps: NDArray[np.int64]
    inward: Doubles
    touches: Mask
    main: int
    pens: Doubles


def character(ink: Mask) -> Mask:
    """Return the parts of `ink` (H, W) that make up the character; raise NoInkError if there are none at all."""
    labels, count = connected(ink)
    if count == 0:
        raise NoInkError("the picture shows only lines: draw a character")
    if count == 1:
        return ink
    parts = _measure(ink, labels, count)
    drop = _is_dirt(parts) | _is_marginal(parts) | _is_frame(parts) | _is_rule(parts)
    drop[0], drop[parts.main] = True, False
    kept: Mask = ~drop[parts.labels] if drop[1:].any() else ink
    return kept


def _measure(ink: Mask, labels: NDArray[np.int32], count: int) -> _Parts:
    at = np.flatnonzero(outline(ink))
    rows, columns = np.divmod(at, ink.shape[1])
    part = labels.ravel()[at]
    lengths = np.bincount(part, minlength=count + 1)
    weights = _nearness(ink.shape[0])[rows] * _nearness(ink.shape[1])[columns]
    nearness = np.bincount(part, weights, minlength=count + 1).astype(np.float64)
    spans = [((rows.start, rows.stop), (columns.start, columns.stop)) for rows, columns in ndimage.find_objects(labels)]
    boxes = np.array([((0, 0), (0, 0)), *spans])
    first, last = boxes[..., 0], boxes[..., 1]
    main = int(nearness.argmax())
    return _Parts(
        labels,
        boxes,
        sides=(last - first).max(axis=1),
        gaps=np.maximum(first - last[main], first[main] - last),
        inward=nearness / np.maximum(lengths, 1),
        touches=from_border(labels, count),
        main=main,
        pens=2 * np.bincount(those(labels, ink), minlength=count + 1) / np.maximum(lengths, 1),
    )


def _nearness(length: int) -> Doubles:
    """Return weights (length,), 0 at either end and 1 in the middle half."""
    weights: Doubles = np.minimum(1, 2 - 4 * np.abs((np.arange(length) + 0.5) / length - 0.5)) ** 2
    return weights


def _is_dirt(parts: _Parts) -> Mask:
    long = parts.sides[parts.main]
    near = (parts.gaps.max(axis=1) < NEAR * long) | _is_dot(parts)
    least = np.where(near, max(DOT * parts.pens[parts.main], SPECK * long), PART * long)
    dirt: Mask = parts.sides < least
    return dirt


def _is_marginal(parts: _Parts) -> Mask:
    """Tell which parts keep to the border, unless close enough to the main part to be a stroke of it."""
    long = parts.sides[parts.main]
    outside = parts.inward < np.where(parts.touches, INWARD_TOUCHING, INWARD) * parts.inward[parts.main]
    first, last = parts.boxes[..., 0], parts.boxes[..., 1]
    middle = (first + last)[parts.main] / 2
    reach = np.maximum(np.abs(first - middle), np.abs(last - middle)).max(axis=1)
    gaps = parts.gaps.max(axis=1)
    beside = gaps < np.where(parts.touches, BESIDE_TOUCHING, BESIDE) * long
    beside &= ~parts.touches | (parts.pens < BLOB * parts.pens[parts.main])
    near = (gaps < NEAR * long) | ((gaps < OTHER_NEAR * long) & (parts.sides > OTHER * long))
    own = (near & _is_drawn_alike(parts)) | _is_dot(parts)
    marginal: Mask = outside & ~(beside & (reach < 0.75 * long)) & ~own
    return marginal


def _is_drawn_alike(parts: _Parts) -> Mask:
    """Tell which parts are drawn with the main one's pen, clear of the border."""
    alike: Mask = (parts.pens > SAME_PEN * parts.pens[parts.main]) & ~parts.touches
    return alike


def _is_dot(parts: _Parts) -> Mask:
    """Tell which parts are dots set above the main one, as on i and j."""
    long = parts.sides[parts.main]
    aside = DOT_ASIDE if np.ptp(parts.boxes[parts.main, 1]) <= NARROW * long else DOT_OVER
    above = parts.boxes[:, 0, 1] <= parts.boxes[parts.main, 0].mean()
    near = (parts.gaps < np.array([DOT_ABOVE, aside]) * long).all(axis=1)
    dot: Mask = above & near & (parts.sides < DOT_SIDE * long) & _is_drawn_alike(parts)
    return dot


def _is_rule(parts: _Parts) -> Mask:
    """Tell which parts are printed lines beside the main one: straight, long, and thinner than its pen."""
    length, pen = parts.sides / parts.sides[parts.main], parts.pens / parts.pens[parts.main]
    rule: Mask = (length > RULE) & (pen < RULE) | (length > LONG_RULE) & (pen < THICK_RULE)
    rule &= parts.gaps.max(axis=1) >= 0
    return rule & (_spread(parts.labels, len(rule)) < STRAIGHT * parts.sides) if rule.any() else rule


def _spread(labels: NDArray[np.int32], count: int) -> Doubles:
    """Return how far (px, standard deviation) each of `count` parts strays from its own straight line.

    All parts in one pass over the picture: it may hold thousands, and a pass for each would take seconds.
    """
    rows, columns = np.nonzero(labels)
    part = labels[rows, columns]
    pixels = np.maximum(np.bincount(part, minlength=count), 1)

    def mean(values: NDArray[np.generic]) -> Doubles:
        means: Doubles = np.bincount(part, values, count) / pixels
        return means

    y, x = rows - mean(rows)[part], columns - mean(columns)[part]
    down, across, both = mean(y * y), mean(x * x), mean(x * y)
    least = (down + across) / 2 - np.hypot((down - across) / 2, both)  # the lesser eigenvalue of the covariance
    spread: Doubles = np.sqrt(np.maximum(least, 0))
    return spread


def _is_frame(parts: _Parts) -> Mask:
    """Tell which parts go all around the main one, or lie around the paper."""
    main = parts.boxes[parts.main]
    frame: Mask = ((parts.boxes[..., 0] < main[:, 0]) & (parts.boxes[..., 1] > main[:, 1])).all(axis=1)
    for i in np.flatnonzero(frame & ~parts.touches):
        frame[i] = filled(parts.labels == i)[parts.labels == parts.main].all()
    return frame
