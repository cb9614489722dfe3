"""The loop that teaches the network of `emnist.text.sequence`."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from emnist import terminal
from emnist.files import write
from emnist.text import sequence
from train.images.words import Random
from train.text.examples import Example
from train.text.network import Network

PIXELS = 48 * 160 * sequence.SIDE  # about so many in a step
MOST = 96  # most lines in a step
RATE, DECAY = 0.003, 0.02  # peak learning rate, and weight decay
WARM = 0.1  # share of the steps after which the rate has its peak
AVERAGE = 0.998  # decay per step of the averaged weights
# Standard deviations of the random changes of a line: logs of width and height, slope, and shift in halves of SIDE.
WIDER, HIGHER, SHEAR, SHIFT = 0.1, 0.12, 0.12, 0.05


def learn(known: Sequence[Example], steps: int, file: Path) -> None:
    """Train the network on the lines `known` and write its weights to `file`."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    network = Network(sequence.shapes(), sequence.forward).to(memory_format=torch.channels_last)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE), use_buffers=True)  # type: ignore[no-untyped-call]
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=WARM, anneal_strategy="linear"
    )
    by_width = sorted(known, key=lambda line: line[0].shape[1])
    for _ in terminal.watched(range(steps), "steps"):
        loss = _loss(network, _batch(by_width, random))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
    write(file, save(cast(Network, average.module.eval()).weights()))


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
