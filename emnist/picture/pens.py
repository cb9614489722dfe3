"""Give the character the pen width and the size that EMNIST's scans have."""

import numpy as np

from emnist.constants import PENS
from emnist.picture.arrays import Doubles, Mask, bordered, box, resize, those

THIN, BROAD = PENS["PEN"]  # of the longer side: EMNIST's strokes are mostly between, 0.14 in the median
SHORT = 180  # px: two squares of it fit into 16 bits
RAW_SIDE: int = PENS["RAW_SIDE"]  # px, the median of the longer side of EMNIST's scans


def even_pen(ink: Mask) -> Mask:
    """Return `ink` at EMNIST's raw size, the pen widened or narrowed where it is far from EMNIST's.

    Both are done on the signed distance to the outline, so that strokes grow evenly and thin ones survive shrinking.
    """
    ink = bordered(ink[box(ink)], 1)
    inside = _distances(ink, np.inf) - 0.5
    sides = np.array(ink.shape[::-1]) - 2
    longest = max(sides)
    pen = 4 * float(those(inside, ink).mean())  # the mean distance to the edges of a stroke is a quarter of its width
    wanted = min(max(pen / longest, THIN), BROAD)
    grow = max((wanted * longest - pen) / 2 / (1 - wanted), -float(inside.max()) / 2)
    margin = int(max(grow, 0)) + 1
    # Farther than that, no pixel counts: it shares none of the result's pixels with one of the outline.
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

    Elsewhere it is anything more; 0 beside the mask.  First along rows, then along columns (Felzenszwalb and
    Huttenlocher 2012), where few steps are enough for strokes: a fifth of the time of distance_transform_edt.
    """
    far = max(mask.shape)
    columns = np.arange(mask.shape[1], dtype=np.int32)
    before = np.maximum.accumulate(np.where(mask, -far, columns), axis=1)
    after = np.minimum.accumulate(np.where(mask, 2 * far, columns)[:, ::-1], axis=1)[:, ::-1]
    along = np.minimum(np.minimum(columns - before, after - columns), far)
    rows = along.astype(np.uint16 if far <= SHORT else np.int32)
    rows *= rows
    nearest, step = rows.copy(), 1
    while step <= most and step * step < nearest.max():
        aside = rows + rows.dtype.type(step * step)
        np.minimum(nearest[step:], aside[:-step], out=nearest[step:])
        np.minimum(nearest[:-step], aside[step:], out=nearest[:-step])
        step += 1
    distances: Doubles = np.sqrt(nearest, dtype=np.float64)
    return distances
