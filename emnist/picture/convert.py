"""EMNIST's own conversion of a scan to 28×28, found by comparison with the released images."""

from functools import lru_cache

import numpy as np

from emnist.constants import CONVERT
from emnist.errors import NoInkError
from emnist.picture.arrays import Bytes, Indices, Mask, bordered, box

SIDE: int = CONVERT["SIDE"]  # px, of an EMNIST image
MARGIN: int = CONVERT["MARGIN"]  # px by which the blurred region is larger than the ink
BORDER: int = CONVERT["BORDER"]  # px of paper around that region
TAPS = np.arange(CONVERT["TAPS"])  # of the Gaussian blur along one axis: 8, as its rows are packed into bytes
_SQUARES = ((TAPS - TAPS.mean()) / CONVERT["SIGMA"]) ** 2  # σ in px
BLUR = np.exp(-(_SQUARES[:, None] + _SQUARES) / 2)
BLUR /= BLUR.sum()  # (8, 8)
# Eight pixels in a row are one byte: what each byte adds to the blur in each row of the kernel, (8, 256).
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[None], axis=0)[:, None]  # (8, 1, 256)
ROW_SUMS = (_BITS * BLUR[:, :, None]).cumsum(axis=0)[-1]  # cumsum, as sum promises no order


def emnist(mask: Mask) -> Bytes:
    """Return `mask` (H, W), ink True, as EMNIST's makers converted their scans: (28, 28), ink 255 on 0.

    The result equals the released images byte for byte.  So sums run in the same order: within a row, then over rows.
    Raise NoInkError when no pixel is ink, or when sampling leaves none (a hairline across hundreds of pixels).
    """
    if not mask.any():
        raise NoInkError("the mask holds no ink")
    ink = bordered(mask[box(mask)], 1)
    height, width = ink.shape[0] - 2, ink.shape[1] - 2
    longest = max(height, width)
    bytes_ = np.packbits(ink[:, _sources(width, longest)], axis=1)[:, 0]  # (height + 2, 28)
    windows = bytes_[_sources(height, longest)[::-1]]  # (8, 28, 28), upper pixels first
    blurred = ROW_SUMS[TAPS[:, None, None], windows].cumsum(axis=0)[-1]
    if not blurred.any():
        raise NoInkError("the ink is too thin for its size: thicken or shrink it")
    image: Bytes = (blurred / blurred.max() * 255).astype(np.uint8)
    return image


@lru_cache(256)
def _sources(length: int, longest: int) -> Indices:
    """Return which pixels (8, 28) of an axis `length` px long each output pixel blurs; 0 and length + 1 are paper.

    Nearest sampling skips pixels, so only the blurred ones that are sampled need computing.
    """
    padded = longest + MARGIN + 2 * BORDER - (length < longest)
    scale = SIDE / padded
    sampled = np.floor(np.arange(1, SIDE + 1) / scale + 0.5 * (1 - 1 / scale) + 0.5)  # MATLAB's imresize; counts from 1
    region = sampled.astype(np.int64) - 1 - BORDER - (longest - length) // 2
    newest = np.where((region >= 0) & (region < length + MARGIN), region + 2, 0)
    sources: Indices = np.clip(newest - TAPS[:, None], 0, length + 1)
    return sources
