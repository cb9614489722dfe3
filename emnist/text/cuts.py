"""Where characters that touch may be cut: along seams from top to bottom that go through little ink."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from emnist.picture.arrays import Doubles, Floats, Indices, Mask, resize

SIDE = 48  # px, the height at which seams are looked for
LEAN = 0.35  # of the height: how far a seam strays to either side
TURN = 0.12  # px of ink that a step aside costs
STEP = 2  # px between the middles of seams that are looked for
THICK = 2.4  # times the pen's width: a seam goes through no more ink
END = 0.12  # of the height of the line: how wide both sides of a cut are at least
LEAST = 0.05  # of the ink: how much of it both sides hold at least
APART = 0.16  # of the height of the line between two cuts
CUTS = 5  # of one part at most


@dataclass(frozen=True)
class Seam:
    """A cut: the first column right of it in each row (H,), the ink it crosses in widths of the pen, and where."""

    columns: Indices
    ink: float
    place: float


def find(mask: Mask, high: float, pen: float) -> list[Seam]:
    """Return where a connected part (H, W) may be cut, from left to right; `high` is the height of the line, in px."""
    scale = min(1.0, SIDE / mask.shape[0])
    size = max(2, round(mask.shape[1] * scale)), max(2, round(mask.shape[0] * scale))
    paths, ink = _seams(resize(mask.astype(np.float32), *size))
    places = np.linspace(0, size[1] - 1, mask.shape[0])
    found: list[Seam] = []
    for i in np.argsort(ink, kind="stable"):
        if ink[i] > THICK * pen * scale or len(found) == CUTS:
            break
        columns = np.rint((np.interp(places, np.arange(size[1]), paths[i]) + 0.5) / scale).astype(np.intp)
        place = _crossing(mask, columns)
        if all(abs(place - other.place) > APART * high for other in found) and _parts(mask, columns, END * high):
            found.append(Seam(columns, float(ink[i] / (pen * scale)), place))
    return sorted(found, key=lambda seam: seam.place)


def _seams(ink: Floats) -> tuple[NDArray[np.int64], Doubles]:
    """Return the seams (N, H) of columns through `ink` (H, W) in bands around every second column, and their ink (N,).

    Each is the path from top to bottom that costs least, found row by row.
    """
    reach = max(2, round(LEAN * ink.shape[0]))
    bands = sliding_window_view(np.pad(ink, ((0, 0), (reach, reach))), 2 * reach + 1, axis=1)[:, ::STEP]  # (H, N, band)
    cost = bands[0].astype(np.float64)
    steps = np.zeros(bands.shape, np.int8)
    for row in range(1, len(bands)):
        aside = np.pad(cost, ((0, 0), (1, 1)), constant_values=np.inf)
        ways = np.stack([aside[:, 1:-1], aside[:, :-2] + TURN, aside[:, 2:] + TURN])
        best = ways.argmin(axis=0)
        steps[row] = np.array([0, -1, 1], np.int8)[best]
        cost = np.take_along_axis(ways, best[None], axis=0)[0] + bands[row]
    number = np.arange(bands.shape[1])
    at = cost.argmin(axis=1)
    paths = np.zeros((len(number), len(ink)), np.int64)
    crossed = np.zeros(len(number))
    for row in range(len(bands) - 1, -1, -1):
        paths[:, row] = at + STEP * number - reach
        crossed += bands[row, number, at]
        at = at + steps[row, number, at]
    return paths, crossed


def _crossing(mask: Mask, columns: Indices) -> float:
    """Return where a seam crosses ink, or its middle."""
    on = mask[np.arange(len(mask)), columns.clip(0, mask.shape[1] - 1)]
    return float(columns[on].mean() if on.any() else columns.mean())


def _parts(mask: Mask, columns: Indices, wide: float) -> bool:
    """Tell whether enough of the ink lies on both sides of a seam."""
    right = np.arange(mask.shape[1]) >= columns[:, None]
    for side in (mask & right, mask & ~right):
        across = np.flatnonzero(side.any(axis=0))
        if side.sum() < LEAST * mask.sum() or np.ptp(across) + 1 < wide:
            return False
    return True


def parted(mask: Mask, seams: list[Seam]) -> list[tuple[Mask, tuple[int, int], float]]:
    """Return what a part falls into along `seams`: pieces in their boxes, with corner x, y, and the ink cut before."""
    side = np.zeros(mask.shape, np.intp)
    for seam in seams:
        side += np.arange(mask.shape[1]) >= seam.columns[:, None]
    found = []
    for number in range(len(seams) + 1):
        piece = mask & (side == number)
        y, x = np.flatnonzero(piece.any(axis=1)), np.flatnonzero(piece.any(axis=0))
        if len(y):
            own = piece[y[0] : y[-1] + 1, x[0] : x[-1] + 1]
            found.append((own, (int(x[0]), int(y[0])), seams[number - 1].ink if number else 0.0))
    return found
