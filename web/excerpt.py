"""One of several characters in a picture: its steps to 28×28, in which all that is not its ink is faint."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy import ndimage

from emnist import picture as pictures
from emnist.picture import Steps
from emnist.picture.arrays import Bytes, Floats, Mask, resize
from emnist.picture.convert import emnist
from emnist.picture.paper import contrast, opaque
from emnist.picture.pens import even_pen

PAPER = 0.2  # paper shown around a character, over its longer side
EDGE = 0.04  # width of the grey edge of its ink, in the same
FAINT = 0.15  # contrast that is left to what is not its ink
LIGHTEST = 0.2  # share of the excerpt, that of least contrast, which tells the colour of the paper
COVERED = 64  # 255 where ink covers a whole pixel: from here on it is ink, so that a fine pen lasts


def steps(picture: Image.Image, box: Sequence[float], ink: Mask) -> Steps:
    """Return the steps of the character whose `ink` (h, w) fills the `box` x0, y0, x1, y1 of an RGB `picture`, px.

    What is paper the whole picture says: heavy letters fill more than half of what is around one of them.
    """
    left, top, right, _ = around = _around(box, picture.size)
    excerpt = opaque(pictures.read(picture.crop(around)))
    scale = excerpt.width / (right - left)
    place = [scale * (value - start) for value, start in zip(box, (left, top, left, top), strict=True)]
    mask = _placed(ink, place, excerpt.size)
    own = ndimage.maximum_filter(mask, 1 + 2 * round(EDGE * max(mask.shape)))
    weight = np.where(own, np.float32(1), np.float32(FAINT))
    even = resize(contrast(picture, several=True), *excerpt.size, around)
    strokes = even_pen(ink)
    return Steps(_faint(excerpt, even, weight), (even * weight * 255).astype(np.uint8), mask, strokes, emnist(strokes))


def _around(box: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the part of a picture that holds a character, and a little paper around it."""
    x0, y0, x1, y1 = box
    paper = PAPER * max(x1 - x0, y1 - y0)
    return (
        max(0, round(x0 - paper)),
        max(0, round(y0 - paper)),
        min(size[0], round(x1 + paper)),
        min(size[1], round(y1 + paper)),
    )


def _placed(ink: Mask, box: Sequence[float], size: tuple[int, int]) -> Mask:
    """Return a sheet of `size` (width, height) with `ink` (h, w) in the `box` x0, y0, x1, y1, px."""
    x0, y0, x1, y1 = (round(value) for value in box)
    sheet = Image.new("L", size)
    sheet.paste(Image.fromarray(ink).convert("L").resize((max(1, x1 - x0), max(1, y1 - y0))), (x0, y0))
    placed: Mask = np.asarray(sheet) > COVERED
    return placed


def _faint(excerpt: Image.Image, even: Floats, weight: Floats) -> Bytes:
    """Return `excerpt` as (H, W, 3), each pixel as far from the colour of the paper as its `weight` (H, W) says.

    The paper is where its contrast `even` (H, W) is least.
    """
    pixels = np.asarray(excerpt, np.float32)
    paper = np.median(pixels[even <= np.quantile(even, LIGHTEST)], axis=0)
    faint: Bytes = (paper + weight[..., None] * (pixels - paper)).astype(np.uint8)
    return faint
