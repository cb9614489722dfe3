"""Export a model as ONNX: one graph for every language and for the browser, with all that answers need in its metadata.

The graph is written down node by node, from `emnist.model` and `emnist.views`, rather than traced: it takes 0.1 s where
torch's exporter takes 3 to 9, needs no further package, and the same weights always give the same bytes, so that a
file can be compared with the weights it claims to come from.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import onnx.utils
import torch.nn.functional as F
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from emnist import hub, views
from emnist.files import ONNX, WEIGHTS, checksums
from emnist.model import CharacterNet, Stage
from emnist.recognizer import fused

OPSET, IR = 18, 9  # what onnxruntime has read since 1.14 (2023), and every browser build of it
# Values within the graph, at which it can be cut: what one view of each image is, what the network says to it, and its
# feature maps after the stem and after each stage.
SEEN, CLASSES, CHARACTERS, MAPS = "seen", "classes", "characters", ("maps_0", "maps_1", "maps_2", "maps_3")


class _Graph:
    """Nodes and constants in the order of their computation; every value is named after the node that makes it."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str | Tensor | NDArray[Any], name: str = "", **attributes: Any) -> str:
        """Append a node and return its output's name; an input is such a name, or a constant."""
        name = name or f"{kind.lower()}_{len(self.nodes)}"
        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        self.nodes.append(helper.make_node(kind, names, [name], **attributes))
        return name

    def _constant(self, value: Tensor | NDArray[Any]) -> str:
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), f"constant_{len(self.constants)}"))
        return self.constants[-1].name


def model(directory: Path) -> bytes:
    """Return the model in `directory` as an ONNX file.

    Its input `images` is float32 (N, 1, 28, 28), ink 1 on 0.  Its outputs are `logits` (N, classes), the mean over the
    views divided by the temperature, and `character` (N,), the score in [0, 1] for "this is one character".  Its
    metadata holds every value of config.json, the labels in order, and the SHA-256 of the weights, each as JSON.

    Raises:
        ModelError: the directory holds no model, or a damaged one.
    """
    network, labels = hub.load(directory)
    side, classes = network.config.image_size, network.config.classes
    graph = _Graph()
    _views(graph, fused(network))
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "emnist",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 1, side, side])],
            [
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes]),
                helper.make_tensor_value_info("character", TensorProto.FLOAT, ["N"]),
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="emnist",
    )
    facts = {**asdict(network.config), "labels": labels, "weights": checksums(directory)[WEIGHTS]}
    helper.set_model_props(made, {key: json.dumps(value, ensure_ascii=False) for key, value in facts.items()})
    onnx.checker.check_model(made, full_check=True)
    return bytes(made.SerializeToString(deterministic=True))


def one_view(graph: bytes) -> bytes:
    """Return the part of an ONNX file that sees each image once and as it is, for a program that makes the views.

    Its input is `seen` (B, 1, 28, 28); its outputs are `classes` (B, classes) and `characters` (B, 1), logits, and
    `maps_0` to `maps_3`, the feature maps.  Its metadata is that of the whole.

    Raises:
        ValueError: this is no file that `model` makes.
    """
    try:
        whole = onnx.shape_inference.infer_shapes(onnx.load_from_string(graph))
        cut = onnx.utils.Extractor(whole).extract_model([SEEN], [CLASSES, CHARACTERS, *MAPS])
    except (DecodeError, ValueError, KeyError) as error:
        raise ValueError(f"no ONNX file of this library ({error})") from error
    cut.metadata_props.extend(whole.metadata_props)
    return bytes(cut.SerializeToString(deterministic=True))


