"""What the network of `emnist.text.sequence` learns from: lines of pen strokes, of scans side by side, and of type."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from string import ascii_letters, digits

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emnist.labels import fold, label_map
from emnist.picture.arrays import Bytes
from emnist.text import pieces, sequence
from train.config import FitConfig
from train.images import data, hand, pages
from train.images.typeface import Typeface
from train.images.words import Random, Text

KINDS = ("number", "code", "letters", "letters", "any")  # of texts, none of them words: it shall know no dictionary
HEIGHT = (14.0, 44.0)  # px: height of tall characters; larger ones are shrunk anyway
SLANT = 0.12  # standard deviation of the slope of the writing
BY_ITSELF = 0.5  # share of texts each character of which is changed by itself
CHANGED = 0.07  # standard deviation of each entry of the matrix that changes it
VARIED = 0.25  # share of texts each stroke of which is changed by itself
NOISE, LEVEL = (0.0, 0.02, 0.08), (0.3, 0.6)  # standard deviation of the noise; from where on a pixel is ink
GAP, TOUCH, TOUCHING = (0.03, 0.4), 0.15, (-0.12, 0.03)  # as those of `train.images.words`, of lines of scans
SMALL, LOW = 0.62, "anre"  # height of low characters over that of tall ones
DEEP, HANGING = 0.35, "gq"  # how far these hang below the line, in the same heights
UNEVEN = 0.06  # standard deviation of heights, their logs, and of the places on the line, in the same heights
TYPE, SPACED = (18.0, 60.0), (0.0, 0.12)  # px: size of type; what is added between letters, as a share of it
FAINT = 60  # value of a pixel of a scan up to which it is paper
WITHIN, ASTRAY = 0.5, 0.15  # share of its ink from which on a character is in a line; below which it is not
WIDEST = 900  # px: widest picture of a line that is learnt from

Example = tuple[Bytes, NDArray[np.int64]]  # the picture (56, W) of a line, and the classes of its characters, from 1


def drawn(text: Text, random: Random) -> list[Example]:
    """Return the lines of `text`, drawn in a size and with a pen by chance, and what is written in each."""
    text = _varied(text, random)
    high = float(np.exp(random.uniform(*np.log(HEIGHT))))
    pen = max(pages.LEAST_PEN, high * random.uniform(*pages.PEN))
    points = np.concatenate(text.strokes)
    scale, margin = high / pages.tall(text), 2 * pen
    size = np.ceil(np.ptp(points, axis=0) * scale + 2 * margin).astype(int)
    placed = replace(text, strokes=tuple((stroke - points.min(0)) * scale + margin for stroke in text.strokes))
    whole, own = _drawn(placed, pen, size)
    ink = (whole + random.normal(0, random.choice(NOISE), whole.shape) > random.uniform(*LEVEL)) & (whole > 0)
    return _examples(ink, own, text.characters)


def scans(root: Path) -> dict[str, Bytes]:
    """Return the training images (N, 28, 28) of each character of EMNIST ByMerge in the folder `root`, ink 255 on 0."""
    images = data.read(root, FitConfig.split, "train")
    images, _ = data.split_validation(images, FitConfig.split, FitConfig.seed)
    return {label: images.pixels[images.labels == i].numpy() for i, label in label_map(FitConfig.split).items()}


def glued(scans: Mapping[str, Bytes], random: Random) -> list[Example]:
    """Return a line of `scans`, (N, 28, 28) of each character, ink 255 on 0: each stands there by another hand.

    Strokes of pads are few hands, drawn with our pens; of scans there are thousands of hands and pens.
    """
    characters = _characters(list(scans), random)
    high, gap = float(np.exp(random.uniform(*np.log(HEIGHT)))), random.uniform(*GAP)
    placed, x = [], 0.0
    for character in characters:
        ink = scans[character][int(random.integers(len(scans[character])))]
        ink = ink[np.ix_(ink.max(axis=1) > FAINT, ink.max(axis=0) > FAINT)]
        tall = high * (SMALL if character in LOW else 1.0) * np.exp(random.normal(0, UNEVEN))
        wide = min(ink.shape[1] * tall / len(ink), 2 * high)
        foot = 2 * high + high * (random.normal(0, UNEVEN) + (DEEP if character in HANGING else 0.0))
        size = max(1, round(wide)), max(1, round(tall))
        placed.append((Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR), round(x), round(foot - tall)))
        x += wide + high * (random.uniform(*TOUCHING) if random.random() < TOUCH else gap * random.uniform(0.6, 1.5))
    return _examples(*_pasted(placed, round(3 * high), random), characters)


def typed(random: Random) -> list[Example]:
    """Return a line of type: a picture may hold nothing else, and then that is what is read."""
    face, size = Typeface.by_chance(random), round(random.uniform(*TYPE))
    characters, placed, x = _characters(ascii_letters + digits, random), [], 0.0
    for character in characters:
        layer = Image.new("L", (3 * size, 3 * size))
        wide = face.print(layer, character, size, 2 * size, size)
        placed.append((layer, round(x), 0))
        x += wide + size * random.uniform(*SPACED)
    return _examples(*_pasted(placed, 3 * size, random), characters)


def _characters(known: Sequence[str], random: Random) -> str:
    """Return a few of the characters `known` by chance: often all digits, or all letters of one case."""
    wanted = (str.isdigit, str.isupper, str.islower, str.isalnum)[int(random.integers(4))]
    return "".join(random.choice([c for c in known if wanted(c)], int(random.integers(2, 9))))


def _pasted(
    placed: Sequence[tuple[Image.Image, int, int]], high: int, random: Random
) -> tuple[NDArray[np.bool_], NDArray[np.int_]]:
    """Return the ink (H, W) of pictures, each at x and y, on a sheet `high` px high, and which of them it is of."""
    left = min(x for _, x, _ in placed)
    wide = max(x + ink.width for ink, x, _ in placed) - left
    whole, own = np.zeros((high, wide), np.uint8), np.zeros((high, wide), int)
    for place, (ink, x, y) in enumerate(placed):
        seen, window = np.asarray(ink), (slice(y, y + ink.height), slice(x - left, x - left + ink.width))
        own[window][seen > whole[window]] = place
        whole[window] = np.maximum(whole[window], seen)
    return whole > 255 * random.uniform(*LEVEL), own


def _drawn(text: Text, pen: float, size: NDArray[np.int_]) -> tuple[pages.Canvas, NDArray[np.int_]]:
    """Return how much of each pixel (H, W) is ink, and the place of the character whose ink that is."""
    whole, own = np.zeros(size[::-1]), np.zeros(size[::-1], int)
    for place in range(len(text.characters)):
        strokes = text.alone(place)
        points = np.concatenate(strokes)
        corner, end = np.floor(points.min(0) - pen).astype(int), np.ceil(points.max(0) + pen).astype(int)
        ink = pages.covered([stroke - corner for stroke in strokes], pen, end - corner)
        window = slice(corner[1], end[1]), slice(corner[0], end[0])
        own[window][ink > whole[window]] = place
        whole[window] = np.maximum(whole[window], ink)
    return whole, own


def _examples(ink: NDArray[np.bool_], own: NDArray[np.intp], characters: str) -> list[Example]:
    """Return the lines found in the `ink` (H, W); `own` tells whose it is."""
    total = np.bincount(own[ink], minlength=len(characters))
    classes = [1 + sequence.CLASSES.index(str(fold(character, sequence.CLASSES))) for character in characters]
    found = []
    for row in pieces.find(ink):
        inside = np.zeros(len(characters))
        for part in row.parts:
            x0, y0, x1, y1 = part.box
            inside += np.bincount(own[y0:y1, x0:x1][part.mask], minlength=len(characters))
        share = inside / np.maximum(total, 1)
        picture = sequence.draw(row.ink, row.height)
        clear = ((share < ASTRAY) | (share > WITHIN)).all() and (share > WITHIN).any()
        if clear and picture is not None and picture.shape[1] <= WIDEST:
            found.append((picture, np.array(classes)[share > WITHIN]))
    return found


def _varied(text: Text, random: Random) -> Text:
    """Return `text` as another hand might have written it: slanted, characters and strokes changed by themselves."""
    changes = np.tile([[1.0, 0.0], [random.normal(0, SLANT), 1.0]], (len(text.characters), 1, 1))
    if random.random() < BY_ITSELF:
        changes = changes + random.normal(0, CHANGED, changes.shape)
    middles = np.array([np.concatenate(text.alone(place)).mean(0) for place in range(len(changes))])
    own = list(text.owners)
    moved = [
        (s - middles[o]) @ changes[o] + middles[o] @ changes.mean(0) for s, o in zip(text.strokes, own, strict=True)
    ]
    if random.random() < VARIED:
        high = pages.tall(text)
        moved = [hand.vary_one(stroke / high, random) * high for stroke in moved]
    return replace(text, strokes=tuple(moved))
