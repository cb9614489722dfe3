"""Free writing in a picture, without boxes: rows of connected parts, cut where characters may touch."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from emnist.errors import UnreadableImageError
from emnist.picture.arrays import Indices, Mask, connected
from emnist.picture.lines import pen_width
from emnist.text import cuts, marks
from emnist.text.row import Part, Row

DOT = 0.6  # least length (longer side) of a part, in widths of the pen; smaller ones are dirt
SMALL = 0.25  # length, in heights of the line, below which a part is dropped if no larger one is near
ALONE = 0.8  # gap, in heights of the line, from which on a part is not near
FINE = 0.4  # width of stroke, in widths of the pen, below which a long part is a remnant of a printed line
MOST = 800  # most pieces of free writing in a picture: they take a few seconds
MOST_WITH_DIRT = 2000  # most parts before dirt is told from dots, by the distance of each to all others: 0.2 GB
TOO_MANY = f"more than {MOST} pieces of ink: crop the picture to a few lines"
CUTS = 5.0  # most cuts of a part, for each line height of its width
SLIVER = 0.1  # ink that a piece must exceed, as a share of that of a stroke as long as the line is high


def find(ink: Mask) -> list[Row]:
    """Return each line of writing in `ink` (H, W), the uppermost first, its parts not cut.

    Raises:
        UnreadableImageError: there are too many parts.
    """
    pen = pen_width(ink)
    parts = _clean(_connected(ink), pen)
    if not parts:
        return []
    if len(parts) > MOST_WITH_DIRT:
        raise UnreadableImageError(TOO_MANY)
    rows = marks.rows(np.array([part.box for part in parts], float))
    near = [_near(Row(tuple(parts[i] for i in row), pen)) for row in rows]
    return [row for row in near if row.parts]


def cut(row: Row, chosen: Sequence[bool]) -> Row:
    """Return `row` with its `chosen` parts cut."""
    parts = (_cut(part, row) if one else part for part, one in zip(row.parts, chosen, strict=True))
    return replace(row, parts=tuple(parts))


def _cut(part: Part, row: Row) -> Part:
    """Return `part` with seams, the likeliest borders first; what would cut off less than a SLIVER is left out."""
    rows, wide = np.arange(len(part.mask)), np.full(len(part.mask), part.mask.shape[1])
    left = np.pad(part.mask.cumsum(axis=1), ((0, 0), (1, 0)))  # how much ink stands left of each column

    def ink(columns: Indices) -> int:
        return int(left[rows, columns].sum())

    for seam in cuts.find(part.mask, row.height, row.pen):
        if len(part.seams) >= CUTS * part.mask.shape[1] / row.height:
            break
        place = bisect(part.seams, ink(seam.columns), key=lambda other: ink(other.columns))
        before, after = part.seams[:place], part.seams[place:]
        low, high = before[-1].columns if before else 0 * wide, after[0].columns if after else wide
        columns = np.clip(seam.columns, low, high)  # where seams would cross, they run together
        if min(ink(columns) - ink(low), ink(high) - ink(columns)) > SLIVER * row.height * row.pen:
            part = replace(part, seams=(*before, replace(seam, columns=columns), *after))
    return part


def _connected(ink: Mask) -> list[Part]:
    labels, _ = connected(ink)
    spans = ndimage.find_objects(labels)
    return [
        Part(labels[y, x] == number, np.array([x.start, y.start, x.stop, y.stop]))
        for number, (y, x) in enumerate(spans, 1)
    ]


def _clean(parts: list[Part], pen: float) -> list[Part]:
    """Return `parts` without specks, and without what is left of printed lines."""
    if not parts:
        return []
    sides = np.array([part.mask.shape for part in parts])
    high, wide = sides.T
    long, short = sides.max(axis=1), sides.min(axis=1)
    flat = (wide > marks.FLAT * high) & (wide > 2 * np.median(high))
    fine = [
        short[i] < 4 * pen and long[i] > 3 * pen and pen_width(part.mask) < FINE * pen for i, part in enumerate(parts)
    ]
    kept = (long >= DOT * pen) & ~np.array(fine, bool) & ~flat
    return [part for part, keep in zip(parts, kept, strict=True) if keep]


def _near(row: Row) -> Row:
    """Return a line's parts without punctuation and small ones that stand alone, for which there is no class."""
    boxes = row.boxes
    small = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < SMALL * row.height
    gaps = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(axis=2)
    near = (gaps < ALONE * row.height) & ~small[None, :]
    kept = (~small | near.any(axis=1)) & ~marks.punctuation(boxes)
    return replace(row, parts=tuple(part for part, keep in zip(row.parts, kept, strict=True) if keep))
