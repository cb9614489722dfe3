"""Boxes of forms, one character each: where they are, and which ink belongs to which box."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.constants import BOXES
from emnist.picture.arrays import Doubles, Indices, Mask, connected, filled

SHRUNK: float = BOXES["SHRUNK"]  # share of a box left out on each side by its middle, which the network sees
# Least height of a box, px and in heights of the writing; greatest height of one without lines: more is blank paper.
LEAST, HOLDS, ROOMIEST = BOXES["LEAST"], BOXES["HOLDS"], BOXES["ROOMIEST"]
RIM = 0.25  # least mean share of the sides of the boxes that have print along them, 1 where lines are: else it is blank
FIELD = 0.5  # the same, where all boxes are fields
FILLED: float = BOXES["FILLED"]  # share of its bounding rectangle that paper enclosed by lines must fill to be a box
MEANT: float = BOXES["MEANT"]  # share of that paper that the network must see as the middle of a box
ALIKE: float = BOXES["ALIKE"]  # ratio to the median box, of either side, below which other enclosed paper is like boxes
MOST: float = BOXES["MOST"]  # share of these that must be MEANT, for all to be boxes: on squared paper fewer are
OVERLAP: float = BOXES["OVERLAP"]  # share in other boxes from which on a box that is seen by its middle alone is none
CUT_OFF: int = BOXES["CUT_OFF"]  # most sides on which the border of the picture may cut off a box that lines enclose
ASPECT: list[float] = BOXES["ASPECT"]  # least and greatest width over height of a box for one character
ASTRAY: float = BOXES["ASTRAY"]  # share of the large parts that keep to no box, from which on boxes are ignored
LARGE: float = BOXES["LARGE"]  # least longer side of a large part, in the shorter sides of a box
KEEPS: float = BOXES["KEEPS"]  # share of its ink in one box, or outside all, above which a part keeps to that
SPREADS: float = BOXES["SPREADS"]  # width or height of a part, in boxes, above which it is divided among its boxes
MUCH: float = BOXES["MUCH"]  # least share of its ink in each of these: touching characters
SAME_ROW: float = BOXES["SAME_ROW"]  # least vertical overlap of boxes in a row, as a share of the lower one's height
GAP: float = BOXES["GAP"]  # greatest gap between boxes beside each other, in their widths; three alike may stand apart
AS_WIDE: float = BOXES["AS_WIDE"]  # ratio of widths below which boxes in a row are alike: the network sees them roughly
TALL: float = BOXES["TALL"]  # least height of a part that may be a character by itself, in heights of the writing
Frame = tuple[int, int, int, int]  # x0, y0, x1, y1


@dataclass(frozen=True)
class Boxes:
    """Boxes for one character each, in reading order, numbered from 1.

    Attributes:
        places: (H, W), the number of the box that each pixel lies in; 0 outside all boxes.
        enclosed: (H, W), which pixels lie in a box with lines all around, but not directly beside these lines.
        frames: (boxes, 4), x0, y0, x1, y1 of each.
        rows: the row of each box, (boxes,).
    """

    places: NDArray[np.int32]
    enclosed: Mask
    frames: NDArray[np.int64]
    rows: Indices


def find(
    middles: Mask, printed: Mask, lines: Mask, writing: NDArray[np.int32], pen: float, high: float
) -> Boxes | None:
    """Return the boxes whose `middles` (H, W) the network saw; None if there are neither boxes nor fields.

    A box that `lines` (H, W) enclose ends at these lines.  Strokes of the `pen`, given by its width in px, may cross
    them.  Others have something `printed` (H, W) around them.  Writing that is `high` px high fits into each box.
    Those that stand alone are fields, which may hold a short number, and are left out; so is a row most of whose boxes
    hold several tall parts of the `writing` (H, W), given by the number of each connected part.
    """
    least = max(LEAST, HOLDS * high)
    places, frames = _enclosed(middles, lines, 1 + 2 * round(1.5 * pen + 2), least)
    enclosed = places > 0
    rims = [1.0] * len(frames)
    for inner in _frames(ndimage.find_objects(ndimage.label(middles)[0])):
        x0, y0, x1, y1 = frame = _grown(inner, middles.shape)
        own = places[y0:y1, x0:x1]
        if (own > 0).mean() < OVERLAP and _is_box(frame, least) and y1 - y0 < ROOMIEST * high:
            frames.append(frame)
            rims.append(_rim(inner, frame, printed))
            own[own == 0] = len(frames)
    if not frames or np.mean(rims) < RIM:
        return None
    found = np.array(frames)
    rows = _rows(found)
    order = np.lexsort((found[:, 0], rows))
    order = order[_among_others(found[order], rows[order]) & ~_crowded(places, rows, writing, high)[order]]
    if not len(order) and np.mean(rims) < FIELD:
        return None
    numbers = np.zeros(len(found) + 1, np.int32)
    numbers[order + 1] = np.arange(1, len(order) + 1)
    return Boxes(numbers[places], enclosed, found[order], rows[order])


def _enclosed(middles: Mask, lines: Mask, gap: int, least: float) -> tuple[NDArray[np.int32], list[Frame]]:
    """Return the number of the box (H, W) that each pixel lies in, 0 for none, and the boxes that `lines` enclose."""
    walls = _closed(_closed(ndimage.maximum_filter(lines, 3), 0, gap), 1, gap)
    papers, count = ndimage.label(~walls)
    sizes, inner = np.bincount(papers.ravel()), np.bincount(papers.ravel(), middles.ravel(), count + 1)
    frames = np.array(_frames(ndimage.find_objects(papers))).reshape(-1, 4)
    sides = frames[:, 2:] - frames[:, :2]
    shaped = np.array([_is_box(frame, least) for frame in frames.tolist()], bool)
    shaped &= sizes[1:] > FILLED * sides.prod(axis=1)
    at_border = np.concatenate([frames[:, :2] == 0, frames[:, 2:] == middles.shape[::-1]], axis=1)
    shaped &= at_border.sum(axis=1) <= CUT_OFF
    meant = shaped & (inner[1:] > MEANT * sizes[1:])
    if meant.any():  # rectangles like these are boxes as well
        usual = np.median(sides[meant], axis=0)
        alike = shaped & (np.abs(np.log(sides / usual)) < np.log(ALIKE)).all(axis=1)
        if meant[alike].sum() > MOST * alike.sum():  # else they are squared paper
            meant |= alike
    places = np.zeros(middles.shape, np.int32)
    boxes = [(x0, y0, x1, y1) for x0, y0, x1, y1 in frames[meant].tolist()]
    for number, (paper, (x0, y0, x1, y1)) in enumerate(zip(np.flatnonzero(meant) + 1, boxes, strict=True), 1):
        places[y0:y1, x0:x1][filled(papers[y0:y1, x0:x1] == paper)] = number
    return places, boxes


def _closed(lines: Mask, axis: int, gap: int) -> Mask:
    """Return `lines` (H, W) without gaps of less than `gap` px along an axis, as those of strokes that cross them."""
    wider = ndimage.maximum_filter1d(lines, gap, axis, mode="constant")
    closed: Mask = ndimage.minimum_filter1d(wider, gap, axis, mode="constant", cval=1)
    return closed


def _frames(spans: list[tuple[slice, slice]]) -> list[Frame]:
    return [(x.start, y.start, x.stop, y.stop) for y, x in spans]


def _is_box(frame: Sequence[int], least: float) -> bool:
    wide, high = frame[2] - frame[0], frame[3] - frame[1]
    return high >= least and ASPECT[0] * high < wide < ASPECT[1] * high


def _grown(inner: Frame, shape: tuple[int, int]) -> Frame:
    """Return the box around its middle, within a sheet (H, W)."""
    x0, y0, x1, y1 = inner
    x, y = (round(SHRUNK / (1 - 2 * SHRUNK) * side) for side in (x1 - x0, y1 - y0))
    return max(x0 - x, 0), max(y0 - y, 0), min(x1 + x, shape[1]), min(y1 + y, shape[0])


def _rim(inner: Frame, frame: Frame, printed: Mask) -> float:
    """Return along how much of a box's four sides, 0 to 1, something is `printed` (H, W).

    It may lie anywhere between the middle of the box and as far beyond the box.
    """
    (x0, y0, x1, y1), (left, top, right, bottom) = inner, _grown(frame, printed.shape)
    level = printed[top:y0, x0:x1], printed[y1:bottom, x0:x1]
    upright = printed[y0:y1, left:x0].T, printed[y0:y1, x1:right].T
    return float(np.mean([side.any(axis=0).mean() for side in (*level, *upright)]))


def _rows(frames: NDArray[np.int64]) -> Indices:
    """Return for each frame the row that it stands in, the uppermost 0; each row is followed from left to right."""
    rows = np.full(len(frames), -1)
    last: list[int] = []  # the last box so far of each row
    for i in np.argsort(frames[:, 0]):
        shared = _shared(frames[i], frames[last])
        if shared.max(initial=0) > SAME_ROW:
            rows[i] = int(shared.argmax())
            last[rows[i]] = i
        else:
            rows[i] = len(last)
            last.append(i)
    middles = [frames[rows == row][:, [1, 3]].mean() for row in range(len(last))]
    ranks: Indices = np.argsort(np.argsort(middles))[rows]
    return ranks


def _among_others(frames: NDArray[np.int64], rows: Indices) -> Mask:
    """Tell which boxes, in reading order, stand near others, or with two as wide in a row: the rest are fields."""
    wide, same_row = frames[:, 2] - frames[:, 0], np.diff(rows) == 0
    near = same_row & (frames[1:, 0] - frames[:-1, 2] < GAP * wide[:-1])
    alike = same_row & (np.abs(np.diff(np.log(wide))) < np.log(AS_WIDE))
    between = np.append(False, alike) & np.append(alike, False)  # the middle one of three
    kept: Mask = np.append(False, near) | np.append(near, False) | ndimage.maximum_filter1d(between, 3)
    return kept


def _crowded(places: NDArray[np.int32], rows: Indices, writing: NDArray[np.int32], high: float) -> Mask:
    """Tell which boxes stand in a row of fields: in most that are not empty, several tall parts of `writing` (H, W)."""
    spans = ndimage.find_objects(writing)
    middles = [((y.start + y.stop) // 2, (x.start + x.stop) // 2) for y, x in spans if y.stop - y.start > TALL * high]
    y, x = np.array(middles, int).reshape(-1, 2).T
    counts = np.bincount(places[y, x], minlength=len(rows) + 1)[1:]
    several, held = np.bincount(rows, counts > 1), np.bincount(rows, counts > 0)
    crowded: Mask = (2 * several > held)[rows]
    return crowded


def _shared(one: NDArray[np.int64], others: NDArray[np.int64]) -> Doubles:
    """Return how much of the smaller one's height a frame shares with each of `others`."""
    shared = np.minimum(one[3], others[:, 3]) - np.maximum(one[1], others[:, 1])
    shares: Doubles = shared / np.minimum(one[3] - one[1], others[:, 3] - others[:, 1])
    return shares


