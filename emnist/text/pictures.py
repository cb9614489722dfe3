"""A picture to lines of candidates: even contrast → printed lines out → boxes, or rows of free writing → candidates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.decoder import formats
from emnist.errors import NoInkError, UnreadableImageError
from emnist.picture.arrays import Bytes, Doubles, Floats, Mask, bordered, box, edged, from_border, grown
from emnist.picture.convert import emnist
from emnist.picture.decode import Source, read
from emnist.picture.ink import INK_LEVEL, ink_level
from emnist.picture.paper import contrast
from emnist.picture.parts import character
from emnist.picture.pens import RAW_SIDE, even_pen
from emnist.text import boxes, fields, marks, outlines, pieces, rules, scenes
from emnist.text.candidates import CLIP, Line, Network, Weights
from emnist.text.pieces import Row
from emnist.text.ruled import Printed
from emnist.text.search import Group

SIDE = 1600  # px, the longer side of a sheet: of an A4 page, letters of 2 mm are 11 px high
SHEET = 0.4  # of a picture of several characters, that a sheet of paper on a table covers at least
DRAWN = round(1.4 * RAW_SIDE)  # px, the longer side at which a character's outline is drawn
DARKER = 1.25  # times the contrast of all ink: from here on that of what is written decides
TRACES = 0.2  # of the ink's contrast: what has more may be a piece of a printed line
EMPTY = 0.22  # of a box: what is smaller is no character in it
DOT = 0.3  # of the height of the line: a group smaller than this is hardly a character
ALIKE = 0.6  # of the height of what is written in boxes: lower lines beside them are printed captions
NEAR = 0.15  # of the height: parts that come so near may have been meant to meet
CERTAIN = 4.0  # beyond these log-odds a cut is no more certain
FREE = Weights(
    label=0.67,
    character=0.29,
    shape=(-0.17, -0.46, -0.16, -0.44, -0.12, -0.41, -1.15, 0.04, -0.28, -0.27, -0.39, 0.27),
    joint=(-0.52, -0.64),
    size=-1.2,
    agree=2.05,
    whole=(5.22, 4.01, 0.89, 0.18),
)
# The log-odds that a connected part is several characters, of the clues of `several`; fitted by `train.results.fits`.
SEVERAL = (-6.59, -0.4, -0.53, 2.75, -0.48, 4.07, 0.39)
UNLIKELY = -4.0  # log-odds of being one character where it stands: a group of pieces with less is no candidate
PLACED = 8.0  # beyond these log-odds of it a candidate is no more certain
SUSPECT = -4.3  # parts above that are cut: 98 % of those that are several characters
SPECK = 0.02  # of the largest piece of ink: smaller ones are dust
BOXED = Weights(label=1.0, character=0.4, shape=(0.0,), joint=(0.0,))
Ink = tuple[Mask, NDArray[np.int64]]  # what is written in a box, and that box: x0, y0, x1, y1


@dataclass(frozen=True)
class Sheet:
    """A picture on its way.

    Attributes:
        even: (H, W), its contrast in even light.
        ink: (H, W), what is written, without printed lines.
        level: the contrast of ink.
        printed: the lines that were.
        fields: (H, W), where printed rectangles are to be written in; nowhere if there are none.
    """

    even: Floats
    ink: Mask
    level: float
    printed: Printed
    fields: Mask


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
    form = boxes.find(sheet.ink.shape, sheet.printed)
    owner = boxes.share(sheet.ink, form) if form else None
    if form is not None and owner is not None:
        found += _boxed(sheet, form, owner)
        high = float(np.median(np.concatenate([line.boxes[:, 3] - line.boxes[:, 1] for line in found]))) if found else 0
        rest = _clear_of_border(sheet.ink & (owner == 0))
    else:
        high, rest = 0.0, sheet.ink
    inside = _mostly_in(rest, sheet.fields)
    high = max([high, *(_height(row) for row in pieces.find(inside))])
    free = pieces.find(inside | _higher(rest & ~inside, ALIKE * high))
    free = [row for row in free if _height(row) > ALIKE * high]
    if sum(len(row.parts) for row in free) > pieces.MOST:
        raise UnreadableImageError(pieces.TOO_MANY)
    cut = rows(sheet, free, look)
    if sum(len(row.atoms) for row in cut) > pieces.MOST:
        raise UnreadableImageError(pieces.TOO_MANY)
    found += [line(sheet, row) for row in cut]
    return sorted(found, key=lambda line: float(line.boxes[:, [1, 3]].mean()))


def _height(row: pieces.Row) -> float:
    """Return how high tall characters of a line of writing are, px."""
    return float(np.quantile(row.boxes[:, 3] - row.boxes[:, 1], 0.75))


def _mostly_in(ink: Mask, place: Mask) -> Mask:
    """Return the connected parts of `ink` (H, W) that lie in `place` for the most part."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    share = np.bincount(labels.ravel(), place.ravel(), count + 1) / np.maximum(np.bincount(labels.ravel()), 1)
    kept: Mask = ink & (share > 0.5)[labels]
    return kept


