"""Pen strokes to lines of candidates: parse → lines → order → groups, with what their geometry tells."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emnist.errors import NoInkError, UnreadableStrokesError
from emnist.picture.arrays import Doubles
from emnist.text import marks
from emnist.text.candidates import Line, Weights
from emnist.text.drawing import image
from emnist.text.search import Group

Strokes = Sequence[Sequence[Sequence[float]]]

MAX_STROKES = 500  # a page of a few hundred characters
MAX_POINTS = 100_000  # of all strokes together
MAX_BYTES = 10_000_000  # of a file of strokes
MAX_VALUE = 1e9  # of a coordinate
HANGS = 0.2  # of the height of the line: what ends higher over its foot hangs in the air

WEIGHTS = Weights(
    label=0.65,
    character=0.41,
    shape=(-1.58, -0.93, -1.37, -2.38),
    joint=(-4.25, -0.88),
    size=-1.72,
    agree=2.25,
    whole=(5.59, 3.81, 1.69, 0.19),
)  # `python -m train.results.fits strokes unipen.jsonl.gz` prints them


def parse(source: Any) -> list[Doubles]:
    """Return `source`, a list of strokes or a .json file of one, as arrays (points, 2) of x and y.

    Raises:
        UnreadableStrokesError: it is no list of lists of finite numbers [x, y], or one too long.
        NoInkError: it holds no point.
        FileNotFoundError: there is no such file.
    """
    strokes = _load(source) if isinstance(source, str | Path) else source
    if not isinstance(strokes, list | tuple) or not all(_is_list(stroke) for stroke in strokes):
        raise UnreadableStrokesError("strokes must be a list of strokes, each a list of [x, y]")
    if len(strokes) > MAX_STROKES or sum(len(stroke) for stroke in strokes) > MAX_POINTS:
        raise UnreadableStrokesError(f"more than {MAX_STROKES} strokes or {MAX_POINTS} points; send fewer lines")
    arrays = [_stroke(stroke, number) for number, stroke in enumerate(strokes, 1)]
    if not any(len(array) for array in arrays):
        raise NoInkError("there is no stroke: write something")
    return arrays


def _is_list(stroke: Any) -> bool:
    return isinstance(stroke, list | tuple) or (isinstance(stroke, np.ndarray) and stroke.ndim > 0)


def _load(file: str | Path) -> Any:
    path = Path(file)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UnreadableStrokesError(f"{path} holds no strokes ({error})") from error


def _stroke(points: Any, number: int) -> Doubles:
    wrong = UnreadableStrokesError(f"stroke {number} must be a list of [x, y], two finite numbers each")
    try:
        array = np.array([[float(x), float(y)] for x, y in points], float).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError) as error:
        raise wrong from error
    if not (np.abs(array) <= MAX_VALUE).all():  # a NaN passes no comparison
        raise wrong
    return array


def lines(strokes: Sequence[Doubles]) -> list[Line]:
    """Return the lines of writing in `strokes`, the uppermost first."""
    drawn = [place for place, stroke in enumerate(strokes) if len(stroke)]
    rows = marks.rows(_boxes([strokes[place] for place in drawn]))
    return [_line([strokes[drawn[i]] for i in row], [drawn[i] for i in row]) for row in rows]


def _boxes(strokes: Sequence[Doubles]) -> Doubles:
    return np.array([[*stroke.min(0), *stroke.max(0)] for stroke in strokes])


def _line(strokes: Sequence[Doubles], places: list[int]) -> Line:
    """Return the candidates of one line; `strokes` are in order from left to right."""
    boxes = _boxes(strokes)
    height = marks.height(boxes)
    apart = _apart(strokes) / height
    groups = marks.groups(boxes / height, apart)
    around = np.array([[*boxes[list(g), :2].min(0), *boxes[list(g), 2:].max(0)] for g in groups])
    return Line(
        atoms=len(strokes),
        groups=tuple(groups),
        images=np.stack([image([strokes[atom] for atom in group]) for group in groups]),
        boxes=around,
        features=_features(boxes / height, groups, apart),
        joints=marks.joints(groups, around / height, apart),
        weights=WEIGHTS,
        places=tuple(places),
        counts=tuple(len(group) for group in groups),
        height=height,
    )


def _apart(strokes: Sequence[Doubles]) -> Doubles:
    """Return the distance between the nearest points of each two strokes that are near in the order, else infinity."""
    dense = [_dense(stroke) for stroke in strokes]
    apart = np.full((len(strokes), len(strokes)), np.inf)
    for i in range(len(strokes)):
        apart[i, i] = 0
        for j in range(i + 1, min(i + marks.WINDOW, len(strokes))):
            apart[i, j] = apart[j, i] = np.hypot(*(dense[i][:, None] - dense[j]).T).min()
    return apart


def _dense(stroke: Doubles, points: int = 64) -> Doubles:
    """Return `stroke` as `points` at equal distances along it."""
    along = np.concatenate([[0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()])
    at = np.linspace(0, along[-1], points)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], axis=1)


def _features(boxes: Doubles, groups: Sequence[Group], apart: Doubles) -> Doubles:
    """Return the clues of `Weights.shape`, (G, 4), for each group; lengths are in heights of the line."""
    feet = marks.base(boxes, 1.0)
    typical = _typical_gap(boxes)
    own = [(group, list(group)) for group in groups]
    return np.array([_clues(boxes[atoms], group, apart, float(feet[atoms].mean()), typical) for group, atoms in own])


def _clues(own: Doubles, group: Group, apart: Doubles, foot: float, typical: float) -> list[float]:
    hangs = (foot - float(own[:, 3].max())) / HANGS - 1
    if marks.dotted(own):  # dots are set off
        link = gap = 0.0
    else:
        link, gap = marks.longest_gap(group, apart), marks.aside(own)
    return [1.0, link, min(gap / (typical + 0.05), 3.0), min(max(hangs, 0.0), 1.0)]


def _typical_gap(boxes: Doubles) -> float:
    """Return the median of the gaps of a line, between characters as a rule."""
    gaps = boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])
    return float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 0.0
