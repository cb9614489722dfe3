"""What the network of `emnist.text.sequence` learns in a step: lines of about the same width, a little changed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from emnist.text import sequence
from train.images.words import Random
from train.text.examples import Example
from train.text.network import Network, teach

PIXELS = 48 * 160 * sequence.SIDE  # about so many in a step
MOST = 96  # most lines in a step
# Standard deviations of the random changes of a line: logs of width and height, slope, and shift in halves of SIDE.
WIDER, HIGHER, SHEAR, SHIFT = 0.1, 0.12, 0.12, 0.05


def learn(known: Sequence[Example], steps: int, file: Path) -> None:
    """Train the network on the lines `known` and write its weights to `file`."""
    random = np.random.default_rng(0)
    by_width = sorted(known, key=lambda line: line[0].shape[1])

    def loss(network: Network) -> Tensor:
        return _loss(network, _batch(by_width, random))

    teach(sequence.shapes(), sequence.forward, loss, steps, file)


def _batch(by_width: Sequence[Example], random: Random) -> Sequence[Example]:
    """Return lines of about the same width, by chance."""
    first = int(random.integers(len(by_width)))
    count = int(np.clip(PIXELS // by_width[first][0].size, 1, min(MOST, len(by_width))))
    low = int(np.clip(first - 2 * count, 0, max(len(by_width) - 4 * count, 0)))
    return [by_width[low + i] for i in random.choice(min(4 * count, len(by_width)), count, replace=False)]


def _loss(network: Network, lines: Sequence[Example]) -> Tensor:
    """Return the mean over `lines` of −log of the likelihood of what is written there, a character."""
    wide = max(picture.shape[1] for picture, _ in lines)
    seen = np.stack([np.pad(picture, ((0, 0), (0, wide - picture.shape[1]))) for picture, _ in lines])
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(_changed(torch.from_numpy(seen)[:, None].float() / 255))
    logs = logits[:, :, 0].float().log_softmax(1).permute(2, 0, 1)
    long = torch.tensor([len(classes) for _, classes in lines])
    written = torch.from_numpy(np.concatenate([classes for _, classes in lines]))
    places = torch.full((len(lines),), len(logs))
    each = functional.ctc_loss(logs, written, places, long, reduction="none", zero_infinity=True)
    return (each / long).mean()


def _changed(seen: Tensor) -> Tensor:
    """Return lines (B, 1, 56, W) a little wider, higher, sheared and shifted, each in its own way."""
    count, wide = len(seen), seen.shape[3]
    change = torch.zeros(count, 2, 3)
    change[:, 0, 0], change[:, 1, 1] = torch.exp(WIDER * torch.randn(count)), torch.exp(HIGHER * torch.randn(count))
    change[:, 0, 1] = SHEAR * torch.randn(count) * sequence.SIDE / wide
    change[:, 0, 2] = change[:, 0, 0] - 1  # the left end stays
    change[:, 1, 2] = SHIFT * torch.randn(count)
    grid = functional.affine_grid(change, list(seen.shape), align_corners=False)
    return functional.grid_sample(seen, grid, align_corners=False).contiguous(memory_format=torch.channels_last)
