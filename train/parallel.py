"""Several processes, one batch: torchrun starts them, each computes its part, and all take the same step.

Every process draws the same global batch and keeps every n-th image of it, so that n processes learn what one would.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.parallel import DistributedDataParallel

from emnist.model import CharacterNet

# Warnings of newer torch about what has no replacement in 2.8.
OUTDATED = "`broadcast_buffers`|torch.distributed.nn.functional.all_reduce"


def device() -> torch.device:
    """Return the fastest device that is there; under torchrun, the one of this process."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def number_format(wanted: str) -> torch.dtype:
    """Return what convolutions are computed in: "float32", "bfloat16", or for "auto" the faster on this device.

    Raises:
        ValueError: `wanted` is none of these.
    """
    formats = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if wanted != "auto" and wanted not in formats:
        raise ValueError(f"no number format {wanted!r}; choose one of auto, {', '.join(formats)}")
    return formats.get(wanted, torch.bfloat16 if _has_bfloat16() else torch.float32)


def _has_bfloat16() -> bool:
    """Tell whether the device multiplies in bfloat16; a CPU that does not emulates it, thirteen times slower."""
    if device().type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    known = torch.cpu.get_capabilities()
    return device().type == "cpu" and any(known.get(unit) for unit in ("avx512_bf16", "amx_bf16"))


@contextmanager
def joined() -> Iterator[None]:
    """Join the processes that torchrun started, if it did."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    warnings.filterwarnings("ignore", OUTDATED, FutureWarning)
    if device().type == "cuda":
        torch.cuda.set_device(device())
    dist.init_process_group("nccl" if device().type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def world() -> tuple[int, int]:
    """Return (number of this process, number of processes)."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def leads() -> bool:
    """Tell whether this process is the one that writes and talks, also after the others have parted."""
    return os.environ.get("RANK", "0") == "0"


def total(values: Tensor) -> Tensor:
    """Return the sum of `values` over all processes."""
    if dist.is_initialized():
        dist.all_reduce(values)
    return values


def shared(model: CharacterNet) -> nn.Module:
    """Return `model` for training in all processes: gradients are averaged, batches are normalised as one."""
    if not dist.is_initialized():
        return model
    for block in model.modules():
        if isinstance(block, nn.BatchNorm2d):
            block.__class__ = SharedNorm
    return DistributedDataParallel(model, broadcast_buffers=False)


class SharedNorm(nn.BatchNorm2d):
    """Batch normalisation over the images of all processes; torch.nn.SyncBatchNorm knows no CPU."""

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        """Return `x` (B, C, H, W) with mean 0 and variance 1 a channel, scaled and shifted."""
        if not self.training:
            return super().forward(x)
        count = total(torch.tensor([x.numel() / x.shape[1]], device=x.device))
        sums = all_reduce(torch.stack([x.sum((0, 2, 3)), x.square().sum((0, 2, 3))]))  # type: ignore[no-untyped-call]
        mean, square = sums / count
        variance = square - mean.square()
        momentum = cast(float, self.momentum)
        with torch.no_grad():
            cast(Tensor, self.running_mean).lerp_(mean, momentum)
            cast(Tensor, self.running_var).lerp_(variance * count / (count - 1), momentum)
            cast(Tensor, self.num_batches_tracked).add_(1)
        scale = self.weight * (variance + self.eps).rsqrt()
        normal: Tensor = x * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]
        return normal