def share(ink: Mask, boxes: Boxes) -> NDArray[np.int32] | None:
    """Return the number of the box (H, W) that each pixel of `ink` belongs to, 0 for none; None if ink ignores boxes.

    A connected part belongs to the box that holds most of it, even if it crosses the lines of the box.  Only a part
    that spans two boxes is divided between them.
    """
    labels, count = connected(ink)
    inside = _inside(labels, count, boxes)
    total = inside.sum(axis=1)
    main = np.where(inside[:, 1:].sum(axis=1) > 0, inside[:, 1:].argmax(axis=1) + 1, 0)
    main[inside[:, 0] > 0.5 * total] = 0
    spans = ndimage.find_objects(labels)
    sizes = np.array([(0, 0), *((s[1].stop - s[1].start, s[0].stop - s[0].start) for s in spans)])
    box = np.median(boxes.frames[:, 2:] - boxes.frames[:, :2], axis=0)
    if not _keep_to_boxes(inside, total, sizes, box):
        return None
    owner: NDArray[np.int32] = main[labels].astype(np.int32)
    for part in np.flatnonzero((sizes > SPREADS * box).any(axis=1)):
        if part:
            _part(owner, labels == part, boxes, inside[part])
    return owner


def _inside(labels: NDArray[np.int32], count: int, boxes: Boxes) -> Doubles:
    """Return how much of each part of the ink lies in each box, (parts, boxes), both from 0: paper, and outside."""
    number = len(boxes.frames) + 1
    pairs = np.bincount((labels.astype(np.int64) * number + boxes.places).ravel(), minlength=(count + 1) * number)
    inside: Doubles = pairs.reshape(count + 1, number).astype(np.float64)
    inside[0] = 0
    return inside


def _keep_to_boxes(inside: Doubles, total: Doubles, sizes: NDArray[np.int64], box: Doubles) -> bool:
    """Tell whether most parts of the writing keep to one box."""
    large = np.flatnonzero(sizes.max(axis=1) > LARGE * box.min())
    if not large.size:
        return True
    return bool((inside[large].max(axis=1) > KEEPS * total[large]).mean() > 1 - ASTRAY)


def _part(owner: NDArray[np.int32], part: Mask, boxes: Boxes, inside: Doubles) -> None:
    """Give each pixel of a `part` (H, W) that spans several boxes to the nearest of those that hold much of it."""
    holders = np.flatnonzero(inside[1:] > MUCH * inside.sum()) + 1
    if len(holders) < 2:
        return
    rows, columns = np.nonzero(part)
    centres = (boxes.frames[holders - 1, :2] + boxes.frames[holders - 1, 2:]) / 2
    away = np.hypot(columns[:, None] - centres[:, 0], rows[:, None] - centres[:, 1])
    owner[rows, columns] = holders[away.argmin(axis=1)]
