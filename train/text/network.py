"""A network of `emnist.text.convolutions` while it learns, and the loop that teaches it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from emnist import terminal
from emnist.files import write
from emnist.text.convolutions import Forward, Pair, Shapes

RATE, DECAY = 0.003, 0.02  # peak learning rate, and weight decay
FURTHER = 0.2  # factor on the rate of a network that goes on from weights that are there
WARM = 0.1  # share of the steps after which the rate has its peak
AVERAGE = 0.998  # decay per step of the averaged weights


class Network(nn.Module):
    """The network `forward` with weights of these `shapes`; all but convolutions of 1×1 px are normalised by batch."""

    def __init__(self, shapes: Shapes, forward: Forward) -> None:
        super().__init__()
        self.network, self.blocks = forward, nn.ModuleDict()
        for name, shape in shapes.items():
            if name.endswith(".weight"):
                outputs, inputs, high, wide = shape
                normed = (high, wide) != (1, 1)
                convolution = nn.Conv2d(inputs, outputs, (high, wide), bias=not normed)
                self.blocks[_key(name)] = nn.Sequential(convolution, *([nn.BatchNorm2d(outputs)] if normed else []))
        self.relu, self.add = torch.relu, torch.add

    def convolve(self, x: Tensor, name: str, step: int = 1, pads: Pair = (1, 1), spread: int = 1) -> Tensor:
        """Return the convolution `name` of `x` (B, C, H, W), as `Library.convolve`."""
        block = cast(nn.Sequential, self.blocks[_key(f"{name}.weight")])
        convolution = cast(nn.Conv2d, block[0])
        x = functional.conv2d(x, convolution.weight, convolution.bias, step, pads, (1, spread))
        return cast(Tensor, block[1:](x))

    def shuffle(self, x: Tensor) -> Tensor:
        """Return four channels each of `x` (B, C, H, W) as one of twice the height and width."""
        return functional.pixel_shuffle(x, 2)

    def halve(self, x: Tensor) -> Tensor:
        """Return the larger of each two rows of `x` (B, C, H, W)."""
        return functional.max_pool2d(x, (2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the output for `x` (B, 1, H, W)."""
        return self.network(self, x)

    def go_on(self, weights: Mapping[str, Tensor]) -> None:
        """Begin with `weights` as `weights()` returns them; normalisations change nothing then, and keep to that."""
        for key, block in self.blocks.items():
            name = key.replace("-", ".").removesuffix(".weight")
            convolution, *norms = cast(nn.Sequential, block)
            last = cast(nn.BatchNorm2d | nn.Conv2d, norms[0] if norms else convolution)
            with torch.no_grad():
                cast(nn.Conv2d, convolution).weight.copy_(weights[f"{name}.weight"])
                cast(Tensor, last.bias).copy_(weights[f"{name}.bias"])
        self.eval()

    def weights(self) -> dict[str, Tensor]:
        """Return the weights for `emnist.text`: normalisations have become part of their convolutions."""
        found: dict[str, Tensor] = {}
        for key, block in self.blocks.items():
            convolution, *norms = cast(nn.Sequential, block)
            for norm in norms:
                convolution = fuse_conv_bn_eval(cast(nn.Conv2d, convolution), cast(nn.BatchNorm2d, norm))
            name = key.replace("-", ".").removesuffix(".weight")
            found |= {f"{name}.{part}": value.detach().contiguous() for part, value in convolution.named_parameters()}
        return found


def teach(
    shapes: Shapes,
    forward: Forward,
    loss: Callable[[Network], Tensor],
    steps: int,
    file: Path,
    further: bool = False,
) -> None:
    """Train a `Network` in `steps`, each with the `loss` of some examples, and write its weights to `file`.

    With `further` it goes on from the weights that are there.
    """
    torch.manual_seed(0)
    network = Network(shapes, forward).to(memory_format=torch.channels_last)
    if further:
        network.go_on(load_file(file))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE), use_buffers=True)  # type: ignore[no-untyped-call]
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE * (FURTHER if further else 1), total_steps=steps, pct_start=WARM, anneal_strategy="linear"
    )
    for _ in terminal.watched(range(steps), "steps"):
        value = loss(network)
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
    write(file, save(cast(Network, average.module.eval()).weights()))


def _key(name: str) -> str:
    return name.replace(".", "-")  # torch allows no points
