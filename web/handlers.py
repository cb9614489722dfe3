"""What happens when something on the page changes or a program calls."""

from __future__ import annotations

from html import escape
from threading import BoundedSemaphore
from typing import Any

import gradio as gr

from emnist import NoInkError, UnreadableImageError
from emnist.picture import read
from web import answer
from web.answer import Value
from web.corrections import Corrections
from web.models import Models
from web.sketchpad import Sketch, parse

CHOICES = {"Anything": None, "Digits": "digits", "Letters": "letters"}
REFUSALS = (NoInkError, UnreadableImageError)
HANDS = 4  # pictures read at the same time: more would only take memory, up to 200 MB each for the largest


class Handlers:
    """The functions behind the page and the API; `corrections` is None where none are taken."""

    def __init__(self, models: Models, corrections: Corrections | None) -> None:
        self.models = models
        self.corrections = corrections
        self._hands = BoundedSemaphore(HANDS)

    def read(self, pad: Any, only: str, attention: bool) -> Value:
        """Return the answer to what is on the pad."""
        sketch = _sketch(pad)
        models = self.models.get()
        first = models[0].recognizer
        if sketch.picture is None:
            return answer.blank(sketch.turn, first.labels)
        try:
            with self._hands:
                found = [(model.name, model.recognizer.predict(sketch.picture, CHOICES[only])) for model in models]
                best = found[0][1]
                heat = first.attention(best.steps.image, best.label) if attention else None
                return answer.read(sketch.turn, found, heat)
        except ValueError as error:  # no picture, no ink, or letters asked of a model that knows only digits
            return answer.note(sketch.turn, str(error), first.labels)

    def predict(self, picture: str | None) -> dict[str, float]:
        """Recognise the one handwritten letter or digit in an image file.

        Args:
            picture: image file, any ground and colour, upright.

        Returns:
            The confidence of every character that the model knows, summing to 1.
        """
        if picture is None:
            raise gr.Error("Give one image file.", print_exception=False)
        try:
            with self._hands:
                return self.models.get()[0].recognizer.predict(picture).probabilities
        except REFUSALS as error:
            raise gr.Error(str(error), print_exception=False) from error

    def correct(self, pad: Any, only: str, event: gr.EventData) -> Value:
        """Keep what is on the pad with the character that the visitor says it is."""
        sketch = _sketch(pad)
        label = event._data.get("label") if isinstance(event._data, dict) else None
        if self.corrections is None or sketch.picture is None:
            raise gr.Error("There is nothing to correct.", print_exception=False)
        if not isinstance(label, str) or not (len(label) == 1 and label.isascii() and label.isalnum()):
            raise gr.Error("A correction is one letter or digit.", print_exception=False)
        model = self.models.get()[0]
        try:
            with self._hands:
                said = model.recognizer.predict(sketch.picture, CHOICES[only])
                self.corrections.add(read(sketch.picture), label, said.label, said.confidence, model.name)
        except ValueError as error:
            return answer.remark(sketch.turn, str(error))
        return answer.remark(sketch.turn, f"Kept as “{label}”. Thank you.")

    def welcome(self) -> tuple[Value, str]:
        """Return the first answer, which knows the characters, and what there is to say about the models."""
        labels = self.models.get()[0].recognizer.labels
        return answer.blank(0, labels), escape(" ".join(self.models.notices))


def _sketch(value: Any) -> Sketch:
    try:
        return parse(value)
    except UnreadableImageError as error:
        raise gr.Error(str(error), print_exception=False) from error
