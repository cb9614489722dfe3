"""What can go wrong, as a tree: every message says what to do.

ValueError
├── NoInkError            the picture is blank
├── UnreadableImageError  the bytes are no picture, or one too large to open
├── UnreadableStrokesError  what should be pen strokes is none, or too long
└── ModelError            the model directory or repository cannot be used
"""


class NoInkError(ValueError):
    """The picture holds no ink."""


class UnreadableImageError(ValueError):
    """The input cannot be read as a picture."""


class UnreadableStrokesError(ValueError):
    """The input cannot be read as pen strokes."""


class ModelError(ValueError):
    """The files of a model are missing, damaged or do not belong together."""
