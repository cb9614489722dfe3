"""Any picture to EMNIST's own form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.lines import without_lines
from emnist.paper import Floats, centrality, contrast, otsu, resize
from emnist.picture import Source, read

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

PEN = (0.10, 0.20)
NEAR = 0.5
SPECK = 0.025
DOT = 0.6
PART = 0.4
INWARD = 0.5
CLOSE = 0.1

RAW_SIDE = 46  # px, the longer side of EMNIST's ink before conversion

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


@dataclass(frozen=True)
class Steps:
    """A picture on its way to EMNIST's form, step by step."""

    picture: Bytes  # (H, W, 3), as read
    contrast: Bytes  # (h, w), ink bright on even paper
    mask: Mask  # (h, w), the character's ink
    strokes: Mask  # (46, n) or (n, 46), with EMNIST's size and pen
    image: Bytes  # (28, 28), what the network sees


def prepare(source: Source) -> Steps:
    """Return all steps from `source`, which is what `emnist.picture.read` takes."""
    picture = read(source)
    even = contrast(picture)
    ink = _character(without_lines(_threshold(even)))
    strokes = _strokes(ink)
    return Steps(np.asarray(picture.convert("RGB")), (even * 255).astype(np.uint8), ink, strokes, emnist(strokes))


def mask(picture: Image.Image) -> Mask:
    """Return the ink of `picture`."""
    return _character(without_lines(_threshold(contrast(picture))))


def _threshold(even: Floats) -> Mask:
    noise = float(np.median(np.abs(even - ndimage.gaussian_filter(even, 1))))
    if noise > 0.002:
        even = ndimage.gaussian_filter(even, 1)
    strong = even[even > otsu(even)[0]]
    level = float(np.median(strong)) if strong.size else 0.0
    if level < max(0.03, 8 * noise):
        raise NoInkError("the picture is blank: draw a character with more contrast")
    return even > level / 2


def _character(ink: Mask) -> Mask:
    """Return `ink` without specks and without what reaches in from the border: frames, desks, neighbours."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    if count == 0:
        raise NoInkError("the picture holds nothing but lines: draw a character")
    outline = ink & ~ndimage.binary_erosion(ink, border_value=1)
    lengths = np.bincount(labels[outline], minlength=count + 1)
    central = np.bincount(labels[outline], centrality(*ink.shape)[outline], minlength=count + 1)
    boxes = np.array([[(axis.start, axis.stop) for axis in box] for box in ndimage.find_objects(labels)])
    boxes = np.concatenate([np.zeros((1, 2, 2), int), boxes])  # (count + 1, row and column, start and stop)
    main = int(central.argmax())
    sides = (boxes[..., 1] - boxes[..., 0]).max(axis=1)
    pen = 2 * np.count_nonzero(labels == main) / lengths[main]
    gaps = np.maximum(boxes[..., 0] - boxes[main, :, 1], boxes[main, :, 0] - boxes[..., 1]).max(axis=1)
    keep = sides >= np.where(gaps < NEAR * sides[main], max(DOT * pen, SPECK * sides[main]), PART * sides[main])
    touches = np.zeros(count + 1, dtype=bool)
    touches[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = True
    inward = central / np.maximum(lengths, 1) * lengths[main] / central[main]
    away = np.abs(boxes.sum(axis=2) - boxes[main].sum(axis=1)) + boxes[..., 1] - boxes[..., 0]
    belongs = (away.max(axis=1) < 1.5 * sides[main]) & (gaps < np.where(touches, 0.1, 0.3) * sides[main])
    keep &= (inward >= np.where(touches, 0.5, 0.25)) | belongs
    keep &= ~((boxes[..., 0] < boxes[main, :, 0]) & (boxes[..., 1] > boxes[main, :, 1])).all(axis=1)
    keep[main] = True
    keep[0] = False
    character: Mask = keep[labels]
    return character


def _strokes(ink: Mask) -> Mask:
    """Return `ink` cropped, its pen brought near EMNIST's, at EMNIST's raw size."""
    ink = ink[_box(ink)]
    longest = max(ink.shape)
    ink = np.pad(ink, longest // 4 + 2)
    inside = ndimage.distance_transform_edt(ink)
    outline = np.where(ink, inside - 0.5, 0.5 - ndimage.distance_transform_edt(~ink)).astype(np.float32)
    pen = 4 * float(outline[ink].mean())
    wanted = min(max(pen / longest, PEN[0]), PEN[1])
    grow = max((wanted * longest - pen) / 2 / (1 - wanted), -float(outline.max()) / 2)
    scale = RAW_SIDE / (longest + 2 * grow)
    drawn = resize(outline + np.float32(grow), round(ink.shape[1] * scale), round(ink.shape[0] * scale)) > 0
    return drawn[_box(drawn)]


def _box(ink: Mask) -> tuple[slice, slice]:
    """Return the rows and columns that hold all of `ink`."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
