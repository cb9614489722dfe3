"""How long the page takes to be up, beyond importing gradio and onnxruntime: `python -m tests.start [ROUNDS]`."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer

from emnist import terminal
from tests.serving import ROOT, process

ROUNDS = 5
IMPORTS = "import gradio, onnxruntime"


def imports() -> float:
    """Return the seconds that a Python takes to start, import gradio and onnxruntime, and end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def page() -> tuple[float, float]:
    """Return the seconds from the start of the app until its page is served, and until its model has answered."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with process(Path(folder)) as (address, _):
            up = time.perf_counter() - start
            body = {"data": [], "session_hash": "start"}
            httpx.post(f"{address}/gradio_api/run/welcome", json=body, timeout=60).raise_for_status()
            return up, time.perf_counter() - start


def main(rounds: Annotated[int, typer.Argument(min=1)] = ROUNDS) -> None:
    """Print what the page takes to be up, as a median over some rounds."""
    imports()  # reads the files from the disk once
    rows = [(imports(), *page()) for _ in range(rounds)]
    base, up, ready = (statistics.median(column) for column in zip(*rows, strict=True))
    print("| s, median of", rounds, "| |\n|---|---|")
    print(f"| importing gradio and onnxruntime | {base:.2f} |")
    print(f"| the page is up | {up:.2f} |\n| and its model has answered | {ready:.2f} |")
    print(
        f"| the page, beyond the imports | {up - base:.2f} |\n| the answer, beyond the imports | {ready - base:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(terminal.run_one(main, alone=()))
