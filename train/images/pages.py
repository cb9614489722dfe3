"""Composed texts drawn as pictures: on plain or ruled paper, light on dark, in a shadow; small, large, thin, bold.

Each comes with a map of whose ink is where, so that a program that parts writing can be told what would be right.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.images import press
from train.images.words import Random, Stroke, Text

STYLES = ("plain", "plain", "ruled", "dark", "shadow")
HEIGHT = (14.0, 90.0)  # px: height of tall characters
PEN = (0.05, 0.13)  # pen width over that height
LEAST_PEN = 1.2  # px: least pen width
MARGIN = (0.4, 1.2)  # paper around the writing, in heights of tall characters
RULED = (1.7, 2.4)  # distance of ruled lines, in heights of tall characters
FINE = 4  # factor by which strokes are drawn larger, then shrunk
TILT = 3.0  # degrees: largest rotation, either way, of a photograph (the style shadow)
NOISE = (0.0, 0.01, 0.03)  # standard deviations of noise, as shares of full contrast
QUALITY = (70, 95)  # quality of the JPEG
INKS = ((30, 30, 60), (20, 20, 20), (40, 60, 170))
PRINTED = ((90, 110, 160), (150, 150, 150))  # colours of ruled lines
PAPER = (245, 243, 238)
SHADE = 0.45  # share of the light that the darkest corner of a shadow loses

Canvas = NDArray[np.float64]


@dataclass(frozen=True)
class Page:
    """A drawn text.

    Attributes:
        picture: as a camera or a scanner would hand it over, a JPEG.
        owners: (H, W), the place of the character whose ink covers a pixel, from 1, the last drawn on top; 0 for paper.
        style: one of STYLES.
        height: of tall characters, px.
        touching: whether the ink of two characters meets anywhere.
    """

    picture: Image.Image
    owners: NDArray[np.int32]
    style: str
    height: float
    touching: bool


def draw(text: Text, random: Random, style: str | None = None) -> Page:
    """Return `text` drawn in a size, with a pen, on a ground by chance; `style` is one of STYLES."""
    chosen = style or str(random.choice(STYLES))
    high = float(np.exp(random.uniform(*np.log(HEIGHT))))
    pen = max(LEAST_PEN, high * random.uniform(*PEN))
    strokes = _tilted(text.strokes, random) if chosen == "shadow" else list(text.strokes)
    points = np.concatenate(strokes)
    scale = high / tall(text)
    margin = high * random.uniform(*MARGIN) + pen
    placed = [(stroke - points.min(0)) * scale + margin for stroke in strokes]
    size = np.ceil(np.ptp(points, axis=0) * scale + 2 * margin).astype(int)
    inks = [
        covered([s for s, own in zip(placed, text.owners, strict=True) if own == place], pen, size)
        for place in range(len(text.characters))
    ]
    owners = np.zeros(size[::-1], np.int32)
    for place, ink in enumerate(inks, 1):
        owners[ink > 0.5] = place
    ground = _ground(chosen, size, high, random)
    return Page(_photograph(ground, np.max(inks, axis=0), chosen, random), owners, chosen, high, _touching(inks))


def tall(text: Text) -> float:
    """Return how high tall characters of `text` are, in the units of its strokes."""
    heights = [np.ptp(np.concatenate(text.alone(place))[:, 1]) for place in range(len(text.characters))]
    return max(float(np.quantile(heights, 0.75)), 1e-6)


def _tilted(strokes: Sequence[Stroke], random: Random) -> list[Stroke]:
    angle = np.radians(random.uniform(-TILT, TILT))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [stroke @ turn for stroke in strokes]


def covered(strokes: Sequence[Stroke], pen: float, size: NDArray[np.int_]) -> Canvas:
    """Return how much of each pixel (H, W) of a page of this `size`, W and H, the strokes cover; lengths are px."""
    fine = Image.new("L", tuple((size * FINE).tolist()), 0)
    for stroke in strokes:
        press.stroke(fine, stroke, pen, FINE)
    return np.asarray(fine.reduce(FINE), float) / 255


def _touching(inks: Sequence[Canvas]) -> bool:
    """Tell whether the ink of two characters lies on one pixel or on two beside each other."""
    covered = np.zeros(inks[0].shape, bool)
    for ink in inks:
        own = np.pad(ink > 0.25, 1)
        near = np.any([own[y : y + ink.shape[0], x : x + ink.shape[1]] for y in range(3) for x in range(3)], axis=0)
        if (covered & near).any():
            return True
        covered |= ink > 0.25
    return False


def _ground(style: str, size: NDArray[np.int_], high: float, random: Random) -> Canvas:
    """Return paper (H, W, 3), 0…255, with lines if the `style` is ruled."""
    width, height = size.tolist()
    paper = np.tile(np.array((255, 255, 255) if random.random() < 0.5 else PAPER, float), (height, width, 1))
    if style == "ruled":
        colour = np.array(PRINTED[int(random.integers(len(PRINTED)))], float)
        pitch = random.uniform(*RULED) * high
        ends = [np.array([[-high, y], [width + high, y]]) for y in np.arange(random.uniform(0, pitch), height, pitch)]
        lines = 0.8 * covered(ends, max(1.0, 0.02 * high), size)[..., None]
        paper = paper * (1 - lines) + colour * lines
    return paper


def _photograph(ground: Canvas, ink: Canvas, style: str, random: Random) -> Image.Image:
    """Return `ink` (H, W) on `ground`, light on dark or in a shadow, with noise, as a JPEG."""
    picture = ground * (1 - ink[..., None]) + np.array(INKS[int(random.integers(len(INKS)))], float) * ink[..., None]
    if style == "dark":
        picture = 255 - picture
    if style == "shadow":
        rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]]
        across, down = random.normal(0, 1, 2)
        slope = (across * (columns / ink.shape[1] - 0.5) + down * (rows / ink.shape[0] - 0.5)) / np.hypot(across, down)
        picture *= (1 - SHADE * np.clip(0.5 + slope, 0, 1))[..., None]
    picture += random.normal(0, 255 * random.choice(NOISE), picture.shape)
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=int(random.integers(*QUALITY)))
    return Image.open(io.BytesIO(file.getvalue()))
