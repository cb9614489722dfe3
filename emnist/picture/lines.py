"""Printed lines are taken out of the ink: those of ruled and squared paper, and the one a character stands on."""

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Doubles, Indices, Mask, bordered, box, shrink
from emnist.picture.parts import character

SEARCH_SIDE = 200  # px: longer side to which a picture is shrunk to look for lines
SLOPES = np.linspace(-0.12, 0.12, 49)  # rise over run: a camera is held straight within about 7°
APART = 4  # px of the shrunk picture within which two lines are one
COVERED = 0.7  # least share of the width that a line covers, even a faint one
FURTHER = 0.55  # the same for a line beside another
END = 0.05  # share of the width at either side that a line must reach into
BROADEST = 0.04  # greatest thickness of a ruled line, as a share of the longer side
CROSSED = 1.5  # height of a run of ink, over the line's thickness, above which a stroke crosses it there
THINNER = 0.7  # thickness, in widths of the pen, up to which a line is printed, and no stroke
EDGE = 0.06  # share of the height: a thicker line so near to the border may be a stroke of a character cropped closely

LONGER = 1.6  # least width of a line to write on over that of what stands on it; a bar of a T or foot of a 1 is shorter
ASIDE = 0.1  # share of the line's length, at either end, over which nothing stands
FOOT = 0.65  # share of the height of both, from the top, below which the line runs


def without_lines(ink: Mask) -> Mask:
    """Return `ink` (H, W) without the straight lines that cross all of it from left to right or from top to bottom."""
    for _ in range(2):
        ink = (ink & ~_rows(ink)).T
    return ink


def without_base(ink: Mask) -> Mask:
    """Return the character `ink` (H, W) without the thin line that it stands on and that ends at either side."""
    place = box(ink)
    whole = ink[place]
    high, wide = whole.shape
    above, aside = int(FOOT * high), int(ASIDE * wide) + 1
    if whole[:above, :aside].any() or whole[:above, -aside:].any():
        return ink
    rest = whole & ~_rows(whole, thick_too=False)
    if not rest.any():
        return ink
    standing = character(bordered(rest, 1))[1:-1, 1:-1]
    columns = box(standing)[1]
    if wide < LONGER * (columns.stop - columns.start):
        return ink
    kept = np.zeros_like(ink)
    kept[place] = standing
    return kept


def _rows(ink: Mask, thick_too: bool = True) -> Mask:
    """Return the pixels (H, W) of all lines that cross `ink` from left to right; thick ones only beside another."""
    factor = max(1, round(max(ink.shape) / SEARCH_SIDE))
    lines = np.zeros_like(ink)
    found = _find(shrink(ink, factor))
    if not found:
        return lines
    rows, columns = np.nonzero(ink)
    heights = run_heights(ink)[rows, columns]
    thin, thick = [], []
    taken = np.zeros(rows.shape, dtype=bool)  # pixels of earlier lines, which count for no further one
    for slope, middle in found:
        row = (middle + 0.5) * factor
        away = np.abs(rows - row - slope * (columns - ink.shape[1] / 2))
        near = np.flatnonzero((away <= 1.5 * factor + 1) & ~taken)
        thickness = _thickness(heights[near], columns[near], away[near])
        line = near[heights[near] <= CROSSED * thickness + 1]
        if thickness > BROADEST * max(ink.shape) or not _spans(columns[line], ink.shape[1]):
            continue
        taken[line] = True
        if thickness <= THINNER * pen_width(ink):
            thin.append(line)
        elif thick_too and EDGE < row / ink.shape[0] < 1 - EDGE:
            thick.append(line)
    erased = np.concatenate([np.empty(0, np.intp), *thin, *(thick if len(thin) + len(thick) > 1 else [])])
    lines[rows[erased], columns[erased]] = True
    return lines


def _find(ink: Mask) -> list[tuple[float, float]]:
    """Return slope and middle row of every straight line that crosses most of `ink`."""
    height, width = ink.shape
    end = int(np.ceil(END * width))
    if not (ink[:, :end].any() and ink[:, -end:].any()):
        return []
    thick = ndimage.maximum_filter1d(ink, 3, axis=0)  # a line may stray by a pixel
    rows, columns = np.divmod(np.flatnonzero(thick), width)
    reach = int(np.ceil(SLOPES[-1] * width / 2)) + 1
    shears = np.rint(SLOPES[:, None] * (np.arange(width) - width / 2)).astype(np.intp)
    counts = np.stack(
        [np.bincount(rows - shear[columns] + reach, minlength=height + 2 * reach) for shear in shears]
    )  # (slopes, rows): columns with ink along each possible line
    lines: list[tuple[float, float]] = []
    while counts.max() >= (FURTHER if lines else COVERED) * width:
        best = np.argwhere(counts == counts.max())  # (n, 2); several slopes fit a thick line
        slope, middle = best[np.abs(best[:, 1] - best[0, 1]) <= APART].mean(axis=0)
        lines.append((float(np.interp(slope, np.arange(len(SLOPES)), SLOPES)), float(middle - reach)))
        counts[:, max(0, round(middle) - APART) : round(middle) + APART + 1] = 0
    return lines


def _spans(columns: Indices, width: int) -> bool:
    """Tell whether the pixels of a line cover enough of the width, both ends included."""
    covered = np.zeros(width, dtype=bool)
    covered[columns] = True
    end = max(1, round(END * width))
    return bool(min(covered[:end].mean(), covered[-end:].mean()) >= 0.5 and covered.mean() >= FURTHER - 0.15)


def _thickness(heights: Indices, columns: Indices, away: Doubles) -> float:
    """Return how thick a line is in most columns: the height of the run of ink nearest to its middle (least `away`)."""
    order = np.argsort(-away)
    nearest = np.zeros(columns.max(initial=0) + 1)
    nearest[columns[order]] = heights[order]  # where a column occurs twice, the last stays: the nearest
    return float(np.median(nearest[nearest > 0])) if heights.size else 0.0


def run_heights(ink: Mask) -> Indices:
    """Return, for each ink pixel, the height of the vertical run of ink that it lies in, px; 0 for paper."""
    labels, _ = ndimage.label(ink, np.array([[0, 1, 0]] * 3))
    heights: Indices = np.where(ink, np.bincount(labels.ravel())[labels], 0)
    return heights


def pen_width(ink: Mask) -> float:
    """Return the width of the strokes: twice the area over the outline, which in pixels is 4/π times too long."""
    outline = np.count_nonzero(ink[1:] != ink[:-1]) + np.count_nonzero(ink[:, 1:] != ink[:, :-1])
    return 2 * np.count_nonzero(ink) / max(outline * np.pi / 4, 1)
