"""model.safetensors, read strictly: exactly the tensors that config.json asks for, and no number that is none."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from emnist.config import ModelConfig
from emnist.errors import ModelError

LFS = b"version https://git-lfs.github.com/spec/"  # beginning of the pointer that a clone without LFS has instead
STAGES = (0, 2, 4)  # places of the stages in `CharacterNet.stages`; between them it pools

Weights = dict[str, NDArray[Any]]
Shapes = Mapping[str, tuple[str, tuple[int, ...]]]  # the type and the shape of each tensor, by name


def read_weights(path: Path, config: ModelConfig) -> Weights:
    """Return the tensors of the network of `config`, by their names in `emnist.model`.

    Raises:
        ModelError: `path` holds other tensors, or NaN or infinity, or is damaged.
    """
    return read(path, tensors(config))


def read(path: Path, expected: Shapes) -> Weights:
    """Return the tensors in `path`, which are the `expected`, by name.

    Raises:
        ModelError: see `read_weights`.
    """
    with path.open("rb") as start:
        if start.read(len(LFS)) == LFS:
            raise ModelError(f"{path} is only a pointer of Git LFS: run `git lfs install` and `git lfs pull`")
    try:
        with safe_open(path, framework="np") as file:
            slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118 - not a dict
            found = {key: (part.get_dtype(), tuple(part.get_shape())) for key, part in slices.items()}
            _match(path, expected, found)  # before anything is allocated
            weights = {key: file.get_tensor(key) for key in found}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is no safetensors file, or a damaged one ({error}); pull the model again") from error
    for key, values in weights.items():
        if not np.isfinite(values).all():
            raise ModelError(f"{path}: {key} holds NaN or infinity: a run that diverged, or a damaged file")
    return weights


def read_own(path: Path, expected: Shapes) -> Weights:
    """Return the `expected` tensors of a network that belongs to the code, by name.

    Raises:
        ModelError: `path` is missing or damaged; without its folder and what `read_weights` advises, as no model is.
    """
    try:
        return read(path, expected)
    except (ModelError, OSError) as error:
        raise ModelError(
            f"the network emnist/text/{path.name} is missing or damaged: get or install the code again"
        ) from error


def tensors(config: ModelConfig) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return the type and the shape of each tensor of the network of `config`, by name."""
    stem, large = config.widths[0], config.widths[-1]
    side = (config.image_size - 2 * config.margin) // 8
    shapes: dict[str, tuple[int, ...]] = {"stem.0.weight": (stem, 1, 5, 5), **_norm("stem.2", stem)}
    for i, (inputs, outputs) in zip(STAGES, pairwise(config.widths), strict=True):
        for name, before in (("widen", inputs), ("refine.0", outputs), ("refine.2", outputs)):
            shapes[f"stages.{i}.{name}.0.weight"] = (outputs, before, 3, 3)
            shapes |= _norm(f"stages.{i}.{name}.1", outputs)
    for name, inputs, outputs in (
        ("dense.1", large * side * side, config.hidden),
        ("classify", config.hidden, config.classes),
        ("accept", config.hidden, 1),
    ):
        shapes |= {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
    return {key: ("I64" if key.endswith("tracked") else "F32", shape) for key, shape in shapes.items()}


def _norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a batch normalisation's tensors."""
    parts = ("weight", "bias", "running_mean", "running_var")
    return {**{f"{name}.{part}": (channels,) for part in parts}, f"{name}.num_batches_tracked": ()}


def _match(path: Path, expected: Shapes, found: Shapes) -> None:
    """Raise ModelError unless `expected` and `found` name the same tensors with the same type and shape."""
    for prefix in ("module.", "_orig_mod."):
        if found and all(key.startswith(prefix) for key in found):
            wrapper = "DataParallel" if prefix == "module." else "torch.compile"
            raise ModelError(f"{path}: every tensor's name begins with {prefix!r}: save the model inside {wrapper}")
    if wrong := sorted(set(expected) ^ set(found)):
        verb = "lacks" if wrong[0] in expected else "has besides the model's"
        raise ModelError(
            f"{path} {verb} the tensor {wrong[0]!r}: the weights of another architecture than config.json says"
        )
    for key, want in expected.items():
        if found[key] != want:
            raise ModelError(
                f"{path}: {key} is {found[key]}, but config.json needs {want}: weights of another size or type"
            )
