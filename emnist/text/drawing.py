"""Pen strokes drawn as a picture."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from emnist.picture.arrays import Bytes, Doubles, Mask
from emnist.picture.convert import emnist
from emnist.picture.pens import RAW_SIDE

PEN = 0.14  # pen width over the long side: the median of EMNIST's scans


def unit(strokes: Sequence[Sequence[Sequence[float]] | Doubles]) -> tuple[Doubles, ...]:
    """Return strokes moved and scaled so that the longer side of their box spans 0…1."""
    arrays = [np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes if len(stroke)]
    low = np.min([stroke.min(0) for stroke in arrays], axis=0)
    size = max(np.max([stroke.max(0) for stroke in arrays], axis=0) - low) or 1.0
    return tuple((stroke - low) / size for stroke in arrays)


def draw(strokes: Sequence[Doubles], side: int, pen: float) -> Mask:
    """Return `strokes` drawn with a round pen of width `pen` px on a canvas whose ink spans `side` px, ink True."""
    margin = math.ceil(pen) + 1
    boxes = [stroke * side + margin for stroke in strokes]
    width, height = (math.ceil(max(box[:, axis].max() for box in boxes)) + margin for axis in (0, 1))
    canvas = Image.new("1", (width, height))
    pencil = ImageDraw.Draw(canvas)
    for box in boxes:
        points = [tuple(point) for point in box.tolist()]
        pencil.line(points, fill=1, width=max(round(pen), 1))
        for x, y in points:
            pencil.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=1)
    return np.array(canvas)


def image(strokes: Sequence[Doubles]) -> Bytes:
    """Return `strokes` of one character as EMNIST's scans show them: (28, 28), ink 255 on 0."""
    return emnist(draw(unit(strokes), RAW_SIDE, PEN * RAW_SIDE))
