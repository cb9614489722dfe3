"""Strokes as a tidy hand or a drawing program makes them: from corner to corner, straight or in even bends."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from train.images.words import Random, Stroke

TIDY, STRAIGHT = 0.6, 0.4  # share of the pages whose strokes are tidy, and of these of those without bends
FAR = (0.04, 0.12)  # how far these are from the hand's, in heights of tall characters
GRID, PITCH = (
    0.75,
    (1.0, 2.5),
)  # share of the tidy pages whose corners lie on a grid, and its pitch, as a multiple of FAR
SHARP = np.cos(np.radians(75))  # of the angle from which on a turn is a corner and no bend
ROUNDS = 3  # how often bends are rounded


@dataclass(frozen=True)
class Tidy:
    """How strokes are tidied; lengths are px.

    Attributes:
        far: how far they may be from the hand's.
        pitch: of the grid on which their corners lie, so that what is nearly level or upright is so; 0 for none.
        straight: whether they have no bends.
    """

    far: float
    pitch: float
    straight: bool

    @classmethod
    def by_chance(cls, high: float, random: Random) -> Self | None:
        """Return how those of a page are tidied whose tall characters are `high` px high; None for not at all."""
        tidy, grid, straight = (random.random(3) < (TIDY, GRID, STRAIGHT)).tolist()
        far = high * random.uniform(*FAR)
        return cls(far, far * random.uniform(*PITCH) * grid, straight) if tidy else None

    def drawn(self, stroke: Stroke) -> Stroke:
        """Return a `stroke` (N, 2) tidied."""
        points = _corners(stroke, self.far)
        points = np.round(points / self.pitch) * self.pitch if self.pitch else points
        return points if self.straight else bent(points)


def _corners(stroke: Stroke, far: float) -> Stroke:
    """Return the fewest points of `stroke` (N, 2) from whose connections it is nowhere farther than `far` away.

    By Douglas and Peucker, Cartographica 10 (1973).
    """
    chord, along = stroke[-1] - stroke[0], stroke - stroke[0]
    long = float(np.hypot(*chord))
    away = abs(along[:, 0] * chord[1] - along[:, 1] * chord[0]) / long if long > far else np.hypot(*along.T)
    farthest = int(away.argmax())
    if away[farthest] <= far or farthest in (0, len(stroke) - 1):
        return stroke[[0, -1]]
    return np.concatenate([_corners(stroke[: farthest + 1], far)[:-1], _corners(stroke[farthest:], far)])


def bent(points: Stroke) -> Stroke:
    """Return a line through `points` (N, 2) that bends evenly, but for its sharp corners.

    By Chaikin, Computer Graphics and Image Processing 3 (1974).
    """
    for _ in range(ROUNDS):
        found = [points[0]]
        for before, here, after in zip(points, points[1:], points[2:], strict=False):
            come, go = here - before, after - here
            if come @ go < SHARP * np.hypot(*come) * np.hypot(*go):
                found.append(here)
            else:
                found += [here - come / 4, here + go / 4]
        points = np.array([*found, points[-1]])
    return points
