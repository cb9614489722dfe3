"""A drawing as pictures: the one that is kept as a correction, and its steps to 28×28."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from emnist.picture import Steps
from emnist.picture.convert import emnist
from emnist.picture.pens import RAW_SIDE
from emnist.text import drawing
from web.question import Stroke

INK = 140  # px: longer side of the strokes in a drawing that is kept
PEN = 16  # px: pen width
MARGIN = 30  # px: paper added around the ink


def picture(strokes: Sequence[Stroke]) -> Image.Image:
    """Return `strokes` as a grey picture, black on white."""
    ink = drawing.draw(drawing.unit(strokes), INK, PEN)
    return ImageOps.expand(Image.fromarray(np.where(ink, 0, 255).astype(np.uint8)), MARGIN, 255)


def steps(strokes: Sequence[Stroke]) -> Steps:
    """Return the steps of one character's `strokes`: an even pen at EMNIST's raw size, then EMNIST's conversion."""
    paper = np.asarray(picture(strokes).convert("RGB"))
    even = drawing.draw(drawing.unit(strokes), RAW_SIDE, drawing.PEN * RAW_SIDE)
    ink = paper[..., 0] < 128
    return Steps(paper, (255 * ink).astype(np.uint8), ink, even, emnist(even))
