"""From any picture to what the network sees; every step is kept, so that it can be shown."""

from dataclasses import dataclass

import numpy as np

from emnist.picture.arrays import Bytes, Mask
from emnist.picture.convert import emnist
from emnist.picture.decode import Source, read
from emnist.picture.ink import character_of
from emnist.picture.paper import contrast, opaque
from emnist.picture.pens import even_pen


@dataclass(frozen=True)
class Steps:
    """A picture on its way to EMNIST's form; every field is one step.

    Attributes:
        picture: (H, W, 3), as read, transparent parts filled with paper.
        contrast: (h, w), how much each pixel differs from the paper under it, in even light.
        mask: (h, w), the ink of the character.
        strokes: about 46 px high or wide, the same ink with a pen as broad as in EMNIST.
        image: (28, 28), ink 255 on 0, what the network sees.
    """

    picture: Bytes
    contrast: Bytes
    mask: Mask
    strokes: Mask
    image: Bytes

    def brief(self) -> "Steps":
        """Return a copy with the first three fields empty, (0, 0, 3) or (0, 0); it takes a hundredth of the memory."""
        no_picture, nothing = np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0), np.uint8)
        return Steps(no_picture, nothing, nothing.astype(bool), self.strokes, self.image)


def prepare(source: Source) -> Steps:
    """Return all steps from `source`: a path, bytes, a PIL image or an array, as `emnist.picture.read` takes them.

    Raise NoInkError if the picture is blank, UnreadableImageError if it is none, FileNotFoundError if it is missing.
    """
    picture = opaque(read(source))
    even = contrast(picture)
    ink = character_of(even)
    strokes = even_pen(ink)
    return Steps(np.asarray(picture), (even * 255).astype(np.uint8), ink, strokes, emnist(strokes))
