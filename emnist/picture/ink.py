"""Where the ink of the character is."""

import numpy as np

from emnist.errors import NoInkError
from emnist.picture import cells, dashes
from emnist.picture.arrays import Floats, Mask, edged, grown, median, otsu, those
from emnist.picture.lines import without_base, without_lines
from emnist.picture.paper import SAMPLE
from emnist.picture.parts import character

GRAIN = 0.002  # contrast to the blurred surroundings: if most pixels have more, it is noise, to be smoothed
LEAST_CONTRAST = 0.03  # contrast of the ink (0 to 1) below which the picture is blank
LEAST_OVER_GRAIN = 8  # contrast of the ink over the median grain, below which the picture is blank, too
INK_LEVEL = 0.5  # share of the ink's typical contrast above which a pixel is ink
BOX_LEVELS = 0.3, 0.07  # shares of it above which a pixel may be a box's line, tried in turn: fine lines are paler


def character_of(even: Floats) -> Mask:
    """Return where the character is, (H, W), in contrast `even`: where it has half of its typical contrast or more.

    Raise NoInkError if there is none.
    """
    even, level = ink_level(even)
    dashed = dashes.find(even > INK_LEVEL * level)
    if dashed.marks.any():
        even = np.where(grown(dashed.marks), np.float32(0), even)
    levels = BOX_LEVELS if cells.may_show((even > BOX_LEVELS[-1] * level) | dashed.lines) else ()
    for share in levels:
        cell = cells.inside((even > share * level) | dashed.lines)
        if cell is not None and cells.was_meant(cell, without_lines(even > INK_LEVEL * level)):
            even, level = ink_level(np.where(cell, even, np.float32(0)))
            break
    return without_base(character(without_lines(even > INK_LEVEL * level)))


def ink_level(even: Floats) -> tuple[Floats, float]:
    """Return contrast `even` (H, W) without grain, and the typical contrast of its ink; NoInkError if there is none."""
    smooth = _blurred(even)
    grain = np.abs(even[SAMPLE] - smooth[SAMPLE])
    if (grain > GRAIN).mean() > 0.5:
        even = smooth
    strong = those(even, even > otsu(even[SAMPLE])[0])
    level = median(strong) if strong.size else 0.0
    if level < LEAST_CONTRAST or (grain > level / LEAST_OVER_GRAIN).mean() > 0.5:
        raise NoInkError("the picture is blank: write something, or write it with more contrast")
    return even, level


def _blurred(pixels: Floats) -> Floats:
    """Return `pixels` (H, W) blurred with the binomial weights 1, 4, 6, 4, 1 both ways: σ = 1 px."""
    blurred = edged(pixels, 2)
    for _ in range(4):
        blurred = blurred[1:] + blurred[:-1]
    for _ in range(4):
        blurred = blurred[:, 1:] + blurred[:, :-1]
    return blurred * np.float32(1 / 256)
