"""Give the character the pen width and the size that EMNIST's scans have."""

import numpy as np
from scipy import ndimage

from emnist.constants import PENS
from emnist.picture.arrays import Mask, box, resize

THIN, BROAD = PENS["PEN"]  # of the longer side: EMNIST's strokes are mostly between, 0.14 in the median
RAW_SIDE: int = PENS["RAW_SIDE"]  # px, the median of the longer side of EMNIST's scans


def even_pen(ink: Mask) -> Mask:
    """Return `ink` at EMNIST's raw size, the pen widened or narrowed where it is far from EMNIST's.

    Both are done on the signed distance to the outline, so that strokes grow evenly and thin ones survive shrinking.
    """
    ink = np.pad(ink[box(ink)], 1)
    inside = ndimage.distance_transform_edt(ink) - 0.5
    sides = np.array(ink.shape[::-1]) - 2
    longest = max(sides)
    pen = 4 * float(inside[ink].mean())  # the mean distance to the edges of a stroke is a quarter of its width
    wanted = min(max(pen / longest, THIN), BROAD)
    grow = max((wanted * longest - pen) / 2 / (1 - wanted), -float(inside.max()) / 2)
    margin = int(max(grow, 0)) + 1
    outside = ndimage.distance_transform_edt(~np.pad(ink, margin)) - 0.5
    distance = np.where(outside > 0, -outside, np.pad(inside, margin)).astype(np.float32)
    start, stop = margin + 1 - grow, margin + 1 + grow + sides
    width, height = np.maximum(1, np.rint((sides + 2 * grow) * RAW_SIDE / (longest + 2 * grow))).astype(int)
    drawn = resize(distance, width, height, (start, start, *stop)) > -grow
    strokes: Mask = drawn[box(drawn)]
    return strokes
