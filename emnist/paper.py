"""From a colour picture to contrast: how much each pixel differs from the paper it lies on, in even light."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.errors import NoInkError
from emnist.parts import from_border
from emnist.sheet import only_sheet

Floats = NDArray[np.float32]

LEAST_SIDE = 200  # px, to which small pictures are enlarged, so that their grey edges become smooth outlines
COLOUR_SIDE = 50  # px, at which ink and paper are told apart
PAPER_SIDE = 200  # px, at which the paper is estimated
SURFACE_SIDE = 20  # px, at which smooth light is fitted
FINE = 0.1  # of the longer side: what differs from its surroundings of this width is a stroke, the rest light and shade
WINDOWS = (1 / 12, 1 / 6, 1 / 3)  # of the longer side; the last is wider than any stroke
SHADE = 0.4  # of full white: shadows on paper are hardly ever darker
LOST = 0.1  # of the ink may be missing with a smaller window
SAMPLE = np.s_[::2, ::2]  # pixels that tell a median as well as all of them
LEVELS = 256  # of brightness that are told apart
TWO_TONE = 0.8  # share of the variance that two grey levels explain, from which there is no shade to speak of
TOSS = 0.15  # skewness of the fine structure, three standard deviations of noise: what has less is not light ink
BORDER = (-0.1, 0.4)  # how far it counts: less when dark, as that may be a desk around the paper
EVEN = 0.02  # of full white: all along the border and nearly everywhere, paper that varies less is evenly lit
EVEN_SHARE = 0.9  # of the paper, nearly everywhere
FITS = 4  # rounds of leaving out the pixels below the surface
CARD_FILL = 0.6  # of its box: an opaque part that fills so much of it is paper, not strokes
CARD_CONTRAST = 0.05  # standard deviation of its colours, of 1, from which it has something written on it


def contrast(picture: Image.Image) -> Floats:
    """Return (H, W) in [0, 1]: 0 for paper, 1 for ink that reflects no light (or on dark paper, all light).

    The longer side is that of `picture`, but at least 200 px.  Raise NoInkError for a fully transparent picture.
    """
    grey = _grey(only_sheet(_opaque(picture)))
    dark = 1 - grey / np.maximum(_paper(grey), 1 / 255)
    return np.clip(dark - np.median(dark[SAMPLE]), 0, 1)


def resize(pixels: Floats, width: int, height: int, box: tuple[float, float, float, float] | None = None) -> Floats:
    """Return `pixels` (H, W), or their part in the `box` (left, top, right, bottom), averaged or interpolated."""
    left, _, right, _ = box or (0, 0, pixels.shape[1], 0)
    method = Image.Resampling.BOX if width < right - left else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize((width, height), method, box))


def _opaque(picture: Image.Image) -> Image.Image:
    """Return `picture` as RGB, transparent parts filled with what must be paper.

    Either the opaque part is paper with something on it, a card, and goes on as it is; or it is the ink, on no paper.
    """
    if max(picture.size) < LEAST_SIDE:
        scale = LEAST_SIDE / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    if picture.mode == "RGB":
        return picture
    alpha = picture.getchannel("A")
    box = alpha.point(lambda value: 255 * (value > 127)).getbbox()
    if box is None:
        raise NoInkError("the picture is transparent: draw a character first")
    pixels = np.asarray(picture)
    shown = pixels[pixels[..., 3] > 127][:, :3]
    filled = len(shown) / ((box[2] - box[0]) * (box[3] - box[1]))
    if filled > CARD_FILL and shown.std(axis=0).max() > CARD_CONTRAST * 255:
        paper = tuple(int(value) for value in np.median(shown, axis=0))
    else:
        paper = (255, 255, 255) if shown.mean() < 128 else (0, 0, 0)
    ground = Image.new("RGBA", picture.size, (*paper, 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def _grey(picture: Image.Image) -> Floats:
    """Return brightness (H, W) in [0, 1] along the colour axis in which ink differs most from paper, ink the darker."""
    scale = COLOUR_SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX), dtype=np.float32) / 255
    width = FINE * COLOUR_SIDE
    fine = (small - ndimage.gaussian_filter(small, (width, width, 0))).reshape(-1, 3)
    axis = np.linalg.eigh(fine.T @ fine)[1][:, -1].astype(np.float32)
    axis /= np.abs(axis).sum() * (1 if axis.sum() >= 0 else -1)
    black = np.minimum(axis, 0).sum()  # the least that any colour can have along the axis
    pixels = np.asarray(picture, dtype=np.float32) / 255
    grey: Floats = pixels @ axis - black
    return grey if _is_ink_dark(small @ axis - black, fine @ axis) else 1 - grey


def _is_ink_dark(grey: Floats, fine: Floats) -> bool:
    """Tell whether ink is darker than paper: there is less of it, and around the border hardly any.

    The first is seen in the skewness of the fine structure, in any light; noise has next to none.  Bold characters
    cropped closely need the second, which means something in even light only.
    """
    skewness = float((fine**3).mean() / max((fine**2).mean() ** 1.5, 1e-12))
    threshold, explained = otsu(grey)
    if explained < TWO_TONE:
        return skewness < TOSS
    dark = grey <= threshold
    return skewness < 2 * float(np.clip(0.5 - _rim(dark).mean(), *BORDER))


def _rim(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def otsu(values: Floats) -> tuple[float, float]:
    """Return what best splits `values` in [0, 1] into two levels, and the share of the variance these explain."""
    levels = np.minimum(values.ravel() * LEVELS, LEVELS - 1).astype(np.uint8)
    counts = np.bincount(levels, minlength=LEVELS)
    share = counts / counts.sum()
    middles = (np.arange(LEVELS) + 0.5) / LEVELS
    below = np.cumsum(share)[:-1]
    mean = np.cumsum(share * middles)
    between = (mean[-1] * below - mean[:-1]) ** 2 / np.maximum(below * (1 - below), 1e-12)
    best = int(between.argmax())
    variance = float((share * (middles - mean[-1]) ** 2).sum())
    return (best + 1) / LEVELS, float(between[best]) / max(variance, 1e-12)


def _paper(grey: Floats) -> Floats:
    """Return how bright (H, W) the paper is under every pixel.

    The brightest of a window, then the darkest of these, follows light and shadows but no stroke.  Towards a dark
    corner it is too bright, unless a curved surface takes out the smooth part of the light first; that, in turn, bends
    at the edge of a shadow.  Neither is darker than the picture, so at each pixel the darker of them is nearer.
    """
    small = _fit(grey, PAPER_SIDE)
    white = np.median(small)
    if _is_even(small, white):
        return np.full_like(grey, white)
    surface: Floats = np.maximum(_surface(_fit(small, SURFACE_SIDE), small.shape), np.float32(1 / 255))
    plain, bent = _brightest(small), _brightest(small / surface) * surface
    paper = ndimage.uniform_filter(np.minimum(plain, bent), 3)
    return resize(paper, grey.shape[1], grey.shape[0])


def _is_even(grey: Floats, white: np.float32) -> bool:
    """Tell whether nothing but strokes, far from the border, differs from the brightness `white`."""
    paper = grey[grey > white - SHADE]
    is_white = np.abs(paper - white) < EVEN
    return bool(np.abs(_rim(grey) - white).max() < EVEN and is_white.mean() > EVEN_SHARE)


def _brightest(grey: Floats) -> Floats:
    """Return the closing of `grey` by the smallest window that no stroke fills, so that it follows shadows closely.

    What a smaller window takes for paper may be strokes or shade.  It is shade if connected to the border and not dark.
    """
    largest = _closing(grey, WINDOWS[-1])
    dark = largest - grey
    ink = dark > otsu(dark)[0]
    labels, count = ndimage.label(ink)
    ink &= (dark > SHADE) | ~from_border(labels, count)[labels]
    for window in WINDOWS[:-1]:
        closed = _closing(grey, window)
        if np.count_nonzero(closed[ink] - grey[ink] < dark[ink] / 2) <= LOST * np.count_nonzero(ink):
            return closed
    return largest


def _closing(grey: Floats, window: float) -> Floats:
    size = max(3, round(window * max(grey.shape)))
    brightest = _extreme(np.maximum, _extreme(np.maximum, grey, size).T, size)
    return _extreme(np.minimum, _extreme(np.minimum, brightest, size).T, size)


def _extreme(of: np.ufunc, grey: Floats, size: int) -> Floats:
    """Return the extreme `of` (np.maximum or np.minimum) of the `size` rows around each row of `grey` (H, W).

    A window twice as high takes one comparison more, so this is five times as fast as scipy.ndimage for wide ones.
    """
    rows, reach = np.pad(grey, ((size // 2, (size - 1) // 2), (0, 0)), "edge"), 1
    while 2 * reach <= size:
        rows, reach = of(rows[:-reach], rows[reach:]), 2 * reach
    extreme: Floats = of(rows[: len(rows) - size + reach], rows[size - reach :])
    return extreme


def _fit(grey: Floats, side: int) -> Floats:
    scale = min(1.0, side / max(grey.shape))
    return resize(grey, max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))


def _surface(grey: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the quadratic surface of `shape` that fits most of `grey` (H, W), its dark pixels left out."""
    terms, flat = _terms(grey.shape), grey.ravel()
    bright = np.ones(flat.shape, dtype=bool)
    for _ in range(FITS):
        weights: Floats = np.linalg.lstsq(terms[bright], flat[bright], rcond=None)[0]
        surface = terms @ weights
        bright = flat > surface - max(0.02, float(np.abs(flat - surface)[bright].mean()))
    fitted: Floats = (_terms(shape) @ weights).reshape(shape)
    return fitted


def _terms(shape: tuple[int, ...]) -> Floats:
    """Return the six terms of a quadratic surface at the middle of each pixel of `shape`, (pixels, 6)."""
    y, x = ((2 * np.arange(side, dtype=np.float32) + 1) / np.float32(side) - 1 for side in shape)
    x, y = (a.ravel() for a in np.meshgrid(x, y))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