def _higher(ink: Mask, least: float) -> Mask:
    """Return the connected parts of `ink` (H, W) that are higher than `least` px."""
    labels, _ = ndimage.label(ink, np.ones((3, 3)))
    high = np.array([0, *(rows.stop - rows.start for rows, _ in ndimage.find_objects(labels))])
    kept: Mask = ink & (high > least)[labels]
    return kept


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
    rectangles = fields.find(traces)
    across, down = outlines.find(traces)
    printed.across.extend(across + rectangles.across)
    printed.down.extend(down + rectangles.down)
    if _one_mark(ink) and boxes.find(ink.shape, printed) is None:
        sides = (printed.across, ink.shape[1]), (printed.down, ink.shape[0])
        across, down = ([line for line in lines if line.crosses(side)] for lines, side in sides)
        printed = Printed(across, down, [], [])  # the long strokes of an E are not the lines of a sheet
    written = rules.erase(ink, printed.across, printed.down)
    if written.any() and (own := float(np.median(even[written]))) > DARKER * level:
        level, written = own, rules.erase(even > INK_LEVEL * own, printed.across, printed.down)
    return Sheet(even, written, level, printed, rectangles.inside)


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
        joints=np.zeros((1, count, count), np.float32),
        weights=BOXED,
        blanks=tuple(blanks),
    )


def rows(sheet: Sheet, found: Sequence[Row], look: Network) -> list[Row]:
    """Return rows of free writing with those parts cut that may be several characters, as `look` sees them."""
    if not found:
        return []
    ends = np.cumsum([len(row.parts) for row in found])[:-1]
    suspect = np.split(several(sheet, found, look) @ SEVERAL > SUSPECT, ends)
    return [pieces.cut(row, own.tolist()) for row, own in zip(found, suspect, strict=True)]


def several(sheet: Sheet, found: Sequence[Row], look: Network) -> Doubles:
    """Return what tells which parts of `found` are several characters: the clues of SEVERAL, a part a row.

    These are 1, the log-odds that the part is one character and the log-probability of its best class, as `look` sees
    them, its width, the square of that, its height, and the log-odds that it is several where it stands.
    """
    parts = [part for row in found for part in row.parts]
    seen, odds = look(np.stack([_glyph(sheet, part.mask, part.box) for part in parts]), True)
    wide, high = np.concatenate([(row.boxes[:, 2:] - row.boxes[:, :2]) / row.height for row in found]).T
    kinds = np.concatenate([_placed(sheet, row, [(part.mask, part.box) for part in row.parts]) for row in found])
    apart = kinds[:, scenes.SEVERAL] - kinds[:, scenes.ONE]
    clues = np.ones_like(odds), odds.clip(-CLIP, CLIP), seen.max(axis=1).clip(-5), wide, wide * wide, high, apart
    return np.stack(clues, axis=1)


def _placed(sheet: Sheet, row: Row, inks: Sequence[Ink]) -> Doubles:
    """Return the log-probabilities (N, 3) of what each of `inks` is where it stands, see `scenes.kinds`."""
    masks, around = zip(*inks, strict=True)
    return scenes.kinds(scenes.draw(sheet.ink, row.height, masks, around))


