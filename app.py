"""The app: `python app.py`; host and port are Gradio's GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""

import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from starlette.middleware import Middleware

from emnist import terminal
from web import patches
from web.corrections import Corrections
from web.head import Head
from web.limits import RATE, Limits
from web.models import Models
from web.page import THEME, build
from web.programs import Programs
from web.routes import STATIC, Static
from web.sockets import widen
from web.uploads import Receiver, Uploads

YEAR = 525_600  # minutes
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
SESSIONS = 8  # that Gradio remembers, each with all it sent last; nothing here needs to be remembered
PROXIES = "127.0.0.1,::1"  # believed about whom they serve, unless FORWARDED_ALLOW_IPS names others;
SPACE = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"  # and on a Space the Hub's, which alone can reach it


def main(
    model: ModelOption = None,
    refresh: RefreshOption = 0,
    feedback: FeedbackOption = None,
    feedback_repo: RepoOption = None,
    rate: RateOption = RATE,
) -> None:
    """Serve the page on which handwriting is recognised."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    corrections = _corrections(feedback, feedback_repo)
    models = Models(model or ())
    models.start(refresh)
    uploads = Uploads()
    page = build(models, corrections, Programs(models, uploads))
    patches.apply()
    _settle()
    widen()
    middleware = [Middleware(Limits, rate), Middleware(Receiver, uploads), Middleware(Static), Middleware(Head)]
    try:
        _, address, _ = page.launch(
            prevent_thread_lock=True,
            quiet=True,  # else it offers a public link, which nothing here would guard
            favicon_path=STATIC / "icon.svg",
            theme=THEME,
            footer_links=[],
            run_history=False,
            state_session_capacity=SESSIONS,
            _frontend=False,  # else it gives up where its page takes three seconds, as on a busy machine at the start
            ssr_mode=False,  # on Spaces it would put a second server in front, without the limits
            mcp_server=importlib.util.find_spec("mcp") is not None,
            app_kwargs={"middleware": middleware},
        )
    except (OSError, OverflowError) as error:
        _end(f"the page cannot be where GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say: {error}")
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


def _settle() -> None:
    """Say in the environment which proxies are believed, and that none stands between this program and itself."""
    os.environ.setdefault("FORWARDED_ALLOW_IPS", f"{PROXIES},{SPACE}" if "SPACE_ID" in os.environ else PROXIES)
    here = ("localhost", "127.0.0.1", "::1", os.environ.get("GRADIO_SERVER_NAME", ""))
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), *here)))


def _corrections(folder: Path | None, repo: str | None) -> Corrections | None:
    """Return where corrections go, if anywhere; without the Hub they stay on this computer."""
    if folder is None:
        if repo:
            raise typer.BadParameter("without --feedback no corrections are kept", param_hint="--feedback-repo")
        return None
    try:
        corrections = Corrections(folder)
    except OSError as error:
        raise typer.BadParameter(f"nothing can be kept there ({error})", param_hint="--feedback") from error
    if repo:
        try:
            corrections.share(repo)
        except ValueError as error:
            print(error, file=sys.stderr)
    return corrections


if __name__ == "__main__":
    sys.exit(terminal.run_one(main, alone=()))
