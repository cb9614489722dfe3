"""A small model and its metrics, for the tests of saving, pushing and deploying."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from emnist import store
from emnist.config import ModelConfig
from emnist.files import FILES
from emnist.labels import SPLITS
from emnist.model import CharacterNet

LABELS = SPLITS["digits"]
SMALL = ModelConfig(classes=10, widths=(4, 4, 8, 8), hidden=16)
METRICS: dict[str, Any] = {
    "model": {"parameters": 3000},
    "results": [
        {
            "dataset": "EMNIST bymerge test",
            "split": "bymerge",
            "status": "partial",
            "images": 30000,
            "official_images": 116323,
            "prior": "uniform",
            "top1": 0.8975,
            "top3": 0.996,
            "macro_recall": 0.893,
            "ece": 0.011,
            "per_class": {"0": {"precision": 0.7, "recall": 0.61, "f1": 0.65, "images": 2500}},
            "confused": [["0", "O", 123]],
        },
        {"dataset": "EMNIST balanced test", "split": "balanced", "status": "redrawn", "images": 18800, "top1": 0.885},
        {"dataset": "EMNIST digits test", "split": "digits", "status": "official", "images": 40000, "top1": 0.99},
        {"dataset": "UNIPEN drawings, held-out writers", "images": 1234, "top1": 0.8, "top3": None, "ece": 0.03},
        {"dataset": "Not one character", "images": 500, "rejected": {"scribbles": 0.97}},
    ],
    "training": {
        "split": "bymerge",
        "images": {"train": 150000, "validation": 6285, "sketches": 2000},
        "official_train_images": 697932,
        "status": "partial",
        "checksums": {"train.gz": "ab" * 32},
        "epochs": 12,
        "seconds": 3600,
        "seed": 7,
        "threads": 2,
        "versions": {"torch": "2.14.1"},
        "commit": "0123abc",
        "options": {"lr": 0.004},
        "command": "python -m train fit --out RUN --seed 7",
    },
}


def network(seed: int = 0, config: ModelConfig = SMALL) -> CharacterNet:
    """Return an untrained network in evaluation mode."""
    torch.manual_seed(seed)
    return CharacterNet(config).eval()


def only_digits(model: CharacterNet) -> CharacterNet:
    """Return a network that answers as `model`, whose first ten classes are the digits, and knows no other class."""
    config, ten = model.config, slice(10)
    prior = tuple(share / sum(config.prior[ten]) for share in config.prior[ten])
    small = CharacterNet(replace(config, classes=10, prior=prior, drawn=config.drawn[ten], pooled=())).eval()
    own = small.state_dict()
    small.load_state_dict(
        {key: value[ten] if value.shape != own[key].shape else value for key, value in model.state_dict().items()}
    )
    return small


def saved(directory: Path, seed: int = 0, metrics: dict[str, Any] | None = None) -> Path:
    """Save a small model there and return the directory."""
    store.save(directory, network(seed), LABELS, METRICS if metrics is None else metrics)
    return directory


def model_files(directory: Path) -> dict[str, bytes]:
    """Return the files of a model as the Hub keeps them."""
    return {name: (directory / name).read_bytes() for name in FILES}


def logits(model: CharacterNet) -> torch.Tensor:
    """Return the model's answer to fixed images."""
    images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return model(images)[0]


def run_folder(directory: Path) -> Path:
    """Make a run folder that can be pushed, with two figures and a checkpoint, and return it."""
    saved(directory)
    (directory / "figures").mkdir()
    for path in (directory / "curves.png", directory / "figures" / "confusion.png"):
        Image.new("L", (4, 4)).save(path)
    (directory / "checkpoint.safetensors").write_bytes(b"not for the Hub")
    return directory
