"""Types of arrays, and the small helpers that several modules of this package share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Indices = NDArray[np.intp]

LEVELS = 256  # bins of values in [0, 1] for Otsu's threshold
TURNS = np.deg2rad(np.arange(0, 90, 3))  # radians: angles at which a rectangle around an area is tried


def resize(pixels: Floats, width: int, height: int, box: tuple[float, float, float, float] | None = None) -> Floats:
    """Return `pixels` (H, W), or their part in the `box` (left, top, right, bottom), averaged or interpolated."""
    left, _, right, _ = box or (0, 0, pixels.shape[1], 0)
    method = Image.Resampling.BOX if width < right - left else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize((width, height), method, box))


def otsu(values: Floats) -> tuple[float, float]:
    """Return the threshold that best splits `values` in [0, 1], and the share of variance it explains (Otsu 1979)."""
    levels = np.minimum(values.ravel() * LEVELS, LEVELS - 1).astype(np.intp)
    counts = np.bincount(levels, minlength=LEVELS)
    share = counts / counts.sum()
    middles = (np.arange(LEVELS) + 0.5) / LEVELS
    below = np.cumsum(share)[:-1]
    mean = np.cumsum(share * middles)
    between = (mean[-1] * below - mean[:-1]) ** 2 / np.maximum(below * (1 - below), 1e-12)
    best = int(between.argmax())
    variance = float((share * (middles - mean[-1]) ** 2).sum())
    return (best + 1) / LEVELS, float(between[best]) / max(variance, 1e-12)


def those(values: NDArray[Any], mask: Mask) -> NDArray[Any]:
    """Return `values[mask]` of arrays (H, W), in a tenth of the time."""
    return values.ravel()[np.flatnonzero(mask)]


def median(values: NDArray[np.floating[Any]]) -> float:
    """Return the median of `values`, of any shape and at least one, all numbers: np.median's in a third of its time."""
    flat, middle = values.ravel(), values.size // 2
    parted = np.partition(flat, middle)
    return float(parted[middle] if flat.size % 2 else (parted[:middle].max() + parted[middle]) / 2)


def weighted_median(values: NDArray[Any], weights: NDArray[Any]) -> float:
    """Return the median of `values` (N,), each counted `weights` (N,) times."""
    order = np.argsort(values)
    return float(values[order][np.cumsum(weights[order]).searchsorted(weights.sum() / 2)])


def grown(mask: Mask) -> Mask:
    """Return `mask` (H, W) and the pixels beside, above and below it: binary_dilation in a tenth of its time."""
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider


def connected(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Return which connected part of `mask` (H, W) each pixel belongs to, from 1, 0 for none; and how many there are.

    Pixels that touch at a corner are connected.  Only the box around the mask is looked at.
    """
    labels = np.zeros(mask.shape, np.int32)
    if not mask.any():
        return labels, 0
    place = box(mask)
    labels[place], count = ndimage.label(mask[place], np.ones((3, 3)))
    return labels, count


def sides(labels: NDArray[np.int32]) -> Doubles:
    """Return how high and how wide each connected part is, (parts, 2), px; `labels` (H, W) are those of `connected`."""
    spans = ndimage.find_objects(labels)
    return np.array([(y.stop - y.start, x.stop - x.start) for y, x in spans], float).reshape(-1, 2)


def filled(mask: Mask) -> Mask:
    """Return `mask` (H, W) with its holes: binary_fill_holes, where only the box around the mask is looked at."""
    place = box(mask)
    papers, _ = ndimage.label(~bordered(mask[place], 1))
    whole = np.zeros_like(mask)
    whole[place] = (papers != papers[0, 0])[1:-1, 1:-1]
    return whole


def bordered(mask: Mask, width: int) -> Mask:
    """Return `mask` (H, W) with a margin of `width` pixels, all False, on every side."""
    wider = np.zeros((mask.shape[0] + 2 * width, mask.shape[1] + 2 * width), bool)
    wider[width : width + mask.shape[0], width : width + mask.shape[1]] = mask
    return wider


def edged(pixels: Floats, width: int) -> Floats:
    """Return `pixels` (H, W) with a margin of `width` pixels on every side, which repeat those of the border."""
    height, length = pixels.shape
    wider = np.empty((height + 2 * width, length + 2 * width), np.float32)
    inside = wider[width : width + height]
    inside[:, width : width + length] = pixels
    inside[:, :width], inside[:, width + length :] = pixels[:, :1], pixels[:, -1:]
    wider[:width], wider[width + height :] = inside[0], inside[-1]
    return wider


def outline(mask: Mask) -> Mask:
    """Return the pixels of `mask` (H, W) that have a neighbour outside it; the border has no neighbours beyond it."""
    return mask & grown(~mask)


def rim(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels (2 H + 2 W,) along the border of `pixels` (H, W)."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def from_border(labels: NDArray[np.int32], count: int) -> Mask:
    """Tell of each label from 0 to `count` whether it touches the border of `labels` (H, W)."""
    touches = np.zeros(count + 1, dtype=bool)
    touches[rim(labels)] = True
    return touches


def box(ink: Mask) -> tuple[slice, slice]:
    """Return the rows and columns that hold all of `ink` (H, W)."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def shrink(ink: Mask, factor: int) -> Mask:
    """Return `ink` (H, W) smaller by a whole `factor`, sides rounded up; a pixel is ink if any it stands for is."""
    if factor == 1:
        return ink
    height, width = (-(-side // factor) for side in ink.shape)
    padded = np.pad(ink, ((0, height * factor - ink.shape[0]), (0, width * factor - ink.shape[1])))
    rows = np.logical_or.reduce([padded[i::factor] for i in range(factor)])
    small: Mask = np.logical_or.reduce([rows[:, i::factor] for i in range(factor)])
    return small


def rectangle(area: Mask) -> tuple[Doubles, Doubles]:
    """Return the axes (2, 2) of the smallest rectangle around `area` (H, W), and its outline (points, 2) in them."""
    points = np.argwhere(outline(bordered(area, 1))) - 1
    axes = np.array([[np.cos(TURNS), -np.sin(TURNS)], [np.sin(TURNS), np.cos(TURNS)]])  # (row or column, axis, turn)
    areas = (np.ptp(points @ axes[:, 0], axis=0) + 1) * (np.ptp(points @ axes[:, 1], axis=0) + 1)
    tightest: Doubles = axes[..., areas.argmin()]
    return tightest, points @ tightest


def fills_rectangle(area: Mask) -> float:
    """Return the share that `area` (H, W) fills of the smallest rectangle around it."""
    return float(area.sum() / (np.ptp(rectangle(area)[1], axis=0) + 1).prod())
