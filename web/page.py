"""The page: what stands where, and which handler answers which event."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from web import answer
from web.choice import choice
from web.corrections import Corrections
from web.handlers import Handlers
from web.models import Models
from web.programs import Programs
from web.sketchpad import sketchpad

TITLE = "What did you write?"
HEADER = (
    f"<h1>{TITLE}</h1> <p class='tag'>One handwritten letter or digit at a time</p><p class='notice'>${{value}}</p>"
)
CSS = (Path(__file__).parent / "style.css").read_text("utf-8")
THEME = gr.themes.Base(
    font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"], neutral_hue="stone"
).set(
    checkbox_background_color_selected="var(--accent)", checkbox_background_color_selected_dark="var(--accent)"
)  # fonts given by name are the system's: nothing is fetched
WAITING = 64  # calls of /predict that may queue; further ones are told that the queue is full
AT_ONCE = 2  # calls of /predict that are worked on at the same time


def build(models: Models, corrections: Corrections | None, programs: Programs) -> gr.Blocks:
    """Return the page, on which `models` answer; without `corrections` none are taken."""
    handlers = Handlers(models, corrections)
    page = gr.Blocks(title=TITLE)
    with page:
        head = gr.HTML("", html_template=HEADER, elem_id="head", apply_default_css=False)
        with gr.Row(elem_id="desk", elem_classes=["several"] if models.several else []):
            with gr.Column(elem_id="left", min_width=0):
                pad = sketchpad()
                with gr.Row(elem_id="choices"):
                    only = choice()
                    attention = gr.Checkbox(label="Where it looked", elem_id="attention")
            with gr.Column(elem_id="right", min_width=0):
                view = answer.display(corrections.promise if corrections else "")
        programs.offer()
        inputs = [pad, only, attention]
        gr.on(
            [pad.input, only.input, attention.input],
            handlers.read,
            inputs,
            view,
            trigger_mode="always_last",  # one request at a time, and the last state is always answered
            queue=False,  # a queued answer takes two requests
            show_progress="hidden",
            api_visibility="private",
        )
        view.correct(handlers.correct, [pad, only], view, queue=False, show_progress="hidden", api_visibility="private")
        page.load(handlers.welcome, None, [view, head], queue=False, show_progress="hidden", api_visibility="private")
    page.queue(max_size=WAITING, api_open=False, default_concurrency_limit=AT_ONCE)
    return page
