"""The benchmark names every contender and puts the recipes beside their peers."""

from pathlib import Path

import pytest

from emnist.errors import ModelError
from train.config import RECIPES
from train.results import bench

TINY = {"batch": 32, "widths": (4, 8, 8, 8), "hidden": 16}


def test_the_benchmark_reports_each_recipe_and_its_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"IMAGES": 128, "WORKERS": 0, "SETTLE": 0.0, "SECONDS": 0.01, "ROUNDS": 1, "BATCHES": (1, 2)}
    for name, value in {**sizes, "RECIPES": {**RECIPES, "fast": TINY, "best": TINY}}.items():
        monkeypatch.setattr(bench, name, value)
    with pytest.raises(ModelError, match="no such directory"):
        next(bench.report(Path("nowhere")))
    lines = list(bench.report())
    for start in ("VGG-5, plain loop", "VGG-5, this project's loop", "fast, plain loop", "best ", "recipe fast: "):
        assert sum(line.startswith(start) for line in lines) == 1, start
    assert sum(line.startswith(("float32", "bfloat16")) for line in lines) == 4
