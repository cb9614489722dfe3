"""Pen strokes drawn as EMNIST images: more training data, and more like what people draw on a screen.

The strokes are those of UNIPEN train_r01_v07, sections 1a–1c (Guyon, Schomaker, Plamondon, Liberman, Janet, ICPR 1994;
CC BY 4.0, Zenodo 10.5281/zenodo.1195803), one JSON object a line: `label`, `writer`, `contrib`, `lowres`, `strokes`.
"""

import gzip
import hashlib
import json
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from emnist.errors import NoInkError
from emnist.labels import fold
from emnist.picture import prepare
from emnist.picture.many import cores
from emnist.text.drawing import draw, unit
from train.images import hand
from train.images.data import Images

PARTS = {"train": range(70), "validation": range(70, 82), "test": range(82, 100)}  # which of 100 buckets of writers
CANVAS = 280  # px: side of a canvas
CANVAS_PEN = (0.03, 0.08)  # pen width over the side of the canvas
BATCH = 256  # characters that a process draws at a time
WORKERS = 16  # most processes that draw
FEW = 2000  # characters up to which one process draws them sooner than others are started
READ = 2000  # most drawings that are prepared for validation
CANVAS_SHARE = (0.4, 0.8)  # share of a canvas that a drawing spans


@dataclass(frozen=True)
class Drawing:
    """One character: its label, its writer, and its strokes as float arrays (points, 2) of x, y, y down."""

    label: str
    writer: str
    strokes: tuple[NDArray[np.float64], ...]


