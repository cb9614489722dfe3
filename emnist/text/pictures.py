"""A picture to lines of candidates: even contrast → printed lines out → boxes, or rows of free writing → candidates."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.decoder import formats
from emnist.errors import NoInkError, UnreadableImageError
from emnist.picture.arrays import Bytes, Doubles, Floats, Mask, box, from_border
from emnist.picture.convert import emnist
from emnist.picture.decode import Source, read
from emnist.picture.ink import DARKER, INK_LEVEL, ink_level
from emnist.picture.paper import contrast
from emnist.picture.parts import character
from emnist.picture.pens import RAW_SIDE, even_pen
from emnist.text import boxes, marks, outlines, pieces, rules
from emnist.text.candidates import Line, Weights
from emnist.text.pieces import Pieces
from emnist.text.search import Group

SIDE = 1600  # px, the longer side of a sheet: of an A4 page, letters of 2 mm are 11 px high
SHEET = 0.4  # of a picture of several characters, that a sheet of paper on a table covers at least
DRAWN = 2 * RAW_SIDE  # px, the longer side at which a character's outline is drawn
TRACES = 0.2  # of the ink's contrast: what has more may be a piece of a printed line
EMPTY = 0.22  # of a box: what is smaller is no character in it
DOT = 0.3  # of the height of the line: a group smaller than this is hardly a character
ALIKE = 0.6  # of the height of what is written in boxes: lower lines beside them are printed captions
FREE = Weights(
    label=2.42,
    character=0.37,
    shape=(-0.96, -0.91, 0.25, -0.9, -0.03, -0.04, -2.0, 0.03),
    joint=(-2.92, -0.89),
    size=-1.69,
    agree=0.45,
)
SPECK = 0.02  # of the largest piece of ink: smaller ones are dust
BOXED = Weights(label=1.0, character=0.4, shape=(0.0,), joint=(0.0,))


@dataclass(frozen=True)
class Sheet:
    """A picture on its way.

    Attributes:
        even: (H, W), its contrast in even light.
        ink: (H, W), what is written, without printed lines.
        level: the contrast of ink.
        printed: the lines that were.
    """

    even: Floats
    ink: Mask
    level: float
    printed: rules.Printed


def lines(source: Source) -> list[Line]:
    """Return the lines of writing in a picture, the uppermost first; their boxes are in pixels of `source`, upright.

    Raise NoInkError if it is blank, UnreadableImageError if it is none or holds too much, FileNotFoundError if missing.
    """
    picture = read(source, SIDE)
    sheet = prepare(picture)
    found = _lines(sheet)
    if not found:
        raise NoInkError("the picture is blank: write something, or write it with more contrast")
    scale = picture.info[formats.LONGEST] / max(sheet.ink.shape)
    return [replace(line, boxes=line.boxes * scale, height=line.height * scale) for line in found]


def _lines(sheet: Sheet) -> list[Line]:
    """Return the lines of writing on a sheet, in boxes and beside them; boxes are in its pixels."""
    found: list[Line] = []
    form = boxes.find(sheet.ink.shape, sheet.printed)
    owner = boxes.share(sheet.ink, form) if form else None
    if form is not None and owner is not None:
        found += _boxed(sheet, form, owner)
        high = float(np.median(np.concatenate([line.boxes[:, 3] - line.boxes[:, 1] for line in found]))) if found else 0
        rest = _clear_of_border(sheet.ink & (owner == 0))
    else:
        high, rest = 0.0, sheet.ink
    rows = [row for row in pieces.find(rest) if np.quantile(row.boxes[:, 3] - row.boxes[:, 1], 0.75) > ALIKE * high]
    if sum(len(row.masks) for row in rows) > pieces.MOST:
        raise UnreadableImageError(pieces.TOO_MANY)
    return sorted(found + [_free(sheet, row) for row in rows], key=lambda line: float(line.boxes[:, [1, 3]].mean()))


def _clear_of_border(ink: Mask) -> Mask:
    """Return `ink` without what reaches in from the border of the picture, as do the edges of a form."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    clear: Mask = ink & ~from_border(labels, count)[labels]
    return clear


def prepare(picture: Image.Image) -> Sheet:
    """Return what is written on `picture`, apart from what is printed."""
    even, level = ink_level(contrast(picture, SHEET))
    ink, traces = even > INK_LEVEL * level, even > TRACES * level
    printed = rules.find(ink, traces)
    for lines, more in zip((printed.across, printed.down), outlines.find(traces), strict=True):
        lines.extend(more)
    if _one_mark(ink) and boxes.find(ink.shape, printed) is None:
        printed = rules.Printed([], [], [], [])  # the long strokes of an E are not the lines of a sheet
    written = rules.erase(ink, printed.across, printed.down)
    if written.any() and (own := float(np.median(even[written]))) > DARKER * level:
        level, written = own, rules.erase(even > INK_LEVEL * own, printed.across, printed.down)
    return Sheet(even, written, level, printed)


