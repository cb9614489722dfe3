"""How bright the paper is under every pixel of a picture, whatever light and shadow fall on it."""

from functools import lru_cache
from typing import TypeVar

import numpy as np

from emnist.decoder.shrink import scaled
from emnist.picture.arrays import Bytes, Floats, edged, median, otsu, resize, rim, those

SIDE = 100  # px: longer side at which the paper under one character is estimated
SMALLER = 4  # factor by which larger pictures are shrunk for that, as they hold more, and smaller, characters
EDGES_SIDE = 200  # px: greatest longer side for that, and the one at which shadows with edges are looked for
SURFACE_SIDE = 20  # px: longer side at which a surface is fitted to smooth light
FITS = 4  # rounds of that fit, each without the pixels below the surface of the last
RIDGE = 1e-4  # ridge penalty of that fit: so small that it shows in pictures of one column alone, which any slope fits
WINDOWS = (1 / 12, 1 / 6, 1 / 3)  # of the closing, in longer sides of the picture; the last is wider than any stroke
SHADE = 0.4  # brightness (0 to 1) below white up to which a pixel counts as paper: shadows are hardly ever darker
LOST = 0.1  # greatest share of the ink that may be missing with a smaller window
EVEN = 0.02  # brightness (0 to 1): paper that varies less all along the border and nearly everywhere is evenly lit
EVEN_SHARE = 0.9  # share of the paper that counts as nearly everywhere
MEDIANS = 0.2  # window of medians, in longer sides of the picture; strokes fill less than half of it
STEP = 2  # px between the pixels of which the median is taken: as good as all of them
BROAD = 0.15  # share of the longer side: shadows with edges are broader, what is left of strokes in medians is not
CAST = (0.2, 0.6)  # least and greatest share of the light that such a shadow takes
DARKEST = 0.02  # share of the pixels left out at either end when the darkest and the brightest are taken
DARKER = 1.2  # contrast of ink on such a shadow over the shadow's own; with no more, the shadow may be ink itself

Levels = TypeVar("Levels", Bytes, Floats)


