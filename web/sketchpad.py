"""The sketchpad: a canvas for mouse, pen and finger that also takes pictures; what it sends is not trusted."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from emnist import UnreadableImageError

HERE = Path(__file__).parent
MAX_PICTURE = 8_000_000  # bytes of a picture; the browser shrinks larger ones before it sends them
MAX_URL = MAX_PICTURE * 4 // 3 + 100  # characters of the data URL that holds it


@dataclass(frozen=True)
class Sketch:
    """What is on the pad.

    Attributes:
        turn: number of this state, counted up by the page; an answer carries it back so that stale ones are dropped.
        picture: bytes of an image file, or None when the pad is blank.
    """

    turn: int
    picture: bytes | None


def sketchpad() -> gr.HTML:
    """Return the canvas with undo, clear, picture and camera; its value is {"turn": int, "picture": data URL or None}.

    A function and no subclass, as Gradio writes a stub file beside every module that holds one.
    """
    return gr.HTML(
        {"turn": 0, "picture": None},
        html_template=(HERE / "sketchpad.html").read_text("utf-8"),
        js_on_load="".join((HERE / name).read_text("utf-8") for name in ("sketchpad.js", "pictures.js")),
        elem_id="pad",
        apply_default_css=False,
        max_picture=MAX_PICTURE,
    )


def parse(value: Any) -> Sketch:
    """Return the sketch in a value of the sketchpad; raise UnreadableImageError if the page cannot have sent it."""
    if not isinstance(value, dict) or set(value) != {"turn", "picture"}:
        raise UnreadableImageError("this is not what the sketchpad sends")
    return Sketch(_turn(value["turn"]), _picture(value["picture"]))


def _turn(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**53:  # what a JavaScript number holds exactly
        raise UnreadableImageError("the turn is no whole number")
    return value


def _picture(url: object) -> bytes | None:
    """Return the bytes that a data URL of an image holds, or None for None."""
    if url is None:
        return None
    if not isinstance(url, str) or not url.startswith("data:image/"):
        raise UnreadableImageError("the picture is no data URL of an image")
    if len(url) > MAX_URL:
        raise UnreadableImageError(f"the picture has more than {MAX_PICTURE // 1_000_000} MB; send a smaller one")
    head, _, body = url.partition(",")
    if not head.endswith(";base64") or len(head) > 100:
        raise UnreadableImageError("the picture is not base64")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise UnreadableImageError("the picture is not base64") from error
