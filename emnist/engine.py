"""What computes the network: onnxruntime where it is installed, else torch; the answers are the same."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emnist.config import ModelConfig
from emnist.errors import ModelError
from emnist.picture.arrays import Floats
from emnist.weights import Weights


class Engine(ABC):
    """A network that can be asked; `config` is its configuration."""

    config: ModelConfig

    @abstractmethod
    def logits(self, images: Floats, turns: Sequence[float]) -> tuple[Floats, Floats]:
        """Return class logits (B, classes) and character logits (B,) of images (B, 28, 28), ink 1 on 0.

        Each is the mean over views of the image turned by `turns`, in degrees.
        """

    @abstractmethod
    def maps(self, image: Floats) -> list[Floats]:
        """Return the maps (channels, side, side) after the stem and each stage, for `image` (28, 28), ink 1 on 0."""


def ensure_finite(engine: Engine, path: Path) -> None:
    """Raise ModelError unless the network, whose weights are in `path`, answers a blank and a full image in numbers."""
    blank = np.zeros((engine.config.image_size, engine.config.image_size), np.float32)
    if not all(np.isfinite(answer).all() for answer in engine.logits(np.stack([blank, blank + 1]), (0.0,))):
        raise ModelError(f"{path}: the network answers NaN or infinity: a run that diverged, or a damaged file")


def computing(config: ModelConfig, weights: Weights) -> Engine:
    """Return the network of `config` with `weights`, computed by onnxruntime, or by torch where that is not installed.

    onnxruntime is imported in a tenth of the time that torch takes, and of its memory.

    Raises:
        ModelError: neither is installed.
    """
    try:
        from emnist.session import Session
    except ImportError:  # not installed, or not for this computer
        return _by_torch(config, weights)
    return Session(config, weights)


def _by_torch(config: ModelConfig, weights: Weights) -> Engine:
    try:
        from emnist.eager import Eager, network
    except ImportError as error:
        raise ModelError(f"nothing computes the network ({error}): run `pip install onnx onnxruntime`") from error
    return Eager(network(config, weights))
