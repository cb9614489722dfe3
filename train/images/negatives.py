"""Pictures that are not one character, drawn by code: what the network learns to turn away.

Five kinds: scribbles, geometric shapes, several characters side by side, symbols set in a font, textures.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from torch import Tensor
from tqdm import tqdm

from emnist.picture import convert
from emnist.text.drawing import draw, unit
from train.images.strokes import LONG_SIDE, PEN

Mask = NDArray[np.bool_]
Random = np.random.Generator

# No circle, cross, bar or angle, and no sign that a hand writes like a character ($ like S, | like 1, ( like C).
SYMBOLS = "&%?#@*=+~§€£¥¿¶÷±√∞:;"
FONTS = tuple(sorted((Path(matplotlib.get_data_path()) / "fonts" / "ttf").glob("DejaVuSans[.-]*.ttf")))
CANVAS = 96  # px, side of the canvas for symbols and textures


def scribble(random: Random) -> Mask:
    """Draw a smooth random walk that crosses itself many times."""
    turns = int(random.integers(12, 40))
    knots = np.cumsum(random.normal(0, 1, (turns, 2)), axis=0) if random.random() < 0.5 else random.random((turns, 2))
    steps = np.linspace(0, turns - 1, turns * 8)
    path = np.stack([ndimage.map_coordinates(knots[:, axis], [steps], order=3) for axis in (0, 1)], axis=1)
    return _pen([path], random)


def shape(random: Random) -> Mask:
    """Draw one of: polygon, star, spiral, zigzag, grid, wave, arrow, house."""
    turn = random.uniform(0, 2 * np.pi)
    kind = int(random.integers(8))
    if kind < 2:  # polygon of 3 to 5 corners (more make an O), or a star of 5 to 7 points drawn in one go
        corners = int(random.integers(3, 6)) if kind == 0 else int(random.choice([5, 7]))
        around = np.arange(corners + 1) * (2 * np.pi / corners) * (1 if kind == 0 else corners // 2) + turn
        lines = [np.stack([np.cos(around), np.sin(around)], axis=1)]
    elif kind == 2:
        angle = np.linspace(0, random.uniform(2.2, 5) * 2 * np.pi, 120)
        lines = [np.stack([angle * np.cos(angle + turn), angle * np.sin(angle + turn)], axis=1)]
    elif kind in (3, 4):  # zigzag and wave; five half periods at the least, for three make M, N, W or Z
        x = np.linspace(0, 1, 120)
        phase = x * random.uniform(2.5, 6)
        y = np.abs((phase % 1) - 0.5) * 2 if kind == 3 else np.sin(phase * 2 * np.pi)
        lines = [np.stack([x * random.uniform(1, 4), y], axis=1)]
    elif kind == 5:
        count = int(random.integers(3, 5))
        bars = np.arange(count) / (count - 1)
        lines = [np.array([[b, 0.0], [b, 1.0]]) for b in bars] + [np.array([[0.0, b], [1.0, b]]) for b in bars]
    elif kind == 6:
        tip = np.array([[0.7, -0.25], [1.0, 0.0], [0.7, 0.25]])
        lines = [np.array([[0.0, 0.0], [1.0, 0.0]]), tip]
        lines += [np.array([[0.3, -0.25], [0.0, 0.0], [0.3, 0.25]])] if random.random() < 0.5 else []
    else:
        wall = np.array([[0.0, 1.0], [0.0, 0.4], [0.5, 0.0], [1.0, 0.4], [1.0, 1.0], [0.0, 1.0]])
        lines = [wall, np.array([[0.0, 0.4], [1.0, 0.4]])]
    return _pen(lines, random)


def several(characters: NDArray[np.uint8], random: Random) -> Mask:
    """Put two to four of `characters` (N, 28, 28) side by side, with a gap between them."""
    chosen = characters[random.integers(0, len(characters), int(random.choice([2, 2, 2, 3, 4])))] > 127
    parts: list[Mask] = []
    for character in chosen:
        gap = np.zeros((len(character), int(random.integers(3, 14))), bool)
        parts += [np.roll(character[:, character.any(axis=0)], int(random.integers(-2, 3)), axis=0), gap]
    return np.hstack(parts)


def symbol(random: Random, symbols: str = SYMBOLS, fonts: Sequence[Path] = FONTS) -> Mask:
    """Set one of `symbols` in one of `fonts`, a little turned."""
    face = ImageFont.truetype(fonts[int(random.integers(len(fonts)))], CANVAS)
    canvas = Image.new("L", (2 * CANVAS, 2 * CANVAS))
    sign = symbols[int(random.integers(len(symbols)))]
    ImageDraw.Draw(canvas).text(
        (CANVAS, CANVAS), sign, 255, font=face, anchor="mm", stroke_width=int(random.integers(3))
    )
    turned = canvas.rotate(random.uniform(-12, 12), Image.Resampling.BILINEAR)
    box = turned.getbbox() or (0, 0, 1, 1)
    side = int(random.integers(*LONG_SIDE))
    return np.array(turned.crop(box).resize((side, max(side * (box[3] - box[1]) // (box[2] - box[0]), 2)))) > 127


def texture(random: Random) -> Mask:
    """Threshold smooth noise: blotches, stripes, paper fibres, a dark edge."""
    grain = ndimage.gaussian_filter(random.normal(0, 1, (CANVAS, CANVAS)), random.uniform(0.7, 9, 2))
    ink_here: Mask = grain > np.quantile(grain, random.uniform(0.4, 0.95))
    return ink_here


def _pen(lines: Sequence[NDArray[np.float64]], random: Random) -> Mask:
    side = int(random.integers(*LONG_SIDE))
    return draw(unit([line.tolist() for line in lines]), side, max(side * random.uniform(*PEN), 1.0))


def load(count: int, characters: Tensor, seed: int, progress: bool = False) -> Tensor:
    """Draw `count` pictures of all kinds in equal shares as EMNIST images, uint8 (count, 28, 28).

    `characters`, uint8 (N, 28, 28), are those put side by side.
    """
    random = np.random.default_rng(seed)
    pool = characters.numpy()
    kinds: list[Callable[[Random], Mask]] = [scribble, shape, lambda r: several(pool, r), symbol, texture]
    bar = tqdm(range(count), desc="drawing what is no character", unit=" pictures", disable=not progress, delay=2)
    return torch.from_numpy(np.stack([convert.emnist(kinds[i % len(kinds)](random)) for i in bar]))
