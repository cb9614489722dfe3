"""A picture to lines of candidates: a sheet → boxes with one character each, and rows of free writing → candidates."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.decoder import formats
from emnist.errors import NoInkError, UnreadableImageError
from emnist.picture.arrays import Bytes, Mask, box, connected, from_border
from emnist.picture.decode import Source, read
from emnist.picture.parts import character
from emnist.text import boxes, captions, free, pieces
from emnist.text.candidates import Line, Network, Weights
from emnist.text.row import Row
from emnist.text.sheets import Place, Sheet, glyph, prepare

SIDE = 1600  # px, the longer side of a sheet: of an A4 page, letters of 2 mm are 11 px high
EMPTY = 0.22  # of a box: what is smaller is no character in it
ALIKE = 0.6  # of the height of what is written in boxes and fields: lower lines beside them are printed captions
BOXED = Weights(label=1.0, character=0.4, shape=(0.0,), joint=(0.0,))


def lines(source: Source, look: Network) -> list[Line]:
    """Return the lines of writing in a picture, the uppermost first; their boxes are in pixels of `source`, upright.

    `look` tells which parts of free writing may be several characters.

    Raise NoInkError if it is blank, UnreadableImageError if it is none or holds too much, FileNotFoundError if missing.
    """
    picture = read(source, SIDE)
    sheet = prepare(picture)
    found = _lines(sheet, look)
    if not found:
        raise NoInkError("the picture is blank: write something, or write it with more contrast")
    scale = picture.info[formats.LONGEST] / max(sheet.ink.shape)
    return [replace(line, boxes=line.boxes * scale, height=line.height * scale) for line in found]


def _lines(sheet: Sheet, look: Network) -> list[Line]:
    """Return the lines of writing on a sheet, in boxes and beside them; boxes are in its pixels."""
    found: list[Line] = []
    form = sheet.boxes
    owner = boxes.share(sheet.ink, form) if form else None
    if form is not None and owner is not None:
        found += _boxed(sheet, form, owner)
        high = float(np.median(np.concatenate([line.boxes[:, 3] - line.boxes[:, 1] for line in found]))) if found else 0
        rest = _clear_of_border(sheet.ink & (owner == 0))
        rest &= ~_mostly_in(rest, boxes.between(form))
    else:
        high, rest = 0.0, sheet.ink
    inside = _mostly_in(rest, sheet.fields)
    outside = rest & ~inside
    high = max(high, _height_in(inside, sheet.fields))
    inside = _without_small_print(inside, high)
    if high:
        outside = _without_type(outside)
    outside = _higher(outside, ALIKE * high)
    beside = [row for row in pieces.find(inside | outside) if _height(row) > ALIKE * high]
    if sum(len(row.parts) for row in beside) > pieces.MOST:
        raise UnreadableImageError(pieces.TOO_MANY)
    found += [free.line(sheet, row) for row in free.rows(sheet, beside, look)]
    return sorted(found, key=lambda line: float(line.boxes[:, [1, 3]].mean()))


def _height_in(ink: Mask, fields: Mask) -> float:
    """Return how high the writing in most `fields` (H, W) is, px, as `ink` shows; 0 without any."""
    names, _ = connected(fields)
    labels, count = connected(ink)
    own = np.zeros(count + 1, np.int64)
    np.maximum.at(own, labels[ink], names[ink])
    spans = ndimage.find_objects(labels)
    tall = [max(spans[i - 1][0].stop - spans[i - 1][0].start for i in np.flatnonzero(own == n)) for n in set(own) - {0}]
    return float(np.quantile(tall, 0.75)) if tall else 0.0


def _height(row: Row) -> float:
    """Return how high tall characters of a line of writing are, px."""
    return float(np.quantile(row.boxes[:, 3] - row.boxes[:, 1], 0.75))


def _mostly_in(ink: Mask, place: Mask) -> Mask:
    """Return the connected parts of `ink` (H, W) that lie in `place` for the most part."""
    labels, count = connected(ink)
    share = np.bincount(labels.ravel(), place.ravel(), count + 1) / np.maximum(np.bincount(labels.ravel()), 1)
    kept: Mask = ink & (share > 0.5)[labels]
    return kept


def _higher(ink: Mask, least: float) -> Mask:
    """Return the connected parts of `ink` (H, W) that are higher than `least` px."""
    labels, _ = connected(ink)
    high = np.array([0, *(rows.stop - rows.start for rows, _ in ndimage.find_objects(labels))])
    kept: Mask = ink & (high > least)[labels]
    return kept


def _without_small_print(ink: Mask, high: float) -> Mask:
    """Return `ink` (H, W) without small print beside writing that is `high` px high."""
    labels, _ = connected(ink)
    places = np.array([(x.start, y.start, x.stop, y.stop) for y, x in ndimage.find_objects(labels)], float)
    printed = captions.small_print(places.reshape(-1, 4), high)
    kept: Mask = ink & ~np.append(False, printed)[labels]
    return kept


def _without_type(ink: Mask) -> Mask:
    """Return `ink` (H, W) without its printed lines of letters."""
    kept = np.zeros_like(ink)
    for row in pieces.find(ink):
        if not captions.is_type(row.boxes):
            for part in row.parts:
                x0, y0, x1, y1 = part.box
                kept[y0:y1, x0:x1] |= part.mask
    return kept


def _clear_of_border(ink: Mask) -> Mask:
    """Return `ink` without what reaches in from the border of the picture, as do the edges of a form."""
    labels, count = connected(ink)
    clear: Mask = ink & ~from_border(labels, count)[labels]
    return clear


def _boxed(sheet: Sheet, form: boxes.Boxes, owner: NDArray[np.int32]) -> list[Line]:
    """Return a line for each row of boxes."""
    found = []
    spans = ndimage.find_objects(owner, max_label=len(form.frames))
    for row in range(form.rows.max() + 1):
        images, places, blanks, blank = [], [], [], False
        for number in np.flatnonzero(form.rows == row):
            frame, span = form.frames[number], spans[number]
            ink = _written(owner[span] == number + 1, frame) if span else None
            if ink is None:
                blank = True
                continue
            rows, columns = box(ink)
            top, left = span[0].start, span[1].start
            place = (left + columns.start, top + rows.start, left + columns.stop, top + rows.stop)
            images.append(glyph(sheet, ink[rows, columns], place))
            places.append(place)
            blanks.append(blank)
            blank = False
        if images:
            found.append(_row(images, places, blanks))
    return found


def _written(ink: Mask, frame: NDArray[np.int64]) -> Mask | None:
    """Return the character among the `ink` that belongs to one box, or None if the box is empty."""
    kept = character(np.pad(ink, 1))[1:-1, 1:-1]
    rows, columns = box(kept)
    long = max(rows.stop - rows.start, columns.stop - columns.start)
    return kept if long > EMPTY * min(frame[2] - frame[0], frame[3] - frame[1]) else None


def _row(images: list[Bytes], places: list[Place], blanks: list[bool]) -> Line:
    count = len(images)
    return Line(
        atoms=count,
        groups=tuple((atom,) for atom in range(count)),
        images=np.stack(images),
        boxes=np.array(places, float),
        features=np.zeros((count, 1)),
        joints=np.zeros((1, count, count), np.float32),
        weights=BOXED,
        blanks=tuple(blanks),
    )
