"""The server: the page behind its limits, at the host and port that Gradio's variables name."""

import importlib.util
import os

import gradio as gr
from starlette.middleware import Middleware

from web import patches
from web.corrections import Corrections
from web.head import Head
from web.limits import Limits
from web.models import Models
from web.page import THEME, build
from web.programs import Programs
from web.routes import STATIC, Static
from web.sockets import widen
from web.uploads import Receiver, Uploads

SESSIONS = 8  # that Gradio remembers, each with all it sent last; nothing here needs to be remembered
PROXIES = "127.0.0.1,::1"  # believed about whom they serve, unless FORWARDED_ALLOW_IPS names others;
SPACE = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"  # and on a Space the Hub's, which alone can reach it


def serve(models: Models, corrections: Corrections | None, rate: float) -> tuple[gr.Blocks, str]:
    """Return the page, which is served until it is closed, and its address.

    Raises:
        OSError, OverflowError: no port can be had.
    """
    uploads = Uploads()
    page = build(models, corrections, Programs(models, uploads))
    patches.apply()
    _settle()
    widen()
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
        app_kwargs={"middleware": _middleware(rate, uploads)},
    )
    return page, address


def _middleware(rate: float, uploads: Uploads) -> list[Middleware]:
    return [Middleware(Limits, rate), Middleware(Receiver, uploads), Middleware(Static), Middleware(Head)]


def _settle() -> None:
    """Say in the environment which proxies are believed, and that none stands between this program and itself."""
    os.environ.setdefault("FORWARDED_ALLOW_IPS", f"{PROXIES},{SPACE}" if "SPACE_ID" in os.environ else PROXIES)
    here = ("localhost", "127.0.0.1", "::1", os.environ.get("GRADIO_SERVER_NAME", ""))
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), *here)))