def _glyph(sheet: Sheet, ink: Mask, around: NDArray[np.int64]) -> Bytes:
    x0, y0, x1, y1 = around
    return glyph(sheet.even[y0:y1, x0:x1], ink, sheet.level)


def line(sheet: Sheet, row: Row) -> Line:
    """Return the candidates of one line of free writing."""
    high = row.height
    apart = row.apart() / high
    groups, inks, placed = _likely(sheet, row, row.groups(apart))
    around = np.array([frame for _, frame in inks], float)
    return Line(
        atoms=len(row.atoms),
        groups=tuple(groups),
        images=np.stack([_glyph(sheet, *ink) for ink in inks]),
        boxes=around,
        features=np.column_stack([_features(row, groups, apart), placed]),
        joints=marks.joints(groups, around / high, apart),
        weights=FREE,
        height=high,
        cuts=tuple(len(_borders(row, group)[0]) for group in groups),
    )


def _likely(sheet: Sheet, row: Row, groups: Sequence[Group]) -> tuple[list[Group], list[Ink], Doubles]:
    """Return those of `groups` that may be one character where they stand, their ink and boxes, and the log-odds of it.

    Every atom stays.
    """
    inks = [row.together(group) for group in groups]
    kinds = _placed(sheet, row, inks)
    odds = kinds[:, scenes.ONE] - np.logaddexp(kinds[:, scenes.PART], kinds[:, scenes.SEVERAL])
    kept = [number for number, group in enumerate(groups) if len(group) == 1 or odds[number] > UNLIKELY]
    return [groups[n] for n in kept], [inks[n] for n in kept], odds[kept].clip(-PLACED, PLACED)


def _features(row: Row, groups: Sequence[Group], apart: Doubles) -> Doubles:
    """Return the clues of `Weights.shape` for each group; lengths are in heights of the line."""
    boxes = row.places / row.height
    feet = marks.base(boxes, 1.0)
    own = [(group, list(group)) for group in groups]
    return np.array([_clues(row, group, boxes[atoms], float(feet[atoms].mean()), apart) for group, atoms in own])


def _clues(row: Row, group: Group, own: Doubles, foot: float, apart: Doubles) -> list[float]:
    wide, high = (own[:, 2:].max(0) - own[:, :2].min(0)).tolist()
    spans = row.spans(group)
    ends, inside = _borders(row, group)
    link = marks.longest_gap(group, apart)
    return [
        1.0,
        max(wide - 1.0, 0.0),
        link,
        marks.aside(own),
        max(DOT - max(wide, high), 0.0) / DOT,
        float(len(spans) - 1),
        float(len(ends)),
        sum(ends),
        sum(max(odds, 0.0) for odds in inside),
        max(foot - float(own[:, 3].max()) - 0.25, 0.0),  # hangs in the air
        max(NEAR - link, 0.0) / NEAR if len(spans) > 1 else 0.0,
    ]


def _borders(row: Row, group: Group) -> tuple[list[float], list[float]]:
    """Return the log-odds of being borders of the cuts at the ends of `group`, and of those within it."""
    ends, inside = [], []
    for number, (first, last) in row.spans(group).items():
        odds = [min(max(seam.odds, -CERTAIN), CERTAIN) for seam in row.parts[number].seams]
        ends += odds[max(first - 1, 0) : first] + odds[last : last + 1]
        inside += odds[first:last]
    return ends, inside


def glyph(even: Floats, own: Mask, level: float) -> Bytes:
    """Return (28, 28) of the ink `own` (h, w) in the contrast `even` (h, w); its outline runs between the pixels."""
    grey = np.where(grown(bordered(own, 2)), edged(even, 2), 0) / level
    scale = DRAWN / max(own.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    method = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    smooth = np.asarray(Image.fromarray(grey.astype(np.float32)).resize(size, method))
    drawn = smooth > INK_LEVEL * min(1.0, float(smooth.max()))  # of a large thin mark, shrinking leaves less
    return emnist(even_pen(drawn if drawn.any() else own))
