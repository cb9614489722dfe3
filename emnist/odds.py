"""From the network's logits to the probabilities of the characters."""

import math
from collections.abc import Sequence

import numpy as np

from emnist.config import ModelConfig
from emnist.picture.arrays import Floats


def shares(scaled: Floats, config: ModelConfig, allowed: Sequence[int], prior: bool = False) -> Floats:
    """Return probabilities (N, C) of logits divided by the temperature, zero but for the `allowed` classes.

    With `prior` they are weighed by how frequent each class is; ValueError if the model does not know.
    """
    if prior:
        if not config.prior:
            raise ValueError("this model does not know how frequent its classes are; leave out the prior")
        scaled = scaled + np.log(np.maximum(np.array(config.prior, np.float32), np.float32(1e-9)))
    masked = np.full_like(scaled, -np.inf)
    masked[:, allowed] = scaled[:, allowed]
    odds = np.exp(masked - masked.max(1, keepdims=True))
    found: Floats = odds / odds.sum(1, keepdims=True)
    return found


def as_drawn(scaled: Floats, config: ModelConfig) -> Floats:
    """Return what logits `scaled` (B, classes) by the temperature are for a drawing or a photograph.

    Each class of `config.pooled` gets the mean of their probabilities, then `config.drawn` is added.
    """
    if config.pooled:
        index = list(config.pooled)
        scaled = scaled.copy()
        scaled[:, index] = logsumexp(scaled[:, index]) - np.float32(math.log(len(index)))
    return scaled + np.array(config.drawn, np.float32) if config.drawn else scaled


def logsumexp(scaled: Floats) -> Floats:
    """Return the logarithm of the sum (N, 1) of the exponentials of `scaled` (N, C)."""
    most = scaled.max(1, keepdims=True)
    logarithm: Floats = most + np.log(np.exp(scaled - most).sum(1, keepdims=True))
    return logarithm
