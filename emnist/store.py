"""A model as a directory of plain files: saved whole or not at all, loaded strictly.

The directory holds model.safetensors (weights), config.json (ModelConfig), label_map.json ({"0": "0", …}), metrics.json
(what was measured, and under "files" the SHA-256 of the others) and README.md (the model card); also, where it has been
exported, onnx/model.onnx (the same network for other languages and for browsers).
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from safetensors.numpy import save as serialise

from emnist.config import ModelConfig
from emnist.engine import ensure_finite
from emnist.errors import ModelError
from emnist.files import (
    CONFIG,
    FILES,
    LABEL_MAP,
    METRICS,
    ONNX,
    WEIGHTS,
    as_json,
    checksums,
    naming,
    read_config,
    read_labels,
    verify,
    vouched_graph,
    with_graph,
    write,
)
from emnist.weights import Weights, read_weights

if TYPE_CHECKING:
    from emnist.model import CharacterNet

SAVING = ".saving-"  # beginning of the name of the folder into which `save` writes
LEFT_SECONDS = 600.0  # age in seconds from which on such a folder is what a killed program left


def save(directory: str | Path, model: "CharacterNet", labels: Sequence[str], metrics: Mapping[str, Any]) -> None:
    """Write the files of a model; each appears whole or not at all, and nothing is replaced unless all of it loads.

    Raises:
        ModelError: `labels` or the weights are such that `load` would refuse them.
        ValueError: `metrics` holds a NaN or something JSON cannot say.
        OSError: the directory cannot be written.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.glob(f"{SAVING}*"):  # left by a program that was killed
        if time.time() - left.stat().st_mtime > LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    with naming(directory), TemporaryDirectory(dir=directory, prefix=SAVING) as name:
        draft = Path(name)
        weights = {key: tensor.detach().cpu().contiguous().numpy() for key, tensor in model.state_dict().items()}
        (draft / WEIGHTS).write_bytes(serialise(weights, metadata={"format": "pt"}))
        (draft / CONFIG).write_bytes(as_json(asdict(model.config)))
        (draft / LABEL_MAP).write_bytes(as_json({str(i): label for i, label in enumerate(labels)}))
        (draft / METRICS).write_bytes(as_json({**metrics, "files": checksums(draft)}))
        load(draft)
        _keep_graph(directory, draft)
        for file in FILES:
            (draft / file).replace(directory / file)


def _keep_graph(directory: Path, draft: Path) -> None:
    """Keep the ONNX file in `directory`, its checksum noted in `draft`, if it has `draft`'s weights; else delete it."""
    graph = directory / ONNX
    if not graph.is_file():
        return
    if vouched_graph(directory) and checksums(directory) == checksums(draft):
        (draft / METRICS).write_bytes(with_graph(draft, graph.read_bytes()))
    else:
        graph.unlink()


def attach(directory: str | Path, graph: bytes) -> None:
    """Write the ONNX file of the model in `directory`; its metrics.json, where there is one, then vouches for it.

    Raises:
        OSError: the directory cannot be written.
    """
    path = Path(directory) / ONNX
    path.parent.mkdir(exist_ok=True)
    write(path, graph)
    if (metrics := Path(directory) / METRICS).is_file():
        write(metrics, with_graph(Path(directory), graph))


def load(directory: str | Path) -> tuple["CharacterNet", tuple[str, ...]]:
    """Return the network, in evaluation mode, and its labels by output index.

    Nothing is executed from the files, and no more memory is taken than model.safetensors has bytes.

    Raises:
        ModelError: a file is missing, damaged or does not fit the others; says which and what to do.
    """
    from emnist.eager import Eager, network  # imported here, for reading characters needs no torch

    config, labels, weights = read(directory)
    model = network(config, weights)
    ensure_finite(Eager(model), Path(directory) / WEIGHTS)
    return model, labels


def read(directory: str | Path) -> tuple[ModelConfig, tuple[str, ...], Weights]:
    """Return the configuration, the labels by output index, and the weights of a model; raise as `load` does."""
    directory = Path(directory)
    if not directory.is_dir():
        raise ModelError(f"{directory}: no such directory; a model is a directory with {', '.join(FILES)}")
    verify(directory)
    config = read_config(directory / CONFIG)
    return config, read_labels(directory / LABEL_MAP, config), read_weights(directory / WEIGHTS, config)
