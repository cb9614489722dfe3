"""Give the character the pen width and the size that EMNIST's scans have."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emnist.constants import PENS
from emnist.picture.arrays import Doubles, Mask, bordered, box, resize, those

THIN, BROAD = PENS["PEN"]  # limits of pen width over longer side: EMNIST's are mostly between, 0.14 in the median
SHORT = 180  # px: greatest side whose square fits twice into 16 bits
RAW_SIDE: int = PENS["RAW_SIDE"]  # px, the median of the longer side of EMNIST's scans

Whole = NDArray[np.integer[Any]]


def even_pen(ink: Mask) -> Mask:
    """Return `ink` at EMNIST's raw size, the pen widened or narrowed where it is far from EMNIST's.

    Pen and size are changed on the signed distance to the outline.  So strokes grow evenly, and thin ones survive
    shrinking.
    """
    ink = bordered(ink[box(ink)], 1)
    inside = _distances(ink, np.inf) - 0.5
    sides = np.array(ink.shape[::-1]) - 2
    longest = max(sides)
    pen = 4 * float(those(inside, ink).mean())  # the mean distance to the edges of a stroke is a quarter of its width
    wanted = min(max(pen / longest, THIN), BROAD)
    grow = max((wanted * longest - pen) / 2 / (1 - wanted), -float(inside.max()) / 2)
    margin = int(max(grow, 0)) + 1
    # Only so far are distances needed: no pixel of the result mixes pixels farther away with the outline.
    outside = _distances(~bordered(ink, margin), grow + 2 * longest / RAW_SIDE + 3) - 0.5
    distance = np.negative(outside, dtype=np.float32, casting="same_kind")
    np.copyto(distance[margin:-margin, margin:-margin], inside, "same_kind", ink)
    start, stop = margin + 1 - grow, margin + 1 + grow + sides
    width, height = np.maximum(1, np.rint((sides + 2 * grow) * RAW_SIDE / (longest + 2 * grow))).astype(int)
    drawn = resize(distance, width, height, (start, start, *stop)) > -grow
    strokes: Mask = drawn[box(drawn)]
    return strokes


def _distances(mask: Mask, most: float) -> Doubles:
    """Return how far each pixel of `mask` (H, W) is from the nearest that is not of it, if that is at most `most`.

    Elsewhere it is anything more; 0 beside the mask.  First along columns, then along rows (Felzenszwalb and
    Huttenlocher 2012), where few steps are enough for strokes: a sixth of the time of distance_transform_edt.
    """
    far = max(mask.shape)
    number = np.uint16 if far <= SHORT else np.int32
    down, step = np.where(mask, number(far), number(0)), 1
    while step <= min(most, far):  # every distance is a sum of such steps
        _lower(down, down, step, step)
        step *= 2
    squares = np.ascontiguousarray((down * down).T)
    nearest, step = squares.copy(), 1
    while step <= most and step * step < nearest.max():
        _lower(nearest, squares, step, step * step)
        step += 1
    distances: Doubles = np.sqrt(nearest, dtype=np.float64).T
    return distances


def _lower(lengths: Whole, before: Whole, step: int, cost: int) -> None:
    """Lower each of `lengths` (H, W) to what `before` says `step` rows above or below, and the `cost` of that way."""
    beside = before + before.dtype.type(cost)
    np.minimum(lengths[step:], beside[:-step], out=lengths[step:])
    np.minimum(lengths[:-step], beside[step:], out=lengths[:-step])
