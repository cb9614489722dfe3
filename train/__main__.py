"""python -m train fit | evaluate | report | push | deploy."""

import inspect
import sys
from typing import Any

import typer

from emnist import terminal
from train import loop
from train.config import FitConfig

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Train, score and publish EMNIST networks.")


def fit(**options: Any) -> int:
    """Train a network; the run folder then holds a model directory, log.jsonl, fit.json and checkpoints."""
    try:
        run = loop.fit(FitConfig(**options), progress=True)
    except loop.Stopped as stopped:
        terminal.complain(stopped)
        return terminal.FAILED
    print(
        f"{options['out']}: {run.step} steps in {run.seconds / 60:.1f} minutes; score it with: python -m train evaluate"
    )
    return 0


# FitConfig is the only list of options, so the command takes its signature from there.
fit.__signature__ = inspect.signature(FitConfig)  # type: ignore[attr-defined]
fit.__annotations__ = FitConfig.__annotations__
app.command()(fit)


if __name__ == "__main__":
    sys.exit(terminal.run(app))
