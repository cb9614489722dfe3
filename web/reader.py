"""One model's answer to a question: what the text is, and each character's confidences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emnist import Prediction, Recognizer
from emnist.picture import Steps, prepare
from emnist.text import Character
from web import drawing
from web.answer import Value, shares
from web.question import Question


@dataclass(frozen=True)
class Found:
    """What one model read.

    Attributes:
        text: the characters in reading order, with spaces and line ends.
        confidence: that all of it is right, in [0, 1].
        labels: the label of each character, which the pictures below explain.
        characters: each of them as the page takes it.
        remark: what to say beside it; "" for nothing.
        way: gives the way of one of them to 28×28.
        drawn: whether there were strokes: their way is shorter than a picture's.
    """

    text: str
    confidence: float
    labels: list[str]
    characters: list[Value]
    remark: str
    way: Callable[[int], Steps]
    drawn: bool


def read(recognizer: Recognizer, asked: Question) -> Found:
    """Return what `recognizer` makes of the question; raise ValueError where there is nothing to read."""
    if asked.picture is not None:
        return _one(recognizer, prepare(asked.picture), asked)
    if not asked.several:
        return _one(recognizer, drawing.steps(asked.strokes), asked)
    text = recognizer.transcribe(asked.strokes, asked.only)
    strokes = [[asked.strokes[part] for part in character.parts] for character in text.characters]
    return Found(
        text.text,
        text.confidence,
        [character.label for character in text.characters],
        [_of_many(character) for character in text.characters],
        text.remark,
        lambda at: drawing.steps(strokes[min(at, len(strokes) - 1)]),
        drawn=True,
    )


def _one(recognizer: Recognizer, steps: Steps, asked: Question) -> Found:
    found = recognizer.read(steps, asked.only)
    drawn = asked.picture is None
    return Found(found.label, found.confidence, [found.label], [_character(found)], "", lambda _: steps, drawn)


def _of_many(found: Character) -> Value:
    box = [round(value, 4) for value in found.box]
    return {**_character(found), "box": box, "line": found.line, "strokes": list(found.parts)}


def _character(found: Prediction | Character) -> Value:
    return {
        "label": found.label,
        "shares": shares(found.probabilities),
        "isCharacter": found.is_character,
        "lookalikes": found.lookalikes,
    }
