"""What computes the small convolutional networks of this folder: onnxruntime where it is installed, else torch.

A network is a function of a `Library` and its input; the same function makes an ONNX graph, is computed by torch, and
is what learns.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

from emnist.picture.arrays import Floats
from emnist.weights import read_own

Value = TypeVar("Value")
Answer = Callable[[Floats], Floats]  # of a picture (1, 1, H, W): the outputs (1, C, h, w)
Shapes = Mapping[str, tuple[int, ...]]  # of the weights and biases of convolutions, by name
Pair = tuple[int, int]  # along height and width


class Library(Protocol[Value]):
    """What computes a network; the values are nodes of a graph (`_Onnx`) or tensors (`_Torch`)."""

    def convolve(self, x: Value, name: str, step: int = 1, pads: Pair = (1, 1), spread: int = 1) -> Value:
        """Return the convolution `name` of `x` (B, C, H, W), at every `step`-th pixel each way.

        `pads` are the rows and columns of zeros at either border; `spread` is the dilation along the width.
        """

    def relu(self, x: Value, /) -> Value:
        """Return `x` with 0 for what is negative."""

    def add(self, x: Value, other: Value, /) -> Value:
        """Return the sum."""

    def shuffle(self, x: Value) -> Value:
        """Return four channels each of `x` (B, C, H, W) as one of twice the height and width."""

    def halve(self, x: Value) -> Value:
        """Return the larger of each two rows of `x` (B, C, H, W)."""


class _Onnx:
    """Nodes of an ONNX graph; a value is its name."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        from emnist.graph import Graph

        self.graph, self.weights = Graph(), weights

    def convolve(self, x: str, name: str, step: int = 1, pads: Pair = (1, 1), spread: int = 1) -> str:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return self.graph.add("Conv", x, weight, bias, pads=pads * 2, strides=[step] * 2, dilations=[1, spread])

    def relu(self, x: str) -> str:
        return self.graph.add("Relu", x)

    def add(self, x: str, other: str) -> str:
        return self.graph.add("Add", x, other)

    def shuffle(self, x: str) -> str:
        return self.graph.add("DepthToSpace", x, blocksize=2, mode="CRD")

    def halve(self, x: str) -> str:
        return self.graph.add("MaxPool", x, kernel_shape=[2, 1], strides=[2, 1])


class _Torch:
    """Functions of torch; a value is a tensor."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        import torch
        from torch.nn import functional

        self.weights = {name: torch.from_numpy(values) for name, values in weights.items()}
        self.functional, self.relu, self.add = functional, torch.relu, torch.add

    def convolve(self, x: Any, name: str, step: int = 1, pads: Pair = (1, 1), spread: int = 1) -> Any:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return self.functional.conv2d(x, weight, bias, step, pads, (1, spread))

    def shuffle(self, x: Any) -> Any:
        return self.functional.pixel_shuffle(x, 2)

    def halve(self, x: Any) -> Any:
        return self.functional.max_pool2d(x, (2, 1))


class Forward(Protocol):
    """A network: what a `Library` does with its input."""

    def __call__(self, library: Library[Value], x: Value, /) -> Value:
        """Return the output for `x`."""


def opened(file: Path, shapes: Shapes, forward: Forward) -> Answer:
    """Return the network `forward` with the weights in `file`, which must have these `shapes`.

    Raises:
        ModelError: `file` is missing or damaged.
    """
    weights = _read(file, shapes)
    try:
        return _by_onnxruntime(weights, forward)
    except ImportError:
        return _by_torch(weights, forward)


def graph(file: Path, shapes: Shapes, forward: Forward) -> bytes:
    """Return what `opened` computes as an ONNX file, from `picture` (1, 1, H, W) to its only output (1, C, h, w).

    Raises:
        ModelError: `file` is missing or damaged.
    """
    return _graph(_read(file, shapes), forward)


def _read(file: Path, shapes: Shapes) -> Mapping[str, NDArray[Any]]:
    return read_own(file, {name: ("F32", shape) for name, shape in shapes.items()})


def _graph(weights: Mapping[str, NDArray[Any]], forward: Forward) -> bytes:
    onnx = _Onnx(weights)
    found = forward(onnx, "picture")
    model: bytes = onnx.graph.model({"picture": (1, 1, "H", "W")}, {found: (1, "C", "h", "w")}).SerializeToString()
    return model


def _by_onnxruntime(weights: Mapping[str, NDArray[Any]], forward: Forward) -> Answer:
    from emnist.session import opened

    session = opened(_graph(weights, forward))

    def answer(picture: Floats) -> Floats:
        values: Floats = session.run(None, {"picture": picture})[0]
        return values

    return answer


def _by_torch(weights: Mapping[str, NDArray[Any]], forward: Forward) -> Answer:
    import torch

    library = _Torch(weights)

    def answer(picture: Floats) -> Floats:
        with torch.inference_mode():
            values: Floats = forward(library, torch.from_numpy(picture)).numpy()
        return values

    return answer
