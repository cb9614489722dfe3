"""Pen strokes drawn as a picture."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emnist.constants import DRAWING
from emnist.picture.arrays import Bytes, Doubles, Mask
from emnist.picture.convert import emnist
from emnist.picture.pens import RAW_SIDE

PEN: float = DRAWING["PEN"]  # pen width over the long side: the median of EMNIST's scans
LEAST_PEN: float = DRAWING["LEAST_PEN"]  # px: least width drawn; a thinner dot may lie between the middles of pixels


def unit(strokes: Sequence[Sequence[Sequence[float]] | Doubles]) -> tuple[Doubles, ...]:
    """Return strokes moved and scaled so that the longer side of their box spans 0…1."""
    arrays = [np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes if len(stroke)]
    low = np.min([stroke.min(0) for stroke in arrays], axis=0)
    size = max(np.max([stroke.max(0) for stroke in arrays], axis=0) - low) or 1.0
    return tuple((stroke - low) / size for stroke in arrays)


def draw(strokes: Sequence[Doubles], side: int, pen: float) -> Mask:
    """Return `strokes` drawn with a round pen of width `pen` px on a canvas whose ink spans `side` px, ink True.

    A pixel is ink if its middle is at most half the pen's width away from a stroke.
    """
    margin = math.ceil(pen) + 1
    placed = [stroke * side + margin for stroke in strokes]
    width, height = (math.ceil(max(points[:, axis].max() for points in placed)) + margin for axis in (0, 1))
    rows = np.arange(height)
    edges = np.zeros((height, width + 1), np.int64)  # how many spans begin at a pixel, less those that ended before it
    for points in placed:
        left, right = _spans(points, max(pen, LEAST_PEN) / 2, rows)
        first, last = np.ceil(left), np.floor(right)
        drawn = first <= last
        at = np.broadcast_to(rows, drawn.shape)[drawn]
        np.add.at(edges, (at, first[drawn].astype(np.int64)), 1)
        np.add.at(edges, (at, last[drawn].astype(np.int64) + 1), -1)
    mask: Mask = edges.cumsum(axis=1)[:, :-1] > 0
    return mask


def _spans(points: Doubles, radius: float, rows: NDArray[np.int64]) -> tuple[Doubles, Doubles]:
    """Return from where to where (points − 1, H) each piece of a stroke covers each of `rows` (H,); ∞, −∞ for nowhere.

    Each piece is covered by the two discs at its ends and the band between them.
    """
    x, y = points[:, :1], points[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN where a row is not reached; fmin and fmax skip it
        half = np.sqrt(radius * radius - (rows - y) * (rows - y))
        left, right = np.fmin(x - half, np.inf), np.fmax(x + half, -np.inf)
        if len(points) == 1:
            return left, right
        left, right = np.minimum(left[:-1], left[1:]), np.maximum(right[:-1], right[1:])
        dx, dy = np.diff(x, axis=0), np.diff(y, axis=0)
        length = np.sqrt(dx * dx + dy * dy)
        for reach in (radius, -radius):
            share = (rows - (y[:-1] + reach * dx / length)) / dy
            crossing = np.where((share >= 0) & (share <= 1), x[:-1] - reach * dy / length + share * dx, np.nan)
            left, right = np.fmin(left, crossing), np.fmax(right, crossing)
    return left, right


def image(strokes: Sequence[Doubles]) -> Bytes:
    """Return `strokes` of one character as EMNIST's scans show them: (28, 28), ink 255 on 0."""
    return emnist(draw(unit(strokes), RAW_SIDE, PEN * RAW_SIDE))