def characters(file: Path, part: str, coarse: Sequence[str] = ()) -> Iterator[Drawing]:
    """Yield the characters of the writers of `part`, in the units of their digitisers.

    Coarse digitisers are left out, except those of the contributors `coarse`.

    Raises:
        ValueError: `file` is not in the format above, or `part` is none of PARTS.
    """
    if part not in PARTS:
        raise ValueError(f"no part {part!r} of the writers; choose one of {', '.join(PARTS)}")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        try:
            for line in lines:
                record = json.loads(line)
                label, writer = record["label"], record["writer"]
                if not isinstance(label, str) or not isinstance(writer, str):
                    raise TypeError("label and writer must be texts")
                fine = not record["lowres"] or record.get("contrib") in coarse
                if fine and bucket(writer) in PARTS[part]:
                    yield Drawing(label, writer, _strokes(record["strokes"]))
        except (OSError, EOFError, zlib.error, KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(
                f"{file} does not hold pen strokes, one JSON object a line ({error!s:.100}); "
                "`python -m train strokes` writes such a file"
            ) from error


def _strokes(value: Any) -> tuple[NDArray[np.float64], ...]:
    """Return the strokes that hold points; raise TypeError or ValueError for anything but numbers, or for none."""
    strokes = [np.array(stroke) for stroke in value if len(stroke)]
    if not strokes or not all(stroke.dtype.kind in "if" and stroke.shape[1:] == (2,) for stroke in strokes):
        raise ValueError("strokes must be lists of [x, y]")
    if not all(np.isfinite(stroke).all() for stroke in strokes):
        raise ValueError("a point is not finite")
    return tuple(stroke.astype(float) for stroke in strokes)


def read(file: Path, part: str, labels: Sequence[str] | None = None) -> Iterator[Drawing]:
    """Yield what `characters` does, scaled so that the longer side spans 0…1.

    With `labels`, each character is folded into them and others are left out.
    """
    for drawing in characters(file, part):
        label = fold(drawing.label, labels) if labels else drawing.label
        if label is not None:
            yield Drawing(label, drawing.writer, unit(drawing.strokes))


def listed(file: Path, part: str, labels: Sequence[str]) -> list[Drawing]:
    """Return all that `read` yields.

    Raises:
        ValueError: as `characters`, or it is nothing.
    """
    found = list(read(file, part, labels))
    if not found:
        raise ValueError(f"{file} holds no strokes of {' '.join(labels[:20])} for {part}; leave out --sketches")
    return found


def bucket(writer: str) -> int:
    """Return which of 100 buckets `writer` falls into: always the same one, so that parts share no writer."""
    return int.from_bytes(hashlib.sha256(writer.encode()).digest()[:8]) % 100


def on_canvas(drawing: Drawing, side: int, pen: float, random: np.random.Generator) -> Image.Image:
    """Return `drawing` black somewhere on a white canvas of `side` px, drawn with a pen `pen` times as wide."""
    size = random.uniform(*CANVAS_SHARE) * side
    mask = draw(drawing.strokes, round(size), pen * side)
    canvas = Image.new("L", (side, side), 255)
    top, left = (int(random.integers(0, max(side - length, 0) + 1)) for length in mask.shape)
    canvas.paste(0, (left, top), Image.fromarray(mask))
    return canvas


def expected(labels: Sequence[str]) -> Tensor:
    """Return how often each of `labels` is meant by a drawing or a photograph, (classes,), summing to 1.

    Digits are taken for half of what people write, letters for the other half; with only digits or only letters, these
    are all.  A letter that stands for both its cases counts twice.  The biases `drawn` are fitted under these shares.
    They also decide what a circle is, since 0, O and o cannot be told apart (`pooled`): 2.6 times as often a 0.
    """
    digit = torch.tensor([label.isdigit() for label in labels])
    both = [label.swapcase() not in labels and label.swapcase() != label for label in labels]
    weight = 1 + torch.tensor(both).double()
    for group in (digit, ~digit):
        weight[group] /= weight[group].sum().clamp(min=1)
    return weight / weight.sum()


def as_read(file: Path, part: str, labels: Sequence[str], seed: int, progress: bool = False) -> Images:
    """Draw up to READ characters of `part` on canvases and prepare them as `emnist.Recognizer` does."""
    random = np.random.default_rng(seed)
    drawings = listed(file, part, labels)
    drawings = drawings[:: math.ceil(len(drawings) / READ)]
    pixels, indices = [], []
    for drawing in tqdm(drawings, desc=f"reading {part} drawings", unit=" characters", disable=not progress, delay=2):
        with suppress(NoInkError):
            pixels.append(prepare(on_canvas(drawing, CANVAS, random.uniform(*CANVAS_PEN), random)).image)
            indices.append(labels.index(drawing.label))
    return Images(torch.from_numpy(np.stack(pixels)), torch.tensor(indices))


def workers(pictures: int) -> int:
    """Return how many processes draw so many `pictures`; none besides this one where they are few."""
    return min(cores(), WORKERS) if pictures > FEW else 0


class Rendered(Dataset[Tensor]):
    """Each drawing several times, uint8 (copies, 28, 28); the same seed gives the same images, in any order."""

    def __init__(self, drawings: Sequence[Drawing], copies: int, seed: int) -> None:
        self.drawings, self.copies, self.seed = drawings, copies, seed

    def __len__(self) -> int:
        return len(self.drawings)

    def __getitem__(self, index: int) -> Tensor:
        random, drawing = np.random.default_rng([self.seed, index]), self.drawings[index]
        copies = [hand.write(drawing.label, drawing.strokes, random) for _ in range(self.copies)]
        return torch.from_numpy(np.stack(copies))


def load(file: Path, part: str, labels: Sequence[str], copies: int, seed: int, progress: bool = False) -> Images:
    """Draw every character of `part` `copies` times; return the images with their indices in `labels`."""
    drawings = listed(file, part, labels)
    drawn = DataLoader(Rendered(drawings, copies, seed), BATCH, num_workers=workers(len(drawings)))
    bar = tqdm(drawn, desc=f"drawing {part} strokes", unit=f"×{BATCH} characters", disable=not progress, delay=2)
    pixels = torch.cat(list(bar)).flatten(0, 1)
    indices = torch.tensor([labels.index(drawing.label) for drawing in drawings])
    return Images(pixels, indices.repeat_interleave(copies))
