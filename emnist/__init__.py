"""Handwritten character recognition with networks trained on EMNIST."""

from emnist.errors import ModelError, NoInkError, UnreadableImageError
from emnist.labels import LOOKALIKES, SPLITS, label_map
from emnist.model import CharacterNet, ModelConfig
from emnist.recognizer import Prediction, Recognizer

__all__ = [
    "LOOKALIKES",
    "SPLITS",
    "CharacterNet",
    "ModelConfig",
    "ModelError",
    "NoInkError",
    "Prediction",
    "Recognizer",
    "UnreadableImageError",
    "label_map",
]