def export(run: Path, file: Path | None = None) -> Path:
    """Write the model in `run` to `file`, or to onnx/model.onnx beside its weights, where metrics.json vouches for it.

    Raises:
        ModelError: `run` holds no model, or a damaged one.
        OSError: the file cannot be written.
    """
    content = model(run)
    if file is None:
        hub.attach(run, content)
        return run / ONNX
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def _views(graph: _Graph, network: CharacterNet) -> None:
    """Add `emnist.views.logits`, the temperature and the sigmoid."""
    config = network.config
    side, count = config.image_size, len(config.turns)
    # The images go as the channels of one image, since one grid for all of them is then enough.
    flat = graph.add("Reshape", "images", _shape(1, -1, side, side))  # (1, N, 28, 28)
    seen = [_turned(graph, flat, degrees, side) for degrees in config.turns]
    together = graph.add("Concat", *seen, axis=1)  # (1, views · N, 28, 28)
    classes, character = _network(graph, graph.add("Reshape", together, _shape(-1, 1, side, side), name=SEEN), network)
    by_view = graph.add("Reshape", classes, _shape(count, -1, config.classes))
    mean = graph.add("ReduceMean", by_view, _shape(0), keepdims=0)
    graph.add("Div", mean, _number(config.temperature), name="logits")
    mean = graph.add("ReduceMean", graph.add("Reshape", character, _shape(count, -1)), _shape(0), keepdims=0)
    graph.add("Sigmoid", mean, name="character")


def _turned(graph: _Graph, flat: str, degrees: float, side: int) -> str:
    """Add `emnist.views.turn`."""
    if not degrees:
        return flat
    grid = F.affine_grid(views.rotation(degrees), [1, 1, side, side], align_corners=False)
    return graph.add("GridSample", flat, grid, align_corners=0)


def _network(graph: _Graph, x: str, network: CharacterNet) -> tuple[str, str]:
    """Add `CharacterNet.forward`; return the names of class logits (B, classes) and character logits (B, 1)."""
    config = network.config
    if config.margin:
        ends = _shape(config.image_size - config.margin, config.image_size - config.margin)
        x = graph.add("Slice", x, _shape(config.margin, config.margin), ends, _shape(2, 3))
    x = graph.add("Div", graph.add("Sub", x, _number(config.mean)), _number(config.std))
    x = graph.add("Identity", _sequence(graph, x, network.stem), name=MAPS[0])
    names = iter(MAPS[1:])
    for layer in network.stages:
        x = _stage(graph, x, layer, next(names)) if isinstance(layer, Stage) else _layer(graph, x, layer)
    x = _sequence(graph, x, network.dense)
    return _layer(graph, x, network.classify, CLASSES), _layer(graph, x, network.accept, CHARACTERS)


def _stage(graph: _Graph, x: str, stage: Stage, name: str) -> str:
    x = graph.add("Relu", _sequence(graph, x, stage.widen))
    return graph.add("Relu", graph.add("Add", x, _sequence(graph, x, stage.refine)), name=name)


def _sequence(graph: _Graph, x: str, layers: Iterable[nn.Module]) -> str:
    for layer in layers:
        x = _sequence(graph, x, layer) if isinstance(layer, nn.Sequential) else _layer(graph, x, layer)
    return x


def _layer(graph: _Graph, x: str, layer: nn.Module, name: str = "") -> str:
    """Add one layer of `emnist.model`, on (B, C, H, W) or (B, C)."""
    match layer:
        case nn.Identity():
            return x
        case nn.ReLU():
            return graph.add("Relu", x)
        case nn.Flatten():
            return graph.add("Flatten", x)
        case nn.MaxPool2d():
            return graph.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
        case nn.BatchNorm2d():
            statistics = cast(tuple[Tensor, Tensor], (layer.running_mean, layer.running_var))
            return graph.add("BatchNormalization", x, layer.weight, layer.bias, *statistics, epsilon=layer.eps)
        case nn.Conv2d():
            pads = [*cast(tuple[int, ...], layer.padding)] * 2
            return graph.add("Conv", x, layer.weight, *(() if layer.bias is None else (layer.bias,)), pads=pads)
        case nn.Linear():
            return graph.add("Gemm", x, layer.weight, layer.bias, name=name, transB=1)
        case _:
            raise TypeError(f"export does not know the layer {layer}")


def _shape(*sizes: int) -> NDArray[np.int64]:
    return np.array(sizes, np.int64)


def _number(value: float) -> NDArray[np.float32]:
    return np.array([value], np.float32)
