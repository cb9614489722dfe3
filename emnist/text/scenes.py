"""Scenes: pictures for small networks of their own, of a candidate in its surroundings or of both sides of a seam.

A scene has grey paper, and white and black ink.  For a candidate, its own ink is white and all other ink is black: half
of an H looks like an I, and LI like a U, until one sees what stands beside it.  For a seam, the ink on its left is
white and the ink on its right is black.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emnist.config import ModelConfig
from emnist.constants import SCENES
from emnist.engine import Engine, computing
from emnist.picture.arrays import Bytes, Doubles, Floats, Indices, Mask
from emnist.text.drawing import draw as drawn
from emnist.text.search import Group
from emnist.weights import read_own, tensors

SIDE = 32  # px: side of a scene
HIGH = 15.0  # px: height of the line in a scene
ROOM = 1.1  # least side of what a scene shows of the sheet, in longer sides of its candidate
ONE, PART, MORE = range(3)  # what a candidate is: one character, part of one, more than one
CANDIDATES = ModelConfig(
    classes=3, image_size=SIDE, margin=0, widths=(16, 32, 64, 128), hidden=128, turns=(0.0,), mean=0.5, std=0.25
)
BORDERS = replace(CANDIDATES, classes=2)  # classes: no border between two characters, a border
FINE: int = SCENES["FINE"]  # factor by which strokes are drawn larger than the scene, then shrunk
PEN: float = SCENES["PEN"]  # width of the pen that draws them, in heights of the line
FAR = 1e15  # px: limit of coordinates, so that they fit into integers; no scene reaches so far
CERTAIN = 8.0  # limit of the log-odds that a candidate is one character: beyond it, it is no more certain
AROUND = 12  # strokes before and after a candidate that its scene may show
BATCH = 128  # scenes in a forward pass: thousands of candidates at once would take half a gigabyte
FOLDER = Path(__file__).parent  # of the weights, which commands of `train.text.fit` write

Box = NDArray[np.int64]


def draw(ink: Mask, high: float, own: Sequence[Mask], boxes: Sequence[Box]) -> Bytes:
    """Return the scene (N, 32, 32) of each candidate on a sheet with `ink` (H, W), in a line `high` px high.

    `own` is the ink of each candidate inside its box x0, y0, x1, y1 in `boxes`.
    """
    dark = -ink.astype(np.float32)
    return np.stack([_of_candidate(dark, high, *one) for one in zip(own, boxes, strict=True)])


def _of_candidate(dark: Floats, high: float, own: Mask, box: Box) -> Bytes:
    side = max(SIDE / HIGH * high, ROOM * max(own.shape))
    left, top = ((box[:2] + box[2:] - side) / 2).tolist()
    around = _window(dark, left, top, side)
    x0, y0, x1, y1 = (box - np.floor([left, top, left, top]).astype(int)).tolist()
    around[y0:y1, x0:x1][own] = 1
    return _small(around, left % 1, top % 1, side)


def draw_groups(strokes: Sequence[Doubles], groups: Sequence[Group], high: float) -> Bytes:
    """Return the scene (N, 32, 32) of each of `groups`; `strokes` are of a line `high` high, from left to right."""
    scale, pen = FINE * HIGH / high, PEN * FINE * HIGH
    corners = np.floor([stroke.min(0) * scale for stroke in strokes])
    inks = [drawn([stroke * scale - corner], 1, pen) for stroke, corner in zip(strokes, corners, strict=True)]
    margin = math.ceil(pen) + 1  # that `drawn` leaves around the ink
    first = (corners - corners.min(0)).clip(max=FAR).astype(np.int64) - margin
    boxes = np.concatenate([first, first + [ink.shape[::-1] for ink in inks]], axis=1)
    return np.stack([_of_group(inks, boxes, list(group)) for group in groups])


def _of_group(inks: Sequence[Mask], boxes: Box, group: list[int]) -> Bytes:
    low, high = boxes[group, :2].min(0), boxes[group, 2:].max(0)
    side = max(SIDE * FINE, math.ceil(ROOM * (high - low).max()))
    corner = (low + high - side) // 2
    around = np.zeros((side, side), np.float32)
    for stroke in range(max(group[0] - AROUND, 0), min(group[-1] + AROUND, len(inks) - 1) + 1):
        if stroke not in group:
            _put(around, inks[stroke], boxes[stroke, :2] - corner, -1)
    for stroke in group:
        _put(around, inks[stroke], boxes[stroke, :2] - corner, 1)
    return _grey(Image.fromarray(around).resize((SIDE, SIDE), Image.Resampling.BOX))


def _put(picture: Floats, ink: Mask, at: NDArray[np.int64], value: int) -> None:
    """Set the pixels of `ink`, whose first one lies `at` x, y of `picture`, to `value`."""
    (x, y), (high, wide) = at.tolist(), ink.shape
    place = picture[max(y, 0) : max(y + high, 0), max(x, 0) : max(x + wide, 0)]
    place[ink[max(-y, 0) :, max(-x, 0) :][: place.shape[0], : place.shape[1]]] = value


def draw_sides(mask: Mask, high: float, seams: Iterable[tuple[Indices, Doubles]]) -> Bytes:
    """Return the scene (N, 32, 32) of each seam through a part (H, W) of a line `high` px high.

    A seam is given by the first column on its right in each row (H,), and by the row and column of its middle.
    """
    side = SIDE / HIGH * high
    column, ink = np.arange(mask.shape[1]), mask.astype(np.float32)
    found = []
    for columns, (row, col) in seams:
        left, top = float(col) - side / 2, float(row) - side / 2
        sides = ink * np.where(column < columns[:, None], np.float32(1), np.float32(-1))
        found.append(_small(_window(sides, left, top, side), left % 1, top % 1, side))
    return np.stack(found)


def _window(picture: Floats, left: float, top: float, side: float) -> Floats:
    """Return the pixels of `picture` in a square and those it cuts through, 0 beyond the borders."""
    x, y, count = int(np.floor(left)), int(np.floor(top)), int(np.ceil(side)) + 1
    found = np.zeros((count, count), np.float32)
    shown = picture[max(y, 0) : max(y + count, 0), max(x, 0) : max(x + count, 0)]
    found[max(-y, 0) :, max(-x, 0) :][: shown.shape[0], : shown.shape[1]] = shown
    return found


def _small(window: Floats, left: float, top: float, side: float) -> Bytes:
    around = (left, top, left + side, top + side)
    return _grey(Image.fromarray(window).resize((SIDE, SIDE), Image.Resampling.BILINEAR, around))


def _grey(small: Image.Image) -> Bytes:
    """Return a scene of −1, 0 and 1 as bytes: black, grey and white."""
    scene: Bytes = (127.5 + 127.5 * np.asarray(small)).clip(0, 255).astype(np.uint8)
    return scene


def kinds(scenes: Bytes) -> Doubles:
    """Return the log-probabilities (N, 3) of ONE, PART and MORE of the scenes (N, 32, 32) of candidates."""
    return _answers(CANDIDATES, "candidates", scenes)


def kinds_of_groups(scenes: Bytes) -> Doubles:
    """Return the same for the scenes (N, 32, 32) of groups of strokes."""
    return _answers(CANDIDATES, "strokes", scenes)


def placed(kinds: Doubles) -> Doubles:
    """Return the log-odds (N,), at most ±CERTAIN, that a candidate is one character, by its `kinds` (N, 3)."""
    odds: Doubles = kinds[:, ONE] - np.logaddexp(kinds[:, PART], kinds[:, MORE])
    return odds.clip(-CERTAIN, CERTAIN)


def borders(scenes: Bytes) -> Doubles:
    """Return the log-odds (N,) that seams, by their scenes (N, 32, 32), are borders of two characters."""
    found: Doubles = np.diff(_answers(BORDERS, "borders", scenes))[:, 0]
    return found


def _answers(config: ModelConfig, name: str, scenes: Bytes) -> Doubles:
    network, seen = _network(config, FOLDER / f"{name}.safetensors"), np.float32(1 / 255)
    parts = [network.logits(scenes[i : i + BATCH] * seen, (0.0,))[0] for i in range(0, len(scenes), BATCH)]
    logits = np.concatenate(parts).astype(np.float64)
    found: Doubles = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return found


@cache
def _network(config: ModelConfig, file: Path) -> Engine:
    return computing(config, read_own(file, tensors(config)))
