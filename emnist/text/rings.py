"""What is drawn by hand around a word: a ring, a cloud or a box, closed or nearly so."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Doubles, Mask, connected
from emnist.picture.lines import pen_width

MOST = 8  # connected parts, the largest first, that are tested for being a ring
TALL = 0.08  # least height of a part of the writing inside, as a share of the ring's height; there may be several lines
LARGE = 0.25  # least extent of the writing in a ring, over the longer side of the ring; a single part covers the middle
SEEN = 0.75  # share of the views left, right, up and down from these parts that a ring must block; all from one alone


def find(ink: Mask) -> Mask:
    """Return the connected parts of `ink` (H, W) that go around others and do not come between them."""
    labels, _ = connected(ink)
    spans = ndimage.find_objects(labels)
    boxes = np.array([(x.start, y.start, x.stop, y.stop) for y, x in spans], float).reshape(-1, 4)
    sizes = boxes[:, 2:] - boxes[:, :2]
    found = np.zeros_like(ink)
    for i in np.argsort(-sizes.prod(axis=1))[:MOST]:
        inside = (boxes[:, :2] > boxes[i, :2]).all(axis=1) & (boxes[:, 2:] < boxes[i, 2:]).all(axis=1)
        inside &= sizes[:, 1] >= TALL * sizes[i, 1]
        own = labels[spans[i]] == i + 1
        if inside.any() and _surrounds(own, boxes[inside] - np.tile(boxes[i, :2], 2)):
            found[spans[i]] |= own
    return found


def touching(ring: Mask, writing: Mask) -> Mask:
    """Return what of the `writing` (H, W) in a `ring` (H, W) touches it from within: a letter at the frame of a field.

    Most of what is of the ring itself runs along its outer edge.
    """
    outside = ~ndimage.binary_fill_holes(ring)
    edge = ndimage.binary_dilation(outside, np.ones((3, 3)), round(pen_width(ring)) + 1)
    labels, count = connected(ring & writing)
    along = np.bincount(labels.ravel(), edge.ravel(), count + 1) > np.bincount(labels.ravel(), minlength=count + 1) / 2
    along[0] = True
    return ~along[labels]


def _surrounds(ring: Mask, boxes: Doubles) -> bool:
    """Tell whether `ring` (h, w) is around what is in `boxes` (N, 4), x0, y0, x1, y1, and clear of all of it."""
    views = []
    for x0, y0, x1, y1 in boxes.astype(int).tolist():
        row, column = ring[(y0 + y1) // 2], ring[:, (x0 + x1) // 2]
        if ring[y0:y1, x0:x1].any():
            return False
        views += [row[:x0].any(), row[x1:].any(), column[:y0].any(), column[y1:].any()]
    low, high, middle = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0), np.array(ring.shape[::-1]) / 2
    if (high - low).max() < LARGE * max(ring.shape):
        return False
    if len(boxes) == 1:
        return bool(all(views) and (low < middle).all() and (middle < high).all())
    return bool(np.mean(views) >= SEEN and _together(ring, boxes))


def _together(ring: Mask, boxes: Doubles) -> bool:
    """Tell whether nothing of `ring` stands between what is in `boxes`, as the lines of a table do."""
    papers, _ = ndimage.label(~ring)
    middles: NDArray[np.int64] = boxes.reshape(-1, 2, 2).mean(axis=1).astype(np.int64)
    return len({papers[y, x] for x, y in middles.tolist()}) == 1
