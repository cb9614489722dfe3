"""Where a run begins: with random weights, or with those of any earlier model, whatever labels it knows."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from emnist import hub, store
from emnist.config import ModelConfig
from emnist.files import METRICS
from emnist.model import CharacterNet
from train.images.data import Images
from train.results.record import read_metrics

NEVER = -30.0  # bias of a label that is never to be the answer: no logit falls below it


@dataclass(frozen=True)
class Beginning:
    """A model to begin with: its network and labels, its name, and what its metrics.json says of its training."""

    name: str
    model: CharacterNet
    labels: tuple[str, ...]
    training: dict[str, Any]


def load(source: str) -> Beginning:
    """Return the model `source`: a directory, a name on the Hub, or "built-in".

    Raises:
        ModelError: there is none, or it is damaged.
    """
    directory = hub.resolve(source)
    model, labels = store.load(directory)
    return Beginning(named(source), model, labels, training_of(directory))


def named(source: str) -> str:
    """Return how another machine names the model `source`: a directory by its last part."""
    return Path(source).name if Path(source).is_dir() else source


def training_of(run: Path) -> dict[str, Any]:
    """Return what metrics.json of `run` says of its training; nothing if that is gone: a later run can still end."""
    return read_metrics(run).get("training", {}) if (run / METRICS).is_file() else {}


def fresh(labels: Sequence[str], images: Images, widths: tuple[int, int, int, int], hidden: int) -> CharacterNet:
    """Return a network with random weights; its configuration holds how frequent classes and how bright pixels are."""
    counts = images.counts(len(labels))
    shape = ModelConfig(
        classes=len(labels),
        widths=widths,
        hidden=hidden,
        mean=round(images.pixels.float().mean().item() / 255, 4),
        std=round(images.pixels.float().std().item() / 255, 4),
        prior=tuple(round(share, 6) for share in (counts / len(images)).tolist()),
    )
    return CharacterNet(shape)


def widened(begin: Beginning, labels: Sequence[str]) -> CharacterNet:
    """Return the network of `begin` with an output for each of `labels`; known ones keep theirs, new begin at the mean.

    If the labels change, the frequencies of the classes are unknown, so `prior` is left empty.
    """
    if tuple(labels) == begin.labels:
        return deepcopy(begin.model)
    old = begin.model.config
    place = {label: i for i, label in enumerate(begin.labels)}
    kept = [(new, place[label]) for new, label in enumerate(labels) if label in place]
    config = replace(
        old,
        classes=len(labels),
        prior=(),
        drawn=tuple(old.drawn[place[label]] if label in place else 0.0 for label in labels) if old.drawn else (),
        pooled=tuple(new for new, before in kept if before in old.pooled),
    )
    model = CharacterNet(config)
    weights = begin.model.state_dict()
    fresh_rows = {key: tensor for key, tensor in model.state_dict().items() if key.startswith("classify")}
    with torch.no_grad():
        for key, tensor in fresh_rows.items():
            tensor[:] = weights[key].mean(0)  # a new label begins as the mean of those known
            for new, before in kept:
                tensor[new] = weights[key][before]
    model.load_state_dict({**weights, **fresh_rows})
    return model.eval()


@torch.no_grad()
def back(model: CharacterNet, begin: Beginning, labels: Sequence[str], share: float) -> None:
    """Move the weights of `model` by `share` of the way back to `begin`; those of a new label have no way back."""
    new = [i for i, label in enumerate(labels) if label not in begin.labels]
    before = widened(begin, labels).state_dict()
    for name, now in model.state_dict().items():
        if now.is_floating_point():
            mean = now.lerp(before[name].to(now.device), share)
            if name.startswith("classify"):
                mean[new] = now[new]
            now.copy_(mean)


def reminder(model: CharacterNet, labels: Sequence[str], known: Sequence[str]) -> CharacterNet:
    """Return a copy of `model`, as it is before training, that answers none of its `labels` but those `known`.

    It is a teacher: what it says of pictures other than one's own shall stay so.
    """
    kept = deepcopy(model).eval().requires_grad_(False)
    kept.classify.bias[[i for i, label in enumerate(labels) if label not in known]] = NEVER
    return kept


def exposure(training: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the EMNIST splits, each with its seed, that a model or one of its ancestors has learnt from.

    The splits are draws from one pool: most test images of one stand in the training part of another.
    """
    own = [{"split": training["split"], "seed": training["seed"]}] if training.get("split") else []
    return [*own, *(entry for entry in training.get("exposed", []) if entry not in own)]
