"""The sheet of paper that is written on, where a picture also shows the table around it."""

import math

import numpy as np
from PIL import Image
from scipy import ndimage

from emnist.decoder.shrink import scaled
from emnist.picture.arrays import Bytes, Floats, Mask, filled, fills_rectangle, grown, median, those

SIDE = 100  # px: the sheet is looked for in a picture shrunk to the area of a square of this side
STEP = 15  # greatest difference of neighbouring pixels on one surface, 0 to 255
LINE = 3  # px: half the widest gap that printed lines leave in the surface of a sheet
CORNERS = np.ix_((0, -1), (0, -1))  # of a picture
MOST = 0.92  # greatest share of the picture that a sheet covers
LEAST = 0.02  # least share of the picture that a sheet covers
LEAST_OF_SEVERAL = 0.2  # the same for several characters: a smaller one on paper may be a box of a form
DARK = 0.5  # brightness over the paper's, up to which what is around a sheet is a dark table, no paper
WRITTEN = (0.003, 0.35)  # least and greatest share of the sheet that writing covers
RECTANGULAR = 0.88  # share of its smallest bounding rectangle that a sheet fills, and round characters do not
RECTANGULAR_LIKE_INK = 0.93  # the same where the table has the colour of the ink: bold characters have holes, too
ALIKE = 0.1  # difference of two colours (0 to 1) up to which they may be the same
UNLIKE = 0.9  # least share of what is around a sheet that differs from it: around one box of a form there is paper, too
REACHED = 0.1  # share of a side of the picture above which a sheet that covers it is cut off there
HUE = 0.04  # greatest change of a colour's share in the brightness by a shadow
SHADE = 0.35  # least share of the paper's brightness that a shadow leaves


def only_sheet(picture: Image.Image, several: bool = False) -> Image.Image:
    """Return the RGB `picture` with its sheet of paper continued over everything around it, or as it is.

    A sheet is an evenly coloured rectangle with some writing in it and something else around it.  With `several`
    characters it is larger, or on a dark table, and may be ruled; lines around one character alone may be its own bars.
    """
    size = scaled(picture.size, SIDE / math.sqrt(picture.width * picture.height))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX))
    found = _find(np.ascontiguousarray(small.transpose(2, 0, 1)), LINE if several else 0)
    if found is None:
        return picture
    surface, whole = found
    nearest = ndimage.distance_transform_edt(~surface, return_distances=False, return_indices=True)
    paper = Image.fromarray(small[tuple(nearest)]).resize(picture.size, Image.Resampling.BILINEAR)
    sheet = Image.fromarray(whole).convert("L").resize(picture.size)
    return Image.composite(picture, paper, sheet.point(lambda value: 255 * (value > 127)))


def _find(colours: Bytes, line: int) -> tuple[Mask, Mask] | None:
    """Return the paper of a sheet (H, W) in `colours` (3, H, W), and the same with its writing; None without one."""
    labels, count = ndimage.label(_is_even(colours))
    sizes = np.bincount(labels.ravel(), minlength=count + 1) / labels.size
    for part in np.argsort(-sizes[1:])[:3] + 1:
        surface = _whole(colours, labels == part, labels > 0, line)
        if surface.mean() < LEAST / 2:  # the rest is writing, and edges
            return None
        sheet = filled(_closed(surface, line))
        if surface.mean() >= MOST or sheet[CORNERS].all():  # so nothing is around it: a rectangle is convex
            continue
        if LEAST < sheet.mean() < MOST and _is_sheet(np.divide(colours, 255, dtype=np.float32), surface, sheet, line):
            return surface, sheet
    return None


def _whole(colours: Bytes, part: Mask, even: Mask, line: int) -> Mask:
    """Return one `part` (H, W) of a surface with all others of its colour that only lines part from it."""
    paper = np.array([np.median(those(plane, part)) for plane in colours])
    away = np.maximum.reduce(np.abs(colours - paper[:, None, None]))
    like = part | even & (away <= ALIKE * 255)
    labels, _ = ndimage.label(_closed(like, line))
    whole: Mask = like & (labels == labels.ravel()[part.argmax()])
    return whole


def _closed(surface: Mask, line: int) -> Mask:
    """Return `surface` (H, W) without gaps of up to twice `line` px, as printed lines leave in it."""
    side = 2 * line + 1
    closed: Mask = ndimage.minimum_filter(ndimage.maximum_filter(surface, side), side)
    return closed


def _is_even(colours: Bytes) -> Mask:
    """Tell which pixels (H, W) of `colours` (3, H, W) differ little from those around them."""
    even = np.ones(colours.shape[1:], dtype=bool)
    down, across = (
        np.maximum.reduce(np.maximum(first, second) - np.minimum(first, second)) <= STEP
        for first, second in ((colours[:, 1:], colours[:, :-1]), (colours[..., 1:], colours[..., :-1]))
    )
    even[1:] &= down
    even[:-1] &= down
    even[:, 1:] &= across
    even[:, :-1] &= across
    return even


def _is_sheet(colours: Floats, surface: Mask, sheet: Mask, line: int) -> bool:
    """Tell if `sheet`, the `surface` with holes filled, is written on, rectangular and unlike what is around it.

    `colours` is (3, H, W) in [0, 1].  What costs least is asked first.
    """
    size, holes = np.count_nonzero(sheet), sheet & ~grown(surface)
    if np.count_nonzero(holes) <= WRITTEN[0] * size or (fills := fills_rectangle(sheet)) <= RECTANGULAR:
        return False
    paper = _typical(colours, surface)
    away = np.maximum.reduce(np.abs(colours - paper[:, None, None]))
    unlike = away > ALIKE
    writing = holes & unlike
    if not WRITTEN[0] < np.count_nonzero(writing) / size < WRITTEN[1]:
        return False
    around = ~grown(grown(sheet))
    if not around.any() or those(unlike, around).mean() < UNLIKE:
        return False
    pure = writing & (away >= median(those(away, writing)))  # not the pixels where thin strokes mix with paper
    table, ink = (_typical(colours, part) for part in (around, pure))
    if line and sheet.mean() < LEAST_OF_SEVERAL and table.sum() > DARK * paper.sum():
        return False
    least = RECTANGULAR_LIKE_INK if np.abs(table - ink).max() < ALIKE else RECTANGULAR
    return fills > least and (_sides_reached(sheet, line) < 2 or not _may_be_shadow(paper, table))


def _typical(colours: Floats, part: Mask) -> Floats:
    """Return the median colour (3,) of a part of `colours` (3, H, W)."""
    return np.array([median(those(plane, part)) for plane in colours])


def _sides_reached(sheet: Mask, line: int) -> int:
    near = line + 1  # a line may be printed along the border
    sides = sheet[:near], sheet[-near:], sheet.T[:near], sheet.T[-near:]
    return sum(side.any(axis=0).mean() > REACHED for side in sides)


def _may_be_shadow(paper: Floats, table: Floats) -> bool:
    """Tell whether `table` may be the same paper in less light."""
    hue = np.abs(paper / max(paper.sum(), 1e-3) - table / max(table.sum(), 1e-3)).max()
    return bool(hue < HUE and table.sum() > SHADE * paper.sum())
