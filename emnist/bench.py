"""What reading takes on this machine: milliseconds by step, pictures a second by processes, memory, start-up.

The steps are counted in time of the processor, which other programs do not lengthen; opening a file by the clock.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from emnist.check import CHECKS
from emnist.decoder import formats
from emnist.picture import many, read
from emnist.picture.convert import emnist
from emnist.picture.ink import character_of
from emnist.picture.paper import contrast
from emnist.picture.pens import even_pen
from emnist.recognizer import TOGETHER, Recognizer
from emnist.text.drawing import draw, unit

MOST = 200  # most pictures of a folder that are read: enough to tell
DRAWN = 96  # pictures that are drawn where no folder is named
FEWEST = 3 * TOGETHER  # fewest pictures in a round: a smaller number would come back at one moment, and is repeated
SIDE, PEN = 180, 12.0  # px: longer side and pen width of the characters that are drawn
TIMED = 64  # most pictures that are prepared step by step
# Each step takes what the one before returned; together they are `emnist.picture.prepare`.
STEPS: dict[str, Callable[[Any], Any]] = {
    "open the file": read,
    "even light": contrast,
    "find the ink": character_of,
    "even the pen": even_pen,
    "28×28 image": emnist,
}
COMMANDS = {
    "nothing but Python": ["-c", ""],
    "import emnist": ["-c", "import emnist"],
    "load the built-in model": ["-c", "import emnist; emnist.Recognizer.from_pretrained()"],
    "--help": ["-m", "emnist", "--help"],
    "predict, one picture": ["-m", "emnist", "predict"],
}


def report(recognizer: Recognizer, pictures: Sequence[Path] = (), model: str | None = None) -> Iterator[str]:
    """Yield aligned lines as they are measured, on up to MOST of `pictures`, or on some that it draws.

    `model` names that of `recognizer`, for the command whose start is measured.
    Raise ValueError if none of `pictures` can be read.
    """
    with TemporaryDirectory() as folder:
        chosen = list(pictures)[:: -(-len(pictures) // MOST)] if pictures else drawn(Path(folder))
        sides = [side for file in chosen if (side := _longest(file))]
        if not sides:
            raise ValueError("none of the pictures can be read")
        yield f"pictures: {len(chosen)}, of {median(sides):.0f} px, as a median; {many.cores()} cores"
        yield from _by_step(recognizer, chosen)
        yield from _by_jobs(recognizer, chosen)
        yield from _start_up(chosen[0], model)


def drawn(folder: Path) -> list[Path]:
    """Write DRAWN pictures of characters there, as phones take them: uneven light, grain, JPEG; return them."""
    random, files = np.random.default_rng(0), []
    for i in range(DRAWN):
        strokes = list(CHECKS.values())[i % len(CHECKS)]
        ink = np.pad(draw(unit(strokes), SIDE, PEN), 40)
        light = np.linspace(0.95, random.uniform(0.5, 0.9), ink.shape[1]) * (1 - 0.7 * ink)
        pixels = 255 * light[..., None] * (1, 0.97, 0.9) + random.normal(0, 3, (*ink.shape, 3))
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))
        files.append(folder / f"{i}.jpg")
        picture.save(files[-1])
    return files


def _longest(file: Path) -> int:
    try:
        return int(read(file).info[formats.LONGEST])
    except (ValueError, OSError):
        return 0


def _by_step(recognizer: Recognizer, pictures: Sequence[Path]) -> Iterator[str]:
    yield f"\n{'step':28}{'ms':>8}   a picture, one process, as a median"
    took: dict[str, list[float]] = {name: [] for name in STEPS}
    images = []
    for picture in pictures[:TIMED]:
        value: Any = picture
        try:
            for name, step in STEPS.items():
                clock = time.perf_counter if step is read else time.process_time  # files are opened by another process
                start = clock()
                value = step(value)
                took[name].append(clock() - start)
            images.append(value)
        except (ValueError, OSError):  # a picture without ink fails at one of the steps
            continue
    for count in (1, TOGETHER):
        parts = [np.stack(images[i : i + count]) for i in range(0, len(images), count)]
        took["network, " + ("alone" if count == 1 else f"{count} together")] = [
            _seconds(recognizer.look, part) / len(part) for part in parts
        ]
    yield from (f"{name:28}{1000 * median(times):8.2f}" for name, times in took.items() if times)


def _seconds(do: Callable[..., object], *arguments: object) -> float:
    start = time.process_time()
    do(*arguments)
    return time.process_time() - start


def _by_jobs(recognizer: Recognizer, pictures: Sequence[Path]) -> Iterator[str]:
    """Read all three times and time the second: the first waits for processes to start, the last leaves some idle."""
    yield f"\n{'--jobs':28}{'pictures/s':>12}{'MB':>8}   of all processes together, each at its peak"
    cores, pictures = many.cores(), [*pictures] * -(-FEWEST // len(pictures))
    for jobs in sorted({1, cores, *(2**i for i in range(cores.bit_length()) if 2**i <= cores)}):
        at = []
        for _ in recognizer.predict_many(chain(pictures, pictures, pictures), jobs=jobs, brief=True):
            at.append(time.perf_counter())
            if len(at) == 2 * len(pictures):
                memory = sum(map(_peak, _family(os.getpid())))
        rate = len(pictures) / (at[2 * len(pictures) - 1] - at[len(pictures) - 1])
        yield f"{jobs:<28}{rate:12.1f}{memory:8.0f}" if memory else f"{jobs:<28}{rate:12.1f}{'-':>8}"


def _family(pid: int) -> list[int]:
    """Return `pid` and all processes below it, where there is a /proc."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(below for file in files for child in file.read_text().split() for below in _family(int(child)))]


def _peak(pid: int) -> float:
    """Return the most memory that a process had, in MB; 0 where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    told = status.read_text().partition("VmHWM:")[2] if status.exists() else ""
    return int(told.split()[0]) / 1024 if told else 0.0


def _start_up(picture: Path, model: str | None) -> Iterator[str]:
    asked = [str(picture.absolute()), *(["--model", model] if model else [])]
    yield f"\n{'start-up':28}{'processor':>12}{'clock':>8}   seconds, one run"
    for name, words in COMMANDS.items():
        before, start = os.times(), time.perf_counter()
        words = [*words, *asked] if words[-1] == "predict" else words
        subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after, clock = os.times(), time.perf_counter() - start
        used = after.children_user + after.children_system - before.children_user - before.children_system
        yield f"{name:28}{used:12.2f}{clock:8.2f}"
