"""A line of free writing: its connected parts, the pieces they are cut into, and which pieces may be one character."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Doubles, Mask, box
from emnist.text import marks
from emnist.text.cuts import Seam
from emnist.text.search import Group

POINTS = 48  # least number of points kept of a longer outline, by which distances are measured
BEAM = 24  # sets of runs, the least loose of each size, that are grown by one run more
WIDEST = 1.6  # greatest width of a run of several pieces that is not the whole part, in heights of the line
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
    seams: tuple[Seam, ...] = ()

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
        """The boxes (parts, 4): x0, y0, x1, y1, px."""
        return np.array([part.box for part in self.parts], float).reshape(-1, 4)

    @cached_property
    def height(self) -> float:
        """How high most characters are, px."""
        return marks.height(self.boxes)

    @property
    def ink(self) -> Mask:
        """The ink (H, W) of all parts, in the box around them."""
        return joined([(part.mask, part.box) for part in self.parts])[0]

    @cached_property
    def _pieces(self) -> list[tuple[float, int, int, Mask, Box]]:
        """Each piece: twice its middle, its part, its number in that, its ink, its box."""
        found = []
        for number, part in enumerate(self.parts):
            for place in range(len(part.seams) + 1):
                ink, around = _cropped(part.run(place, place), part.box)
                found.append((float(around[0] + around[2]), number, place, ink, around))
        return sorted(found, key=lambda piece: piece[:3])

    @cached_property
    def atoms(self) -> list[tuple[int, int]]:
        """For each piece its part and its number in that."""
        return [(part, place) for _, part, place, _, _ in self._pieces]

    @cached_property
    def places(self) -> Doubles:
        """The boxes (atoms, 4) of the pieces."""
        return np.array([around for *_, around in self._pieces], float)

    def spans(self, group: Group) -> dict[int, tuple[int, int]]:
        """Return, for each part that has pieces in `group`, the first and the last of them."""
        found: dict[int, tuple[int, int]] = {}
        for part, place in (self.atoms[atom] for atom in group):
            first, last = found.get(part, (place, place))
            found[part] = min(first, place), max(last, place)
        return found

    def together(self, group: Group) -> tuple[Mask, Box]:
        """Return the ink of several pieces and its box."""
        return joined([_cropped(self.parts[n].run(*span), self.parts[n].box) for n, span in self.spans(group).items()])

    def ink_of(self, group: Group) -> Mask:
        """Return the ink of several pieces in the box around it."""
        return self.together(group)[0]

    def apart(self) -> Doubles:
        """Return the distances (atoms, atoms) between the outlines of pieces near in order, px; infinity for others.

        Two pieces of one part are near only if they follow each other; then their distance is 0.
        """
        outlines = [_outline(ink) + around[1::-1] for *_, ink, around in self._pieces]
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


def joined(inks: Sequence[tuple[Mask, Box]]) -> tuple[Mask, Box]:
    """Return `inks`, each with its box, on one sheet as large as needed, and the box of that."""
    boxes = np.array([own for _, own in inks])
    around = np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])
    ink: Mask = np.zeros((around[3] - around[1], around[2] - around[0]), bool)
    for own, place in inks:
        x0, y0, x1, y1 = place - around[[0, 1, 0, 1]]
        ink[y0:y1, x0:x1] |= own
    return ink, around


def _cropped(ink: Mask, place: Box) -> tuple[Mask, Box]:
    """Return `ink` in the box around it, and that; it was in `place`."""
    rows, columns = box(ink)
    around = np.array([columns.start, rows.start, columns.stop, rows.stop]) + place[[0, 1, 0, 1]]
    return ink[rows, columns], around


def _outline(mask: Mask) -> Doubles:
    points = np.argwhere(mask & ~ndimage.binary_erosion(mask))
    return points[:: max(1, len(points) // POINTS)].astype(float)
