"""Any picture to EMNIST's own form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.picture import Source, read

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

LEAST_SIDE = 200  # px: smaller pictures are enlarged, so that their grey edges become smooth outlines
PAPER_SIDE = 200  # px, at which the paper is estimated
PAPER_WINDOW = 1 / 3  # of the longer side: thicker than any stroke
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
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    ink = np.pad(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 1)
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
    rgb = _opaque(picture)
    contrast = _contrast(rgb)
    ink = _character(_binarise(contrast))
    strokes = _strokes(ink)
    return Steps(np.asarray(picture.convert("RGB")), (contrast * 255).astype(np.uint8), ink, strokes, emnist(strokes))


def mask(picture: Image.Image) -> Mask:
    """Return the ink of `picture`."""
    return _character(_binarise(_contrast(_opaque(picture))))


def _opaque(picture: Image.Image) -> Floats:
    """Return `picture` as (H, W, 3) colours in [0, 1], transparent parts filled with paper, small ones enlarged."""
    scale = LEAST_SIDE / max(picture.size)
    if scale > 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    pixels = np.asarray(picture, dtype=np.float32) / 255
    if pixels.shape[2] == 3:
        return pixels
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    solid = alpha[..., 0] > 0.5
    if not solid.any():
        raise NoInkError("the picture is fully transparent")
    shown = colour[solid]
    paper = np.median(shown, axis=0)
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    is_card = solid.sum() > 0.6 * box and shown.std(axis=0).max() > 0.05
    if not is_card:
        paper = np.full(3, float(paper.mean() < 0.5))
    return (colour * alpha + paper * (1 - alpha)).astype(np.float32)


def _contrast(rgb: Floats) -> Floats:
    grey = _grey(rgb)
    small = _resize(grey, min(1.0, PAPER_SIDE / max(grey.shape)))
    window = max(3, round(max(small.shape) * PAPER_WINDOW))
    paper = ndimage.minimum_filter(ndimage.maximum_filter(small, window), window)
    paper = _resize(ndimage.uniform_filter(paper, 3), size=grey.shape)
    dark = 1 - grey / np.maximum(paper, 1 / 255)
    return np.clip(dark - np.median(dark), 0, 1)


def _resize(grey: Floats, scale: float = 1.0, size: tuple[int, ...] = ()) -> Floats:
    height, width = size or (max(1, round(side * scale)) for side in grey.shape)
    method = Image.Resampling.BILINEAR if height > grey.shape[0] else Image.Resampling.BOX
    return np.asarray(Image.fromarray(grey).resize((width, height), method))


def _grey(rgb: Floats) -> Floats:
    """Return (H, W) brightness in [0, 1] along the colour axis in which ink differs from paper, ink dark."""
    sharp = rgb - ndimage.gaussian_filter(rgb, (0.1 * max(rgb.shape), 0.1 * max(rgb.shape), 0))
    flat = sharp.reshape(-1, 3)
    axis = np.linalg.eigh(flat.T @ flat)[1][:, -1]
    if axis.sum() < 0:
        axis = -axis
    dark_end = np.minimum(axis, 0).sum()
    grey = (rgb @ axis - dark_end) / np.abs(axis).sum()
    skew = ((flat @ axis) ** 3).mean()
    return (1 - grey if skew > 0 else grey).astype(np.float32)


def _binarise(contrast: Floats) -> Mask:
    noise = float(np.median(np.abs(contrast - ndimage.gaussian_filter(contrast, 1))))
    if noise > 0.002:
        contrast = ndimage.gaussian_filter(contrast, 1)
    level = float(np.median(contrast[contrast > _otsu(contrast)], initial=0.0) if False else 0)
    strong = contrast[contrast > _otsu(contrast)]
    level = float(np.median(strong)) if strong.size else 0.0
    if level < max(0.03, 8 * noise):
        raise NoInkError("no ink found")
    return contrast > level / 2


def _otsu(values: Floats) -> float:
    counts, edges = np.histogram(values, bins=256, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    low = np.cumsum(counts * middles) / np.maximum(below, 1)
    high = (np.cumsum((counts * middles)[::-1]) / np.maximum(np.cumsum(counts[::-1]), 1))[::-1]
    return float(edges[1 + np.argmax(below[:-1] * above[1:] * (high[1:] - low[:-1]) ** 2)])


def _character(ink: Mask) -> Mask:
    """Keep the character, drop specks and what reaches in from the border."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    touching = np.zeros(count + 1, bool)
    touching[border] = True
    main = int(sizes.argmax())
    keep = sizes >= 0.02 * sizes[main]
    keep &= ~touching
    keep[main] = True
    return keep[labels]


def _strokes(ink: Mask) -> Mask:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = RAW_SIDE / max(ink.shape)
    pad = int(np.ceil(2 / scale)) + 2
    ink = np.pad(ink, pad)
    distance = ndimage.distance_transform_edt(ink) - ndimage.distance_transform_edt(~ink)
    return _resize(distance.astype(np.float32), scale) > 0
