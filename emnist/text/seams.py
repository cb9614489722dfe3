"""Seams: paths from the top of a picture to its bottom that cross as little ink as possible."""

import numpy as np

from emnist.picture.arrays import Doubles

TURN = 0.06  # cost of a step sideways, in px of ink

Point = tuple[int, int]  # row, column


def costs(ink: Doubles) -> tuple[Doubles, Doubles]:
    """Return the least costs of paths from top and bottom to each pixel of `ink` (H, W), that pixel included."""
    return _downward(ink), _downward(ink[::-1])[::-1]


def _downward(ink: Doubles) -> Doubles:
    cost = np.empty_like(ink)
    reached = np.zeros(ink.shape[1])
    for row, own in enumerate(ink):
        if row:
            aside = np.pad(cost[row - 1], 1, constant_values=np.inf)
            reached = np.minimum(aside[1:-1], np.minimum(aside[:-2], aside[2:]) + TURN)
        cost[row] = _sideways(reached + own, own + TURN)
    return cost


def _sideways(cost: Doubles, step: Doubles) -> Doubles:
    """Return `cost` (W,) of a row when a way may go along it, which costs `step` (W,) for each pixel entered."""
    right, left = step.cumsum(), step[::-1].cumsum()[::-1]
    from_left = np.minimum.accumulate(cost - right) + right
    from_right = np.minimum.accumulate((cost - left)[::-1])[::-1] + left
    best: Doubles = np.minimum(np.minimum(cost, from_left), from_right)
    return best


def through(point: Point, ink: Doubles, above: Doubles, below: Doubles) -> list[Point]:
    """Return the cheapest seam through `point`, from top to bottom; `above` and `below` are the `costs` of `ink`."""
    up = _walk(point, ink, above)
    last = len(ink) - 1
    down = _walk((last - point[0], point[1]), ink[::-1], below[::-1])
    return [*up[::-1], *((last - row, column) for row, column in down[1:])]


def _walk(point: Point, ink: Doubles, above: Doubles) -> list[Point]:
    """Return the way from `point` to the top row."""
    row, column = point
    way = [point]
    while True:
        here = above[row, column] - ink[row, column] - TURN + 1e-9
        beside = [c for c in (column - 1, column + 1) if 0 <= c < ink.shape[1] and above[row, c] <= here]
        if beside:
            column = beside[0]
        elif row == 0:
            return way
        else:
            row -= 1
            next_to = range(max(column - 1, 0), min(column + 2, ink.shape[1]))
            column = min(next_to, key=lambda c: (above[row, c] + TURN * (c != column), c))
        way.append((row, column))
