"""What a run writes down about itself, so that anybody can repeat it."""

import json
import platform
import re
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from shlex import quote
from typing import Any

import torch

from emnist.picture.many import cores
from train import parallel
from train.begin import Beginning, exposure, named, training_of
from train.config import FitConfig, idle
from train.images import data
from train.images.sources import Sources

COMMIT = "COMMIT"  # file beside the packages that tells the commit where there is no repository
CPUINFO = Path("/proc/cpuinfo")  # where Linux names the processor


def options_of(config: FitConfig) -> dict[str, Any]:
    """Return the options that decide the result, as JSON values."""
    places = ("out", "data", "download", "resume", "checkpoint_seconds", "track")
    values = {key: value for key, value in asdict(config).items() if key not in places}
    teachers = [folder.name for folder in config.teacher or ()] or None
    files = {
        "sketches": config.sketches and config.sketches.name,
        "replay": config.replay and config.replay.name,
        "initial": config.initial and named(config.initial),
        "teacher": teachers,
    }
    return json.loads(json.dumps({**values, **files}))  # type: ignore[no-any-return]


def facts(
    config: FitConfig,
    sources: Sources,
    steps: int,
    seconds: float,
    validation: dict[str, float],
    beginning: Beginning | None = None,
) -> dict[str, Any]:
    """Return everything needed to repeat the run, as JSON values."""
    own = sources.status == "own"
    root = config.replay if own else config.data
    replay = {"replay": {"split": config.split, "seed": config.seed}} if config.replay else {}
    return {
        "split": None if own else config.split,
        "images": sources.counts(),
        "status": sources.status,
        "official_train_images": None if own else data.OFFICIAL_COUNTS[config.split][0],
        **({"data": sources.facts} if own else {}),
        **replay,
        "exposed": _exposed(beginning, replay.get("replay")),
        "checksums": data.checksums(root, config.split) if root else {},
        "epochs": validation.get("epoch", config.epochs),
        "steps": steps,
        "seconds": round(seconds, 1),
        "seed": config.seed,
        "threads": torch.get_num_threads(),
        "machine": _machine(),
        "precision": str(parallel.number_format(config.precision)).removeprefix("torch."),
        "validation": validation,
        "versions": {"python": platform.python_version(), **{n: version(n) for n in ("torch", "torchvision", "numpy")}},
        "commit": commit(),
        "options": options_of(config),
        "command": _command(config, own),
        "earlier": {
            **({beginning.name: _origin(beginning.training)} if beginning else {}),
            **{folder.name: _origin(training_of(folder)) for folder in config.teacher or ()},
        },
    }


def _exposed(beginning: Beginning | None, replay: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return which EMNIST splits and seeds this run has learnt from by its ancestors and by what it replays."""
    found = exposure(beginning.training) if beginning else []
    return [*found, *([replay] if replay and replay not in found else [])]


def _origin(training: dict[str, Any]) -> dict[str, Any]:
    return {key: training[key] for key in ("command", "commit", "steps") if key in training}


def _machine() -> str:
    """Return what computed: the accelerator, or the processor and how many cores of it could be used."""
    if parallel.device().type == "cuda":
        return torch.cuda.get_device_name()
    names = re.findall(r"model name\s*:\s*(.+)", CPUINFO.read_text()) if CPUINFO.exists() else []
    return f"{names[0] if names else platform.processor() or platform.machine()}, {cores()} cores"


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
    except OSError:  # git is not installed
        return "unknown"
    return told.stdout.strip() or "unknown"


def _command(config: FitConfig, own: bool) -> str:
    """Return the command line that trains the same network."""
    silent = idle(config, own)
    words = ["python -m train fit", *([f"--split {config.split}"] if "split" not in silent else [])]
    words += ["--data DATA", "--out RUN"]
    words += ["--replay EMNIST"] if config.replay else []
    words += ["--sketches SKETCHES/unipen.jsonl.gz"] if config.sketches else []
    words += [f"--initial {named(config.initial)}"] if config.initial else []
    words += [f"--teacher {folder.name}" for folder in config.teacher or ()]
    default = options_of(FitConfig(out=config.out))
    for key, value in options_of(config).items():
        if key not in ("split", "sketches", "initial", "replay", "teacher", *silent) and value != default[key]:
            words.append(f"--{key.replace('_', '-')}")
            words += [] if value is True else map(str, value) if isinstance(value, list) else [quote(str(value))]
    return " ".join(words)
