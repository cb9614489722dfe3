"""Pen strokes drawn as EMNIST images: more training data, and more like what people draw on a screen.

The strokes are those of UNIPEN train_r01_v07, sections 1a–1c (Guyon, Schomaker, Plamondon, Liberman, Janet, ICPR 1994;
CC BY 4.0, Zenodo 10.5281/zenodo.1195803), one JSON object a line: `label`, `writer`, `lowres`, `strokes`.
"""

import gzip
import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from emnist.errors import NoInkError
from emnist.labels import ONE_SHAPE, fold
from emnist.picture import convert, prepare
from emnist.text.drawing import draw, unit
from train.images.data import Images

PARTS = {"train": range(70), "validation": range(70, 82), "test": range(82, 100)}  # of 100 buckets of writers
LONG_SIDE = (40, 54)  # px of the raw drawing before EMNIST's conversion; the scans' median is 46
PEN = (0.07, 0.2)  # pen width over the long side; EMNIST's median is 0.14, `ink` leaves 0.10 to 0.20
CANVAS = 280  # px
CANVAS_PEN = (0.03, 0.08)  # pen width over the side of the canvas
BATCH = 256  # characters that a process draws at a time
WORKERS = 8  # processes at most
READ = 2000  # drawings are prepared for validation
CANVAS_SHARE = (0.4, 0.8)  # of a canvas that people's drawings span
WOBBLE = 0.012  # largest standard deviation of the jitter of points, over the long side
STRETCH = 0.15  # largest change of the aspect ratio
TURN = math.radians(8)  # to either side
SLANT = 0.15  # largest shear
TRIM = 0.12  # largest share of its points that a stroke lacks at either end
ROUNDING = 3.0  # points, largest standard deviation of the smoothing along a stroke: quick hands round corners
SWAY = 0.1  # standard deviation of each entry of the linear change of a single stroke
MOVE = 0.035  # standard deviation of the shift of a single stroke, over the long side
ROUGH = 0.3  # share of drawings with an uneven outline, as pencil on paper has once it is thresholded
ROUGHNESS = 0.35  # largest standard deviation of the grain, of the ink's contrast


@dataclass(frozen=True)
class Drawing:
    """One character: its label, its writer, and its strokes as float arrays (points, 2) of x, y in [0, 1], y down."""

    label: str
    writer: str
    strokes: tuple[NDArray[np.float64], ...]


