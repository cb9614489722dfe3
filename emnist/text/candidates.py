"""What both ways, strokes and pictures, hand to the reading: lines of groups that may be one character each."""

from dataclasses import dataclass

import numpy as np

from emnist.picture.arrays import Bytes, Doubles
from emnist.text.search import Group
from emnist.text.transcript import Box


@dataclass(frozen=True)
class Weights:
    """How much each clue adds to the score of a group or a joint; fitted by `train.results.texts`.

    Attributes:
        label: of the log-probability of the best class.
        character: of the log-odds of "this is one character", which are clipped to ±CLIP.
        shape: of each column of `Line.features`.
        joint: of each layer of `Line.joints`.
    """

    label: float
    character: float
    shape: tuple[float, ...]
    joint: tuple[float, ...]


@dataclass(frozen=True)
class Line:
    """One line of writing, from left to right.

    Attributes:
        atoms: how many there are.
        groups: the candidates: each a tuple of atoms, ascending; every atom stands in one alone, too.
        images: (G, 28, 28), each candidate as EMNIST shows it, ink 255 on 0.
        boxes: (G, 4), each candidate's x0, y0, x1, y1 in the units of the source.
        features: (G, F), clues for or against each being one character that the network does not see.
        joints: (J, G, G), clues for or against the second following the first.
        weights: what the clues count.
        places: for each atom its stroke's place in the source; empty if there are no strokes.
        blanks: for each atom, whether a blank box of a form stands before it; empty if there are no boxes.
    """

    atoms: int
    groups: tuple[Group, ...]
    images: Bytes
    boxes: Doubles
    features: Doubles
    joints: Doubles
    weights: Weights
    places: tuple[int, ...] = ()
    blanks: tuple[bool, ...] = ()

    def box(self, group: int) -> Box:
        """Return the box of one candidate."""
        x0, y0, x1, y1 = self.boxes[group].tolist()
        return x0, y0, x1, y1


CLIP = 12.0  # of the log-odds of "one character": beyond that, more is no more certain


def scores(line: Line, label: Doubles, character: Doubles) -> tuple[Doubles, Doubles]:
    """Return the scores (G,) and joints (G, G) of `line` for the search.

    `label` (G,) is the log-probability of the best class of each candidate, `character` (G,) its log-odds of being one.
    """
    weights = line.weights
    own = weights.label * label + weights.character * np.clip(character, -CLIP, CLIP)
    return own + line.features @ np.array(weights.shape), np.tensordot(np.array(weights.joint), line.joints, 1)
