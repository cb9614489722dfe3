"""A picture of several characters as a sheet: even contrast, and its writing apart from what is printed on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.picture import dashes
from emnist.picture.arrays import Bytes, Floats, Mask, bordered, connected, edged, grown
from emnist.picture.convert import emnist
from emnist.picture.ink import INK_LEVEL, ink_level
from emnist.picture.paper import contrast
from emnist.picture.pens import RAW_SIDE, even_pen
from emnist.text import boxes, fields, outlines, rings, rules, surroundings
from emnist.text.ruled import Printed

DRAWN = round(1.4 * RAW_SIDE)  # px, the longer side at which a character's outline is drawn
DARKER = 1.25  # times the contrast of all ink: from here on that of what is written decides
TRACES = 0.2  # of the ink's contrast: what has more may be a piece of a printed line
SPECK = 0.02  # of the largest piece of ink: smaller ones are dust
RIM = 3  # px, that the grey edges of a ring are wide
Place = tuple[int, int, int, int]  # x0, y0, x1, y1


@dataclass(frozen=True)
class Sheet:
    """A picture on its way.

    Attributes:
        even: (H, W), its contrast in even light.
        ink: (H, W), what is written, without printed lines.
        level: the contrast of ink.
        boxes: those for one character each, None without any.
        fields: (H, W), where printed rectangles are to be written in; nowhere if there are none.
    """

    even: Floats
    ink: Mask
    level: float
    boxes: boxes.Boxes | None
    fields: Mask


def prepare(picture: Image.Image) -> Sheet:
    """Return what is written on `picture`, apart from what is printed."""
    even, level = ink_level(contrast(picture, several=True))
    outside = surroundings.reaching_in(even > INK_LEVEL * level)
    if outside.any():
        even, level = ink_level(np.where(outside, np.float32(0), even))
    ink, traces = even > INK_LEVEL * level, even > TRACES * level
    dashed = dashes.find(ink, traces)
    ink, traces = ink & ~dashed.marks, traces | dashed.lines
    rectangles = fields.find(traces)
    if not rectangles.inside.any() and (ring := rings.find(ink)).any():
        clear = ~ndimage.binary_dilation(ring, np.ones((3, 3)), RIM)
        even, ink, traces = even * clear, ink & clear, traces & clear
    printed = rules.find(even, ink, traces)
    across, down = outlines.find(traces)
    printed.across.extend(across + rectangles.across)
    printed.down.extend(down + rectangles.down)
    alone = _one_mark(ink) and not rectangles.wide
    form = boxes.find(ink.shape, printed)
    if form is None and (alone or _stands_apart(ink, rectangles)):
        sides = (printed.across, ink.shape[1]), (printed.down, ink.shape[0])
        across, down = ([line for line in lines if line.crosses(side)] for lines, side in sides)
        printed = Printed(across, down, [], [])  # the strokes of E, HI and FIT are not the lines of a sheet
    written = rules.erase(even, ink, printed.across, printed.down)
    if written.any() and (own := float(np.median(even[written]))) > DARKER * level:
        ink = (even > INK_LEVEL * own) & ~dashed.marks
        level, written = own, rules.erase(even, ink, printed.across, printed.down)
    return Sheet(even, surroundings.cleared(written), level, form, rectangles.inside)


def _one_mark(ink: Mask) -> bool:
    """Tell whether all ink but specks hangs together, as one large character does."""
    return len(_marks(ink)) == 1


def _stands_apart(ink: Mask, rectangles: fields.Fields) -> bool:
    """Tell whether there are characters alone: marks of about one height, none of which is long enough for a line."""
    sides = _marks(ink)
    return len(sides) > 1 and not rectangles.inside.any() and bool(sides.max() <= rules.LONGER * np.median(sides[:, 0]))


def _marks(ink: Mask) -> NDArray[np.int64]:
    """Return height and width (marks, 2) of the connected parts of `ink` but specks."""
    labels, _ = connected(ink)
    sizes = np.bincount(labels.ravel())[1:]
    sides = np.array([[side.stop - side.start for side in span] for span in ndimage.find_objects(labels)], np.int64)
    kept: NDArray[np.int64] = sides.reshape(-1, 2)[sizes >= SPECK * sizes.max(initial=0)]
    return kept


def glyph(sheet: Sheet, own: Mask, place: Place | NDArray[np.int64]) -> Bytes:
    """Return (28, 28) of the ink `own` (h, w) in the box x0, y0, x1, y1; its outline runs between the pixels."""
    x0, y0, x1, y1 = place
    grey = np.where(grown(bordered(own, 2)), edged(sheet.even[y0:y1, x0:x1], 2), 0) / sheet.level
    scale = DRAWN / max(own.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    method = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    smooth = np.asarray(Image.fromarray(grey.astype(np.float32)).resize(size, method))
    drawn = smooth > INK_LEVEL * min(1.0, float(smooth.max()))  # of a large thin mark, shrinking leaves less
    return emnist(even_pen(drawn if drawn.any() else own))
