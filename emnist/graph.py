"""The network of `emnist.model` as an ONNX graph, written down node by node from its weights.

Tracing it with torch's exporter takes 3 to 9 s, and torch.  This takes milliseconds, and the same weights always give
the same bytes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from emnist.config import ModelConfig
from emnist.weights import STAGES, Weights

OPSET, IR = 18, 9  # versions of ONNX that onnxruntime has read since 1.14 (2023), and every browser build of it
# Names of values in the graph: one view of each image, its class logits, its character logit, and its feature maps
# after the stem and after each stage.
SEEN, CLASSES, CHARACTERS, MAPS = "seen", "classes", "characters", ("maps_0", "maps_1", "maps_2", "maps_3")
EPSILON = 1e-5  # added to the variance in batch normalisation, as torch does

Shapes = Mapping[str, tuple[str | int, ...]]


class Graph:
    """Nodes and constants in the order of their computation; every value is named after the node that makes it."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str | NDArray[Any], name: str = "", **attributes: Any) -> str:
        """Append a node and return its output's name; an input is such a name, or a constant."""
        name = name or f"{kind.lower()}_{len(self.nodes)}"
        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        self.nodes.append(helper.make_node(kind, names, [name], **attributes))
        return name

    def model(self, inputs: Shapes, outputs: Shapes) -> onnx.ModelProto:
        """Return the graph as a model of float32 `inputs` and `outputs`, each with its shape."""
        return helper.make_model(
            helper.make_graph(self.nodes, "emnist", _declared(inputs), _declared(outputs), self.constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR,
            producer_name="emnist",
        )

    def _constant(self, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), f"constant_{len(self.constants)}"))
        return self.constants[-1].name


def _declared(shapes: Shapes) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def one_view(config: ModelConfig, weights: Weights) -> bytes:
    """Return the network as an ONNX file.

    Its input is SEEN, float32 (B, 1, 28, 28), ink 1 on 0; its outputs are CLASSES (B, classes) and CHARACTERS (B, 1),
    logits, and MAPS (B, channels, side, side).
    """
    graph = Graph()
    add_network(graph, SEEN, config, weights)
    sides = [(config.image_size - 2 * config.margin) >> halved for halved in (1, 1, 2, 3)]
    maps = {name: ("B", width, side, side) for name, width, side in zip(MAPS, config.widths, sides, strict=True)}
    outputs = {CLASSES: ("B", config.classes), CHARACTERS: ("B", 1), **maps}
    made = graph.model({SEEN: ("B", 1, config.image_size, config.image_size)}, outputs)
    return bytes(made.SerializeToString(deterministic=True))


def add_network(graph: Graph, x: str, config: ModelConfig, weights: Weights) -> None:
    """Add `CharacterNet.forward` of `x` (B, 1, 28, 28); its values are CLASSES (B, classes), CHARACTERS (B, 1), MAPS.

    Each batch normalisation that follows a convolution becomes part of it.
    """
    if config.margin:
        ends = sizes(config.image_size - config.margin, config.image_size - config.margin)
        x = graph.add("Slice", x, sizes(config.margin, config.margin), ends, sizes(2, 3))
    x = graph.add("Div", graph.add("Sub", x, number(config.mean)), number(config.std))
    x = graph.add("Conv", x, weights["stem.0.weight"], pads=[2] * 4)
    norm = [weights[f"stem.2.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    x = graph.add("BatchNormalization", _pooled(graph, x), *norm, epsilon=EPSILON)
    x = graph.add("Relu", x, name=MAPS[0])
    for i, name in zip(STAGES, MAPS[1:], strict=True):
        x = _stage(graph, x if i == STAGES[0] else _pooled(graph, x), weights, f"stages.{i}", name)
    x = graph.add("Relu", _linear(graph, graph.add("Flatten", x), weights, "dense.1"))
    _linear(graph, x, weights, "classify", CLASSES)
    _linear(graph, x, weights, "accept", CHARACTERS)


def _stage(graph: Graph, x: str, weights: Weights, name: str, output: str) -> str:
    x = graph.add("Relu", _conv_norm(graph, x, weights, f"{name}.widen"))
    refined = graph.add("Relu", _conv_norm(graph, x, weights, f"{name}.refine.0"))
    return graph.add("Relu", graph.add("Add", x, _conv_norm(graph, refined, weights, f"{name}.refine.2")), name=output)


def _conv_norm(graph: Graph, x: str, weights: Weights, name: str) -> str:
    weight, bias, mean, variance = (
        weights[f"{name}.1.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    with np.errstate(invalid="ignore"):  # a damaged variance gives NaN, which `ensure_finite` finds
        scale = weight / np.sqrt(variance + np.float32(EPSILON))
    return graph.add(
        "Conv", x, weights[f"{name}.0.weight"] * scale[:, None, None, None], bias - mean * scale, pads=[1] * 4
    )


def _pooled(graph: Graph, x: str) -> str:
    return graph.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def _linear(graph: Graph, x: str, weights: Weights, name: str, output: str = "") -> str:
    return graph.add("Gemm", x, weights[f"{name}.weight"], weights[f"{name}.bias"], name=output, transB=1)


def sizes(*values: int) -> NDArray[np.int64]:
    """Return a constant of whole numbers."""
    return np.array(values, np.int64)


def number(value: float) -> NDArray[np.float32]:
    """Return a constant (1,)."""
    return np.array([value], np.float32)
