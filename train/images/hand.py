"""Vary pen strokes as other hands and pens would write them, and draw them as 28×28 images."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.picture import convert
from emnist.picture.pens import even_pen
from emnist.text.drawing import draw, unit

Strokes = Sequence[NDArray[np.float64]]

LONG_SIDE = (40, 54)  # px of the raw drawing before EMNIST's conversion; the scans' median is 46
PEN = (0.07, 0.2)  # pen width over the long side; EMNIST's median is 0.14, `even_pen` leaves 0.10 to 0.20
WOBBLE = 0.012  # largest standard deviation of the jitter of points, over the long side
STRETCH = 0.15  # largest relative change of the width, and of the height
TURN = math.radians(8)  # radians: largest rotation to either side
SLANT = 0.15  # largest shear to either side
TRIM = 0.12  # largest share of its points that a stroke loses at either end
ROUNDING = 3.0  # points: largest standard deviation of the smoothing along a stroke, as quick hands round corners
SWAY = 0.1  # standard deviation of each entry of a matrix added to the identity, by which a single stroke is changed
MOVE = 0.035  # standard deviation of the shift of a single stroke, over the long side
ROUGH = 0.3  # share of drawings with an uneven outline, as pencil on paper has once it is thresholded
ROUGHNESS = 0.35  # largest standard deviation of the grain, as a share of the ink's contrast
DRESSED = 0.3  # share of drawings that get the bars, feet or flag below, if their character has any
BOLD = 0.1  # share of drawings with a pen broader than PEN, which the preparation narrows again
BROADEST = 0.32  # greatest width of that pen over the long side
SMALL = 0.15  # share of drawings seen from afar, or by a poor camera
SMALL_SIDE = (12, 22)  # px: longer side of those drawings
# Bars, feet and slashes that some hands add, as x, y in the box of the character: 0…1 each way.
BARS: dict[str, list[list[tuple[float, float]]]] = {
    "7": [[(0.15, 0.5), (0.85, 0.5)]],
    "0": [[(0.9, 0.05), (0.1, 0.95)]],
    "Z": [[(0.15, 0.5), (0.85, 0.5)]],
}
FOOT = (0.15, 0.36)  # half the length of a foot of a 1 or serif of an I, over its height, for stems have hardly a width
FLAG = (0.15, 0.4)  # how far the flag of a 1 comes down, over its height


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


def dress(label: str, strokes: Strokes, random: np.random.Generator) -> list[NDArray[np.float64]]:
    """Return `strokes` with what some hands add: a barred 7 or Z, a slashed 0, feet and flag of a 1, serifs of an I."""
    low = np.min([stroke.min(0) for stroke in strokes], axis=0)
    size = np.max([stroke.max(0) for stroke in strokes], axis=0) - low
    if label in BARS:
        extra = [low + (np.array(bar) + random.normal(0, 0.06, (2, 2))) * size for bar in BARS[label]]
    elif label == "1" or (label == "I" and len(strokes) == 1):  # one of several strokes may be a dotted i
        extra = _feet(label, size[1], np.concatenate(strokes), random)
    else:
        extra = []
    return [*strokes, *(np.linspace(first, last, 12) for first, last in extra)]


def _feet(
    label: str, height: float, points: NDArray[np.float64], random: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Return the two serifs of an I, or foot, flag or both of a 1."""
    half = random.uniform(*FOOT) * height

    def serif(at: NDArray[np.float64]) -> NDArray[np.float64]:
        ends: NDArray[np.float64] = at + np.array([[-half, 0], [half, 0]]) + random.normal(0, 0.03 * height, (2, 2))
        return ends

    top, foot = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
    if label == "I":
        return [serif(top), serif(foot)]
    length = random.uniform(*FLAG) * height
    flag = top + np.array([[0, 0], [-length * random.uniform(0.6, 1.2), length]])
    return [[serif(foot)], [flag], [serif(foot), flag]][int(random.integers(3))]


def shrink(mask: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.bool_]:
    """Return `mask` as a picture of few pixels holds it: shrunk, blurred, enlarged again and thresholded."""
    picture = Image.fromarray(np.pad(mask, 6)).convert("L")
    factor = random.uniform(*SMALL_SIDE) / max(mask.shape)
    few = picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.BOX)
    blurred = few.filter(ImageFilter.GaussianBlur(random.uniform(0, 0.8)))
    many = np.asarray(blurred.resize(picture.size, Image.Resampling.BILINEAR))
    seen: NDArray[np.bool_] = many > 0.5 * np.quantile(many[many > many.max() / 3], 0.6)
    return seen


def write(label: str, strokes: Strokes, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return the character `label` of `strokes` as an EMNIST image, uint8 (28, 28), by a random hand and pen."""
    side = int(random.integers(*LONG_SIDE))
    bold, dressed = random.random() < BOLD, random.random() < DRESSED
    pen = random.uniform(PEN[1], BROADEST) if bold else random.uniform(*PEN)
    hand = vary(dress(label, strokes, random) if dressed else strokes, random)
    mask = draw(hand, side, max(side * pen, 1.0))
    if random.random() < ROUGH:
        mask = roughen(mask, random)
    small = random.random() < SMALL
    if small or bold:
        try:
            return convert.emnist(even_pen(shrink(mask, random) if small else mask))
        except NoInkError:  # shrunk to nothing
            pass
    return convert.emnist(mask)
