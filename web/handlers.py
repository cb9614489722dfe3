"""What happens when the page asks something."""

import os
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

import gradio as gr
from PIL import Image

from emnist import picture as pictures
from emnist.labels import NOT_A_CHARACTER, fold, graphemes
from web import answer, drawing
from web.answer import Value
from web.corrections import Corrections
from web.models import Model, Models
from web.question import Question, parse
from web.reader import Found, read

HANDS = 4  # most pictures read at the same time: more would only take memory, up to 200 MiB each for the largest


class Handlers:
    """The functions behind the page; `corrections` is None if none are accepted."""

    def __init__(self, models: Models, corrections: Corrections | None) -> None:
        self.models = models
        self.corrections = corrections
        self._hands = BoundedSemaphore(HANDS)

    def welcome(self) -> Value:
        """Return what the page must know before it asks: the classes, the models, and notices about the models."""
        models = self.models.get()
        return {
            "labels": list(models[0].recognizer.labels),
            "names": [model.name for model in models],
            "notices": self.models.notices,
            "quality": models[0].quality,
            "promise": self.corrections.promise if self.corrections else "",
            "source": os.environ.get("EMNIST_SOURCE") or _space(),
        }

    def read(self, question: Any) -> Value:
        """Return the answer to what is on the sheet."""
        asked, models = self._question(question), self.models.get()
        try:
            able = [model for model in models if _knows(model, asked.only)] or models[:1]  # it then says why not
            with self._hands:
                return self._read(asked, models, able)
        except ValueError as error:  # no picture, no ink, or letters asked of models that know only digits
            return answer.note(asked.turn, str(error), models[0].recognizer.labels)

    def _read(self, asked: Question, models: list[Model], able: list[Model]) -> Value:
        first = able[0]
        found = read(first.recognizer, asked)
        others = [_other(model, asked, model in able) for model in models if model is not first]
        return {
            "status": "read",
            "turn": asked.turn,
            "labels": list(first.recognizer.labels),
            "text": found.text,
            "confidence": round(found.confidence, 5),
            "characters": found.characters,
            **({"remark": found.remark} if found.remark else {}),
            **({"others": others} if others else {}),
            **_pictures(first, found, asked),
        }

    def correct(self, question: Any, label: str) -> str:
        """Keep what is on the sheet together with the visitor's `label`: a class, or NOT_A_CHARACTER.

        Return "" if it was kept, else the reason for the visitor.
        """
        asked, model = self._question(question), self.models.get()[0]
        if self.corrections is None:
            raise gr.Error("No corrections are taken here.", print_exception=False)
        if not isinstance(label, str) or label not in (*model.recognizer.labels, NOT_A_CHARACTER):
            raise gr.Error("A correction is one of the model's characters.", print_exception=False)
        try:
            with self._hands:
                picture = _picture(asked)
                said = model.recognizer.predict(picture, asked.only)
                self.corrections.add(picture, label, said.label, said.confidence, model.name)
        except ValueError as error:
            return answer.sentence(str(error).rstrip("."))
        return ""

    def _question(self, value: Any) -> Question:
        """Return the question; raise Gradio's error, which the page shows, if the page cannot have asked it."""
        try:
            asked = parse(value)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from error
        known = {label for model in self.models.get() for label in model.recognizer.labels}
        if asked.only not in (None, "digits", "letters") and not set(graphemes(asked.only or "")) <= known:
            raise gr.Error("a restriction is digits, letters, or some of the model's characters", print_exception=False)
        return asked


def _space() -> str:
    """Return where the source of this Space is seen; "" where this runs elsewhere."""
    name = os.environ.get("SPACE_ID", "")
    return f"https://huggingface.co/spaces/{name}/tree/main" if name else ""


def _other(model: Model, asked: Question, able: bool) -> Value:
    """Return how a further model reads the same."""
    silent = {"name": model.name, "labels": [], "characters": []}
    if not able:
        return {**silent, "note": "It knows none of these characters."}
    try:
        characters = read(model.recognizer, asked).characters
    except ValueError as error:  # the first model may have found what this one has not
        return {**silent, "note": answer.sentence(str(error))}
    return {"name": model.name, "labels": list(model.recognizer.labels), "characters": characters}


def _pictures(model: Model, found: Found, asked: Question) -> Value:
    """Return what is wanted beside the numbers, of the character in focus."""
    if not asked.want:
        return {}
    at = min(asked.focus, len(found.characters) - 1)
    way, shown = found.way(at), Value(focus=at)
    if "steps" in asked.want:
        shown["steps"] = answer.steps(way, found.drawn)
    if "attention" in asked.want:
        label = found.characters[at]["label"]
        label = fold(label, model.recognizer.labels) or label  # its class: context may have turned a C into a c
        shown["attention"] = answer.heat(model.recognizer.attention(way.image, label))
    if "maps" in asked.want:
        shown["maps"] = answer.layers(model.recognizer.maps(way.image))
    return shown


def _picture(asked: Question) -> Image.Image:
    return drawing.picture(asked.strokes) if asked.picture is None else pictures.read(asked.picture)


def _knows(model: Model, allowed: str | None) -> bool:
    with suppress(ValueError):
        return bool(model.recognizer.choose(allowed))
    return False
