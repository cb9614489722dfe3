"""Handwritten character recognition with networks trained on EMNIST."""

from emnist.errors import ModelError, NoInkError, UnreadableImageError, UnreadableStrokesError
from emnist.labels import LOOKALIKES, SPLITS, label_map
from emnist.model import CharacterNet, ModelConfig
from emnist.recognizer import Prediction, Recognizer
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