def _one_mark(ink: Mask) -> bool:
    """Tell whether all ink but specks hangs together, as one large character does."""
    labels, _ = ndimage.label(ink, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    return len(sizes) > 0 and bool((sizes >= SPECK * sizes.max()).sum() == 1)


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
            own = span[0].start + rows.start, span[1].start + columns.start
            at = np.s_[own[0] : own[0] + rows.stop - rows.start, own[1] : own[1] + columns.stop - columns.start]
            images.append(glyph(sheet.even[at], ink[rows, columns], sheet.level))
            places.append((own[1], own[0], at[1].stop, at[0].stop))
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


def _row(images: list[Bytes], places: list[tuple[int, int, int, int]], blanks: list[bool]) -> Line:
    count = len(images)
    return Line(
        atoms=count,
        groups=tuple((atom,) for atom in range(count)),
        images=np.stack(images),
        boxes=np.array(places, float),
        features=np.zeros((count, 1)),
        joints=np.zeros((1, count, count)),
        weights=BOXED,
        blanks=tuple(blanks),
    )


def _free(sheet: Sheet, row: Pieces) -> Line:
    """Return the candidates of one line of free writing."""
    around = row.boxes.astype(float)
    high = marks.height(around)
    apart = pieces.apart(row) / high
    groups = [group for group in marks.groups(around / high, apart) if _is_whole(row, group)]
    inks, places = zip(*(pieces.together(row, group) for group in groups), strict=True)
    at = [np.s_[y0:y1, x0:x1] for x0, y0, x1, y1 in places]
    frames = np.array(places, float)
    return Line(
        atoms=len(row.masks),
        groups=tuple(groups),
        images=np.stack([glyph(sheet.even[a], ink, sheet.level) for a, ink in zip(at, inks, strict=True)]),
        boxes=frames,
        features=np.array([_features(row, group, around / high, apart) for group in groups]),
        joints=marks.joints(groups, frames / high, apart),
        weights=FREE,
        height=high,
    )


def _is_whole(row: Pieces, group: Group) -> bool:
    """Tell whether `group` has no hole where pieces of one part in it are missing between others."""
    missing = set(range(group[0], group[-1])) - set(group)
    return not any(
        row.parts[i] in row.parts[[g for g in group if g < i]]
        and row.parts[i] in row.parts[[g for g in group if g > i]]
        for i in missing
    )


def _cut_off(row: Pieces, group: Group) -> list[int]:
    """Return the pieces that were cut from the piece of their part before them, if one of both alone is in `group`."""
    found = []
    for part in set(row.parts[list(group)].tolist()):
        own = np.flatnonzero(row.parts == part).tolist()
        found += [after for before, after in pairwise(own) if (before in group) != (after in group)]
    return found


def _features(row: Pieces, group: Group, around: Doubles, apart: Doubles) -> list[float]:
    """Return the clues of `Weights.shape` for one group; lengths are in heights of the line."""
    own = around[list(group)]
    wide, high = (own[:, 2:].max(0) - own[:, :2].min(0)).tolist()
    by_left = own[own[:, 0].argsort()]
    gaps = by_left[1:, 0] - np.maximum.accumulate(by_left[:-1, 2]) if len(group) > 1 else np.zeros(1)
    parts = row.parts[list(group)]
    cuts = [float(row.seams[i]) for i in _cut_off(row, group)]
    return [
        1.0,
        max(wide - 1.0, 0.0),
        marks.longest_gap(group, apart),
        max(float(gaps.max()), 0.0),
        max(DOT - max(wide, high), 0.0) / DOT,
        float(len(set(parts.tolist())) - 1),
        float(len(cuts)),
        sum(cuts),
    ]


def glyph(even: Floats, own: Mask, level: float) -> Bytes:
    """Return (28, 28) of the ink `own` (h, w) in the contrast `even` (h, w); its outline runs between the pixels."""
    grown = ndimage.binary_dilation(np.pad(own, 2), iterations=1)
    grey = np.where(grown, np.pad(even, 2, "edge"), 0) / level
    scale = DRAWN / max(own.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    method = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    smooth = np.asarray(Image.fromarray(grey.astype(np.float32)).resize(size, method))
    drawn = smooth > INK_LEVEL
    return emnist(even_pen(drawn if drawn.any() else own))
