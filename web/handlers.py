"""What happens when something on the page changes or a program calls."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from threading import BoundedSemaphore
from typing import Any

import gradio as gr

from emnist import UnreadableImageError
from emnist.picture import prepare, read
from web import answer, choice
from web.answer import Value
from web.corrections import Corrections
from web.models import Model, Models
from web.sketchpad import Sketch, parse

HANDS = 4  # pictures read at the same time: more would only take memory, up to 200 MB each for the largest


class Handlers:
    """The functions behind the page and the API; `corrections` is None where none are taken."""

    def __init__(self, models: Models, corrections: Corrections | None) -> None:
        self.models = models
        self.corrections = corrections
        self._hands = BoundedSemaphore(HANDS)

    def read(self, pad: Any, only: Any, attention: bool) -> Value:
        """Return the answer to what is on the pad."""
        sketch, allowed = _sketch(pad), _allowed(only)
        models = self.models.get()
        if sketch.picture is None:
            return answer.blank(sketch.turn, models[0].recognizer.labels)
        try:
            able = [model for model in models if _knows(model, allowed)] or models[:1]  # whose refusal is the answer
            with self._hands:
                steps = prepare(sketch.picture)
                found = [model.recognizer.read(steps, allowed) if model in able else None for model in models]
                best = found[models.index(able[0])]
                heat = able[0].recognizer.attention(steps.image, best.label) if best and attention else None
            return answer.read(sketch.turn, list(zip([model.name for model in models], found, strict=True)), heat)
        except ValueError as error:  # no picture, no ink, or letters asked of models that know only digits
            return answer.note(sketch.turn, str(error), models[0].recognizer.labels)

    def correct(self, pad: Any, only: Any, event: gr.EventData) -> Value:
        """Keep what is on the pad with the character that the visitor says it is."""
        sketch, allowed = _sketch(pad), _allowed(only)
        label = event._data.get("label") if isinstance(event._data, dict) else None
        if self.corrections is None or sketch.picture is None:
            raise gr.Error("There is nothing to correct.", print_exception=False)
        if not isinstance(label, str) or not (len(label) == 1 and label.isascii() and label.isalnum()):
            raise gr.Error("A correction is one letter or digit.", print_exception=False)
        model = self.models.get()[0]
        try:
            with self._hands:
                said = model.recognizer.predict(sketch.picture, allowed)
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


def _knows(model: Model, allowed: str | None) -> bool:
    with suppress(ValueError):
        return bool(model.recognizer.choose(allowed))
    return False


def _allowed(value: Any) -> str | None:
    try:
        return choice.parse(value)
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error
