"""Handwritten character recognition with networks trained on EMNIST."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from emnist.config import ModelConfig
from emnist.errors import ModelError, NoInkError, UnreadableImageError, UnreadableStrokesError
from emnist.labels import LOOKALIKES, SPLITS, label_map

if TYPE_CHECKING:
    from emnist.model import CharacterNet
    from emnist.prediction import Prediction
    from emnist.recognizer import Recognizer
    from emnist.text import Character, Transcript

__all__ = [
    "LOOKALIKES",
    "SPLITS",
    "Character",
    "CharacterNet",
    "ModelConfig",
    "ModelError",
    "NoInkError",
    "Prediction",
    "Recognizer",
    "Transcript",
    "UnreadableImageError",
    "UnreadableStrokesError",
    "label_map",
]

# What takes long to import, torch most of all: help pages and processes that prepare pictures do without.
LATE = {
    "Character": "emnist.text",
    "CharacterNet": "emnist.model",
    "Prediction": "emnist.prediction",
    "Recognizer": "emnist.recognizer",
    "Transcript": "emnist.text",
}


def __getattr__(name: str) -> Any:
    """Import what is in LATE when it is first asked for."""
    if name not in LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(LATE[name]), name)
