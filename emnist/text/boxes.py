"""Boxes of forms, one character each: where they are between printed lines, and which ink belongs to which box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Doubles, Indices, Mask, connected, weighted_median
from emnist.text.ruled import Printed, Rule

GAP = 0.02  # of the longer side: how far a line may end short of another one, or of the border
SHORT = 0.1  # of its length, for the same
ASPECT = (0.35, 1.9)  # width over height of a box for one character
ALIKE = 1.5  # boxes of one form differ less in width and height, as a ratio
CUT_OFF = 0.45  # of the usual width or height: a box at the border of the picture shows so much of itself at least
FEWEST = 3  # boxes beside or above each other: one or two are a frame
ASTRAY = 0.4  # of the ink's parts: if more do not keep to one box each, nobody meant the boxes
KEEPS = 0.75  # of its ink: what keeps to a box has more in it
SPREADS = 1.35  # boxes: what spans more, with ink in both, is two characters that touch
SAME_ROW = 0.5  # of their height: boxes that overlap more stand in one row
BETWEEN = 0.1, 0.9  # of their width, from a box to the next of its row: less is a line, more has room for a box


@dataclass(frozen=True)
class Boxes:
    """Boxes for one character each, in reading order, numbered from 1.

    Attributes:
        places: (H, W), the number of the box that a pixel lies in; 0 outside of all.
        frames: (boxes, 4), x0, y0, x1, y1 of each.
        rows: the row of each box, (boxes,).
    """

    places: NDArray[np.int32]
    frames: NDArray[np.int64]
    rows: Indices


def find(shape: tuple[int, int], printed: Printed) -> Boxes | None:
    """Return the boxes for characters between `printed` lines of a picture (H, W), or None without any."""
    across, down = printed.across + printed.walls_across, printed.down + printed.walls_down
    labels, count = ndimage.label(~_drawn(shape, across, down))
    if count < FEWEST:
        return None
    spans = ndimage.find_objects(labels)
    frames = np.array([(s[1].start, s[0].start, s[1].stop, s[0].stop) for s in spans])
    chosen = np.flatnonzero(_are_boxes(frames, shape))
    if len(chosen) < FEWEST:
        return None
    rows = _rows(frames[chosen])
    order = np.lexsort((frames[chosen, 0], rows))
    numbers = np.zeros(count + 1, np.int32)
    numbers[chosen[order] + 1] = np.arange(1, len(order) + 1)
    return Boxes(numbers[labels], frames[chosen[order]], rows[order])


def _drawn(shape: tuple[int, int], across: list[Rule], down: list[Rule]) -> Mask:
    """Return the lines alone (H, W), as fine as a diagonal step, each a little longer than it was found."""
    drawn = np.zeros(shape, bool)
    for canvas, lines in ((drawn, across), (drawn.T, down)):
        high, wide = canvas.shape
        side = max(shape)
        for line in lines:
            gap = min(GAP * side, SHORT * line.length) + 1
            columns = np.arange(max(0, int(line.start - gap)), min(wide, int(line.stop + gap) + 1))
            rows = np.rint(line.along(columns)).astype(np.intp)
            inside = (rows >= 0) & (rows < high)
            canvas[rows[inside], columns[inside]] = True
    return drawn


def _are_boxes(frames: NDArray[np.int64], shape: tuple[int, int]) -> Mask:
    """Tell which regions are boxes: they are about of one size, and of the shape of a character."""
    wide, high = (frames[:, 2:] - frames[:, :2]).T
    shaped = (wide > ASPECT[0] * high) & (wide < ASPECT[1] * high)
    shaped[shaped] = ~_surround(frames[shaped])
    if not shaped.any():
        return np.zeros(len(frames), bool)
    usual = [weighted_median(lengths[shaped], (wide * high)[shaped]) for lengths in (wide, high)]
    at_border = (frames[:, :2] <= 1) | (frames[:, 2:] >= np.array(shape[::-1]) - 1)
    least = np.where(at_border, CUT_OFF, 1 / ALIKE)
    sizes = frames[:, 2:] - frames[:, :2]
    alike: Mask = np.all((sizes > least * usual) & (sizes < ALIKE * np.array(usual)), axis=1)
    whole = ~at_border.all(axis=1)  # one way at least; the quarters of a sheet that was folded twice are not
    return alike & (alike & whole).any()


def _surround(frames: NDArray[np.int64]) -> Mask:
    """Tell which regions are the paper around some of the others."""
    x0, y0, x1, y1 = frames.T
    around = (x0[:, None] <= x0) & (y0[:, None] <= y0) & (x1[:, None] >= x1) & (y1[:, None] >= y1)
    surround: Mask = (around & ~around.T).any(axis=1)  # two of the same place are around each other
    return surround


def _rows(frames: NDArray[np.int64]) -> Indices:
    """Return for each frame the row that it stands in, the uppermost 0; each row is followed from left to right."""
    rows = np.full(len(frames), -1)
    last: list[int] = []  # of each row
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


def _shared(one: NDArray[np.int64], others: NDArray[np.int64]) -> Doubles:
    """Return how much of the smaller one's height a frame shares with each of `others`."""
    shared = np.minimum(one[3], others[:, 3]) - np.maximum(one[1], others[:, 1])
    shares: Doubles = shared / np.minimum(one[3] - one[1], others[:, 3] - others[:, 1])
    return shares


