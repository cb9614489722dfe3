"""Pen strokes to lines of candidates: parse → lines → order → groups, with what their geometry tells."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emnist.errors import NoInkError, UnreadableStrokesError
from emnist.picture.arrays import Doubles, Mask
from emnist.text.candidates import Line, Weights
from emnist.text.drawing import image
from emnist.text.search import Group

Strokes = Sequence[Sequence[Sequence[float]]]

MAX_STROKES = 500  # a page of a few hundred characters
MAX_POINTS = 100_000  # of all strokes together
MAX_BYTES = 10_000_000  # of a file of strokes
MAX_VALUE = 1e9  # of a coordinate
TALL = 0.45  # a stroke so high, of the height of most, is the body of a character; others are dots and bars
ALONG = 0.4  # bodies that share so much of the smaller one's height stand in one line
WINDOW = 5  # a group's atoms are so near in the order from left to right
MOST = 5  # strokes of a character
WIDEST = 1.7  # of a group of several strokes, in heights of the line
FARTHEST = 0.6  # from each stroke of a group to the next, in heights of the line
PER_ATOM = 10  # candidates that begin at an atom, the closest first
DOT = 0.3  # a group smaller than this, in heights of the line, is hardly a character

WEIGHTS = Weights(label=1.0, character=0.4, shape=(-4.0, -2.0, -3.0, -2.0, -4.0, 1.0, -1.0), joint=(-4.0, -4.0))


def parse(source: Any) -> list[Doubles]:
    """Return `source`, a list of strokes or a .json file of one, as arrays (points, 2) of x and y.

    Raises:
        UnreadableStrokesError: it is no list of lists of finite numbers [x, y], or one too long.
        NoInkError: it holds no point.
        FileNotFoundError: there is no such file.
    """
    strokes = _load(source) if isinstance(source, str | Path) else source
    if not isinstance(strokes, list | tuple) or not all(isinstance(s, list | tuple | np.ndarray) for s in strokes):
        raise UnreadableStrokesError("strokes must be a list of strokes, each a list of [x, y]")
    if len(strokes) > MAX_STROKES or sum(len(stroke) for stroke in strokes) > MAX_POINTS:
        raise UnreadableStrokesError(f"more than {MAX_STROKES} strokes or {MAX_POINTS} points; send fewer lines")
    arrays = [_stroke(stroke, number) for number, stroke in enumerate(strokes, 1)]
    if not any(len(array) for array in arrays):
        raise NoInkError("there is no stroke: write something")
    return arrays


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
    rows = _rows([strokes[place] for place in drawn])
    return [_line([strokes[drawn[i]] for i in row], [drawn[i] for i in row]) for row in rows]


def _boxes(strokes: Sequence[Doubles]) -> Doubles:
    return np.array([[*stroke.min(0), *stroke.max(0)] for stroke in strokes])


def _rows(strokes: Sequence[Doubles]) -> list[list[int]]:
    """Return for each line of writing the indices of its strokes, from left to right."""
    boxes = _boxes(strokes)
    high = boxes[:, 3] - boxes[:, 1]
    bodies = np.flatnonzero(high >= TALL * np.quantile(high, 0.75))
    row = _join(boxes, bodies)
    for stroke in np.setdiff1d(np.arange(len(strokes)), bodies):
        row[stroke] = row[bodies[_distances(boxes[stroke], boxes[bodies]).argmin()]]
    names = np.unique(row)
    upright = sorted(names, key=lambda name: float(boxes[row == name][:, [1, 3]].mean()))
    centre = boxes[:, 0] + boxes[:, 2]
    return [sorted(np.flatnonzero(row == name).tolist(), key=lambda i: (centre[i], i)) for name in upright]


def _join(boxes: Doubles, bodies: np.ndarray[Any, np.dtype[np.intp]]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return a number a stroke, the same for bodies that stand beside each other, through others in between.

    Each body looks for its nearest neighbour on the right, so that a line may climb or fall.
    """
    row = np.arange(len(boxes))
    for body in bodies:
        x0, y0, x1, y1 = boxes[body]
        others = bodies[(boxes[bodies, 0] + boxes[bodies, 2] >= x0 + x1) & (bodies != body)]
        shared = np.minimum(y1, boxes[others, 3]) - np.maximum(y0, boxes[others, 1])
        least = np.minimum(y1 - y0, boxes[others, 3] - boxes[others, 1])
        beside = others[shared >= ALONG * np.maximum(least, 1e-9)]
        if len(beside):
            nearest = beside[np.argmin(boxes[beside, 0] + boxes[beside, 2])]
            row[row == row[nearest]] = row[body]
    return row


def _distances(box: Doubles, others: Doubles) -> Doubles:
    """Return how far `box` is from each of `others`, 0 where they meet; across counts double, for dots stand above."""
    across = np.maximum(np.maximum(others[:, 0] - box[2], box[0] - others[:, 2]), 0)
    down = np.maximum(np.maximum(others[:, 1] - box[3], box[1] - others[:, 3]), 0)
    distances: Doubles = np.hypot(2 * across, down)
    return distances


