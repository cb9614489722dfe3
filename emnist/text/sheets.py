"""A picture of several characters as a sheet: even contrast, and its writing apart from what is printed on it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.decoder.shrink import scaled
from emnist.picture.arrays import (
    Bytes,
    Floats,
    Mask,
    bordered,
    connected,
    edged,
    from_border,
    grown,
    sides,
    those,
    weighted_median,
)
from emnist.picture.convert import emnist
from emnist.picture.ink import INK_LEVEL, ink_level
from emnist.picture.lines import pen_width
from emnist.picture.paper import contrast, opaque
from emnist.picture.pens import RAW_SIDE, even_pen
from emnist.text import boxes, layers, rings, surroundings, writing
from emnist.text.surroundings import AS_HIGH

DRAWN = round(1.4 * RAW_SIDE)  # px: longer side at which a character's outline is drawn
UNLIKE = 1.25  # ratio of contrasts from which that of what is written counts, and no longer that of all ink
TRACES = 0.2  # least contrast of what is written, as a share of that of all ink
BARELY = 0.05  # the same of what is printed around boxes, which may be tinted paper
LONGER = 1.5  # least length of the longest printed line, in heights of the highest writing: shorter ones are strokes
RIM = 3  # px: width of a ring's grey edges
LARGE, LARGE_FINE = 200, 80  # px: height of marks above which a sheet is shrunk, and in a fine pen
HANDY, HANDY_FINE = 80, 50  # px: height of its marks then, and in a fine pen
FINE = 0.05  # broadest fine pen, as a share of the marks' height
FRAME = 2.0  # longer side, in the same heights, from which on a part is a frame and tells nothing of the pen
BROADER = 3  # px: width of a fine pen then
FEW = 0.3  # share of the marks that may be lower, on a sheet that is shrunk
SPECK = 0.1  # height of the lowest of these marks, as a share of the highest one's
LOWEST = 12  # px: the same, of the lowest characters that can be read: the highest mark may be a grid


@dataclass(frozen=True)
class Sheet:
    """A picture in even contrast, and what is written on it.

    Attributes:
        even: (H, W), its contrast in even light.
        ink: (H, W), what is written, without printed lines and type.
        level: the contrast of ink.
        boxes: the boxes for one character each; None if there are none.
        lacking: whether some of what was left out, as type or as a blot, may be writing.
    """

    even: Floats
    ink: Mask
    level: float
    boxes: boxes.Boxes | None
    lacking: bool = False


def separate(picture: Image.Image) -> Sheet:
    """Return what is written on `picture`, apart from what is printed; raise NoInkError if it is blank."""
    even, level = evened(picture)
    seen = layers.see(even / np.float32(level))
    faint = even > TRACES * level
    printed = (even > BARELY * level) & ~grown(grown(seen.writing & faint)) & ~seen.type
    core = seen.writing & ~grown(grown(seen.type))  # the edges of type look like writing
    level = _level(those(even, faint & core), level)
    ink, scribbled = surroundings.cleared(even > INK_LEVEL * level, seen.writing)
    by_hand, lines = ink & seen.writing, printed & faint
    parts, count = connected(by_hand)
    high = _height(parts, count)
    form = boxes.find(seen.boxes, printed, lines, parts, pen_width(ink), high)
    if form is None and not _ruled(lines, by_hand):
        seen = replace(seen, writing=seen.writing | _straight(ink, seen, high))
    if form is not None and not len(form.frames):
        form = None  # there are fields alone, and what is in them is free writing
    if form is not None:
        ink |= scribbled  # in a box it is a character that is struck out
    pixels = np.asarray(opaque(picture).resize(even.shape[::-1], Image.Resampling.BOX))
    written, lacking = writing.by_hand(even, pixels, ink, seen, form)
    if form is not None:
        scribbled &= ~_in_boxes(scribbled, form)  # elsewhere it may be a bullet or a blot
        written &= ~scribbled
    if form is None and (ring := rings.find(ink)).any():
        around = ndimage.binary_dilation(ring, np.ones((3, 3)), RIM)
        written = written & ~around | rings.touching(ring, written)
    return Sheet(even, written, level, form, lacking or bool(scribbled.any()))


def _in_boxes(ink: Mask, form: boxes.Boxes) -> Mask:
    """Return the connected parts of `ink` (H, W) that lie in boxes for the most part."""
    labels, count = connected(ink)
    inside = 2 * np.bincount(labels.ravel(), (form.places > 0).ravel(), count + 1) > np.bincount(labels.ravel())
    inside[0] = False
    return inside[labels]


def _ruled(lines: Mask, writing: Mask) -> bool:
    """Tell whether some of `lines` (H, W) are longer than characters of the `writing` (H, W) are high."""
    longest, highest = (sides(connected(mask)[0]).max(initial=0) for mask in (lines, writing))
    return bool(longest > LONGER * highest)


def _straight(ink: Mask, seen: layers.Layers, high: float) -> Mask:
    """Return what of the `ink` (H, W) looks like lines and is as high as the writing, `high` px: a 1, the stem of an E.

    The edges of writing look like lines, too, so only what goes beyond these counts.
    """
    labels, count = connected(ink & ~seen.writing)
    lines = np.bincount(labels.ravel(), seen.type.ravel(), count + 1) < np.bincount(labels.ravel()) / 2
    known = seen.writing | seen.type
    beyond = np.bincount(labels.ravel(), ~grown(grown(known)).ravel(), count + 1) > 0
    straight = np.append(False, sides(labels)[:, 0] > AS_HIGH[0] * high)
    return (straight & lines & beyond)[labels]


def evened(picture: Image.Image) -> tuple[Floats, float]:
    """Return the contrast (H, W) of `picture` in even light, in the size in which it is read, and that of its ink.

    A table may reach in.  Raise NoInkError if the picture is blank.
    """
    even, level = ink_level(contrast(picture, several=True))
    outside = surroundings.reaching_in(even > INK_LEVEL * level)
    if outside.any():
        even, level = ink_level(np.where(outside, np.float32(0), even))
    return _in_size(even, level)


def _in_size(even: Floats, level: float) -> tuple[Floats, float]:
    """Return a sheet's contrast (H, W) and that of its ink; smaller if all on it is large, as the network learnt it.

    Large writing in a fine pen looks like printed lines, so its pen becomes broader, too.
    """
    ink = even > INK_LEVEL * level
    labels, count = connected(ink)
    extents = sides(labels)
    high = extents[~from_border(labels, count)[1:], 0]  # squared paper goes on
    usual = float(np.quantile(high[high > min(SPECK * high.max(), LOWEST)], FEW)) if len(high) else 0.0
    marks = np.append(False, (extents < FRAME * usual).all(axis=1))
    pen = pen_width(marks[labels]) if usual > LARGE_FINE and marks.any() else np.inf
    if pen < FINE * usual:
        side = round(usual / HANDY_FINE)
        return ink_level(ndimage.maximum_filter(even, round(BROADER * side - pen) + 1)[::side, ::side])
    if usual <= LARGE:
        return even, level
    side = round(usual / HANDY)
    return ink_level(ndimage.uniform_filter(even, side)[::side, ::side])


def _level(traces: Floats, level: float) -> float:
    """Return the contrast of what is written, `traces` (N,), if it is much paler or darker than that of all ink."""
    own = float(np.median(traces[traces > INK_LEVEL * np.median(traces)])) if traces.size else level
    return level if 1 / UNLIKE < own / level < UNLIKE else own


def _height(labels: NDArray[np.int32], count: int) -> float:
    """Return how high most of the ink is, px, by its connected parts, as `connected` returns them; 0 without any."""
    return weighted_median(sides(labels)[:, 0], np.bincount(labels.ravel())[1:]) if count else 0.0


def glyph(sheet: Sheet, own: Mask, place: boxes.Frame | NDArray[np.int64]) -> Bytes:
    """Return the ink `own` (h, w) in the box x0, y0, x1, y1 as an image (28, 28), its outline finer than a pixel."""
    x0, y0, x1, y1 = place
    grey = np.where(grown(bordered(own, 2)), edged(sheet.even[y0:y1, x0:x1], 2), 0) / sheet.level
    scale = DRAWN / max(own.shape)
    size = scaled((grey.shape[1], grey.shape[0]), scale)
    method = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    smooth = np.asarray(Image.fromarray(grey.astype(np.float32)).resize(size, method))
    drawn = smooth > INK_LEVEL * min(1.0, float(smooth.max()))  # of a large thin mark, shrinking leaves less
    return emnist(even_pen(drawn if drawn.any() else own))