def share(ink: Mask, boxes: Boxes) -> NDArray[np.int32] | None:
    """Return which box each pixel of `ink` (H, W) is written in, 0 for none; or None if nobody kept to the boxes.

    A connected part belongs to the box that most of it lies in, though it may cross the lines around; only what spans
    two boxes is parted at the line between them.
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


def between(boxes: Boxes) -> Mask:
    """Return where there are gaps between the boxes of a row (H, W): strokes and points in them are printed."""
    found = np.zeros(boxes.places.shape, bool)
    for row in range(boxes.rows.max() + 1):
        frames = boxes.frames[boxes.rows == row]
        gaps, wide = frames[1:, 0] - frames[:-1, 2], np.median(frames[:, 2] - frames[:, 0])
        for i in np.flatnonzero((gaps > BETWEEN[0] * wide) & (gaps < BETWEEN[1] * wide)):
            left, right = frames[i : i + 2]
            found[min(left[1], right[1]) : max(left[3], right[3]), left[2] : right[0]] = True
    return found


def _inside(labels: NDArray[np.int32], count: int, boxes: Boxes) -> Doubles:
    """Return how much of each part of the ink lies in each box, (parts, boxes), both from 0: paper, and outside."""
    number = len(boxes.frames) + 1
    pairs = np.bincount((labels.astype(np.int64) * number + boxes.places).ravel(), minlength=(count + 1) * number)
    inside: Doubles = pairs.reshape(count + 1, number).astype(np.float64)
    inside[0] = 0
    return inside


def _keep_to_boxes(inside: Doubles, total: Doubles, sizes: NDArray[np.int64], box: Doubles) -> bool:
    """Tell whether most parts of the writing keep to one box."""
    large = np.flatnonzero(sizes.max(axis=1) > 0.25 * box.min())
    if not large.size:
        return True
    return bool((inside[large].max(axis=1) > KEEPS * total[large]).mean() > 1 - ASTRAY)


def _part(owner: NDArray[np.int32], part: Mask, boxes: Boxes, inside: Doubles) -> None:
    """Give each pixel of a `part` (H, W) that spans several boxes to the nearest of those that hold much of it."""
    holders = np.flatnonzero(inside[1:] > 0.2 * inside.sum()) + 1
    if len(holders) < 2:
        return
    rows, columns = np.nonzero(part)
    centres = (boxes.frames[holders - 1, :2] + boxes.frames[holders - 1, 2:]) / 2
    away = np.hypot(columns[:, None] - centres[:, 0], rows[:, None] - centres[:, 1])
    owner[rows, columns] = holders[away.argmin(axis=1)]
