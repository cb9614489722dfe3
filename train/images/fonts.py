"""Characters of handwriting fonts, drawn as EMNIST images: each font is the hand of one more person.

Many such fonts are free (SIL Open Font Licence).  Some set capitals for small letters, and some are all flourishes, so
only what the built-in model can make out is taken.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from emnist import Recognizer
from emnist.labels import fold
from emnist.picture import convert
from emnist.picture.arrays import box
from emnist.picture.pens import even_pen
from train.images import hand
from train.images.data import Images
from train.images.strokes import BATCH, workers

SIZE = 96  # px, of a font
THINNEST = 0.09  # of the long side, of a pen: hairlines would break
BEND = 0.035  # largest standard deviation of how far a point is moved, over the long side
WAVE = (0.12, 0.3)  # of the long side: over so much, neighbouring points move alike
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
READ = 0.8  # of the characters of a font, told whether digit or letter, that the model reads
LEAST = 0.004  # probability that the model gives to a character that is taken

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Glyph:
    """One character of a font: its label, the name of the font, and its ink (H, W)."""

    label: str
    font: str
    ink: Mask


def read(folder: Path, labels: Sequence[str]) -> list[Glyph]:
    """Return the characters of all fonts in `folder` (TrueType, OpenType, WOFF2), folded into `labels`.

    Raises:
        ValueError: there is no font, or a file is none.
    """
    files = sorted(file for file in folder.glob("*") if file.is_file())
    if not files:
        raise ValueError(f"no fonts in {folder}: put TTF, OTF or WOFF2 files there")
    return [glyph for file in files for glyph in _of_font(file, labels)]


def _of_font(file: Path, labels: Sequence[str]) -> list[Glyph]:
    try:
        face = ImageFont.truetype(file, SIZE)
    except OSError as error:
        raise ValueError(f"{file} is no font ({error}): leave only TTF, OTF and WOFF2 files there") from error
    pairs = ((fold(character, labels), _set(face, character)) for character in CHARACTERS)
    return [Glyph(label, file.stem, ink) for label, ink in pairs if label is not None and ink is not None]


def _set(face: ImageFont.FreeTypeFont, character: str) -> Mask | None:
    picture = Image.new("L", (4 * SIZE, 4 * SIZE))
    ImageDraw.Draw(picture).text((2 * SIZE, 2 * SIZE), character, 255, face, "mm")
    ink: Mask = np.asarray(picture) > 127
    return _strong(ink) if ink.any() else None


def _strong(ink: Mask) -> Mask:
    """Return `ink` cut to its box, thin strokes widened."""
    ink = np.pad(ink[box(ink)], 8)
    pen = 4 * float(ndimage.distance_transform_edt(ink)[ink].mean())
    grow = round((THINNEST * max(ink.shape) - pen) / 2)
    wide: Mask = ndimage.distance_transform_edt(~ink) <= grow if grow > 0 else ink
    return wide[box(wide)]


def readable(glyphs: Sequence[Glyph], model: Recognizer) -> list[Glyph]:
    """Return those of `glyphs`, font by font, that `model` can make out: in fonts of which it reads most."""
    found: list[Glyph] = []
    for _, font in groupby(glyphs, key=lambda glyph: glyph.font):
        own = list(font)
        seen = np.exp(model.look(np.stack([convert.emnist(even_pen(glyph.ink)) for glyph in own]))[0])
        digit = np.array([label.isdigit() for label in model.labels])
        place = [model.labels.index(glyph.label) for glyph in own]
        told = np.where(digit == digit[place][:, None], seen, 0).argmax(1)
        if (told == place).mean() >= READ:
            found += [glyph for glyph, row, at in zip(own, seen, place, strict=True) if row[at] >= LEAST]
    return found


def write(ink: Mask, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return `ink` as an EMNIST image, uint8 (28, 28), as a similar hand would write it."""
    mask = _bent(ink, random)
    if random.random() < hand.ROUGH:
        mask = hand.roughen(mask, random)
    if random.random() < hand.SMALL:
        mask = hand.shrink(mask, random)
    return convert.emnist(even_pen(mask))


def _bent(ink: Mask, random: np.random.Generator) -> Mask:
    """Return `ink` turned, slanted, stretched and bent smoothly, in the size of EMNIST's raw scans."""
    long = max(ink.shape)
    scale = random.integers(*hand.LONG_SIDE) / long
    angle, slant = random.uniform(-hand.TURN, hand.TURN), random.uniform(-hand.SLANT, hand.SLANT)
    turned = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    change = turned @ np.array([[1, slant], [0, 1]]) @ np.diag(1 + random.uniform(-hand.STRETCH, hand.STRETCH, 2))
    high, wide = (math.ceil(length * scale * 1.5) + 4 for length in ink.shape)
    at = np.indices((high, wide), float) - np.array([high - 1, wide - 1])[:, None, None] / 2
    wave, most = random.uniform(*WAVE) * long * scale, random.uniform(0, BEND) * long
    moves = np.stack([ndimage.gaussian_filter(random.normal(0, 1, (high, wide)), wave) for _ in range(2)])
    moves *= most / max(float(moves.std()), 1e-9)
    middle = (np.array(ink.shape)[:, None, None] - 1) / 2
    source = np.tensordot(np.linalg.inv(change), at, 1) / scale + middle + moves
    soft = ndimage.gaussian_filter(ink.astype(float), 0.4 / scale)
    seen = ndimage.map_coordinates(soft, source, order=1)
    bent: Mask = seen > 0.5 * min(float(seen.max()), 1.0)
    return bent


class Written(Dataset[Tensor]):
    """Each glyph several times, uint8 (copies, 28, 28); the same seed gives the same images, in any order."""

    def __init__(self, glyphs: Sequence[Glyph], copies: int, seed: int) -> None:
        self.glyphs, self.copies, self.seed = glyphs, copies, seed

    def __len__(self) -> int:
        return len(self.glyphs)

    def __getitem__(self, index: int) -> Tensor:
        random = np.random.default_rng([self.seed, index])
        return torch.from_numpy(np.stack([write(self.glyphs[index].ink, random) for _ in range(self.copies)]))


def load(folder: Path, labels: Sequence[str], copies: int, seed: int, progress: bool = False) -> Images:
    """Draw every character of the fonts in `folder` `copies` times; return the images and their indices in `labels`."""
    model = Recognizer.from_pretrained()
    glyphs = readable([glyph for glyph in read(folder, labels) if glyph.label in model.labels], model)
    if not glyphs:
        raise ValueError(f"the built-in model can read none of the fonts in {folder}")
    drawn = DataLoader(Written(glyphs, copies, seed), BATCH, num_workers=workers(len(glyphs)))
    bar = tqdm(drawn, desc="drawing fonts", unit=f"×{BATCH} characters", disable=not progress, delay=2)
    pixels = torch.cat(list(bar)).flatten(0, 1)
    indices = torch.tensor([labels.index(glyph.label) for glyph in glyphs])
    return Images(pixels, indices.repeat_interleave(copies))
