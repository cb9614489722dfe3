"""From a colour picture to contrast: how much each pixel differs from the paper it lies on, in even light."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from emnist.decoder.shrink import scaled
from emnist.errors import NoInkError
from emnist.picture import light
from emnist.picture.arrays import Floats, median, otsu, rim
from emnist.picture.sheet import only_sheet

LEAST_SIDE = 200  # px: longer side to which smaller pictures are enlarged: their grey edges become smooth outlines
COLOUR_SIDE = 50  # px: longer side to which a picture is shrunk to tell ink from paper
COLOUR_SCALE = 8  # greatest factor by which it is shrunk for that: a larger sheet has smaller writing
FINE = 5  # px of that picture: σ of the blur that leaves light and shade; the difference from it is strokes
SAMPLE = np.s_[::2, ::2]  # every second pixel each way: they tell a median as well as all of them
TWO_TONE = 0.8  # share of the variance that two grey levels explain (Otsu), from which on light counts as even
TOSS = 0.15  # skewness of the fine structure from which on ink is light on dark; three standard deviations of noise
BORDER = (-0.1, 0.4)  # limits of 0.5 less the dark share of the border, a clue: all dark, it may be a desk around paper
DITHERED = 25  # least median difference of a pixel from its surroundings (0 to 255) if dithered; noise has less
CELL = 5  # px: side of the squares whose first pixel is compared with their mean
DOTS = 2.5  # px: standard deviation of the blur that turns dots into grey
CARD_FILL = 0.6  # share of its bounding box above which an opaque part is paper, not strokes
CARD_CONTRAST = 0.05  # standard deviation of its colours (0 to 1) above which something is written on it


def contrast(picture: Image.Image, several: bool = False) -> Floats:
    """Return (H, W) in [0, 1]: 0 for paper, 1 for ink that reflects no light (or on dark paper, all light).

    The longer side is that of `picture`, but at least 200 px.  What lies around a sheet of paper is ignored.  A sheet
    with `several` characters may be ruled.  Raise NoInkError for a fully transparent picture.
    """
    grey = _grey(only_sheet(_undithered(opaque(picture)), several))
    dark = 1 - grey / np.maximum(light.under(grey), 1 / 255)
    even: Floats = np.clip(dark - median(dark[SAMPLE]), 0, 1)
    return even


def opaque(picture: Image.Image) -> Image.Image:
    """Return `picture` as RGB, at least 200 px long, transparent parts filled with what must be paper.

    The opaque part is either paper with something on it, such as a card, and stays as it is; or it is the ink itself.
    Raise NoInkError for a fully transparent picture.
    """
    if max(picture.size) < LEAST_SIDE:
        size = scaled(picture.size, LEAST_SIDE / max(picture.size))
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    if picture.mode == "RGB":
        return picture
    alpha = picture.getchannel("A")
    pixels = np.asarray(picture)
    if pixels[..., 3].min() == 255:
        return picture.convert("RGB")
    faint = int(pixels[..., 3].max()) // 2
    box = alpha.point(lambda value: 255 * (value > faint)).getbbox()
    if box is None:
        raise NoInkError("the picture is transparent: write something first")
    shown = pixels[pixels[..., 3] > faint][:, :3]
    filled = len(shown) / ((box[2] - box[0]) * (box[3] - box[1]))
    if filled > CARD_FILL and shown.std(axis=0).max() > CARD_CONTRAST * 255:
        paper = tuple(int(value) for value in np.median(shown, axis=0))
    else:
        paper = (255, 255, 255) if shown.mean() < 128 else (0, 0, 0)
    ground = Image.new("RGBA", picture.size, (*paper, 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def _undithered(picture: Image.Image) -> Image.Image:
    """Return `picture` with its grey levels back, if it shows them by the density of black and white pixels."""
    grey = picture.convert("L")
    corners, means = np.asarray(grey)[::CELL, ::CELL], np.asarray(grey.reduce(CELL), np.float32)
    return picture.filter(ImageFilter.GaussianBlur(DOTS)) if median(np.abs(corners - means)) > DITHERED else picture


def _grey(picture: Image.Image) -> Floats:
    """Return brightness (H, W) in [0, 1] along the colour axis in which ink differs most from paper, ink the darker."""
    size = scaled(picture.size, max(COLOUR_SIDE / max(picture.size), 1 / COLOUR_SCALE))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX), dtype=np.float32) / 255
    down, across = (_blur(side) for side in small.shape[:2])
    fine = np.asarray(small - across @ np.tensordot(down, small, 1), np.float32).reshape(-1, 3)
    axis = np.linalg.eigh(fine.T @ fine)[1][:, -1].astype(np.float32)
    axis /= np.abs(axis).sum() * (1 if axis.sum() >= 0 else -1)
    black = np.minimum(axis, 0).sum()  # the least that any colour can have along the axis
    grey: Floats = np.asarray(picture).astype(np.float32) @ (axis / 255) - black
    return grey if _is_ink_dark(small @ axis - black, fine @ axis) else 1 - grey


@lru_cache(64)
def _blur(side: int) -> Floats:
    """Return the matrix (side, side) that blurs what is `side` px long along one axis, by a Gaussian of σ = FINE."""
    blur: Floats = ndimage.gaussian_filter1d(np.eye(side, dtype=np.float32), FINE, axis=0)
    return blur


def _is_ink_dark(grey: Floats, fine: Floats) -> bool:
    """Tell whether ink is darker than paper: there is less of it, and around the border hardly any.

    The first is seen in the skewness of the fine structure, in any light; noise has next to none.  Bold characters
    cropped closely need the second, which means something in even light only.
    """
    squares = fine * fine
    skewness = float((squares * fine).mean() / max(squares.mean() ** 1.5, 1e-12))
    threshold, explained = otsu(grey)
    if explained < TWO_TONE:
        return skewness < TOSS
    dark = grey <= threshold
    return skewness < 2 * float(np.clip(0.5 - rim(dark).mean(), *BORDER))
