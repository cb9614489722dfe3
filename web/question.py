"""What the page asks: the drawing or picture on the sheet, and what it wants to know; nothing in it is trusted."""

import base64
import math
from dataclasses import dataclass, field
from typing import Any

from emnist import UnreadableImageError
from emnist.labels import graphemes, is_label

MAX_PICTURE = 8_000_000  # most bytes of a picture; the browser shrinks larger ones before it sends them
MAX_URL = MAX_PICTURE * 4 // 3 + 100  # most characters of the data URL that holds it
MAX_STROKES = 500
MAX_POINTS = 20_000  # most points of all strokes together
MOST = 500  # most characters in a restriction
WISHES = ("steps", "attention", "maps")

Stroke = list[tuple[float, float]]


@dataclass(frozen=True)
class Question:
    """What is on the sheet and what is asked about it.

    Attributes:
        turn: number of the question, counted up by the page; the answer carries it back so that stale ones are dropped.
        strokes: the drawing, (x, y) with y down in any unit; empty where there is a picture.
        picture: bytes of an image file, or None.
        only: the allowed characters, as in `Recognizer.predict`.
        several: whether there may be more than one character.
        focus: index of the character that the wanted pictures show.
        want: which pictures are wanted, of WISHES.
    """

    turn: int
    strokes: list[Stroke] = field(default_factory=list)
    picture: bytes | None = None
    only: str | None = None
    several: bool = False
    focus: int = 0
    want: frozenset[str] = frozenset()


def parse(value: Any) -> Question:
    """Return the question in what the page sent; raise ValueError if the page cannot have sent it."""
    if not isinstance(value, dict) or not set(value) <= set(Question.__dataclass_fields__):
        raise ValueError("this is no question that the page asks")
    strokes, picture = _strokes(value.get("strokes", [])), _picture(value.get("picture"))
    if bool(strokes) == (picture is not None):
        raise ValueError("give either strokes or a picture")
    turn, focus = _whole(value.get("turn"), "turn"), _whole(value.get("focus", 0), "focus")
    several = value.get("several") is True
    return Question(turn, strokes, picture, _only(value.get("only", "")), several, focus, _want(value.get("want", [])))


def _whole(value: object, name: str) -> int:
    if type(value) is not int or not 0 <= value < 2**53:  # what a JavaScript number holds exactly
        raise ValueError(f"the {name} is no whole number")
    return value


def _strokes(value: object) -> list[Stroke]:
    if not isinstance(value, list) or len(value) > MAX_STROKES:
        raise ValueError(f"strokes are a list of at most {MAX_STROKES}")
    if not all(isinstance(stroke, list) and stroke for stroke in value):
        raise ValueError("each of the strokes is a list of points")
    if sum(map(len, value)) > MAX_POINTS:
        raise ValueError(f"the strokes have more than {MAX_POINTS} points")
    return [[_point(point) for point in stroke] for stroke in value]


def _point(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2 or not all(type(part) in (int, float) for part in value):
        raise ValueError("a point of the strokes is two numbers")
    x, y = value
    if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) <= 1e6):
        raise ValueError("a point of the strokes is out of all range")
    return float(x), float(y)


def _picture(url: object) -> bytes | None:
    """Return the bytes that a data URL of an image holds, or None for None."""
    if url is None:
        return None
    if not isinstance(url, str) or not url.startswith("data:"):
        raise UnreadableImageError("the picture is no data URL")
    if len(url) > MAX_URL:
        raise UnreadableImageError(f"the picture has more than {MAX_PICTURE // 1_000_000} MB; send a smaller one")
    head, _, body = url.partition(",")
    if not head.endswith(";base64") or len(head) > 100:
        raise UnreadableImageError("the picture is not base64")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise UnreadableImageError("the picture is not base64") from error


def _only(value: object) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str) or len(value) > MOST or not all(map(is_label, graphemes(value))):
        raise ValueError("a restriction is digits, letters, or the characters themselves")
    return value


def _want(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(wish in WISHES for wish in value):
        raise ValueError(f"what is wanted is a list of {', '.join(WISHES)}")
    return frozenset(value)
