"""The app: `python app.py`; host and port are Gradio's GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""

import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from web.corrections import Corrections
from web.limits import MIDDLEWARE, SESSIONS
from web.models import Models
from web.page import CSS, THEME, build
from web.routes import MAX_UPLOAD

ModelOption = Annotated[
    list[str] | None,
    typer.Option(envvar="EMNIST_MODEL", help="Directory or user/repo[@revision]; several answer side by side."),
]
RefreshOption = Annotated[
    float, typer.Option(envvar="EMNIST_REFRESH_MINUTES", min=0, help="Minutes between looks for a newer revision.")
]
FeedbackOption = Annotated[
    Path | None, typer.Option(envvar="EMNIST_FEEDBACK_DIR", help="Where corrections are kept; without it, none are.")
]
RepoOption = Annotated[
    str | None, typer.Option(envvar="EMNIST_FEEDBACK_REPO", help="Hub dataset that gets a copy of the corrections.")
]


def main(
    model: ModelOption = None,
    refresh: RefreshOption = 0,
    feedback: FeedbackOption = None,
    feedback_repo: RepoOption = None,
) -> None:
    """Serve the page on which handwriting is recognised."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    models = Models(model or ())
    models.start(refresh)
    corrections = _corrections(feedback, feedback_repo)
    page = build(models, corrections)
    page.launch(
        prevent_thread_lock=True,
        theme=THEME,
        css=CSS,
        footer_links=[],
        run_history=False,
        state_session_capacity=SESSIONS,
        ssr_mode=False,  # on Spaces it would put a second server in front, without the limits
        max_file_size=MAX_UPLOAD,
        mcp_server=importlib.util.find_spec("mcp") is not None,
        app_kwargs={"middleware": MIDDLEWARE},
    )
    stop.wait()
    page.close(verbose=False)
    if corrections:
        corrections.close()
    if models.error:
        print(f"error: no model can be had: {models.error}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if models.error else 0)  # a thread inside torch would abort an interpreter that ends in good order


def _corrections(folder: Path | None, repo: str | None) -> Corrections | None:
    """Return where corrections go, if anywhere; without the Hub they stay on this computer."""
    if folder is None:
        return None
    corrections = Corrections(folder)
    if repo:
        try:
            corrections.share(repo)
        except ValueError as error:
            print(error, file=sys.stderr)
    return corrections


if __name__ == "__main__":
    typer.run(main)
