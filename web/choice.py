"""What the character may be: anything, digits, letters, or the characters that the visitor marks in the chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

HERE = Path(__file__).parent
MOST = 62  # characters in a set: all that any model knows


def choice() -> gr.HTML:
    """Return the control; its value is "" for anything, "digits", "letters", or the characters to choose from."""
    return gr.HTML(
        "",
        html_template=(HERE / "choice.html").read_text("utf-8"),
        js_on_load=(HERE / "choice.js").read_text("utf-8"),
        elem_id="only",
        apply_default_css=False,
    )


def parse(value: Any) -> str | None:
    """Return the restriction as `Recognizer.predict` takes it; raise ValueError if the page cannot have sent it."""
    if value == "":
        return None
    if not isinstance(value, str) or len(value) > MOST or not (value.isascii() and value.isalnum()):
        raise ValueError("a restriction is digits, letters, or the characters themselves")
    return value
