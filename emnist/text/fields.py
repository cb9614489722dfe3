"""Fields of forms: printed rectangles in which several characters stand beside each other, or one alone."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Indices, Mask, connected, from_border
from emnist.picture.lines import run_heights
from emnist.text.ruled import Rule

LEAST = 12  # px, of a field
STRAIGHT = 0.6  # of each side of the paper in a field is on one line; strokes may hide the rest
STRAYS = 1.5  # px, how far from it at most
FLAT = 0.08  # rise over run of a side, at most
POINTS = 60  # of a side, that tell where it is
WIDE = 2.0  # times as wide as high: characters enclose no such paper with straight sides
CLEAR = 3  # px, from its lines: ink so near may be their edges
WRITTEN = 0.25  # of the height of a field: what is written in it is so large


@dataclass(frozen=True)
class Fields:
    """The lines around fields, and which pixels (H, W) lie in one."""

    across: list[Rule]
    down: list[Rule]
    inside: Mask

    @property
    def wide(self) -> bool:
        """Whether one is wider than any character."""
        return any(one.length > WIDE * other.length for one, other in zip(self.across, self.down, strict=True))


def find(traces: Mask) -> Fields:
    """Return the fields in `traces` (H, W), printed lines and strokes; of fields within each other the inner ones."""
    papers, count = ndimage.label(~traces)
    spans = ndimage.find_objects(papers)
    closed = np.flatnonzero(~from_border(papers, count)[1:])
    sizes = np.array([[span.stop - span.start for span in spans[i]] for i in closed]).reshape(-1, 2)
    large = closed[sizes.min(axis=1, initial=LEAST) >= LEAST] if len(closed) else closed
    heights, widths = run_heights(traces), run_heights(traces.T)
    found = Fields([], [], np.zeros_like(traces))
    for i in sorted(large, key=lambda i: np.count_nonzero(papers[spans[i]] == i + 1)):
        rows, columns = place = spans[i]
        paper = papers[place] == i + 1
        wide = paper.shape[1] > WIDE * paper.shape[0]
        ink = ~paper[CLEAR:-CLEAR, CLEAR:-CLEAR]
        if not wide and np.count_nonzero(ink) < WRITTEN * len(paper):  # as in the many squares of squared paper
            continue
        if found.inside[place].any() or len(across := _around(paper, rows.start, columns.start, heights)) < 2:
            continue
        if len(down := _around(paper.T, columns.start, rows.start, widths)) < 2:
            continue
        inside = _between(across, down, *np.mgrid[rows, columns])
        written = ndimage.binary_erosion(inside, iterations=CLEAR) & ~paper
        if wide or _is_large(written):
            found.across.extend(across)
            found.down.extend(down)
            found.inside[place] |= inside
    return found


def _around(paper: Mask, top: int, left: int, heights: Indices) -> list[Rule]:
    """Return the lines above and below `paper` (h, w) at `top` and `left` of the picture; fewer if one is not straight.

    `heights` (H, W) are those of the runs of ink from row to row.
    """
    from scipy.stats import siegelslopes  # here, as it takes 0.3 s to import, and few pictures need it

    found: list[Rule] = []
    columns = np.arange(paper.shape[1])
    for rows, outwards in ((paper.argmax(axis=0), -1), (len(paper) - 1 - paper[::-1].argmax(axis=0), 1)):
        some = np.linspace(0, len(columns) - 1, min(POINTS, len(columns))).astype(np.intp)
        slope, first = siegelslopes(rows[some], some)
        near = columns[np.abs(rows - first - slope * columns) <= STRAYS]
        if abs(slope) > FLAT or len(near) < STRAIGHT * len(columns):
            break
        thickness = float(np.median(heights[top + rows[near] + outwards, left + near]))
        middle = top + first - slope * left + outwards * (thickness + 1) / 2
        found.append(Rule(left, left + len(columns), float(slope), float(middle), thickness))
    return found


def _between(across: list[Rule], down: list[Rule], y: Indices, x: Indices) -> Mask:
    """Tell which pixels, at rows `y` and columns `x`, lie within four lines."""
    edges = [(across[0].along(x), y), (y, across[1].along(x)), (down[0].along(y), x), (x, down[1].along(y))]
    lines = [across[0], across[1], down[0], down[1]]
    inside: Mask = np.ones(y.shape, bool)
    for line, (low, up) in zip(lines, edges, strict=True):
        inside &= low + line.thickness / 2 < up
    return inside


def _is_large(ink: Mask) -> bool:
    """Tell whether the largest part of `ink` (h, w), written in a field, is large enough for it."""
    labels, _ = connected(ink)
    high = [rows.stop - rows.start for rows, _ in ndimage.find_objects(labels)]
    return bool(max(high, default=0) >= WRITTEN * ink.shape[0])
