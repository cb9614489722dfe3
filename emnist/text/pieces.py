"""Free writing in a picture, without boxes: pieces of ink, cut where characters may touch, to lines of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.errors import UnreadableImageError
from emnist.picture.arrays import Doubles, Indices, Mask
from emnist.picture.lines import pen_width
from emnist.text import cuts, marks
from emnist.text.search import Group

DOT = 0.6  # of the pen's width: what is smaller is dirt
SMALL = 0.25  # of the height of the line: so is what is smaller, where nothing is near
ALONE = 0.8  # of the height of the line, is not near
FINE = 0.4  # of the pen's width: what is finer, and long, is left of a printed line
FLAT = 12.0  # times its height: what is wider, and longer than others are high, is a line, too
WIDE = 0.5  # of the height of its line: a narrower part is not cut
MOST = 800  # pieces of free writing, several a character: what takes a few seconds
MOST_WITH_DIRT = 2000  # pieces before dirt is told from dots, by the distance of each to all others: 0.2 GB
TOO_MANY = f"more than {MOST} pieces of ink: crop the picture to a few lines"
POINTS = 48  # of an outline, by which distances are measured


@dataclass(frozen=True)
class Pieces:
    """Connected parts of the ink, some of them cut; in order from left to right.

    Attributes:
        masks: of each piece, in its box.
        boxes: (N, 4) x0, y0, x1, y1.
        parts: (N,), the connected part that each piece was cut from.
        seams: (N,), through how much ink, in widths of the pen, it was cut from the piece of that part before it; or 0.
    """

    masks: list[Mask]
    boxes: NDArray[np.int64]
    parts: Indices
    seams: Doubles

    def __getitem__(self, chosen: Sequence[int]) -> "Pieces":
        index = list(chosen)
        return Pieces([self.masks[i] for i in index], self.boxes[index], self.parts[index], self.seams[index])


def find(ink: Mask) -> list[Pieces]:
    """Return the pieces of each line of writing in `ink` (H, W), the uppermost first; of too many, an error."""
    whole = _clean(_connected(ink), pen_width(ink))
    if not len(whole.masks):
        return []
    if len(whole.masks) > MOST_WITH_DIRT:
        raise UnreadableImageError(TOO_MANY)
    rows = [whole[row] for row in marks.rows(whole.boxes.astype(float))]
    return [row for row in (_cut(_near(row), pen_width(ink)) for row in rows) if row.masks]


def _connected(ink: Mask) -> Pieces:
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    spans = ndimage.find_objects(labels)
    boxes = np.array([(s[1].start, s[0].start, s[1].stop, s[0].stop) for s in spans]).reshape(-1, 4)
    return Pieces([labels[span] == i + 1 for i, span in enumerate(spans)], boxes, np.arange(count), np.zeros(count))


def _clean(pieces: Pieces, pen: float) -> Pieces:
    """Return `pieces` without specks, and without what is left of printed lines."""
    sides = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    long, short = sides.max(axis=1, initial=0), sides.min(axis=1, initial=0)
    fine = [
        short[i] < 4 * pen and long[i] > 3 * pen and pen_width(pieces.masks[i]) < FINE * pen for i in range(len(long))
    ]
    flat = (
        (sides[:, 0] > FLAT * sides[:, 1]) & (sides[:, 0] > 2 * np.median(sides[:, 1]))
        if len(sides)
        else np.zeros(0, bool)
    )
    return pieces[np.flatnonzero((long >= DOT * pen) & ~np.array(fine, bool) & ~flat).tolist()]


def _near(row: Pieces) -> Pieces:
    """Return a line's pieces without small ones that stand alone: stops and dirt, for which there is no class."""
    boxes = row.boxes.astype(float)
    high = marks.height(boxes)
    small = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < SMALL * high
    gaps = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(axis=2)
    near = (gaps < ALONE * high) & ~small[None, :]
    return row[np.flatnonzero(~small | near.any(axis=1)).tolist()]


def _cut(row: Pieces, pen: float) -> Pieces:
    """Return a line's pieces, those cut that are wide enough for two characters, from left to right."""
    high = marks.height(row.boxes.astype(float))
    masks: list[Mask] = []
    boxes, parts, seams = [], [], []
    for mask, box, part in zip(row.masks, row.boxes, row.parts, strict=True):
        cut = cuts.find(mask, high, pen) if mask.shape[1] > WIDE * high else []
        for piece, (x, y), seam in cuts.parted(mask, cut):
            masks.append(piece)
            boxes.append((box[0] + x, box[1] + y, box[0] + x + piece.shape[1], box[1] + y + piece.shape[0]))
            parts.append(part)
            seams.append(seam)
    found = Pieces(masks, np.array(boxes), np.array(parts), np.array(seams))
    order = np.argsort(found.boxes[:, 0] + found.boxes[:, 2], kind="stable")
    return found[order.tolist()]


def together(pieces: Pieces, group: Group) -> tuple[Mask, tuple[int, int, int, int]]:
    """Return the ink of several pieces and its box."""
    boxes = pieces.boxes[list(group)]
    x0, y0, x1, y1 = (int(v) for v in (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)))
    ink: Mask = np.zeros((y1 - y0, x1 - x0), bool)
    for i in group:
        a, b, c, d = pieces.boxes[i] - [x0, y0, x0, y0]
        ink[b:d, a:c] |= pieces.masks[i]
    return ink, (x0, y0, x1, y1)


def apart(pieces: Pieces) -> Doubles:
    """Return the distance between the outlines of each two pieces near in order, px; infinity for others."""
    outlines = [_outline(mask) + box[1::-1] for mask, box in zip(pieces.masks, pieces.boxes, strict=True)]
    count = len(outlines)
    found = np.full((count, count), np.inf)
    for i in range(count):
        found[i, i] = 0
        for j in range(i + 1, min(i + marks.WINDOW, count)):
            if pieces.parts[i] == pieces.parts[j] and j == i + 1:
                found[i, j] = found[j, i] = 0
                continue
            found[i, j] = found[j, i] = np.hypot(*(outlines[i][:, None] - outlines[j]).T).min()
    return found


def _outline(mask: Mask) -> Doubles:
    points = np.argwhere(mask & ~ndimage.binary_erosion(mask))
    return points[:: max(1, len(points) // POINTS)].astype(float)
