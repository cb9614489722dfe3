"""Everything that is done to Gradio beyond what it offers, checked with Gradio 6.31.

tests/test_patches.py says so in clear words when a newer Gradio no longer has what is replaced here.
"""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Any

from gradio import processing_utils, routes
from gradio.data_classes import PredictBody, SimplePredictBody
from pydantic import Field

from web.headers import Readers
from web.routes import MAX_NAME

Name = Annotated[str | None, Field(max_length=MAX_NAME)]


class Body(PredictBody):
    """A call whose names are short."""

    session_hash: Name = None
    event_id: Name = None


class SimpleBody(SimplePredictBody):
    """The same of a call in the short form."""

    session_hash: Name = None


async def leave_files_alone(data: Any, *_: Any, **__: Any) -> Any:
    """Return what a call brings or returns as it is."""
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
)


def apply() -> None:
    """Replace all of these; to be called before `launch`."""
    for module, name, ours in PATCHES:
        setattr(module, name, ours)
