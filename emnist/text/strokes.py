"""From pen strokes to lines of candidates: parse → lines → order → groups, with clues from their geometry."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emnist.errors import NoInkError, UnreadableStrokesError
from emnist.picture.arrays import Bytes, Doubles
from emnist.picture.decode import regular
from emnist.text import marks, scenes, sequence
from emnist.text.candidates import Line, Weights
from emnist.text.drawing import draw, image
from emnist.text.search import Group

Strokes = Sequence[Sequence[Sequence[float]]]

MAX_STROKES = 500  # most strokes: a page of a few hundred characters
MAX_POINTS = 100_000  # most points of all strokes together
MAX_BYTES = 10_000_000  # bytes: greatest size of a file of strokes
MAX_VALUE = 1e9  # greatest coordinate, of either sign
NUMBERS = (int, float, np.integer, np.floating)  # types of a coordinate
POINTS = 64  # points at equal distances along a stroke, by which distances between strokes are measured
UNLIKELY = -5.0  # log-odds of one character, by its scene, up to which a group of several strokes is no candidate

WEIGHTS = Weights(
    label=0.6,
    character=0.07,
    shape=(-0.56, 0.32),
    joint=(-0.68, -0.15),
    size=-0.56,
    agree=1.39,
    line=0.19,
    evidence=0.56,
    whole=(5.28, 3.05, 2.01, 0.39, 0.23),
)  # `python -m train.text.fit strokes unipen.jsonl.gz` prints them, but for `whole`: that is `fit confidence`


def parse(source: Any) -> list[Doubles]:
    """Return `source`, a list of strokes or a .json file of one, as arrays (points, 2) of x and y.

    Raises:
        UnreadableStrokesError: `source` is no list of strokes with finite numbers [x, y], or it is too long.
        NoInkError: `source` holds no point.
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
        if regular(path).stat().st_size > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        return json.loads(path.read_text(encoding="utf-8-sig"))  # Windows programs begin with a byte order mark
    except (ValueError, RecursionError) as error:
        raise UnreadableStrokesError(f"{path} holds no strokes ({error})") from error


def _stroke(points: Any, number: int) -> Doubles:
    wrong = UnreadableStrokesError(
        f"stroke {number} must be a list of [x, y], two numbers each, at most {MAX_VALUE:,.0f}"
    )
    try:
        array = np.array([_point(point) for point in points], float).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError) as error:
        raise wrong from error
    if not (np.abs(array) <= MAX_VALUE).all():  # refuses NaN, too, which passes no comparison
        raise wrong
    return array


def _point(point: Any) -> tuple[float, float]:
    """Return x and y; raise TypeError or ValueError for anything but two numbers: float would take "1" and True too."""
    x, y = point
    if not _is_list(point) or not all(isinstance(part, NUMBERS) and not isinstance(part, bool) for part in (x, y)):
        raise TypeError("no numbers")
    return float(x), float(y)


def lines(strokes: Sequence[Doubles]) -> list[Line]:
    """Return the lines of writing in `strokes`, the uppermost first, without points, commas, colons and hyphens."""
    found = []
    for row in rows(strokes):
        left_out = marks.punctuation(_boxes([strokes[place] for place in row]))
        places = [place for place, out in zip(row, left_out, strict=True) if not out]
        found.append(_line([strokes[place] for place in places], places))
    return found


def rows(strokes: Sequence[Doubles]) -> list[list[int]]:
    """Return the indices of the strokes in each line of writing, from left to right, the uppermost line first.

    Lines drawn under or between characters are left out.
    """
    drawn = [place for place, stroke in enumerate(strokes) if len(stroke)]
    ruled = marks.lines(_boxes([strokes[place] for place in drawn]))
    drawn = [place for place, line in zip(drawn, ruled, strict=True) if not line]
    found = marks.rows(marks.levelled(_boxes([strokes[place] for place in drawn])))
    return [[drawn[mark] for mark in row] for row in found]


def groups(strokes: Sequence[Doubles]) -> tuple[list[Group], float, Doubles]:
    """Return which strokes of a line may be one character, the height of the line, and gaps (S, S) in such heights."""
    boxes = _boxes(strokes)
    height = marks.height(boxes)
    apart = _apart(strokes) / height
    return marks.groups(boxes / height, apart), height, apart


def _boxes(strokes: Sequence[Doubles]) -> Doubles:
    return np.array([[*stroke.min(0), *stroke.max(0)] for stroke in strokes])


def _line(strokes: Sequence[Doubles], places: list[int]) -> Line:
    """Return the candidates of one line; `strokes` are in order from left to right."""
    found, height, apart = groups(strokes)
    kept, odds = _likely(strokes, found, height)
    boxes = _boxes(strokes)
    around = np.array([[*boxes[list(g), :2].min(0), *boxes[list(g), 2:].max(0)] for g in kept])
    return Line(
        atoms=len(strokes),
        groups=tuple(kept),
        images=np.stack([image([strokes[atom] for atom in group]) for group in kept]),
        boxes=around,
        features=np.stack([np.ones_like(odds), odds], axis=1),
        joints=marks.joints(kept, around / height, apart),
        weights=WEIGHTS,
        places=tuple(places),
        counts=tuple(len(group) for group in kept),
        height=height,
        picture=_picture(strokes, height),
    )


def _picture(strokes: Sequence[Doubles], height: float) -> Bytes | None:
    """Return a line `height` high as the network of `sequence` sees it; None if it is too long for that."""
    high = scenes.FINE * sequence.HIGH
    points = np.concatenate(strokes) * high / height
    if (np.ptp(points, axis=0) > scenes.FINE * sequence.LONGEST).any():
        return None
    ink = draw([stroke * high / height - points.min(0) for stroke in strokes], 1, scenes.PEN * high)
    return sequence.draw(ink, high)


def _likely(strokes: Sequence[Doubles], found: Sequence[Group], height: float) -> tuple[list[Group], Doubles]:
    """Return those of `found` that may be one character where they stand, and the log-odds of it; each stroke stays."""
    odds = scenes.placed(scenes.kinds_of_groups(scenes.draw_groups(strokes, found, height)))
    kept = [number for number, group in enumerate(found) if len(group) == 1 or odds[number] > UNLIKELY]
    return [found[number] for number in kept], odds[kept]


def _apart(strokes: Sequence[Doubles]) -> Doubles:
    """Return the distance between the nearest points of each two strokes that are near in the order, else infinity."""
    dense = [_dense(stroke) for stroke in strokes]
    apart = np.full((len(strokes), len(strokes)), np.inf)
    for i in range(len(strokes)):
        apart[i, i] = 0
        for j in range(i + 1, min(i + marks.WINDOW, len(strokes))):
            apart[i, j] = apart[j, i] = np.hypot(*(dense[i][:, None] - dense[j]).T).min()
    return apart


def _dense(stroke: Doubles) -> Doubles:
    """Return `stroke` as POINTS at equal distances along it."""
    along = np.concatenate([[0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()])
    at = np.linspace(0, along[-1], POINTS)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], axis=1)
