"""What several characters were read as: the whole, and each character of it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from emnist.picture.arrays import Mask

Box = tuple[float, float, float, float]  # x0, y0, x1, y1; y down, in the units of the source

TOP = 5  # most probable characters that `to_json` names for each place


@dataclass(frozen=True)
class Character:
    """One character of a text.

    Attributes:
        label: the most probable character.
        confidence: its probability, given that these marks are one character.
        probabilities: of every character that may stand here, summing to 1.
        lookalikes: the labels that look like the best two, themselves included ("0O"); "" if those are not alike.
        character: score in [0, 1] for "this is one character".
        is_character: whether that score reaches the threshold, which 98.5 % of real drawings pass.
        box: (x0, y0, x1, y1) around its ink, in pixels of the picture or in the units of the strokes, y down.
        line: the line it stands in, 0 for the uppermost.
        parts: the indices of its strokes, if the source is strokes; else empty.
        ink: (h, w), its ink in its box, if the source is a picture, in pixels of that or larger ones; else (0, 0).
    """

    label: str
    confidence: float
    probabilities: dict[str, float]
    lookalikes: str
    character: float
    is_character: bool
    box: Box
    line: int
    parts: tuple[int, ...] = ()
    ink: Mask = field(default_factory=lambda: np.zeros((0, 0), bool), repr=False, compare=False)

    def top(self, n: int = TOP) -> list[tuple[str, float]]:
        """Return the `n` most probable characters with their probabilities, best first."""
        return sorted(self.probabilities.items(), key=lambda pair: -pair[1])[:n]


@dataclass(frozen=True)
class Transcript:
    """All the characters that were found.

    Attributes:
        text: the characters in reading order; lines end in "\\n", words are parted by a space where gaps say so.
        confidence: how probable it is that every character of the text is right, in [0, 1].
        characters: each character, in the order of the text.
        remark: a warning about the text, such as that the writing looks joined; "" for none.
    """

    text: str
    confidence: float
    characters: tuple[Character, ...]
    remark: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what `python -m emnist transcribe --json` and the app's `/transcribe` answer."""
        characters = [
            {
                "label": found.label,
                "confidence": found.confidence,
                "box": list(found.box),
                "line": found.line,
                "is_character": found.is_character,
                "top": [{"label": label, "confidence": confidence} for label, confidence in found.top()],
            }
            for found in self.characters
        ]
        return {"text": self.text, "confidence": self.confidence, "remark": self.remark, "characters": characters}
