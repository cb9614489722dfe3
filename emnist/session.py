"""The network computed by onnxruntime."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from emnist.config import ModelConfig
from emnist.engine import Engine
from emnist.graph import CHARACTERS, CLASSES, MAPS, SEEN, one_view
from emnist.picture.arrays import Floats
from emnist.weights import Weights

ERRORS = 3  # least severity of what onnxruntime writes to stderr: a library is silent


def opened(graph: bytes) -> onnxruntime.InferenceSession:
    """Return an ONNX file, ready to be asked, in one thread: an answer is too small to be worth splitting."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS
    return onnxruntime.InferenceSession(graph, options, ["CPUExecutionProvider"])


class Session(Engine):
    """The network of `config` with `weights`."""

    def __init__(self, config: ModelConfig, weights: Weights) -> None:
        self.config = config
        self._session = opened(one_view(config, weights))

    def logits(self, images: Floats, turns: Sequence[float]) -> tuple[Floats, Floats]:
        """See `Engine`."""
        seen = np.concatenate([turned(images, degrees) for degrees in turns])[:, None]  # (views · B, 1, 28, 28)
        classes, characters = self._session.run([CLASSES, CHARACTERS], {SEEN: seen})
        views = len(turns), len(images)
        return classes.reshape(*views, self.config.classes).mean(0), characters.reshape(views).mean(0)

    def maps(self, image: Floats) -> list[Floats]:
        """See `Engine`."""
        return [each[0] for each in self._session.run(list(MAPS), {SEEN: image[None, None]})]


def turned(images: Floats, degrees: float) -> Floats:
    """Return `images` (B, H, H) turned as `emnist.views.turn` does."""
    if not degrees:
        return images
    side = images.shape[1]
    taps, shares = _taps(degrees, side)
    found: Floats = (images.reshape(-1, side * side)[:, taps] * shares).sum(1).reshape(images.shape)
    return found


@lru_cache(64)
def _taps(degrees: float, side: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the four pixels (4, side²) that each pixel of a turned image lies between, and their shares."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    y, x = np.mgrid[:side, :side].reshape(2, -1) - (side - 1) / 2
    across, down = cos * x - sin * y + (side - 1) / 2, sin * x + cos * y + (side - 1) / 2
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    taps, shares = [], []
    for dy in (0, 1):
        for dx in (0, 1):
            row, column = top + dy, left + dx
            inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
            taps.append(np.where(inside, row * side + column, 0))
            shares.append((1 - abs(down - row)) * (1 - abs(across - column)) * inside)
    return np.stack(taps), np.stack(shares).astype(np.float32)
