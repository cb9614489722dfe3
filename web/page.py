"""The page: what stands where, and which handler answers which event."""

import gradio as gr
from gradio.events import api

from web.corrections import Corrections
from web.handlers import Handlers
from web.head import BODY
from web.models import Models
from web.programs import Programs

TITLE = "What did you write?"
START = "import(new URL('static/main.js', document.baseURI))"
THEME = gr.themes.Default(font="system-ui", font_mono="monospace")  # Gradio's own fonts are 100 kB that nobody sees
WAITING = 64  # most calls of /predict and /transcribe that may queue; further ones are told that it is full
AT_ONCE = 2  # most calls of either that are worked on at the same time


def build(models: Models, corrections: Corrections | None, programs: Programs) -> gr.Blocks:
    """Return the page, on which `models` answer; if `corrections` is None, none are accepted."""
    handlers = Handlers(models, corrections)
    page = gr.Blocks(title=TITLE)
    with page:
        gr.HTML(BODY, elem_id="host", apply_default_css=False, padding=False, js_on_load=START)
        programs.offer()
        for handler in (handlers.welcome, handlers.read, handlers.correct):
            api(handler, queue=False, api_visibility="private")  # a queued answer takes two requests
    page.queue(max_size=WAITING, api_open=False, default_concurrency_limit=AT_ONCE)
    return page
