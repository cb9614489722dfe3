"""Characters struck out, as on paper and on pads: a text with one of them is never certain."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from train.images.words import Random, Stroke, Text

NARROW = 0.5  # least width of what strikes a character out, over its height
ASTRAY = 0.06  # standard deviation of where its ends are, over that size

Line = list[tuple[float, float]]  # x and y from 0 to 1, in the box around the character


def out(text: Text, place: int, way: str, random: Random) -> Text:
    """Return `text` with the character at `place` struck out in one of WAYS, before the next one is written."""
    points = np.concatenate(text.alone(place))
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.array([max(high[0] - low[0], NARROW * (high[1] - low[1])), high[1] - low[1]])
    corner = (low + high - size) / 2
    over = [corner + size * _drawn(line, random) for line in WAYS[way]()]
    last = max(number for number, owner in enumerate(text.owners) if owner == place) + 1
    strokes, owners = list(text.strokes), list(text.owners)
    strokes[last:last], owners[last:last] = over, [place] * len(over)
    return replace(text, strokes=tuple(strokes), owners=tuple(owners))


def _drawn(line: Line, random: Random) -> Stroke:
    """Return `line` (points, 2) as a hand draws it: its corners a little astray, the lines between them smooth."""
    corners = np.array(line) + random.normal(0, ASTRAY, (len(line), 2))
    along = np.linspace(0, len(line) - 1, 1 + 8 * (len(line) - 1))
    return np.stack([np.interp(along, range(len(line)), corners[:, axis]) for axis in range(2)], axis=1)


def _scribble() -> list[Line]:
    angles = np.linspace(0, 14 * np.pi, 100)
    wide = 0.3 + 0.2 * np.sin(angles / 7)
    return [np.stack([0.5 + wide * np.cos(angles), 0.5 + 0.5 * np.sin(1.1 * angles)], axis=1).tolist()]


def _zigzag() -> list[Line]:
    return [[(i / 8, 0.1 + 0.8 * (i % 2)) for i in range(9)]]


WAYS: dict[str, Callable[[], list[Line]]] = {
    "scribble": _scribble,
    "zigzag": _zigzag,
    "cross": lambda: [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "two lines": lambda: [[(-0.1, y), (1.1, y)] for y in (0.35, 0.65)],
    "one slanting line": lambda: [[(0, 1), (1, 0)]],
    "one level line": lambda: [[(-0.1, 0.5), (1.1, 0.5)]],
}
CLEAR = ("scribble", "zigzag", "cross", "two lines")  # one line is not told from a stroke of the character
