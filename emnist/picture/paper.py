"""From a colour picture to contrast: how much each pixel differs from the paper it lies on, in even light."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.picture import light
from emnist.picture.arrays import Floats, median, otsu, rim
from emnist.picture.sheet import only_sheet

LEAST_SIDE = 200  # px, to which small pictures are enlarged, so that their grey edges become smooth outlines
COLOUR_SIDE = 50  # px, at which ink and paper are told apart
COLOUR_SCALE = 8  # times as small; a larger sheet, with its smaller writing, is made no smaller than that
FINE = 5  # px of that: what differs from its surroundings of this width is a stroke, the rest light and shade
SAMPLE = np.s_[::2, ::2]  # pixels that tell a median as well as all of them
TWO_TONE = 0.8  # share of the variance that two grey levels explain, from which there is no shade to speak of
TOSS = 0.15  # skewness of the fine structure, three standard deviations of noise: what has less is not light ink
BORDER = (-0.1, 0.4)  # how far it counts: less when dark, as that may be a desk around the paper
DITHERED = 25  # of 255: the median difference of a pixel of a dithered picture from those around; noise has less
CELL = 5  # px, of the squares of which one pixel each is compared with their mean
DOTS = 2.5  # px, standard deviation of the blur that makes grey of dots
CARD_FILL = 0.6  # of its box: an opaque part that fills so much of it is paper, not strokes
CARD_CONTRAST = 0.05  # standard deviation of its colours, of 1, from which it has something written on it


def contrast(picture: Image.Image, several: bool = False) -> Floats:
    """Return (H, W) in [0, 1]: 0 for paper, 1 for ink that reflects no light (or on dark paper, all light).

    The longer side is that of `picture`, but at least 200 px.  What lies around a sheet of paper is ignored.  A sheet
    with `several` characters may be ruled.  Raise NoInkError for a fully transparent picture.
    """
    grey = _grey(only_sheet(_undithered(_opaque(picture)), several))
    dark = 1 - grey / np.maximum(light.under(grey), 1 / 255)
    even: Floats = np.clip(dark - median(dark[SAMPLE]), 0, 1)
    return even


def _opaque(picture: Image.Image) -> Image.Image:
    """Return `picture` as RGB, transparent parts filled with what must be paper.

    The opaque part is either paper with something on it, such as a card, and stays as it is; or it is the ink itself.
    """
    if max(picture.size) < LEAST_SIDE:
        scale = LEAST_SIDE / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
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
        raise NoInkError("the picture is transparent: draw a character first")
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
    scale = max(COLOUR_SIDE / max(picture.size), 1 / COLOUR_SCALE)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
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
