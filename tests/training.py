"""A training small enough for tests: ten drawings of each digit, few pictures that are no character, a tiny network."""

from pathlib import Path

import pytest
from idx import dataset

from train.config import FitConfig

SMALL = {"split": "digits", "batch": 32, "epochs": 4.0, "widths": (4, 8, 8, 8), "hidden": 16, "threads": 1}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that holds EMNIST/raw."""
    return dataset(tmp_path_factory.mktemp("data"), each=10)


@pytest.fixture
def few_negatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw 100 pictures that are no character instead of 20,000."""
    monkeypatch.setattr("train.images.sources.NEGATIVES", 100)


def config(data: Path, out: Path, **options: object) -> FitConfig:
    """Return the options of the training, some of them changed."""
    return FitConfig(**{**SMALL, "data": data, "out": out, **options})  # type: ignore[arg-type]
