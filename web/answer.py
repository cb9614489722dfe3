"""Write an answer in the form that the page expects: numbers, and pictures only if it asked for them."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emnist.picture import Steps

LONGEST = 112  # px: greatest longer side of the picture of a step
PARTS = 100_000  # whole number that is sent for probability 1: whole numbers are shorter than fractions
STEPS = {"picture": "picture", "contrast": "contrast", "mask": "ink", "strokes": "pen", "image": "image"}

Value = dict[str, Any]  # JSON object that server.js takes apart


def note(turn: int, text: str, labels: Sequence[str]) -> Value:
    """Return the answer if there is nothing to read; `text` says why."""
    return {"status": "note", "turn": turn, "labels": list(labels), "note": sentence(text)}


def sentence(text: str) -> str:
    """Return an error's message as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."


def shares(probabilities: Mapping[str, float]) -> list[int]:
    """Return probabilities as whole numbers from 0 to PARTS; only exactly 1 gives PARTS, only exactly 0 gives 0."""
    return [min(max(round(p * PARTS), p > 0), PARTS - (p < 1)) for p in probabilities.values()]


def steps(found: Steps, drawn: bool) -> list[Value]:
    """Return the pictures of the steps to 28×28; for a drawing, only those that the page cannot make itself."""
    names = {field: name for field, name in STEPS.items() if not drawn or name not in ("contrast", "ink")}
    return [{"name": name, **_grey(getattr(found, field))} for field, name in names.items()]


def heat(values: NDArray[np.float32]) -> str:
    """Return values (28, 28) in [0, 1] as bytes in base64."""
    return _base64((values * 255).astype(np.uint8))


def layers(maps: Sequence[NDArray[np.float32]]) -> list[Value]:
    """Return the feature maps (channels, side, side) of each layer as bytes, 255 for the largest value of the layer."""
    return [
        {
            "channels": len(each),
            "side": each.shape[1],
            "values": _base64((255 * each / max(float(each.max()), 1e-9)).astype(np.uint8)),
        }
        for each in maps
    ]


def _grey(pixels: NDArray[Any]) -> Value:
    image = Image.fromarray(pixels).convert("L")
    image.thumbnail((LONGEST, LONGEST))
    return {"width": image.width, "height": image.height, "values": _base64(np.asarray(image))}


def _base64(data: NDArray[np.uint8]) -> str:
    return base64.b64encode(data.tobytes()).decode("ascii")
