"""A box or a ring around the character: only the writing in it counts, not its lines or anything outside."""

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Mask, bordered, box, connected, filled, fills_rectangle, grown, rectangle, shrink

SIDE = 200  # px: longer side to which pictures are shrunk to look for boxes: gaps of a pixel or two in lines close
LEAST = 0.04  # least area of a box, as a share of the picture
RECTANGULAR = 0.85  # share of its smallest bounding rectangle that a box fills, and round characters do not
ROUND = 0.72  # the same for a ring, with writing over its middle; a circle fills 0.79
WRITTEN = 0.25  # least longer side of writing in a box, as a share of the box's; the dot in a dotted zero is smaller
STRAIGHT = 0.06  # how far paper may stray from the sides of its rectangle, as a share of the longer one
CLEAR, TOUCHED = 0.8, 0.3  # least share of a side that paper reaches: of three sides, and of one that writing may touch
BEYOND = 0.15  # margin around a box that its lines and its writing may reach into, as a share of the box's side
SPILLED = 0.5  # ink of a mark beyond that margin, over its ink in the box, above which the box is one of squared paper
MIDDLE = 0.25  # greatest distance of a box's middle from that of the picture, as a share of the picture's sides


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
    # Here WRITTEN limits px of ink, not a length: a hairline of that length has as many.
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


def _is_written_on(writing: Mask, over_the_middle: bool) -> bool:
    """Tell whether the largest part of `writing`, (H, W) of a box, is large enough for the box."""
    labels, _ = connected(writing)
    spans = ndimage.find_objects(labels)
    if over_the_middle:  # else it may be what is left in a corner, beside an arch
        middle = np.array(writing.shape) // 2
        spans = [span for span in spans if all(s.start <= m < s.stop for s, m in zip(span, middle, strict=True))]
    sides = [max(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in spans]
    return bool(max(sides, default=0) >= WRITTEN * max(writing.shape))