def read(file: Path, part: str, labels: Sequence[str] | None = None) -> Iterator[Drawing]:
    """Yield the drawings of the writers of `part`, scaled so that the longer side spans 0…1.

    Coarse digitisers are left out.  With `labels`, each character is folded into them and others are left out.

    Raises:
        ValueError: `file` is not in the format above.
    """
    with gzip.open(file, "rt") as lines:
        try:
            for line in lines:
                record = json.loads(line)
                label = fold(record["label"], labels) if labels else record["label"]
                if label is not None and not record["lowres"] and bucket(record["writer"]) in PARTS[part]:
                    yield Drawing(label, record["writer"], unit(record["strokes"]))
        except (OSError, EOFError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{file} does not hold pen strokes, one JSON object a line ({error})") from error


def bucket(writer: str) -> int:
    """Return which of 100 buckets `writer` falls into: always the same one, so that parts share no writer."""
    return int.from_bytes(hashlib.sha256(writer.encode()).digest()[:8]) % 100


def vary(strokes: Sequence[NDArray[np.float64]], random: np.random.Generator) -> tuple[NDArray[np.float64], ...]:
    """Return `strokes` as another hand might draw them, turned, slanted, stretched, unsteady; scaled to 0…1."""
    angle, slant = random.uniform(-TURN, TURN), random.uniform(-SLANT, SLANT)
    turned = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    change = turned @ np.array([[1, 0], [slant, 1]]) @ np.diag(1 + random.uniform(-STRETCH, STRETCH, 2))
    wobble = random.uniform(0, WOBBLE)
    varied = [vary_one(stroke, random) for stroke in strokes]
    return unit([(stroke + random.normal(0, wobble, stroke.shape)) @ change for stroke in varied])


def vary_one(stroke: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Return one stroke, changed by itself: shortened, its corners rounded, bent a little and moved."""
    first, last = (random.uniform(0, TRIM, 2) * (random.random(2) < 0.5) * len(stroke)).astype(int)
    kept = stroke[first : len(stroke) - last]
    if random.random() < 0.5:
        kept = ndimage.gaussian_filter1d(kept, random.uniform(0, ROUNDING), axis=0, mode="nearest")
    centre = kept.mean(0)
    change = np.eye(2) + random.normal(0, SWAY, (2, 2))
    varied: NDArray[np.float64] = (kept - centre) @ change + centre + random.normal(0, MOVE, 2)
    return varied


def roughen(mask: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.bool_]:
    """Return `mask` with an uneven outline: blurred, with smooth grain added, and thresholded again."""
    grain = ndimage.gaussian_filter(random.normal(0, 1, mask.shape), 1) * (2 * math.sqrt(math.pi))  # variance 1 again
    uneven = ndimage.gaussian_filter(mask.astype(float), 1) + random.uniform(0, ROUGHNESS) * grain > 0.5
    rough: NDArray[np.bool_] = uneven & ndimage.binary_dilation(mask, iterations=2)  # no specks on the paper
    return rough if rough.any() else mask


def render(drawing: Drawing, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return `drawing` as a 28×28 EMNIST image, uint8, drawn with a random pen by a slightly unsteady hand."""
    side = int(random.integers(*LONG_SIDE))
    mask = draw(vary(drawing.strokes, random), side, max(side * random.uniform(*PEN), 1.0))
    return convert.emnist(roughen(mask, random) if random.random() < ROUGH else mask)


def on_canvas(drawing: Drawing, side: int, pen: float, random: np.random.Generator) -> Image.Image:
    """Return `drawing` black somewhere on a white canvas of `side` px, drawn with a pen `pen` times as wide."""
    size = random.uniform(*CANVAS_SHARE) * side
    mask = draw(drawing.strokes, round(size), pen * side)
    canvas = Image.new("L", (side, side), 255)
    top, left = (int(random.integers(0, max(side - length, 0) + 1)) for length in mask.shape)
    canvas.paste(0, (left, top), Image.fromarray(mask))
    return canvas


def expected(labels: Sequence[str]) -> Tensor:
    """Return how often each of `labels` is meant by a drawing, (classes,), summing to 1.

    A class counts once, twice if both its cases are drawn as one shape: who draws a circle means 0, O or o.
    """
    both = [label in ONE_SHAPE and label.lower() not in labels for label in labels]
    weight = 1 + torch.tensor(both).double()
    return weight / weight.sum()


def as_read(file: Path, part: str, labels: Sequence[str], seed: int, progress: bool = False) -> Images:
    """Draw up to READ characters of `part` on canvases and prepare them as `emnist.Recognizer` does."""
    random = np.random.default_rng(seed)
    drawings = list(read(file, part, labels))
    drawings = drawings[:: math.ceil(len(drawings) / READ)]
    pixels, indices = [], []
    for drawing in tqdm(drawings, desc=f"reading {part} drawings", unit=" characters", disable=not progress, delay=2):
        with suppress(NoInkError):
            pixels.append(prepare(on_canvas(drawing, CANVAS, random.uniform(*CANVAS_PEN), random)).image)
            indices.append(labels.index(drawing.label))
    return Images(torch.from_numpy(np.stack(pixels)), torch.tensor(indices))


class Rendered(Dataset[Tensor]):
    """Each drawing several times, uint8 (copies, 28, 28); the same seed gives the same images, in any order."""

    def __init__(self, drawings: Sequence[Drawing], copies: int, seed: int) -> None:
        self.drawings, self.copies, self.seed = drawings, copies, seed

    def __len__(self) -> int:
        return len(self.drawings)

    def __getitem__(self, index: int) -> Tensor:
        random = np.random.default_rng([self.seed, index])
        return torch.from_numpy(np.stack([render(self.drawings[index], random) for _ in range(self.copies)]))


def load(file: Path, part: str, labels: Sequence[str], copies: int, seed: int, progress: bool = False) -> Images:
    """Draw every character of `part` `copies` times; return the images with their indices in `labels`."""
    drawings = list(read(file, part, labels))
    drawn = DataLoader(Rendered(drawings, copies, seed), BATCH, num_workers=min(os.cpu_count() or 1, WORKERS))
    bar = tqdm(drawn, desc=f"drawing {part} strokes", unit=f"×{BATCH} characters", disable=not progress, delay=2)
    pixels = torch.cat(list(bar)).flatten(0, 1)
    indices = torch.tensor([labels.index(drawing.label) for drawing in drawings])
    return Images(pixels, indices.repeat_interleave(copies))