def under(grey: Floats) -> Floats:
    """Return how bright (H, W) the paper is under every pixel.

    If a shadow with edges falls on the paper, that is the median around each pixel.  Otherwise it is a closing: the
    brightest pixel of a window, then the darkest of these.  A closing follows light and soft shadows, but no stroke.
    Towards a dark corner it is too bright, unless the picture is divided by a curved surface first, which takes out the
    smooth part of the light.  But this surface bends at the edge of a shadow.  So both are computed.  Neither is darker
    than the picture, so at each pixel the darker of the two is nearer to the paper.
    """
    small = _fit(grey, min(max(SIDE, max(grey.shape) // SMALLER), EDGES_SIDE))
    white = median(small)
    if _is_even(small, white):
        return np.full_like(grey, white)
    # First at half the resolution, in an eighth of the time: hardly one picture in ten has a shadow with edges.
    if _in_shadow(_fit(small, SIDE)) is not None and (shaded := _in_shadow(_fit(grey, EDGES_SIDE))) is not None:
        return resize(_averaged(shaded), grey.shape[1], grey.shape[0])
    surface: Floats = np.maximum(_surface(_fit(small, SURFACE_SIDE), small.shape), np.float32(1 / 255))
    plain, bent = _brightest(small), _brightest(small / surface) * surface
    paper = _averaged(np.minimum(plain, bent))
    return resize(paper, grey.shape[1], grey.shape[0])


def _averaged(grey: Floats) -> Floats:
    """Return the mean of each pixel of `grey` (H, W) and its eight neighbours."""
    wider = edged(grey, 1)
    rows = wider[:-2] + wider[1:-1] + wider[2:]
    averaged: Floats = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) * np.float32(1 / 9)
    return averaged


def _is_even(grey: Floats, white: float) -> bool:
    """Tell whether nothing but strokes, far from the border, differs from the brightness `white`."""
    if np.abs(rim(grey) - white).max() >= EVEN:
        return False
    is_white = np.count_nonzero(np.abs(grey - white) < EVEN)
    return bool(is_white > EVEN_SHARE * np.count_nonzero(grey > white - SHADE))


def _brightest(grey: Floats) -> Floats:
    """Return the closing of `grey` by the smallest window that no stroke fills, so that it follows shadows closely."""
    largest = _closing(grey, WINDOWS[-1])
    dark = largest - grey
    ink = dark > otsu(dark)[0]
    for window in WINDOWS[:-1]:
        closed = _closing(grey, window)
        if np.count_nonzero((closed - grey < dark / 2) & ink) <= LOST * np.count_nonzero(ink):
            return closed
    return largest


def _in_shadow(grey: Floats) -> Floats | None:
    """Return what is typical around each pixel of `grey` (H, W), if it differs as shadows do and ink is darker yet."""
    medians = _medians(_medians((grey * 255 + 0.5).astype(np.uint8).T).T)  # bytes, as they are compared sooner
    if _shade(medians) <= CAST[0]:
        return None  # the next step only brightens what is dark
    typical = _without_strokes(medians)
    paper, shade = typical.astype(np.float32) / np.float32(255), _shade(typical)
    return paper if CAST[0] < shade < CAST[1] and _is_darker(grey, paper, shade) else None


def _shade(paper: Bytes) -> float:
    """Return by what share the darkest of `paper` (H, W) is darker than the brightest."""
    ends = [int(DARKEST * paper.size), int((1 - DARKEST) * paper.size)]
    darkest, brightest = np.partition(paper.ravel(), ends)[ends]
    return float(1 - darkest / max(brightest, 1))


def _without_strokes(medians: Bytes) -> Bytes:
    """Return the medians of the rows' medians, (H, W), without what is left in them of strokes.

    Shadows keep their edges in such medians; where strokes fill most of a window, something is left of them.  What is
    not broad is therefore filled up, and what that takes from the corners of shadows grows back (a closing by
    reconstruction, Vincent 1993).
    """
    filled = _closing(medians, BROAD)
    for _ in range(round(BROAD * max(medians.shape))):
        before, filled = filled, np.maximum(_darkest_beside(filled), medians)
        if np.array_equal(before, filled):
            break
    return filled


def _darkest_beside(grey: Bytes) -> Bytes:
    """Return the darkest of each pixel of `grey` (H, W) and its eight neighbours."""
    rows = grey.copy()
    np.minimum(rows[1:], grey[:-1], out=rows[1:])
    np.minimum(rows[:-1], grey[1:], out=rows[:-1])
    darkest = rows.copy()
    np.minimum(darkest[:, 1:], rows[:, :-1], out=darkest[:, 1:])
    np.minimum(darkest[:, :-1], rows[:, 1:], out=darkest[:, :-1])
    return darkest


def _medians(grey: Bytes) -> Bytes:
    """Return the median of the rows around each row of `grey` (H, W)."""
    half = round(MEDIANS * max(grey.shape) / 2)
    rows = np.take(grey, np.arange(-half, len(grey) + half), axis=0, mode="clip")
    # The middle is one of them, so that a straight edge stays where it is; their number is odd.
    return _median([rows[i : i + len(grey)] for i in range(half % STEP, 2 * half + 1, STEP)])


def _median(values: list[Bytes]) -> Bytes:
    """Return the median of an odd number of arrays: the least and the greatest of half of them go, another comes.

    Ten times as fast as sorting at each pixel (Paeth 1990, "Median finding on a 3×3 grid").
    """
    kept, others = values[: len(values) // 2 + 2], values[len(values) // 2 + 2 :]
    while len(kept) > 1:
        last = len(kept) - 1
        pairs = [(i, last - i) for i in range(len(kept) // 2)]
        pairs += [(0, i) for i in range(1, (last + 2) // 2)] + [(i, last) for i in range((last + 1) // 2, last)]
        for i, j in pairs:
            kept[i], kept[j] = np.minimum(kept[i], kept[j]), np.maximum(kept[i], kept[j])
        kept = kept[1:-1] + others[:1]
        others = others[1:]
    return kept[0]


def _is_darker(grey: Floats, paper: Floats, shade: float) -> bool:
    """Tell whether `grey` (H, W) shows ink on `paper` that is darker than its `shade`."""
    contrast: Floats = np.clip(1 - grey / np.maximum(paper, np.float32(1 / 255)), 0, 1)
    strong = those(contrast, contrast > otsu(contrast)[0])
    return bool(strong.size and median(strong) > DARKER * shade)


def _closing(grey: Levels, window: float) -> Levels:
    size = 2 * max(1, round((window * max(grey.shape) - 1) / 2)) + 1  # odd, so that no pixel gets darker
    brightest = _extreme(np.maximum, _extreme(np.maximum, grey, size).T, size)
    return _extreme(np.minimum, _extreme(np.minimum, brightest, size).T, size)


def _extreme(of: np.ufunc, grey: Levels, size: int) -> Levels:
    """Return the extreme `of` (np.maximum or np.minimum) of the `size` rows around each row of `grey` (H, W).

    A window twice as high takes one comparison more, so this is five times as fast as scipy.ndimage for wide ones.
    """
    rows, reach = np.take(grey, np.arange(-(size // 2), len(grey) + (size - 1) // 2), axis=0, mode="clip"), 1
    while 2 * reach <= size:
        rows, reach = of(rows[:-reach], rows[reach:]), 2 * reach
    extreme: Levels = of(rows[: len(rows) - size + reach], rows[size - reach :])
    return extreme


def _fit(grey: Floats, side: int) -> Floats:
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    return resize(grey, *scaled((grey.shape[1], grey.shape[0]), scale))


def _surface(grey: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the quadratic surface of `shape` that fits most of `grey` (H, W), its dark pixels left out."""
    terms, flat = _terms(grey.shape), grey.ravel()
    bright, ridge = np.ones(flat.shape, dtype=bool), np.float32(RIDGE) * np.eye(6, dtype=np.float32)
    for _ in range(FITS):
        chosen = terms.T * bright
        weights: Floats = np.linalg.solve(chosen @ terms + ridge, chosen @ flat)
        surface = terms @ weights
        bright = flat > surface - max(0.02, float(np.abs(flat - surface)[bright].mean()))
    y, x = (_middles(side) for side in shape)
    one, x1, y1, x2, xy, y2 = weights
    down, across = (y2 * y + y1) * y + one, (x2 * x + x1) * x
    fitted: Floats = down[:, None] + across + (xy * y)[:, None] * x
    return fitted


def _middles(side: int) -> Floats:
    """Return where the middles of `side` pixels in a row lie, from −1 to 1."""
    return (2 * np.arange(side, dtype=np.float32) + 1) / np.float32(side) - 1


@lru_cache(16)
def _terms(shape: tuple[int, ...]) -> Floats:
    """Return the six terms of a quadratic surface at the middle of each pixel of `shape`, (pixels, 6)."""
    x, y = (a.ravel() for a in np.meshgrid(_middles(shape[1]), _middles(shape[0])))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
