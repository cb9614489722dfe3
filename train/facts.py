"""What a run writes down about itself, so that anybody can repeat it."""

import json
import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from emnist.files import METRICS
from train import parallel
from train.config import FitConfig
from train.images import data
from train.images.batches import Sources
from train.results.evaluate import read_metrics

COMMIT = "COMMIT"  # file beside the packages, where there is no repository


def options_of(config: FitConfig) -> dict[str, Any]:
    """Return the options that decide the result, as JSON values."""
    places = ("out", "data", "download", "resume", "checkpoint_seconds", "track")
    values = {key: value for key, value in asdict(config).items() if key not in places}
    teachers = [folder.name for folder in config.teacher or ()] or None
    files = {
        "sketches": config.sketches and config.sketches.name,
        "initial": config.initial and config.initial.name,
        "teacher": teachers,
    }
    return json.loads(json.dumps({**values, **files}))  # type: ignore[no-any-return]


def facts(
    config: FitConfig, sources: Sources, steps: int, seconds: float, validation: dict[str, float]
) -> dict[str, Any]:
    """Return everything needed to repeat the run, as JSON values."""
    return {
        "split": config.split,
        "images": sources.counts(),
        "status": sources.status,
        "official_train_images": data.OFFICIAL_COUNTS[config.split][0],
        "checksums": data.checksums(config.data, config.split),
        "epochs": validation.get("epoch", config.epochs),
        "steps": steps,
        "seconds": round(seconds, 1),
        "seed": config.seed,
        "threads": torch.get_num_threads(),
        "precision": str(parallel.number_format(config.precision)).removeprefix("torch."),
        "validation": validation,
        "versions": {"python": platform.python_version(), **{n: version(n) for n in ("torch", "torchvision", "numpy")}},
        "commit": commit(),
        "options": options_of(config),
        "command": _command(config),
        "earlier": {folder.name: _origin(folder) for folder in filter(None, (config.initial, *(config.teacher or ())))},
    }


def _origin(run: Path) -> dict[str, Any]:
    """Return how the earlier `run` was trained; nothing if it is gone by now, which shall not cost this one."""
    training = read_metrics(run)["training"] if (run / METRICS).exists() else {}
    return {key: training[key] for key in ("command", "commit", "steps") if key in training}


def commit() -> str:
    """Return the commit of the code that trains, marked when files differ from it, or "unknown".

    Code that travelled without its repository (`train.travel`) brings a file that says so.
    """
    here = Path(__file__).parent
    if (here.parent / COMMIT).exists():
        return (here.parent / COMMIT).read_text().strip()
    words = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        told = subprocess.run(words, cwd=here, capture_output=True, text=True)
    except OSError:  # there is no git here
        return "unknown"
    return told.stdout.strip() or "unknown"


def _command(config: FitConfig) -> str:
    """Return the command line that trains the same network."""
    words = ["python -m train fit", f"--split {config.split}", "--data DATA", "--out RUN"]
    words += ["--sketches SKETCHES/unipen.jsonl.gz"] if config.sketches else []
    words += [f"--initial {config.initial.name}"] if config.initial else []
    words += [f"--teacher {folder.name}" for folder in config.teacher or ()]
    default = options_of(FitConfig(out=config.out))
    for key, value in options_of(config).items():
        if key not in ("split", "sketches", "initial", "teacher") and value != default[key]:
            shown = " ".join(map(str, value)) if isinstance(value, list) else value
            words.append(f"--{key.replace('_', '-')} {shown}")
    return " ".join(words)
