"""The self-check of a model that nothing vouches for: it reads a few drawings with known answers."""

from typing import TYPE_CHECKING

import numpy as np

from emnist.errors import ModelError
from emnist.labels import lookalikes
from emnist.picture import convert
from emnist.text import drawing

if TYPE_CHECKING:
    from emnist.recognizer import Recognizer

# Strokes of a few characters that no network may misread: x, y in [0, 1], y down.
CHECKS: dict[str, list[list[tuple[float, float]]]] = {
    "1": [[(0.5, 0), (0.5, 1)]],
    "L": [[(0.1, 0), (0.1, 1), (0.7, 1)]],
    "T": [[(0, 0), (0.9, 0)], [(0.45, 0), (0.45, 1)]],
    "7": [[(0, 0), (0.7, 0), (0.25, 1)]],
    "Z": [[(0, 0), (0.8, 0), (0, 1), (0.8, 1)]],
    "4": [[(0.1, 0), (0, 0.55), (0.75, 0.55)], [(0.55, 0.1), (0.55, 1)]],
}


def check(recognizer: "Recognizer") -> None:
    """Raise ModelError if more than half of the drawings come out wrong."""
    if recognizer.config.image_size != convert.SIDE:
        raise ModelError(
            f"this model reads images of {recognizer.config.image_size} px, but pictures become {convert.SIDE} px"
        )
    known = [label for label in CHECKS if label in recognizer.labels]
    if not known:
        return
    images = np.stack([drawing.image(drawing.unit(CHECKS[label])) for label in known])
    found = [recognizer.labels[i] for i in recognizer.probabilities(images).argmax(1)]
    wrong = [f"{label} as {other}" for label, other in zip(known, found, strict=True) if other not in lookalikes(label)]
    if 2 * len(wrong) > len(known):
        raise ModelError(
            f"this model misreads plain drawings ({', '.join(wrong)}): its label map is not the one it learned, "
            "or its weights are damaged or learned too little"
        )
