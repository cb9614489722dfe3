"""Dotted and dashed printed lines: rows of short, thin marks of ink, close to each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Mask, connected, sides
from emnist.picture.lines import pen_width

FEWEST = 3  # least number of marks in a line
MANY = 16  # least number of marks in all lines together: fewer may be dots and hyphens
THIN = 2.0  # greatest thickness of a mark, in widths of the pen, which comes out narrow for dots
LEAST = 3.0  # px: that limit is never less
LONG = 0.12  # greatest length of a mark, as a share of the picture's longer side
GAP = (1.0, 3.0)  # widest gap: the larger of this many median lengths and this many median thicknesses of a mark
INKED = 0.2  # least share of a line that is ink
CORNER = 2.5  # greatest size of a corner where two lines meet, in median lengths of a mark; what is larger is kept
WRITTEN = 4.0  # in the same measure, the size that some ink must have: else the marks themselves are what is written


@dataclass(frozen=True)
class Dashes:
    """Where dotted and dashed lines run.

    Attributes:
        lines: (H, W), the lines with their gaps closed, each longer by one gap at both ends.
        marks: (H, W), the ink of those of their marks that no stroke touches.
    """

    lines: Mask
    marks: Mask


def find(*inks: Mask) -> Dashes:
    """Return the dotted and dashed lines across and down a picture; `inks` (H, W) are its ink by several thresholds."""
    found = [_find(ink) for ink in inks]
    lines, marks = (np.logical_or.reduce(masks) for masks in zip(*found, strict=True))
    return Dashes(lines, marks)


def _find(ink: Mask) -> tuple[Mask, Mask]:
    labels, count = connected(ink)
    lines, none = np.zeros_like(ink), np.zeros_like(ink)
    if count < MANY:
        return none, none
    high, wide = sides(labels).T
    length, thickest = np.maximum(high, wide), max(LEAST, THIN * pen_width(ink))
    marks = (np.minimum(high, wide) <= thickest) & (length <= LONG * max(ink.shape))
    if marks.sum() < MANY:
        return none, none
    for own, into, thick, long in ((labels, lines, high, wide), (labels.T, lines.T, wide, high)):
        fit = marks & (thick <= np.minimum(thickest, long + 1))
        if fit.any():
            gap = max(GAP[0] * np.median(long[fit]), GAP[1] * np.median(thick[fit]))
            into |= _across(np.where(np.append(False, fit)[own], own, 0), round(gap), thickest)
    on = np.unique(labels[lines & ink]) - 1
    if len(on) < MANY or length.max() < WRITTEN * np.median(length[on]):
        return none, none
    return lines, np.isin(labels, on[length[on] <= CORNER * np.median(length[on])] + 1)


def _across(marks: NDArray[np.int32], gap: int, thickest: float) -> Mask:
    """Return the lines across made of numbered `marks` (H, W), 0 elsewhere, with gaps of `gap` px at most."""
    thick = ndimage.grey_dilation(np.pad(marks > 0, ((1, 1), (gap, gap))), (3, 1))  # a line may slope
    closed = ndimage.grey_erosion(ndimage.grey_closing(thick, (1, gap + 1)), (3, 1))
    level = ndimage.grey_opening(closed, (1, 2 * gap))[1:-1, gap:-gap]  # without lines down
    labels, count = connected(level)
    at = (marks > 0) & level
    own = np.unique(np.stack([labels[at], marks[at]]), axis=1)[0]
    many, inked, area = (np.bincount(one, minlength=count + 1) for one in (own, labels[at], labels.ravel()))
    wide = np.append(0, sides(labels)[:, 1])
    lines = (many >= FEWEST) & (inked >= INKED * area) & (area <= thickest * wide)
    reaching: Mask = ndimage.grey_dilation(lines[labels] & level, (1, 2 * gap + 1))
    return reaching
