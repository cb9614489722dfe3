"""The record of a run: what its metrics.json says, results added to it, and that a test set answers once."""

import json
from pathlib import Path
from shlex import quote
from typing import Any

from emnist import store
from emnist.files import METRICS


def read_metrics(run: Path) -> dict[str, Any]:
    """Return what metrics.json of `run` holds, at least "training" and "results"; without them these are empty.

    Raises:
        ValueError: it is missing, no JSON, or something else than `fit` and `evaluate` write.
    """
    try:
        found = {"training": {}, "results": [], **json.loads((run / METRICS).read_text(encoding="utf-8"))}
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError) as error:
        raise ValueError(
            f"{run} holds no readable {METRICS}; train first: python -m train fit --out {quote(str(run))}"
        ) from error
    results = found["results"]
    listed = isinstance(results, list) and all(isinstance(each, dict) and "dataset" in each for each in results)
    if not listed or not isinstance(found["training"], dict):
        raise ValueError(f"{run / METRICS} is not what fit and evaluate write; train again with another --out")
    return found


def answered(run: Path, name: str | None = None) -> bool:
    """Tell whether the model in `run` was scored on the data set `name`, or on any."""
    results = read_metrics(run)["results"]  # answers.safetensors may be missing: it is not pushed
    return any(name in (None, result["dataset"]) for result in results)


def refuse_again(run: Path, name: str) -> None:
    """Raise ValueError if `run` was scored on the data set `name` before: a test set answers once."""
    if answered(run, name):
        raise ValueError(
            f"{run} was scored on {name!r} before: its numbers are in metrics.json, and a test set answers once"
        )


def append(run: Path, results: list[dict[str, Any]]) -> None:
    """Add `results` to metrics.json, which appears whole or not at all."""
    model, labels = store.load(run)
    known = read_metrics(run)
    plain = json.loads(json.dumps(results, default=float))
    size = {"parameters": sum(p.numel() for p in model.parameters())}
    store.save(run, model, labels, {"model": size, **known, "results": [*known["results"], *plain]})
