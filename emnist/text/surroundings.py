"""What a picture shows around the writing: the table beside the page, the edges of the page, holes, stamps, fingers."""

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull

from emnist.picture.arrays import Mask, connected, from_border, outline, shrink, weighted_median
from emnist.picture.lines import pen_width

COARSE = 200  # px: longer side to which a picture is shrunk to look for what reaches in from its border
BROAD = 0.05  # share of the longer side: what reaches in from the border and is broader anywhere is no stroke
ALONG = 0.02  # share of the shorter side: what touches the border and comes no farther in is the edge of something
PENS = 1.5  # it is also broader than so many pens: a stroke may lie along the border of a trimmed picture
SOLID = 0.7, 1.8  # a hole or stamp fills more than this share of its box, with a pen broader than so many median pens
BAR = 2.0  # least height of an upright stroke, in its widths: a 1 in a bold pen
SMOOTH = 0.94  # share of its convex hull that it fills, at least: a character that is scribbled over is ragged
AS_HIGH = 0.55, 2.0  # least and greatest height of what may be a character, in heights of the writing


def reaching_in(ink: Mask) -> Mask:
    """Return where broad areas of `ink` (H, W) reach in from the border: a table, a finger, the dark behind a page."""
    factor = max(1, round(max(ink.shape) / COARSE))
    solid = ~shrink(~ink, factor)
    reach = round(BROAD / 2 * max(solid.shape))
    deep = ndimage.distance_transform_edt(np.pad(solid, reach, mode="edge"))[reach:-reach, reach:-reach]
    labels, count = connected(deep > reach / 3)
    pen = pen_width(without_border(ink)) or pen_width(ink)
    core = np.bincount(labels.ravel(), deep.ravel() > max(reach, PENS * pen / factor), count + 1) > 0
    core &= from_border(labels, count)
    core[0] = False
    if not core.any():
        return np.zeros_like(ink)
    area = ndimage.distance_transform_edt(~core[labels]) <= reach / 3 + 1.5
    return np.repeat(np.repeat(area, factor, axis=0), factor, axis=1)[: ink.shape[0], : ink.shape[1]]


def without_border(ink: Mask) -> Mask:
    """Return `ink` (H, W) without what reaches in from the border of the picture."""
    labels, count = connected(ink)
    clear: Mask = ink & ~from_border(labels, count)[labels]
    return clear


def cleared(ink: Mask, writing: Mask) -> tuple[Mask, Mask]:
    """Return `ink` (H, W) without what stays at the border, and without solids far broader than `writing` (H, W).

    Also return those solids that may be characters scribbled over (H, W): as high as the writing, and ragged.
    """
    return _without_solids(_without_edges(ink), writing)


def _without_edges(ink: Mask) -> Mask:
    """Return `ink` (H, W) without what keeps to the border of the picture."""
    labels, count = connected(ink)
    inwards = max(1, round(ALONG * min(ink.shape)))
    at_border = from_border(labels, count)
    at_border[np.unique(labels[inwards:-inwards, inwards:-inwards])] = False
    kept: Mask = ink & ~at_border[labels]
    return kept


def _without_solids(ink: Mask, writing: Mask) -> tuple[Mask, Mask]:
    """Return `ink` (H, W) without what is solid and far broader than `writing`, or in it: holes, stamps, discs.

    Also return what of it may be scribbled over (H, W).
    """
    scribbled = np.zeros_like(ink)
    labels, count = connected(ink)
    if count < 2:
        return ink, scribbled
    areas = np.bincount(labels.ravel())[1:]
    edge = outline(ink)  # a blot has much ink, but a short outline
    outlines, by_hand = (np.bincount(labels[part], minlength=count + 1)[1:] for part in (edge, edge & writing))
    if not by_hand.any():
        by_hand = outlines
    spans = ndimage.find_objects(labels)
    sides = np.array([[side.stop - side.start for side in span] for span in spans])
    pens = 2 * areas / outlines  # widths of stroke; for a disc half its diameter
    solid = (areas > SOLID[0] * sides.prod(axis=1)) & (pens > SOLID[1] * weighted_median(pens, by_hand))
    high = sides[:, 0] / weighted_median(sides[:, 0], by_hand)
    as_high = (high > AS_HIGH[0]) & (high < AS_HIGH[1])
    solid &= ~as_high | (sides[:, 0] < BAR * sides[:, 1])
    kept = ink.copy()
    for number in np.flatnonzero(solid):
        part = labels[spans[number]] == number + 1
        if as_high[number] and _filled(part) < SMOOTH:
            scribbled[spans[number]] |= part
        kept[spans[number]] = False
    return kept, scribbled


def _filled(part: Mask) -> float:
    """Return how much of its convex hull a `part` (H, W) fills, 0 to 1."""
    rim = np.argwhere(outline(np.pad(part, 1)))
    corners = (rim[:, None] + [(0, 0), (0, 1), (1, 0), (1, 1)]).reshape(-1, 2)  # of the pixels
    return float(part.sum() / ConvexHull(corners).volume)
