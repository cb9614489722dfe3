"""Characters to try, as a pen would draw them: strokes of points in units of the canvas side."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, sin

Point = tuple[float, float]
STEP = 0.03  # canvas sides between two points


def _line(*corners: Point) -> list[Point]:
    """Return points along straight lines from corner to corner."""
    points = [corners[0]]
    for (x, y), (u, v) in pairwise(corners):
        count = max(1, round(((u - x) ** 2 + (v - y) ** 2) ** 0.5 / STEP))
        points += [(x + (u - x) * i / count, y + (v - y) * i / count) for i in range(1, count + 1)]
    return points


def _arc(x: float, y: float, width: float, height: float, start: float, end: float) -> list[Point]:
    """Return points of an ellipse about (x, y); the angles are in turns, 0 at three o'clock, growing clockwise."""
    count = max(2, round(abs(end - start) * pi * (width + height) / 2 / STEP))
    angles = [2 * pi * (start + (end - start) * i / count) for i in range(count + 1)]
    return [(x + width / 2 * cos(a), y + height / 2 * sin(a)) for a in angles]


def _rounded(strokes: list[list[Point]]) -> list[list[Point]]:
    return [[(round(x, 3), round(y, 3)) for x, y in stroke] for stroke in strokes]


_DRAWN = {
    "7": [_line((0.28, 0.24), (0.7, 0.22), (0.46, 0.8))],
    "R": [
        _line((0.32, 0.8), (0.33, 0.2)),
        [
            *_line((0.33, 0.2), (0.48, 0.2)),
            *_arc(0.48, 0.34, 0.32, 0.28, -0.25, 0.25),
            *_line((0.34, 0.49), (0.72, 0.8)),
        ],
    ],
    "g": [
        [
            *_arc(0.49, 0.4, 0.32, 0.32, -0.08, -1.05),
            *_line((0.66, 0.28), (0.65, 0.68)),
            *_arc(0.49, 0.68, 0.32, 0.3, 0.0, 0.4),
        ]
    ],
    "4": [_line((0.42, 0.2), (0.24, 0.58), (0.74, 0.56)), _line((0.6, 0.3), (0.58, 0.84))],
    "a scribble": [
        _line((0.2, 0.3), (0.8, 0.4), (0.25, 0.55), (0.7, 0.2), (0.5, 0.8), (0.3, 0.2), (0.8, 0.7), (0.2, 0.72)),
    ],
}

EXAMPLES: list[dict[str, object]] = [{"name": name, "strokes": _rounded(strokes)} for name, strokes in _DRAWN.items()]
