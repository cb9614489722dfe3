"""Free writing in a picture, without boxes: rows of connected parts, cut where characters may touch, to candidates."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.errors import UnreadableImageError
from emnist.picture.arrays import Doubles, Indices, Mask, connected
from emnist.picture.lines import pen_width
from emnist.text import cuts, marks
from emnist.text.search import Group

DOT = 0.6  # of the pen's width: what is smaller is dirt
SMALL = 0.25  # of the height of the line: so is what is smaller, where nothing is near
ALONE = 0.8  # of the height of the line, is not near
FINE = 0.4  # of the pen's width: what is finer, and long, is left of a printed line
FLAT = 12.0  # times its height: what is wider, and longer than others are high, is a line, too
MOST = 800  # pieces of free writing: what takes a few seconds
MOST_WITH_DIRT = 2000  # pieces before dirt is told from dots, by the distance of each to all others: 0.2 GB
TOO_MANY = f"more than {MOST} pieces of ink: crop the picture to a few lines"
POINTS = 48  # of an outline, by which distances are measured
CUTS = 5.0  # of a part for a width of one height
SLIVER = 0.1  # of a stroke as long as the line is high: a piece between two cuts has more ink
BEAM = 24  # sets of runs that grow by one more
WIDEST = 1.6  # heights of the line: what is cut off a part is no wider
Box = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A connected part of the ink.

    Attributes:
        mask: its ink in its box.
        box: x0, y0, x1, y1.
        seams: where it may be cut, from left to right; they divide it into pieces.
    """

    mask: Mask
    box: Box
    seams: tuple[cuts.Seam, ...] = ()

    def run(self, first: int, last: int) -> Mask:
        """Return the ink of the pieces `first` … `last`."""
        ink, column = self.mask, np.arange(self.mask.shape[1])
        if first:
            ink = ink & (column >= self.seams[first - 1].columns[:, None])
        if last < len(self.seams):
            ink = ink & (column < self.seams[last].columns[:, None])
        return ink


@dataclass(frozen=True)
class Row:
    """A line of writing: its parts, and their pieces, which are the atoms of the search, from left to right.

    Attributes:
        parts: in no order.
        pen: the width of the pen, px.
    """

    parts: tuple[Part, ...]
    pen: float

    @cached_property
    def boxes(self) -> Doubles:
        """The boxes (parts, 4)."""
        return np.array([part.box for part in self.parts], float).reshape(-1, 4)

    @cached_property
    def height(self) -> float:
        """How high most characters are."""
        return marks.height(self.boxes)

    @cached_property
    def _pieces(self) -> list[tuple[float, int, int, Mask, Box]]:
        """Each piece: twice its middle, its part, its number in that, its ink, its box."""
        found = []
        for number, part in enumerate(self.parts):
            for place in range(len(part.seams) + 1):
                ink, box = _cropped(part.run(place, place), part.box)
                found.append((float(box[0] + box[2]), number, place, ink, box))
        return sorted(found, key=lambda piece: piece[:3])

    @cached_property
    def atoms(self) -> list[tuple[int, int]]:
        """For each piece its part and its number in that."""
        return [(part, place) for _, part, place, _, _ in self._pieces]

    @cached_property
    def places(self) -> Doubles:
        """The boxes (atoms, 4) of the pieces."""
        return np.array([box for *_, box in self._pieces], float)

    def spans(self, group: Group) -> dict[int, tuple[int, int]]:
        """Return of each part in `group` its first and last piece in it."""
        found: dict[int, tuple[int, int]] = {}
        for part, place in (self.atoms[atom] for atom in group):
            first, last = found.get(part, (place, place))
            found[part] = min(first, place), max(last, place)
        return found

    def together(self, group: Group) -> tuple[Mask, Box]:
        """Return the ink of several pieces and its box."""
        inks = [_cropped(self.parts[n].run(*span), self.parts[n].box) for n, span in self.spans(group).items()]
        boxes = np.array([box for _, box in inks])
        around = np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])
        ink: Mask = np.zeros((around[3] - around[1], around[2] - around[0]), bool)
        for own, box in inks:
            x0, y0, x1, y1 = box - around[[0, 1, 0, 1]]
            ink[y0:y1, x0:x1] |= own
        return ink, around

    def apart(self) -> Doubles:
        """Return the distance between the outlines of each two pieces that are near in order, px; infinity for others.

        Of one part, only pieces that follow each other are near: they are 0 apart.
        """
        outlines = [_outline(ink) + box[1::-1] for *_, ink, box in self._pieces]
        order = [part for part, _ in self.atoms]
        count = len(outlines)
        found = np.full((count, count), np.inf)
        for i in range(count):
            found[i, i] = 0
            for j in range(i + 1, count):
                if len({*order[i:j], order[j]}) > marks.WINDOW:
                    break
                if order[i] != order[j]:
                    found[i, j] = found[j, i] = np.hypot(*(outlines[i][:, None] - outlines[j]).T).min()
                elif abs(self.atoms[i][1] - self.atoms[j][1]) == 1:
                    found[i, j] = found[j, i] = 0
        return found

    def groups(self, apart: Doubles) -> list[Group]:
        """Return the sets of pieces that may be one character; `apart` is in heights of the line."""
        runs = self._runs()
        together = _Together(self, runs, apart)
        whole = np.array([len(run) == len(self.parts[self.atoms[run[0]][0]].seams) + 1 for run in runs])
        found: list[Group] = []
        for first in range(len(self.atoms)):
            own = np.array([run[0] == first for run in runs])
            found += [runs[number] for number in np.flatnonzero(own)]
            several = *together.beginning_with(own & whole, whole), *together.beginning_with(own, np.ones_like(own))
            found += sorted(set(several))
        return found

    def _runs(self) -> list[Group]:
        """Return the sets of pieces of one part that follow each other and are not too wide."""
        numbers = {atom: number for number, atom in enumerate(self.atoms)}
        found = []
        for part, own in enumerate(self.parts):
            count = len(own.seams) + 1
            for first, end in combinations(range(count + 1), 2):
                run = tuple(sorted(numbers[part, place] for place in range(first, end)))
                wide = self.places[list(run), 2].max() - self.places[list(run), 0].min()
                if end - first in (1, count) or wide <= WIDEST * self.height:
                    found.append(run)
        return found


