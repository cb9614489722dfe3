"""Any picture to EMNIST's own form, in steps: picture → contrast → ink → one character's strokes → 28×28 image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.picture.decode import Source, read
from emnist.picture.light import Floats, otsu, resize
from emnist.picture.lines import without_lines
from emnist.picture.paper import SAMPLE, contrast
from emnist.picture.parts import character

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

GRAIN = 0.002  # contrast that a pixel's surroundings do not share: from here on it is noise, to be smoothed
LEAST_CONTRAST = 0.03  # of 1, below which there is no ink
LEAST_OVER_GRAIN = 8  # times the grain, below which there is no ink either
INK_LEVEL = 0.5  # of the ink's contrast: what has more is ink
TRACE_LEVEL = 0.3  # of the ink's contrast: what has more may be a piece of a printed line
DARKER = 1.25  # times the contrast of all ink: from here on the character's own decides
PEN = (0.10, 0.20)  # of the longer side: EMNIST's strokes are mostly between, 0.14 in the median
RAW_SIDE = 46  # px, the median of the longer side of EMNIST's scans

# EMNIST's conversion
SIDE = 28  # px, of an EMNIST image
MARGIN = 5  # px, how much the blurred region is larger than the ink
BORDER = 3  # px of paper around that region
TAPS = np.arange(8)  # of the Gaussian blur, σ = 1 px, along one axis
_SQUARES = (TAPS - 3.5) ** 2
BLUR = np.exp(-(_SQUARES[:, None] + _SQUARES) / 2)
BLUR /= BLUR.sum()  # (8, 8)
# Eight pixels in a row are one byte: what each byte adds to the blur in each row of the kernel, (8, 256).
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[None], axis=0)[:, None]  # (8, 1, 256)
ROW_SUMS = (_BITS * BLUR[:, :, None]).cumsum(axis=0)[-1]  # cumsum, as sum promises no order


@dataclass(frozen=True)
class Steps:
    """A picture on its way to EMNIST's form; every field is one step.

    Attributes:
        picture: (H, W, 3), as read, transparent parts black.
        contrast: (h, w), how much each pixel differs from the paper under it, in even light.
        mask: (h, w), the ink of the character.
        strokes: about 46 px high or wide, the same with a pen as in EMNIST.
        image: (28, 28), ink 255 on 0, what the network sees.
    """

    picture: Bytes
    contrast: Bytes
    mask: Mask
    strokes: Mask
    image: Bytes


def prepare(source: Source) -> Steps:
    """Return all steps from `source`: a path, bytes, a PIL image or an array, as `emnist.picture.read` takes them.

    Raise NoInkError if the picture is blank, UnreadableImageError if it is none, FileNotFoundError if it is missing.
    """
    picture = read(source)
    even = contrast(picture)
    ink = _character(even)
    strokes = _strokes(ink)
    return Steps(np.asarray(picture.convert("RGB")), (even * 255).astype(np.uint8), ink, strokes, emnist(strokes))


def mask(picture: Image.Image) -> Mask:
    """Return where the character's ink is, (h, w), of an RGB or RGBA `picture`; raise NoInkError if it is blank.

    The longer side is that of `picture`, but at least 200 px.
    """
    return _character(contrast(picture))


def _character(even: Floats) -> Mask:
    """Return where the character is, (H, W), in contrast `even`: half as strong as its ink typically is.

    Where there is more line than stroke on the paper, what is typical of both is found first, then what is of the ink.
    """
    even, level = _ink_level(even)
    ink = character(_without_lines(even, level))
    own = float(np.median(even[ink]))
    return character(_without_lines(even, own)) if own > DARKER * level else ink


def _without_lines(even: Floats, level: float) -> Mask:
    return without_lines(even > INK_LEVEL * level, even > TRACE_LEVEL * level)


def _ink_level(even: Floats) -> tuple[Floats, float]:
    """Return contrast `even` (H, W) without grain, and what all ink in it typically has."""
    smooth = _blur(_blur(even).T).T
    grain = float(np.median(np.abs(even - smooth)[SAMPLE]))
    if grain > GRAIN:
        even = smooth
    strong = even[even > otsu(even)[0]]
    level = float(np.median(strong)) if strong.size else 0.0
    if level < max(LEAST_CONTRAST, LEAST_OVER_GRAIN * grain):
        raise NoInkError("the picture is blank: draw one character, or write it with more contrast")
    return even, level


def _blur(pixels: Floats) -> Floats:
    """Return `pixels` (H, W) blurred from row to row with the binomial weights 1, 4, 6, 4, 1: σ = 1 px."""
    rows: Floats = np.pad(pixels, ((2, 2), (0, 0)), "edge")
    for _ in range(4):
        rows = rows[1:] + rows[:-1]
    return rows * np.float32(1 / 16)


def _strokes(ink: Mask) -> Mask:
    """Return `ink` at EMNIST's raw size, the pen widened or narrowed where it is far from EMNIST's.

    Both are done on the signed distance to the outline, so that strokes grow evenly and thin ones survive shrinking.
    """
    ink = np.pad(ink[_box(ink)], 1)
    inside = ndimage.distance_transform_edt(ink) - 0.5
    sides = np.array(ink.shape[::-1]) - 2
    longest = max(sides)
    pen = 4 * float(inside[ink].mean())  # the mean distance to the edges of a stroke is a quarter of its width
    wanted = min(max(pen / longest, PEN[0]), PEN[1])
    grow = max((wanted * longest - pen) / 2 / (1 - wanted), -float(inside.max()) / 2)
    margin = int(max(grow, 0)) + 1
    outside = ndimage.distance_transform_edt(~np.pad(ink, margin)) - 0.5
    distance = np.where(outside > 0, -outside, np.pad(inside, margin)).astype(np.float32)
    start, stop = margin + 1 - grow, margin + 1 + grow + sides
    width, height = np.maximum(1, np.rint((sides + 2 * grow) * RAW_SIDE / (longest + 2 * grow))).astype(int)
    drawn = resize(distance, width, height, (start, start, *stop)) > -grow
    strokes: Mask = drawn[_box(drawn)]
    return strokes


def _box(ink: Mask) -> tuple[slice, slice]:
    """Return the rows and columns that hold all of `ink`."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def emnist(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return `mask` (H, W), ink True, as EMNIST's makers converted their scans: (28, 28), ink 255 on 0.

    Equal to the released images byte for byte, which takes their order of summation: within a row, then over the rows.
    Raise NoInkError when no pixel is ink, or none is left by the sampling (a hairline across hundreds of pixels).
    """
    if not mask.any():
        raise NoInkError("the mask holds no ink")
    ink = np.pad(mask[_box(mask)], 1)
    height, width = ink.shape[0] - 2, ink.shape[1] - 2
    longest = max(height, width)
    bytes_ = np.packbits(ink[:, _sources(width, longest)], axis=1)[:, 0]  # (height + 2, 28)
    windows = bytes_[_sources(height, longest)[::-1]]  # (8, 28, 28), upper pixels first
    blurred = ROW_SUMS[TAPS[:, None, None], windows].cumsum(axis=0)[-1]
    if not blurred.any():
        raise NoInkError("the ink is too thin for its size: thicken or shrink it")
    image: NDArray[np.uint8] = (blurred / blurred.max() * 255).astype(np.uint8)
    return image


def _sources(length: int, longest: int) -> NDArray[np.int64]:
    """Return which pixels (8, 28) of an axis `length` px long each output pixel blurs; 0 and length + 1 are paper.

    Nearest sampling skips pixels, so only the blurred ones that are sampled need computing.
    """
    padded = longest + MARGIN + 2 * BORDER - (length < longest)
    scale = SIDE / padded
    sampled = np.floor(np.arange(1, SIDE + 1) / scale + 0.5 * (1 - 1 / scale) + 0.5)  # MATLAB's imresize, from 1
    region = sampled.astype(np.int64) - 1 - BORDER - (longest - length) // 2
    newest = np.where((region >= 0) & (region < length + MARGIN), region + 2, 0)
    return np.clip(newest - TAPS[:, None], 0, length + 1)
