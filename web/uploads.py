"""Files that programs upload before they ask about them: kept in memory for a while, with a limit for each visitor."""

import asyncio
import re
from secrets import token_hex
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.limits import refuse, visitor
from web.routes import is_upload

KEPT = 300.0  # seconds for which a file is kept
EACH = 40_000_000  # most bytes of one visitor's files; then the oldest of them go
ALL = 400_000_000  # most bytes of all files; then the oldest go of the visitor who has most
MAX_FILES = 10  # most files in one request
NAME = re.compile(
    r"(?:https?://.*/gradio_api/file=)?uploads/([0-9a-f]{32})"
)  # Gradio's tool for agents puts the address before a name


class File(NamedTuple):
    """What somebody sent."""

    sender: str
    content: bytes


class Uploads:
    """The files by name, in the order they came."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def add(self, sender: str, content: bytes) -> str:
        """Keep a file and return its name; if there is no room, older files go, of the same visitor first."""
        while len(content) + self._bytes(sender) > EACH and self._drop_oldest(sender):
            pass
        while len(content) + self._bytes() > ALL and self._drop_oldest(self._greediest()):
            pass
        name = token_hex(16)
        self._files[name] = File(sender, content)
        asyncio.get_running_loop().call_later(KEPT, self._files.pop, name, None)
        return f"uploads/{name}"

    def find(self, path: str) -> bytes | None:
        """Return the file of that name, as long as it is kept."""
        name = NAME.fullmatch(path)
        file = self._files.get(name[1]) if name else None
        return file and file.content

    def _bytes(self, sender: str | None = None) -> int:
        return sum(len(file.content) for file in self._files.values() if sender in (None, file.sender))

    def _greediest(self) -> str:
        return max({file.sender for file in self._files.values()}, key=self._bytes, default="")

    def _drop_oldest(self, sender: str) -> bool:
        name = next((name for name, file in self._files.items() if file.sender == sender), None)
        return name is not None and self._files.pop(name) is not None


def is_name(text: str) -> bool:
    """Return whether this is what `Uploads.add` returns, now or earlier."""
    return NAME.fullmatch(text) is not None


class Receiver:
    """Receive uploads instead of Gradio, which writes them to the disk and leaves broken ones there for ever."""

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self.app, self.uploads = app, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not is_upload(scope):
            return await self.app(scope, receive, send)
        try:
            answer = JSONResponse(await self._names(Request(scope, receive), visitor(scope)))
        except HTTPException as error:
            answer = refuse(error.status_code, str(error.detail))
        except ClientDisconnect:
            return  # nobody is there to be answered
        await answer(scope, receive, send)

    async def _names(self, request: Request, sender: str) -> list[str]:
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FILES) as form:
            files = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
            if not files:
                raise HTTPException(400, "Send files as multipart/form-data, under the name files.")
            return [self.uploads.add(sender, await file.read()) for file in files]
