"""Where a network looked in an image: what it loses when a small square of the ink is erased (Zeiler, Fergus 2014)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emnist.picture.arrays import Floats

PATCH, STRIDE = 7, 3  # px: side of the square that is erased, and the step from one square to the next


def attention(image: NDArray[np.uint8], score: Callable[[NDArray[np.uint8]], Floats]) -> Floats:
    """Return how much each pixel of `image` (28, 28) matters: float (28, 28) in [0, 1].

    `score` gives the log probability (N,) of the answer for images (N, 28, 28).  Each value tells how much that falls
    when the ink around the pixel is erased.
    """
    corners = range(1 - PATCH + STRIDE, len(image), STRIDE)
    windows = [np.s_[max(y, 0) : y + PATCH, max(x, 0) : x + PATCH] for y in corners for x in corners]
    windows = [window for window in windows if image[window].any()]  # erasing paper changes nothing
    erased = np.repeat(image[None], len(windows) + 1, axis=0)
    for copy, window in zip(erased, windows, strict=False):
        copy[window] = 0
    *scores, whole = score(erased)
    heat, covered = np.zeros(image.shape, np.float32), np.zeros(image.shape, np.float32)
    for window, value in zip(windows, scores, strict=True):
        heat[window] += max(whole - value, 0)
        covered[window] += 1
    heat /= np.maximum(covered, 1)
    found: Floats = heat / max(float(heat.max()), 1e-9)
    return found
