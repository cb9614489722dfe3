"""Boxes of one size, each with its own outline: rectangles of paper that printed lines enclose, wherever they stand.

Where strokes touch an outline, its paper is no rectangle any more; such boxes are found by the size of the others.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Doubles, Mask, filled
from emnist.picture.lines import run_heights
from emnist.text.ruled import Rule

Frames = NDArray[np.int64]  # (boxes, 4): x0, y0, x1, y1, of the paper inside

FEWEST = 3  # boxes of one size: fewer may be strokes
SIZES = 8  # of boxes on one sheet, that are tried
LEAST = 10  # px, of a box
MOST = 0.35  # of the picture's longer side
ASPECT = (0.4, 1.8)  # width over height of a box for one character
RECTANGULAR = 0.93  # of the rectangle around it: a box fills so much, and what round characters enclose does not
ALIKE = 0.08  # how much boxes of one size differ in width and height
DRAWN = 0.8  # of each side of an outline can be seen, where strokes do not hide the rest
THICK = 0.35  # of the height of the boxes: lines are thinner
STRAY = 2  # px: how far a side may stray from straight
OVERLAP = 0.2  # of a box, that may lie in another


def find(traces: Mask) -> tuple[list[Rule], list[Rule]]:
    """Return the lines across and down that boxes in `traces` (H, W) are made of: printed lines and strokes."""
    frames = np.zeros((0, 4), np.int64)
    near = ndimage.binary_dilation(traces, iterations=STRAY)
    for clear in _of_one_size(_clear(traces)):
        boxes = np.concatenate([clear, _touched(traces, near, clear, np.concatenate([frames, clear]))])
        if len(boxes) >= FEWEST:
            frames = np.concatenate([frames, boxes])
    if not len(frames):
        return [], []
    thickness = _thickness(traces, frames)
    if thickness > THICK * _height(frames):
        return [], []  # noise all over, that seems to hold rectangles everywhere
    across, down = [], []
    middles = frames - 0.5 + thickness / 2 * np.array([-1, -1, 1, 1])
    for x0, y0, x1, y1 in middles.tolist():
        across += [Rule(x0, x1, 0.0, y, thickness) for y in (y0, y1)]
        down += [Rule(y0, y1, 0.0, x, thickness) for x in (x0, x1)]
    return across, down


def _clear(traces: Mask) -> Frames:
    """Return the rectangles of paper that `traces` enclose, with what is written in them."""
    papers, _ = ndimage.label(~traces)
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(papers), 1):
        high, wide = rows.stop - rows.start, columns.stop - columns.start
        inside = rows.start and columns.start and rows.stop < traces.shape[0] and columns.stop < traces.shape[1]
        sized = min(high, wide) >= LEAST and max(high, wide) < MOST * max(traces.shape)
        if not (inside and sized and ASPECT[0] * high < wide < ASPECT[1] * high):
            continue
        paper = filled(papers[rows, columns] == number)
        if paper.mean() > RECTANGULAR:
            found.append((columns.start, rows.start, columns.stop, rows.stop))
    return np.array(found, np.int64).reshape(-1, 4)


def _of_one_size(frames: Frames) -> list[Frames]:
    """Return `frames` by width and height, up to SIZES groups, those of most boxes; the highest boxes first."""
    groups: list[Frames] = []
    while len(frames) and len(groups) < SIZES:
        wide, high = (frames[:, 2:] - frames[:, :2]).T
        alike = np.abs(wide[:, None] - wide) <= ALIKE * wide + 1
        alike &= np.abs(high[:, None] - high) <= ALIKE * high + 1
        most = alike[alike.sum(axis=1).argmax()]
        groups.append(frames[most])
        frames = frames[~most]
    return sorted(groups, key=_height, reverse=True)


def _height(frames: Frames) -> float:
    return float(np.median(frames[:, 3] - frames[:, 1]))


def _touched(traces: Mask, near: Mask, clear: Frames, known: Frames) -> Frames:
    """Return where else than at the `known` boxes an outline of the size of the `clear` ones can be seen.

    `near` (H, W) is what is up to STRAY px from `traces` (H, W).
    """
    wide, high = np.median(clear[:, 2:] - clear[:, :2], axis=0).astype(int).tolist()
    rough, fine = (_sides(mask, wide, high) for mask in (near, traces))
    rows, columns = np.nonzero(rough.min(axis=0) >= DRAWN)
    best = np.argsort(-fine.mean(axis=0)[rows, columns], kind="stable")
    found: list[tuple[int, int, int, int]] = []
    taken = np.zeros(traces.shape, bool)
    for x0, y0, x1, y1 in known.tolist():
        taken[y0:y1, x0:x1] = True
    share = _shares(taken, wide, high)
    for y, x in zip(rows[best] + 1, columns[best] + 1, strict=True):
        if share[y, x] < OVERLAP:
            found.append((x, y, x + wide, y + high))
            taken[y : y + high, x : x + wide] = True
            top, left = max(y - high + 1, 0), max(x - wide + 1, 0)  # of the boxes that share pixels with this one
            changed = taken[top : y + 2 * high - 1, left : x + 2 * wide - 1]
            share[top : y + high, left : x + wide] = _shares(changed, wide, high)
    return np.array(found, np.int64).reshape(-1, 4)


def _shares(taken: Mask, wide: int, high: int) -> Doubles:
    """Return how much is `taken` (H, W) of each box of that size, by where it begins: (H − high + 1, W − wide + 1).

    Lines that lie close together make outlines nearly everywhere, far more than can be looked at one by one.
    """
    sums = np.pad(taken.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    counts = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    shares: Doubles = counts / (wide * high)
    return shares


def _sides(mask: Mask, wide: int, high: int) -> Doubles:
    """Return how much of each side of a box of that size `mask` (H, W) covers, (4, H − high − 1, W − wide − 1).

    The first is of the box whose paper begins at row 1 and column 1.
    """
    level, upright = _means(mask, wide), _means(mask.T, high).T
    across = level[:, 1:-1]
    down = upright[1:-1]
    return np.stack([across[: -high - 1], across[high + 1 :], down[:, : -wide - 1], down[:, wide + 1 :]])


def _means(mask: Mask, length: int) -> Doubles:
    """Return the share that `mask` (H, W) covers of each `length` pixels beside each other, (H, W − length + 1)."""
    sums = np.pad(np.cumsum(mask, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    return (sums[:, length:] - sums[:, :-length]) / length


def _thickness(traces: Mask, clear: Frames) -> float:
    """Return how thick the lines above the `clear` boxes are, px."""
    heights = run_heights(traces)
    return float(np.median(np.concatenate([heights[y0 - 1, x0:x1] for x0, y0, x1, _ in clear.tolist()])))
