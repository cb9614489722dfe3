"""Which ink on a sheet is what: a network of its own tells writing from type and from lines, and sees boxes.

It is a small U-Net (Ronneberger, Fischer, Brox, MICCAI 2015): the picture is halved five times, and the features of
each size, which show the surroundings, go on to the next finer size.  The network learnt from pages that code draws
(`train.images.forms`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from emnist.picture.arrays import Floats, Mask
from emnist.weights import read_own

WIDTHS = (16, 32, 48, 64, 96)  # channels at a half, a quarter … of the size
DEPTHS = (1, 2, 2, 2, 3)  # number of convolutions there
LINES, TYPE, WRITING, BOXES = range(4)  # channels of the answer; the first three exclude each other
DARKEST = 1.5  # greatest contrast that is seen, in contrasts of ink; what is darker looks as dark as that
FILE = Path(__file__).with_name("layers.safetensors")

Value = TypeVar("Value")
Answer = Callable[[Floats], Floats]  # of a sheet (1, 1, H, W), sides in multiples of 32: the logits (1, 4, H, W)


@dataclass(frozen=True)
class Layers:
    """Which pixels (H, W) are written by hand, if they are ink, or are type; and the middles of one-character boxes.

    `odds` are the log-odds that ink there is type, not writing.
    """

    writing: Mask
    type: Mask
    boxes: Mask
    odds: Floats


def see(contrast: Floats) -> Layers:
    """Return the layers of a sheet by its `contrast` (H, W), 0 for paper and 1 for most ink."""
    high, wide = contrast.shape
    seen = np.pad(contrast.clip(0, DARKEST), ((0, -high % 32), (0, -wide % 32)), "edge")
    logits = _network(FILE)(seen[None, None])[0, :, :high, :wide]
    best = logits[:BOXES].argmax(axis=0)
    return Layers(best == WRITING, best == TYPE, logits[BOXES] > 0, logits[TYPE] - logits[WRITING])


def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of each of the network's weights, by name."""
    found: dict[str, tuple[int, ...]] = {}

    def convolution(name: str, inputs: int, outputs: int, side: int = 3) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (outputs, inputs, side, side), (outputs,)

    for level, (before, wide) in enumerate(pairwise((1, *WIDTHS))):
        for number in range(DEPTHS[level]):
            convolution(f"down.{level}.{number}", wide if number else before, wide)
    for level, (finer, wide) in enumerate(pairwise(WIDTHS)):
        convolution(f"up.{level}", wide, 4 * finer, 1)
        convolution(f"mix.{level}", finer, finer)
    convolution("out", WIDTHS[0], 16, 1)
    return found


class Library(Protocol[Value]):
    """What computes the network; the values are nodes of a graph (`_Onnx`) or tensors (`_Torch`)."""

    def convolve(self, x: Value, name: str, step: int = 1) -> Value:
        """Return the convolution `name` of `x` (1, C, H, W), at every `step`-th pixel each way."""

    def relu(self, x: Value, /) -> Value:
        """Return `x` with 0 for what is negative."""

    def add(self, x: Value, other: Value, /) -> Value:
        """Return the sum."""

    def shuffle(self, x: Value) -> Value:
        """Return four channels each of `x` (1, C, H, W) as one of twice the height and width."""


def forward(library: Library[Value], x: Value) -> Value:
    """Return the logits (1, 4, H, W) of a sheet `x` (1, 1, H, W) as `library` computes them."""
    kept: list[Value] = []
    for level, depth in enumerate(DEPTHS):
        for number in range(depth):
            x = library.relu(library.convolve(x, f"down.{level}.{number}", 1 if number else 2))
        kept.append(x)
    for level in reversed(range(len(WIDTHS) - 1)):
        x = library.relu(library.add(library.shuffle(library.convolve(x, f"up.{level}")), kept[level]))
        x = library.relu(library.convolve(x, f"mix.{level}"))
    return library.shuffle(library.convolve(x, "out"))


class _Onnx:
    """Nodes of an ONNX graph; a value is its name."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        from emnist.graph import Graph

        self.graph, self.weights = Graph(), weights

    def convolve(self, x: str, name: str, step: int = 1) -> str:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return self.graph.add("Conv", x, weight, bias, pads=[weight.shape[2] // 2] * 4, strides=[step] * 2)

    def relu(self, x: str) -> str:
        return self.graph.add("Relu", x)

    def add(self, x: str, other: str) -> str:
        return self.graph.add("Add", x, other)

    def shuffle(self, x: str) -> str:
        return self.graph.add("DepthToSpace", x, blocksize=2, mode="CRD")


class _Torch:
    """Functions of torch; a value is a tensor."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        import torch
        from torch.nn import functional

        self.weights = {name: torch.from_numpy(values) for name, values in weights.items()}
        self.functional, self.relu, self.add = functional, torch.relu, torch.add

    def convolve(self, x: Any, name: str, step: int = 1) -> Any:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return self.functional.conv2d(x, weight, bias, stride=step, padding=weight.shape[2] // 2)

    def shuffle(self, x: Any) -> Any:
        return self.functional.pixel_shuffle(x, 2)


@cache
def _network(file: Path) -> Answer:
    weights = read_own(file, {name: ("F32", shape) for name, shape in shapes().items()})
    try:
        return _by_onnxruntime(weights)
    except ImportError:
        return _by_torch(weights)


def _by_onnxruntime(weights: Mapping[str, NDArray[Any]]) -> Answer:
    from emnist.session import opened

    onnx = _Onnx(weights)
    logits = forward(onnx, "sheet")
    inputs, outputs = {"sheet": (1, 1, "H", "W")}, {logits: (1, 4, "H", "W")}
    session = opened(onnx.graph.model(inputs, outputs).SerializeToString())

    def answer(sheet: Floats) -> Floats:
        found: Floats = session.run([logits], {"sheet": sheet})[0]
        return found

    return answer


def _by_torch(weights: Mapping[str, NDArray[Any]]) -> Answer:
    import torch

    library = _Torch(weights)

    def answer(sheet: Floats) -> Floats:
        with torch.inference_mode():
            found: Floats = forward(library, torch.from_numpy(sheet)).numpy()
        return found

    return answer
