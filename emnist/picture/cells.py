"""A box or a ring around the character: only the writing in it counts, not its lines or anything outside."""

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Mask, bordered, box, connected, filled, fills_rectangle, grown, rectangle, shrink

SIDE = 200  # px, about which boxes are looked for: gaps of a pixel or two in their lines close
LEAST = 0.04  # of the picture, that a box covers
RECTANGULAR = 0.85  # of the smallest rectangle around it: what a box fills, and round characters do not
ROUND = 0.72  # of the same: what a ring fills, a circle 0.79
WRITTEN = 0.25  # of a box's longer side: what is written in it is so large, while a dotted zero's dot is smaller
STRAIGHT = 0.06  # of the longer side: how far paper may stray from the sides of its rectangle
CLEAR, TOUCHED = 0.8, 0.3  # of its length: so much of each side paper reaches; of one that what is written touches
BEYOND = 0.15  # of a box's side: its lines, and what is written in it, reach so far beyond
SPILLED = 0.5  # of what is written in it: if more stands farther away, the box is a square of the paper
MIDDLE = 0.25  # of the picture to either side of its middle: there a box has its own


def may_show(ink: Mask) -> bool:
    """Tell whether `ink` (H, W) encloses enough paper for a box; few pictures of one character do.

    It looks at half the resolution, because this is asked of every picture.
    """
    small = shrink(ink, max(1, round(2 * max(ink.shape) / SIDE)))
    return bool(np.count_nonzero(filled(small) & ~small) > LEAST / 2 * small.size)


def inside(ink: Mask) -> Mask | None:
    """Return which pixels (H, W) lie in the box around the writing in the middle; None if there is no box.

    `ink` holds printed lines and strokes.  A box is a rectangle of paper that ink encloses, or a ring around what is
    written in its middle.  Its lines may have any thickness, be a little bent, and belong to a table.
    """
    factor = max(1, round(max(ink.shape) / SIDE))
    small = shrink(ink, factor)
    drawn = box(small)
    papers, _ = ndimage.label(~bordered(small[drawn], 1))
    sizes = np.bincount(papers.ravel())
    sizes[[0, papers[0, 0]]] = 0  # the ink, and what lies around it
    for part in sorted(np.flatnonzero(sizes >= LEAST * small.size), key=lambda i: sizes[i]):
        whole = np.zeros_like(small)
        whole[drawn] = (papers == part)[1:-1, 1:-1]
        place = box(whole)
        cell = _cell(whole[place]) if _is_central(place, small.shape) else None
        if cell is not None:
            whole[place] = cell
            return np.repeat(np.repeat(whole, factor, axis=0), factor, axis=1)[: ink.shape[0], : ink.shape[1]]
    return None


def was_meant(cell: Mask, writing: Mask) -> bool:
    """Tell whether the box `cell` (H, W) holds writing that stays in it; `writing` (H, W) is the ink without lines."""
    labels, count = connected(grown(writing))  # a line that was taken out may have left a gap
    inside = np.bincount(labels[cell & writing], minlength=count + 1)
    inside[0] = 0
    side = np.sqrt(np.count_nonzero(cell))
    near = ndimage.maximum_filter(cell, 1 + 2 * int(BEYOND * side))
    outside = np.count_nonzero(labels[~near] == inside.argmax())
    return bool(inside.max() >= WRITTEN * side and outside <= SPILLED * inside.max())


def _cell(paper: Mask) -> Mask | None:
    """Return `paper` (H, W) with what is written on it, if that makes a box; else None."""
    cell = filled(paper)
    full = fills_rectangle(cell)
    if full > ROUND and _is_written_on(cell & ~paper, over_the_middle=full < RECTANGULAR):
        return cell
    cell = _touched(paper)
    return cell if _is_written_on(cell & ~paper, over_the_middle=True) else None


def _touched(paper: Mask) -> Mask:
    """Return the smallest rectangle around `paper` (H, W) if strokes hide a part of one of its sides, else `paper`."""
    axes, edge = rectangle(paper)
    first, last = edge.min(axis=0), edge.max(axis=0)
    stray = STRAIGHT * (last - first).max()
    reached = [
        np.unique(np.rint(edge[np.abs(edge[:, axis] - end[axis]) <= stray, 1 - axis])).size
        / (last - first + 1)[1 - axis]
        for axis in (0, 1)
        for end in (first, last)
    ]
    if min(reached) < TOUCHED or sorted(reached)[1] < CLEAR:
        return paper
    places = np.moveaxis(np.indices(paper.shape), 0, -1) @ axes
    inside: Mask = ((places >= first) & (places <= last)).all(axis=-1)
    return inside


def _is_central(place: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    middles = [(span.start + span.stop) / 2 / side for span, side in zip(place, shape, strict=True)]
    return bool(max(abs(middle - 0.5) for middle in middles) < MIDDLE)


def _is_written_on(writing: Mask, over_the_middle: bool = False) -> bool:
    """Tell whether the largest part of `writing`, (H, W) of a box, is large enough for the box."""
    labels, _ = connected(writing)
    spans = ndimage.find_objects(labels)
    if over_the_middle:  # or it is what is left beside an arch, in a corner
        middle = np.array(writing.shape) // 2
        spans = [span for span in spans if all(s.start <= m < s.stop for s, m in zip(span, middle, strict=True))]
    sides = [max(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in spans]
    return bool(max(sides, default=0) >= WRITTEN * max(writing.shape))
