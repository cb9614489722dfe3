"""What `strokes` and `pictures` pass to `reading`: lines of candidates, groups of marks that may be one character."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from emnist.picture.arrays import Bytes, Doubles, Floats, Mask
from emnist.text import habits
from emnist.text.search import Group
from emnist.text.transcript import Box

# Images (N, 28, 28), whether one unturned view will do → log-probabilities (N, C), log-odds of a character (N,).
Network = Callable[[Bytes, bool], tuple[Doubles, Doubles]]

CLIP = 12.0  # limit of the log-odds of "this is one character", either way: beyond it, more is no more certain
USUAL = 0.4  # difference of log heights from the usual one of a character up to which a height says nothing
ODD = 1.5  # most that counts of the difference beyond USUAL


@dataclass(frozen=True)
class Weights:
    """How much each clue adds to the score of a group or a joint; fitted by `train.text.fit`.

    A joint is one group followed by another.

    Attributes:
        label: weight of the log-probability of the best class, including how often it has so many strokes.
        character: of the log-odds of "this is one character", clipped to ±CLIP.
        shape: of each column of `Line.features`.
        joint: of each layer of `Line.joints`.
        size: of how unusual the height of the group is for its best class, from 0 to ODD.
        agree: of how well the group, as a digit or a letter, agrees with its neighbours, from −1 to 1.
        line: of the log-likelihood of a reading by `sequence`, which sees the line as a whole.
        evidence: of what that network answers for each character, as log-probabilities of the classes.
        whole: a constant and the weights of the clues of `reading.against`, for the log-odds that a text is right.
    """

    label: float
    character: float
    shape: tuple[float, ...]
    joint: tuple[float, ...]
    size: float = 0.0
    agree: float = 0.0
    line: float = 0.0
    evidence: float = 0.0
    whole: tuple[float, float, float, float, float] = (6.0, 4.0, 1.6, 0.0, 0.23)


def no_ink(_: Group) -> Mask:
    """Return the ink of strokes, which are no pixels."""
    return np.zeros((0, 0), bool)


@dataclass(frozen=True)
class Line:
    """One line of writing, from left to right.

    Attributes:
        atoms: the number of atoms.
        groups: the candidates, each a tuple of atoms in ascending order; every atom is also a candidate by itself.
        images: (G, 28, 28), each candidate in EMNIST's form, ink 255 on 0.
        boxes: (G, 4), each candidate's x0, y0, x1, y1 in the units of the source.
        features: (G, F), clues for or against each candidate being one character, beside those of the network.
        joints: (J, G, G), clues for or against the second candidate following the first.
        weights: the weights of the clues.
        places: for each atom, the index of its stroke in the source; empty if there are no strokes.
        blanks: for each atom, whether a blank box of a form stands before it; empty if there are no boxes.
        counts: the number of strokes in each candidate; empty if there are no strokes.
        height: of tall characters, in the units of `boxes`; 0 if unknown.
        cuts: (G,), how many cuts part each candidate from ink it was connected to; empty if nothing was cut.
        beside: whether this line stands in one row with the line before it.
        lacking: whether the sheet may lack writing that was left out as type.
        picture: (56, W), the line as `sequence` sees it; None in boxes, or if it is too long.
        ink: returns the ink (h, w) of a candidate in its box, (0, 0) if there are strokes.
    """

    atoms: int
    groups: tuple[Group, ...]
    images: Bytes
    boxes: Doubles
    features: Doubles
    joints: Floats
    weights: Weights
    places: tuple[int, ...] = ()
    blanks: tuple[bool, ...] = ()
    counts: tuple[int, ...] = ()
    height: float = 0.0
    cuts: tuple[int, ...] = ()
    beside: bool = False
    lacking: bool = False
    picture: Bytes | None = None
    ink: Callable[[Group], Mask] = no_ink

    def box(self, group: int) -> Box:
        """Return the box of one candidate."""
        x0, y0, x1, y1 = self.boxes[group].tolist()
        return x0, y0, x1, y1


def clues(line: Line, seen: Doubles, character: Doubles, labels: Sequence[str]) -> Doubles:
    """Return the clues (G, 3) of the network for each candidate: `label`, `character` and `size` of `Weights`.

    `seen` (G, C) are the log-probabilities of `labels`; `character` (G,) are the log-odds of being one character.
    """
    written = habits.strokes(tuple(labels)).T[np.minimum(line.counts, 4) - 1] if line.counts else 0.0  # (G, C)
    likely = seen + written
    best = likely.argmax(1)
    odd = np.zeros(len(best))
    if line.height:
        least, most = habits.heights(tuple(labels))
        high = np.log(np.maximum(line.boxes[:, 3] - line.boxes[:, 1], 1e-9) / line.height)
        odd = np.maximum(least[best] - high, high - most[best])
        odd = np.clip(odd - USUAL, 0, ODD)
    return np.stack([likely.max(1), np.clip(character, -CLIP, CLIP), odd], axis=1)


def scores(line: Line, columns: Doubles) -> tuple[Doubles, Floats]:
    """Return the scores (G,) and joints (G, G) of `line` for the search.

    `columns` (G, 4 + F) are the `clues`, how well each candidate suits its neighbours from −1 to 1, and the features.
    """
    weights = line.weights
    own: Doubles = columns @ [weights.label, weights.character, weights.size, weights.agree, *weights.shape]
    joints: Floats = np.tensordot(np.array(weights.joint, np.float32), line.joints, 1)
    return own, joints
