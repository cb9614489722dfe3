"""Export a model as ONNX: one graph for every language and for the browser, with all that answers need in its metadata.

It is `emnist.graph` with the views of `emnist.views` around it.  The same weights always give the same bytes, so that a
file can be compared with the weights it claims to come from.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import onnx
import torch.nn.functional as F
from onnx import helper

from emnist import store, views
from emnist.config import ModelConfig
from emnist.files import ONNX, WEIGHTS, checksums, write
from emnist.graph import CHARACTERS, CLASSES, SEEN, Graph, add_network, number, one_view, sizes
from emnist.weights import Weights


def model(directory: Path) -> bytes:
    """Return the model in `directory` as an ONNX file.

    Its input `images` is float32 (N, 1, 28, 28), ink 1 on 0.  Its outputs are `logits` (N, classes), the mean over the
    views divided by the temperature, and `character` (N,), the score in [0, 1] for "this is one character".  Its
    metadata holds every value of config.json, the labels in order, and the SHA-256 of the weights, each as JSON.

    Raises:
        ModelError: the directory holds no model, or a damaged one.
    """
    config, labels, weights = store.read(directory)
    graph = Graph()
    _views(graph, config, weights)
    made = graph.model(
        {"images": ("N", 1, config.image_size, config.image_size)},
        {"logits": ("N", config.classes), "character": ("N",)},
    )
    return _described(made, directory, config, labels)


def without_views(directory: Path) -> bytes:
    """Return the network of the model in `directory` as an ONNX file, for a program that makes the views.

    It is `emnist.graph.one_view` with the metadata of `model`.

    Raises:
        ModelError: the directory holds no model, or a damaged one.
    """
    config, labels, weights = store.read(directory)
    return _described(onnx.load_from_string(one_view(config, weights)), directory, config, labels)


def export(run: Path, file: Path | None = None) -> Path:
    """Write the model in `run` to `file`, or to onnx/model.onnx beside its weights, where metrics.json vouches for it.

    Raises:
        ModelError: `run` holds no model, or a damaged one.
        ValueError: the name of `file` does not end in .onnx.
        OSError: the file cannot be written.
    """
    if file and file.suffix.lower() != ".onnx":  # it would be overwritten, and may be a picture or other weights
        raise ValueError(f"{file} does not end in .onnx: name the file to write, such as model.onnx")
    content = model(run)
    if file is None:
        store.attach(run, content)
        return run / ONNX
    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, content)
    return file


def _described(made: onnx.ModelProto, directory: Path, config: ModelConfig, labels: Sequence[str]) -> bytes:
    """Return the file of `made`, with the facts about the model in `directory` as its metadata."""
    facts = {**asdict(config), "labels": labels, "weights": checksums(directory)[WEIGHTS]}
    helper.set_model_props(made, {key: json.dumps(value, ensure_ascii=False) for key, value in facts.items()})
    onnx.checker.check_model(made, full_check=True)
    return bytes(made.SerializeToString(deterministic=True))


def _views(graph: Graph, config: ModelConfig, weights: Weights) -> None:
    """Add `emnist.views.logits`, the temperature and the sigmoid."""
    side, count = config.image_size, len(config.turns)
    # The images go as the channels of one image, since one grid for all of them is then enough.
    flat = graph.add("Reshape", "images", sizes(1, -1, side, side))  # (1, N, 28, 28)
    seen = [_turned(graph, flat, degrees, side) for degrees in config.turns]
    together = graph.add("Concat", *seen, axis=1)  # (1, views · N, 28, 28)
    add_network(graph, graph.add("Reshape", together, sizes(-1, 1, side, side), name=SEEN), config, weights)
    by_view = graph.add("Reshape", CLASSES, sizes(count, -1, config.classes))
    mean = graph.add("ReduceMean", by_view, sizes(0), keepdims=0)
    graph.add("Div", mean, number(config.temperature), name="logits")
    mean = graph.add("ReduceMean", graph.add("Reshape", CHARACTERS, sizes(count, -1)), sizes(0), keepdims=0)
    graph.add("Sigmoid", mean, name="character")


def _turned(graph: Graph, flat: str, degrees: float, side: int) -> str:
    """Add `emnist.views.turn`."""
    if not degrees:
        return flat
    grid = F.affine_grid(views.rotation(degrees), [1, 1, side, side], align_corners=False)
    return graph.add("GridSample", flat, grid.numpy(), align_corners=0)
