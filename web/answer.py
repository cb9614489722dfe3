"""The answer: the best characters large, the chart of all of them, and the way from the picture to the 28×28 pixels."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emnist import Prediction
from web.examples import EXAMPLES

HERE = Path(__file__).parent
THUMBNAIL = 112  # px, longer side of the picture of a step
CAPTIONS = {"picture": "Picture", "contrast": "Contrast", "mask": "Ink", "strokes": "Even pen", "image": "28 × 28"}

Value = dict[str, Any]  # what answer.js shows


def display(promise: str = "") -> gr.HTML:
    """Return what shows the values made below.

    Args:
        promise: what is done with corrections; without a promise none are offered.
    """
    return gr.HTML(
        blank(0, ()),
        html_template=(HERE / "answer.html").read_text("utf-8"),
        js_on_load="".join((HERE / name).read_text("utf-8") for name in ("answer.js", "chart.js", "show.js")),
        elem_id="answer",
        apply_default_css=False,
        examples=EXAMPLES,
        captions=list(CAPTIONS.values()),
        promise=promise,
    )


def blank(turn: int, labels: Sequence[str]) -> Value:
    """Return the answer to an empty pad."""
    return {"status": "blank", "turn": turn, "labels": list(labels)}


def note(turn: int, text: str, labels: Sequence[str]) -> Value:
    """Return the answer to a picture in which there is nothing to read; `text` says why."""
    return {"status": "note", "turn": turn, "labels": list(labels), "note": f"{text[:1].upper()}{text[1:]}."}


def remark(turn: int, text: str) -> Value:
    """Return something to say beside the answer that is shown."""
    return {"status": "remark", "turn": turn, "labels": [], "note": text}


def read(
    turn: int, predictions: Sequence[tuple[str, Prediction | None]], attention: NDArray[np.float32] | None
) -> Value:
    """Return the answers of one or more models, each with its name; steps and chart are those of the first.

    None is the answer of a model that knows none of the characters asked for; not all of them may be None.
    """
    first = next(prediction for _, prediction in predictions if prediction)
    return {
        "status": "read",
        "turn": turn,
        "labels": list(first.probabilities),
        "models": [_model(name, prediction) for name, prediction in predictions],
        "steps": [
            {"caption": caption, "image": _thumbnail(getattr(first.steps, field)), "pixels": field == "image"}
            for field, caption in CAPTIONS.items()
        ],
        "attention": None if attention is None else _base64((attention * 255).astype(np.uint8).tobytes()),
    }


def _model(name: str, prediction: Prediction | None) -> Value:
    if prediction is None:
        return {"name": name, "probabilities": [], "labels": [], "note": "It knows none of these characters."}
    return {
        "name": name,
        "probabilities": [round(p, 6) for p in prediction.probabilities.values()],
        "labels": list(prediction.probabilities),
        "lookalikes": prediction.lookalikes,
        "together": prediction.lookalikes_confidence,
        "is_character": prediction.is_character,
    }


def _thumbnail(pixels: NDArray[Any]) -> str:
    """Return a small picture of `pixels` as a data URL."""
    image = Image.fromarray(pixels)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + _base64(file.getvalue())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