def _line(strokes: Sequence[Doubles], places: list[int]) -> Line:
    """Return the candidates of one line; `strokes` are in order from left to right."""
    boxes = _boxes(strokes)
    height = _height(boxes)
    apart = _apart(strokes) / height
    groups = _groups(boxes / height, apart)
    around = np.array([[*boxes[list(g), :2].min(0), *boxes[list(g), 2:].max(0)] for g in groups])
    return Line(
        atoms=len(strokes),
        groups=tuple(groups),
        images=np.stack([image([strokes[atom] for atom in group]) for group in groups]),
        boxes=around,
        features=np.array([_features(g, boxes / height, apart, places) for g in groups]),
        joints=_joints(groups, around / height, apart),
        weights=WEIGHTS,
        places=tuple(places),
    )


def _height(boxes: Doubles) -> float:
    """Return how high most characters of a line are: of its taller strokes, or how wide if none is high."""
    sizes = boxes[:, 3] - boxes[:, 1]
    largest = max(float((boxes[:, 2:] - boxes[:, :2]).max()), 1e-9)
    return max(float(np.quantile(sizes, 0.75)), 0.1 * largest)


def _apart(strokes: Sequence[Doubles]) -> Doubles:
    """Return the distance between the nearest points of each two strokes that are near in the order, else infinity."""
    dense = [_dense(stroke) for stroke in strokes]
    apart = np.full((len(strokes), len(strokes)), np.inf)
    for i in range(len(strokes)):
        apart[i, i] = 0
        for j in range(i + 1, min(i + WINDOW, len(strokes))):
            apart[i, j] = apart[j, i] = np.hypot(*(dense[i][:, None] - dense[j]).T).min()
    return apart


def _dense(stroke: Doubles, points: int = 64) -> Doubles:
    """Return `stroke` as `points` at equal distances along it."""
    along = np.concatenate([[0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()])
    at = np.linspace(0, along[-1], points)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], axis=1)


def _groups(boxes: Doubles, apart: Doubles) -> list[Group]:
    """Return the sets of neighbouring strokes that may be one character; `boxes` are in heights of the line."""
    found: list[Group] = []
    for first in range(len(boxes)):
        grown: list[Group] = [(first,)]
        for group in grown:  # grows while it is walked
            for atom in range(group[-1] + 1, min(first + WINDOW, len(boxes))):
                bigger = (*group, atom)
                wide = boxes[list(bigger), 2].max() - boxes[list(bigger), 0].min()
                if len(bigger) <= MOST and wide <= WIDEST:
                    grown.append(bigger)
        near = [(_link(group, apart), group) for group in grown]
        kept = sorted((link, len(group), group) for link, group in near if link <= FARTHEST)
        found += [group for _, _, group in kept[:PER_ATOM]]
    return found


def _link(group: Group, apart: Doubles) -> float:
    """Return the longest gap that must be bridged to connect all atoms of `group`."""
    inside, outside, longest = [group[0]], list(group[1:]), 0.0
    while outside:
        gaps = apart[np.ix_(inside, outside)].min(0)
        longest = max(longest, float(gaps.min()))
        inside.append(outside.pop(int(gaps.argmin())))
    return longest


def _features(group: Group, boxes: Doubles, apart: Doubles, places: Sequence[int]) -> list[float]:
    """Return the clues of `Weights.shape` for one group; lengths are in heights of the line."""
    own = boxes[list(group)]
    wide, high = (own[:, 2:].max(0) - own[:, :2].min(0)).tolist()
    order = sorted(places[atom] for atom in group)
    by_left = own[own[:, 0].argsort()]
    gaps = by_left[1:, 0] - np.maximum.accumulate(by_left[:-1, 2]) if len(group) > 1 else np.zeros(1)
    return [
        1.0,
        max(wide - 1.0, 0.0),
        _link(group, apart),
        max(float(gaps.max()), 0.0),
        max(DOT - max(wide, high), 0.0) / DOT,
        float(len(group) - 1),
        float(order[-1] - order[0] > len(group) - 1),  # another stroke was drawn in between
    ]


def _joints(groups: Sequence[Group], around: Doubles, apart: Doubles) -> Doubles:
    """Return the clues of `Weights.joint`: how much two groups overlap across, and whether they touch."""
    left, right = around[:, 0], around[:, 2]
    wide = np.maximum(right - left, 0.1)
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    overlap = np.clip(shared / np.minimum(wide[:, None], wide), 0, 1)
    return np.stack([overlap, _touching(groups, apart)])


def _touching(groups: Sequence[Group], apart: Doubles) -> Doubles:
    member: Mask = np.zeros((len(groups), len(apart)), bool)
    for index, group in enumerate(groups):
        member[index, list(group)] = True
    close = (apart < 0.03).astype(float)
    touching: Mask = member @ close @ member.T > 0
    return touching.astype(float)
