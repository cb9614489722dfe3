"""One model's answer to a question: the text, and the confidences of each character."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from emnist import NoInkError, Prediction, Recognizer, UnreadableImageError
from emnist import picture as pictures
from emnist.decoder import formats
from emnist.labels import fold
from emnist.picture import Steps, prepare
from emnist.picture.paper import opaque
from emnist.text import Character, Transcript
from web import drawing, excerpt
from web.answer import Value, shares
from web.question import Question

SURE = 0.75  # to the power of a text's length, the confidence from which on a picture is not looked at as one character
NONE = 0.2  # greatest share of a text's marks that are no character; one mark may be none from three on
AS_LARGE = 0.6  # least size of one of two marks that is no character, over that of the other: a stray mark is smaller
LONGEST = 4000  # px: greatest longer side of a picture that is cut up; no page sends a larger one


@dataclass(frozen=True)
class Found:
    """What one model read.

    Attributes:
        text: the characters in reading order, with spaces and line ends.
        confidence: that all of it is right, in [0, 1].
        characters: each character in the form that the page expects.
        remark: a warning about the text; "" for none.
        way: returns the steps to 28×28 of a character, by its index.
        drawn: whether there were strokes; they need fewer steps than a picture.
    """

    text: str
    confidence: float
    characters: list[Value]
    remark: str
    way: Callable[[int], Steps]
    drawn: bool


def read(recognizer: Recognizer, asked: Question) -> Found:
    """Return what `recognizer` makes of the question; raise ValueError where there is nothing to read."""
    if asked.picture is not None:
        return _picture(recognizer, asked.picture, asked)
    if not asked.several:
        return _one(recognizer, drawing.steps(asked.strokes), asked)
    found = recognizer.transcribe(asked.strokes, asked.only)
    strokes = [[asked.strokes[part] for part in character.parts] for character in found.characters]
    return _many(recognizer, found, lambda at: drawing.steps(strokes[at]), (1, 1), drawn=True)


def _picture(recognizer: Recognizer, content: bytes, asked: Question) -> Found:
    """Return a picture's text, if that is sure or the picture is no character; else the picture as one character."""
    text = _text(recognizer, content, asked) if asked.several else None
    many = text if text and len(text.characters) > 1 else None
    if many and many.confidence >= SURE ** len(many.characters):
        return _excerpts(recognizer, content, many)
    try:
        one = _one(recognizer, prepare(content), asked)
    except NoInkError:  # on squared paper all may look like the paper's lines
        if text is None:
            raise
        return _excerpts(recognizer, content, text)
    return _excerpts(recognizer, content, many) if many and not one.characters[0]["isCharacter"] else one


def _text(recognizer: Recognizer, content: bytes, asked: Question) -> Transcript | None:
    """Return the text in a picture; None if there is none, or too many of its marks are no characters."""
    try:
        text = recognizer.transcribe(content, asked.only)
    except (NoInkError, UnreadableImageError):
        return None
    return text if _is_text(text.characters) else None


def _is_text(marks: Sequence[Character]) -> bool:
    """Tell whether hardly any of the `marks` is no character; of two, only one as large as a character may be none."""
    none = [not mark.is_character for mark in marks]
    if len(marks) == 2 and sum(none) == 1:
        stray, other = sorted(marks, key=lambda mark: mark.is_character)
        return _side(stray) > AS_LARGE * _side(other)
    return sum(none) <= max(len(marks) > 2, NONE * len(marks))


def _side(mark: Character) -> float:
    x0, y0, x1, y1 = mark.box
    return max(x1 - x0, y1 - y0)


def _excerpts(recognizer: Recognizer, content: bytes, text: Transcript) -> Found:
    """Return the `text` in a picture, with a way to the steps of each of its characters."""
    shrunk = pictures.read(content, LONGEST)
    picture = opaque(shrunk)
    scale = max(picture.size) / shrunk.info[formats.LONGEST]
    size = (picture.width / scale, picture.height / scale)

    def way(at: int) -> Steps:
        found = text.characters[at]
        return excerpt.steps(picture, [value * scale for value in found.box], found.ink)

    return _many(recognizer, text, way, size, drawn=False)


def _many(
    recognizer: Recognizer, text: Transcript, way: Callable[[int], Steps], size: tuple[float, float], drawn: bool
) -> Found:
    characters = [_of_many(character, size, recognizer.labels) for character in text.characters]
    return Found(text.text, text.confidence, characters, text.remark, way, drawn)


def _one(recognizer: Recognizer, steps: Steps, asked: Question) -> Found:
    found = recognizer.read(steps, asked.only)
    drawn = asked.picture is None
    return Found(found.label, found.confidence, [_character(found, recognizer.labels)], "", lambda _: steps, drawn)


def _of_many(found: Character, size: tuple[float, float], labels: Sequence[str]) -> Value:
    box = [round(value / side, 4) for value, side in zip(found.box, size * 2, strict=True)]
    return {**_character(found, labels), "box": box, "line": found.line, "strokes": list(found.parts)}


def _character(found: Prediction | Character, labels: Sequence[str]) -> Value:
    return {
        "label": found.label,
        "shares": shares(_by_class(found.probabilities, labels)),
        "isCharacter": found.is_character,
        "lookalikes": found.lookalikes,
    }


def _by_class(probabilities: Mapping[str, float], labels: Sequence[str]) -> dict[str, float]:
    """Return the probability of each of `labels`: a text also tells cases of one class apart, and names no others."""
    found = dict.fromkeys(labels, 0.0)
    for character, probability in probabilities.items():
        found[fold(character, labels) or character] += probability
    return found
