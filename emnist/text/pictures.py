"""From a picture to lines of candidates: sheet → boxes with one character each, rows of free writing → candidates."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.decoder import formats
from emnist.errors import NoInkError, UnreadableImageError
from emnist.picture.arrays import Bytes, Mask, box
from emnist.picture.decode import Source, read
from emnist.picture.parts import character
from emnist.text import boxes, free, pieces
from emnist.text.candidates import Line, Network, Weights
from emnist.text.row import Row
from emnist.text.search import Group
from emnist.text.sheets import Sheet, glyph, separate
from emnist.text.surroundings import without_border

SIDE = 1600  # px: greatest longer side of a sheet; letters of 2 mm on an A4 page are then 11 px high
EMPTY = 0.22  # ink in a box is a character if its longer side exceeds this share of the box's shorter side
ALIKE = 0.4  # least height of a line beside the boxes, over the median height of the characters in them
SAME_ROW = 0.5  # vertical distance of two lines' middles, over the smaller line's height, below which they are one row
BOXED = Weights(label=1.0, character=0.4, shape=(0.0,), joint=(0.0,))


def lines(source: Source, look: Network) -> list[Line]:
    """Return the lines of writing in a picture, the uppermost first; their boxes are in pixels of `source`, upright.

    The network `look` tells which parts of free writing may be several characters.

    Raise NoInkError if the picture is blank, UnreadableImageError if `source` is no picture or holds too many pieces of
    ink, and FileNotFoundError if it is missing.
    """
    picture = read(source, SIDE)
    sheet = separate(picture)
    found = _lines(sheet, look)
    if not found:
        raise NoInkError("the picture is blank: write something, or write it with more contrast")
    scale = picture.info[formats.LONGEST] / max(sheet.ink.shape)
    return [
        replace(line, boxes=line.boxes * scale, height=line.height * scale, lacking=sheet.lacking) for line in found
    ]


def _lines(sheet: Sheet, look: Network) -> list[Line]:
    """Return the lines of writing on a sheet, in boxes and beside them; boxes are in its pixels."""
    found: list[Line] = []
    form, rest, high = sheet.boxes, sheet.ink, 0.0
    owner = boxes.share(sheet.ink, form) if form else None
    if form is not None and owner is not None:
        found += _boxed(sheet, form, owner)
        high = float(np.median(np.concatenate([line.boxes[:, 3] - line.boxes[:, 1] for line in found]))) if found else 0
        rest = without_border(sheet.ink & (owner == 0))
    beside = [row for row in pieces.find(rest) if _height(row) > ALIKE * high]
    if sum(len(row.parts) for row in beside) > pieces.MOST:
        raise UnreadableImageError(pieces.TOO_MANY)
    found += [free.line(sheet, row) for row in free.rows(sheet, beside, look)]
    return _beside(sorted(found, key=_middle))


def _middle(line: Line) -> float:
    return float(line.boxes[:, [1, 3]].mean())


def _beside(lines: list[Line]) -> list[Line]:
    """Return `lines`, the uppermost first, marked as `beside` where one in boxes and one without share a row."""
    for i, (one, other) in enumerate(pairwise(lines), 1):
        high = min(float(np.median(line.boxes[:, 3] - line.boxes[:, 1])) for line in (one, other))
        if (one.weights is BOXED) != (other.weights is BOXED) and _middle(other) - _middle(one) < SAME_ROW * high:
            lines[i] = replace(other, beside=True)
    return lines


def _height(row: Row) -> float:
    """Return how high tall characters of a line of writing are, px."""
    return float(np.quantile(row.boxes[:, 3] - row.boxes[:, 1], 0.75))


def _boxed(sheet: Sheet, form: boxes.Boxes, owner: NDArray[np.int32]) -> list[Line]:
    """Return a line for each row of boxes."""
    found = []
    spans = ndimage.find_objects(owner, max_label=len(form.frames))
    for row in range(form.rows.max() + 1):
        inks, images, places, blanks, blank = [], [], [], [], False
        for number in np.flatnonzero(form.rows == row):
            frame, span = form.frames[number], spans[number]
            ink = _written(owner[span] == number + 1, frame) if span else None
            if ink is None:
                blank = True
                continue
            rows, columns = box(ink)
            top, left = span[0].start, span[1].start
            place = (left + columns.start, top + rows.start, left + columns.stop, top + rows.stop)
            inks.append(ink[rows, columns])
            images.append(glyph(sheet, inks[-1], place))
            places.append(place)
            blanks.append(blank)
            blank = False
        if images:
            found.append(_row(inks, images, places, blanks))
    return found


def _written(ink: Mask, frame: NDArray[np.int64]) -> Mask | None:
    """Return the character among the `ink` that belongs to one box, or None if the box is empty."""
    kept = character(np.pad(ink, 1))[1:-1, 1:-1]
    rows, columns = box(kept)
    long = max(rows.stop - rows.start, columns.stop - columns.start)
    return kept if long > EMPTY * min(frame[2] - frame[0], frame[3] - frame[1]) else None


def _row(inks: list[Mask], images: list[Bytes], places: list[boxes.Frame], blanks: list[bool]) -> Line:
    count = len(images)
    groups: tuple[Group, ...] = tuple((atom,) for atom in range(count))
    return Line(
        atoms=count,
        groups=groups,
        images=np.stack(images),
        boxes=np.array(places, float),
        features=np.zeros((count, 1)),
        joints=np.zeros((1, count, count), np.float32),
        weights=BOXED,
        blanks=tuple(blanks),
        ink=dict(zip(groups, inks, strict=True)).__getitem__,
    )
