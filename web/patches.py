"""All changes to Gradio, and to uvicorn under it, that their settings do not offer; checked with 6.31 and 0.54.

If newer versions no longer have what is replaced here, tests/test_patches.py says so clearly.
"""

import re
from types import ModuleType
from typing import Annotated, Any

from gradio import processing_utils, routes
from gradio.data_classes import PredictBody, SimplePredictBody
from gradio.route_utils import CustomCORSMiddleware
from pydantic import Field
from starlette.datastructures import Headers
from starlette.types import ASGIApp
from uvicorn.protocols.http import auto

from web.routes import MAX_NAME
from web.sockets import Patient

FRIENDS = re.compile(r"https://(huggingface\.co|[\w-]+\.hf\.space)|https?://(localhost|127\.0\.0\.1)(:\d+)?")
Name = Annotated[str | None, Field(max_length=MAX_NAME)]


class Readers(CustomCORSMiddleware):
    """Let only FRIENDS read answers, and without cookies: Gradio allows any site both, unless it runs on localhost."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        super().__init__(app, **options)
        self.simple_headers = {}
        self.preflight_headers.pop("Access-Control-Allow-Credentials")

    def is_valid_origin(self, request_headers: Headers) -> bool:
        """Return whether the site that asks may read the answer."""
        return bool(FRIENDS.fullmatch(request_headers["origin"])) and super().is_valid_origin(request_headers)


class Body(PredictBody):
    """A call whose names are short."""

    session_hash: Name = None
    event_id: Name = None


class SimpleBody(SimplePredictBody):
    """The same of a call in the short form."""

    session_hash: Name = None


async def leave_files_alone(data: Any, *_: Any, **__: Any) -> Any:
    """Return `data`, which a call brings or returns, unchanged."""
    return data


PATCHES: tuple[tuple[ModuleType, str, Any], ...] = (
    # Gradio lets every site read answers, with cookies, and puts its middleware for that around all that `launch` can
    # be given.  Can go when `launch` takes one; `mount_gradio_app` does since 6.25, but ZeroGPU needs `launch`.
    (routes, "CustomCORSMiddleware", Readers),
    # Gradio keeps the names of sessions and events, of any length: 120 calls took 1.2 GB.  Can go when it does not.
    (routes, "PredictBody", Body),
    (routes, "SimplePredictBody", SimpleBody),
    # Where Gradio finds what looks like a file in a call, it copies that file, or downloads it from the address that
    # anybody gave.  Nothing here takes a file of Gradio's (uploads are in web/uploads.py).  Can go when it can be told.
    (processing_utils, "async_move_files_to_cache", leave_files_alone),
    # uvicorn waits for ever for a request on a connection, and `launch` passes no settings on to it.  Can go when
    # uvicorn has a time limit for headers and `launch` a way to set it.
    (auto, "AutoHTTPProtocol", Patient),
)


def apply() -> None:
    """Replace all of these; to be called before `launch`."""
    for module, name, ours in PATCHES:
        setattr(module, name, ours)
