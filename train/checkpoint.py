"""Checkpoints of a run: safetensors, written whole or not at all, the previous one kept.

All randomness of a run is derived from (seed, step), so the step is all that must be stored of it.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from emnist.files import whole

NAME, PREVIOUS = "checkpoint.safetensors", "checkpoint.previous.safetensors"
ADVICE = "no checkpoint before it is lost; make room, then go on with --resume"  # what to do when the disk is full


class CheckpointError(ValueError):
    """No checkpoint of a run can be read."""


def write(run: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write `tensors` and the JSON-able `facts` as the newest checkpoint of the folder `run`.

    Raises:
        OSError: the disk is full; the checkpoints that were there stay as they were.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    data = save(plain, {"facts": json.dumps(facts), "sha256": _digest(plain)})
    with whole(run / NAME, ADVICE) as partial:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if (run / NAME).exists():
            (run / NAME).replace(run / PREVIOUS)


def exists(run: Path) -> bool:
    """Tell whether the folder `run` holds a checkpoint, whole or not."""
    return (run / NAME).exists() or (run / PREVIOUS).exists()


def read(run: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return (tensors, facts) of the newest checkpoint in `run` that is whole.

    Raises:
        CheckpointError: there is none.
    """
    problems = []
    for name in (NAME, PREVIOUS):
        try:
            return _read(run / name)
        except (OSError, SafetensorError, ValueError) as error:
            problems.append(f"{name}: {error}")
    raise CheckpointError(f"nothing in {run} to resume from ({'; '.join(problems)}); train again with another --out")


def _read(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(file, framework="pt") as stored:
        facts = stored.metadata()
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118  (not a dict)
    if not facts or facts.get("sha256") != _digest(tensors):
        raise ValueError("its content does not match its checksum")
    return tensors, json.loads(facts["facts"])


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def pack_optimizer(optimizer: torch.optim.Optimizer, prefix: str) -> dict[str, Tensor]:
    """Return the state of `optimizer` as named tensors."""
    state: dict[int, dict[str, Tensor]] = optimizer.state_dict()["state"]
    return {f"{prefix}.{i}.{key}": value for i, values in state.items() for key, value in values.items()}


def unpack_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], prefix: str) -> None:
    """Put the named tensors of `pack_optimizer` back into `optimizer`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith(f"{prefix}."):
            _, index, key = name.rsplit(".", 2)
            state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def pack_module(module: nn.Module, prefix: str) -> dict[str, Tensor]:
    """Return the state of `module` as named tensors."""
    return {f"{prefix}.{name}": value for name, value in module.state_dict().items()}


def unpack_module(module: nn.Module, tensors: dict[str, Tensor], prefix: str) -> None:
    """Put the named tensors of `pack_module` back into `module`."""
    start = len(prefix) + 1
    module.load_state_dict({name[start:]: value for name, value in tensors.items() if name.startswith(f"{prefix}.")})
