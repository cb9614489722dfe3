"""The addresses that exist, how much may be sent to each, and what a request there costs; all others answer 404.

Gradio offers forty more, of which some keep what is sent to them or start programs.  These are the ones that the page,
gradio_client, curl and MCP use.
"""

import mimetypes
import re
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"  # the front end
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".woff2": "font/woff2"}
MAX_UPLOAD = 20_000_000  # most bytes of a request that uploads files
MAX_PICTURE = 10_700_000  # the same of one that may hold a picture of 8 MB as a data URL
MAX_QUEUED = 2_000_000  # the same of one that may have to wait, while it takes memory
MAX_WORDS = 10_000  # the same of any other
MAX_NAME = 64  # most characters of the name that a client gives its session or a call
NAME = rf"[\w-]{{1,{MAX_NAME}}}"
FILE = r"[A-Za-z0-9_./-]{1,200}"  # no file system takes a name of more than 255 bytes
API = "/gradio_api"


class Door(NamedTuple):
    """Addresses that are open: for one method, all those that the regular expression `path` matches as a whole.

    Attributes:
        most: bytes that a request may bring.
        weight: how many requests it counts as; a request for one answer counts as 1.
        kept: whether what it brings is stored for good; nobody may send much of that.
    """

    method: str
    path: str
    most: int = 0
    weight: float = 1.0
    kept: bool = False


DOORS = (
    Door("GET", r"/|/config/?"),
    Door("GET", rf"/(theme\.css|favicon\.ico|robots\.txt|(assets|static)/{FILE})", weight=0.1),  # a page has fifty
    Door("GET", rf"{API}/(info/?|openapi\.json|startup-events|mcp/schema)"),
    Door("GET", rf"{API}/(heartbeat/{NAME}|queue/data|call/(v2/)?{NAME}/{NAME}|mcp(/http)?/?)"),  # these wait for news
    Door("POST", rf"{API}/run/correct/?", MAX_PICTURE, kept=True),
    Door("POST", rf"{API}/run/{NAME}/?", MAX_PICTURE),
    Door("POST", rf"{API}/(queue/join|call/(v2/)?{NAME}/?)", MAX_QUEUED, weight=4.0),  # answered later, uncounted
    Door("POST", rf"{API}/(cancel|reset)/?", MAX_WORDS),
    Door("POST", rf"{API}/upload", MAX_UPLOAD),
    Door("POST", rf"{API}/mcp(/http)?/?", MAX_PICTURE),
)
_OPEN = [(door, re.compile(door.path)) for door in DOORS]


def door(scope: Scope) -> Door | None:
    """Return the door that a request comes to, or None where there is none."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return next((each for each, known in _OPEN if each.method == method and known.fullmatch(_path(scope))), None)


def is_upload(scope: Scope) -> bool:
    """Return whether a request brings files."""
    return _path(scope) == f"{API}/upload"


def _path(scope: Scope) -> str:
    """Return the path without what a proxy put before it."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


class Static:
    """Serve the files of the folder `static` beside this module under /static/, and leave all else to the app.

    Browsers may cache a file, but must ask each time whether it has changed: the modules of a page belong together.
    """

    def __init__(self, app: ASGIApp, folder: Path = STATIC) -> None:
        self.app = app
        for suffix, kind in TYPES.items():
            mimetypes.add_type(kind, suffix)
        self.files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        root = scope.get("root_path", "") + "/static"
        if scope["type"] != "http" or not scope["path"].startswith(root + "/"):
            return await self.app(scope, receive, send)

        async def revalidated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "no-cache"
            await send(message)

        try:
            await self.files({**scope, "root_path": root}, receive, revalidated)
        except HTTPException:  # there is no such file here; Gradio has some under the same name
            await self.app(scope, receive, send)