class _Together:
    """Which runs of pieces, of different parts, may be one character together; lengths are in heights of the line."""

    def __init__(self, row: Row, runs: list[Group], apart: Doubles) -> None:
        self.runs = runs
        self.parts = np.array([row.atoms[run[0]][0] for run in runs])
        self.first = np.array([run[0] for run in runs])
        places = row.places / row.height
        self.boxes = np.array([[*places[list(r), :2].min(0), *places[list(r), 2:].max(0)] for r in runs])
        near = np.stack([apart[list(run)].min(axis=0) for run in runs])  # (runs, atoms)
        self.apart = np.stack([near[:, list(run)].min(axis=1) for run in runs])  # (runs, runs)

    def beginning_with(self, first: Mask, others: Mask) -> list[Group]:
        """Return sets of two and more runs, of which one of `first` (runs,) is the first, with some of `others`."""
        found: dict[Group, float] = {}
        grown: list[Group] = [(int(run),) for run in np.flatnonzero(first)]
        for _ in range(marks.MOST - 1):
            larger = [group for members in grown for group in self._larger(members, others)]
            looseness = zip(marks.looseness(larger, self.boxes, self.apart), larger, strict=True)
            closest = sorted((loose, group) for loose, group in looseness if loose <= marks.LOOSEST)
            grown = [group for _, group in closest[:BEAM]]
            found |= {group: loose for loose, group in closest[:BEAM]}
        best = sorted(found, key=lambda group: (found[group], group))[: marks.PER_ATOM]
        return [tuple(sorted(atom for run in group for atom in self.runs[run])) for group in best]

    def _larger(self, members: Group, others: Mask) -> list[Group]:
        """Return `members` with one run more of `others`, that begins later and is near."""
        fit = others & (self.first > self.first[members[-1]]) & ~np.isin(self.parts, self.parts[list(members)])
        fit &= self.apart[list(members)].min(axis=0) <= marks.LOOSEST
        return [(*members, int(run)) for run in np.flatnonzero(fit)]


def find(ink: Mask) -> list[Row]:
    """Return each line of writing in `ink` (H, W), the uppermost first, its parts not cut; of too many, an error."""
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
    """Return `part` with seams, the likeliest borders first; those leave out others that part the ink as they do."""
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


def _cropped(ink: Mask, box: Box) -> tuple[Mask, Box]:
    """Return `ink` in the box around it; it was in `box`."""
    y, x = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    around = np.array([x[0], y[0], x[-1] + 1, y[-1] + 1]) + box[[0, 1, 0, 1]]
    return ink[y[0] : y[-1] + 1, x[0] : x[-1] + 1], around


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
    flat = (wide > FLAT * high) & (wide > 2 * np.median(high))
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


def _outline(mask: Mask) -> Doubles:
    points = np.argwhere(mask & ~ndimage.binary_erosion(mask))
    return points[:: max(1, len(points) // POINTS)].astype(float)
