"""The app: `python app.py`, its options, how it starts and how it ends."""

import csv
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from emnist import terminal
from web.corrections import Corrections
from web.limits import RATE
from web.models import Models

YEAR = 525_600  # minutes


def _here(host: str) -> str:
    """Return `host` if this computer can listen there: Gradio only finds that no port is free, after a hundred."""
    try:
        with socket.socket() as listener:
            listener.bind((host, 0))
    except (OSError, UnicodeError) as error:
        raise typer.BadParameter(f"{host!r} is no name or IPv4 address of this computer ({error})") from error
    return host


ModelOption = Annotated[
    list[str] | None,
    typer.Option(envvar="EMNIST_MODEL", help="Directory or user/repo[@revision]; several answer side by side."),
]
RefreshOption = Annotated[
    float,
    typer.Option(
        envvar="EMNIST_REFRESH_MINUTES", min=0, max=YEAR, help="Minutes between looks for newer models; 0: none."
    ),
]
FeedbackOption = Annotated[
    Path | None, typer.Option(envvar="EMNIST_FEEDBACK_DIR", help="Where corrections are kept; without it, none are.")
]
RepoOption = Annotated[
    str | None, typer.Option(envvar="EMNIST_FEEDBACK_REPO", help="Hub dataset that gets a copy of these corrections.")
]
RateOption = Annotated[
    float, typer.Option(envvar="EMNIST_RATE", min=0, help="Requests a second that one address may send; 0: any number.")
]
HostOption = Annotated[
    str, typer.Option(envvar="GRADIO_SERVER_NAME", callback=_here, help="Where the page is; 0.0.0.0: for all devices.")
]
PortOption = Annotated[
    int, typer.Option(envvar="GRADIO_SERVER_PORT", min=1, max=65535, help="The first of the ports that are tried.")
]


def main(
    model: ModelOption = None,
    refresh: RefreshOption = 0,
    feedback: FeedbackOption = None,
    feedback_repo: RepoOption = None,
    rate: RateOption = RATE,
    host: HostOption = "127.0.0.1",
    port: PortOption = 7860,
) -> None:
    """Serve the page on which handwriting is recognised."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    corrections = _corrections(feedback, feedback_repo)
    models = Models(model or ())
    models.start(refresh)
    os.environ |= {"GRADIO_SERVER_NAME": host, "GRADIO_SERVER_PORT": str(port)}
    try:
        from web.server import serve  # Gradio reads its variables when it is imported

        page, address = serve(models, corrections, rate)
    except (OSError, OverflowError) as error:
        _end(f"the page cannot be at {host} on port {port} or one of those after it: {error}")
    except ValueError as error:
        _end(f"Gradio does not start, perhaps for a wrong value of one of its variables (GRADIO_…): {error}")
    print(f"The page is at {address}", flush=True)
    stop.wait()
    page.close(verbose=False)
    if corrections:
        corrections.close()
    _end(f"no model can be had: {models.error}" if models.error else "")


def _end(problem: str) -> NoReturn:
    """End at once, as a thread inside torch would abort an interpreter that ends in good order."""
    if problem:
        print(f"error: {problem}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if problem else 0)


def _corrections(folder: Path | None, repo: str | None) -> Corrections | None:
    """Return where corrections go, if anywhere; without the Hub they stay on this computer."""
    if folder is None:
        if repo:
            raise typer.BadParameter("without --feedback no corrections are kept", param_hint="--feedback-repo")
        return None
    try:
        corrections = Corrections(folder)
    except (OSError, ValueError, csv.Error) as error:
        raise typer.BadParameter(f"nothing can be kept there ({error})", param_hint="--feedback") from error
    if repo:
        try:
            corrections.share(repo)
        except ValueError as error:
            print(error, file=sys.stderr)
    return corrections


if __name__ == "__main__":
    sys.exit(terminal.run_one(main, alone=()))
