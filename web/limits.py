"""What one client may ask of the server, and the headers of every response."""

from __future__ import annotations

import re
import time
from collections import Counter, OrderedDict
from ipaddress import ip_address
from typing import Any

from gradio import routes
from gradio.route_utils import CustomCORSMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.routes import Door, Static, door

RATE = 50.0  # requests a second that one address may go on sending; a page that is drawn on sends up to 9
BURST = 200.0  # requests it may send at once
CLIENTS = 10_000  # addresses remembered
AT_ONCE = 200  # requests under way that send something; further ones are told to come back
OPEN = 800  # of all requests, many of which wait for news: fewer than the files that a process may open
OPEN_EACH = 200  # of one address: a school shares one
SESSIONS = 500  # that Gradio remembers, 40 kB each, one for every call of /predict; nothing here needs to be remembered
FRIENDS = re.compile(r"https://(huggingface\.co|[\w-]+\.hf\.space)|https?://(localhost|127\.0\.0\.1)(:\d+)?")
NOT_HERE = "There is nothing at this address."
TOO_LARGE = "This is too large to send."
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio compiles its templates in the browser
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
        )
    ),
}


class Bucket:
    """Tokens of one client, refilled at RATE up to BURST."""

    def __init__(self) -> None:
        self.tokens, self.at = BURST, time.monotonic()

    def take(self, count: float) -> bool:
        """Take `count` tokens, if there are as many."""
        now = time.monotonic()
        self.tokens, self.at = min(BURST, self.tokens + (now - self.at) * RATE), now
        if self.tokens < count:
            return False
        self.tokens -= count
        return True


class Limits:
    """Refuse what has no door (404), is too much (429), too large (413) or comes when all hands are full (503)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.buckets: OrderedDict[str, Bucket] = OrderedDict()
        self.under_way = 0
        self.open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close"})  # as with any other address: nothing is there
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        client, sends = _client(scope), scope["method"] == "POST"
        to, answer = door(scope), _with_headers(send)
        if to is None:
            return await _refuse(404, NOT_HERE)(scope, receive, answer)
        if refusal := self._refusal(scope, client, to):
            return await refusal(scope, receive, answer)
        self.under_way += sends
        self.open[client] += 1
        try:
            await self.app(scope, _counted(receive, to.most), answer)
        finally:
            self.under_way -= sends
            self.open[client] -= 1
            self.open += Counter()  # forgets the addresses that have none

    def _refusal(self, scope: Scope, client: str, to: Door) -> JSONResponse | None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > to.most:
            return _refuse(413, TOO_LARGE)
        if self.under_way >= AT_ONCE or self.open.total() >= OPEN:
            return _refuse(503, "Too many visitors at the moment; please try again in a few seconds.")
        if self.open[client] >= OPEN_EACH or not self._bucket(client).take(to.weight):
            return _refuse(429, "Too many requests from your address; please wait a few seconds.")
        return None

    def _bucket(self, client: str) -> Bucket:
        bucket = self.buckets.setdefault(client, Bucket())
        self.buckets.move_to_end(client)
        if len(self.buckets) > CLIENTS:
            self.buckets.popitem(last=False)
        return bucket


def _client(scope: Scope) -> str:
    """Return the address a request comes from; a proxy in a private network is believed about whom it serves."""
    host = str((scope.get("client") or ("unknown",))[0])
    forwarded = Headers(scope=scope).get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        return forwarded if forwarded and ip_address(host).is_private else host
    except ValueError:
        return host


def _refuse(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text, "detail": text}, status, headers={"Retry-After": "5"})


def _counted(receive: Receive, limit: int) -> Receive:
    """Return `receive` that gives up on a body of more than `limit` bytes: its length may not have been announced."""
    taken = 0

    async def count() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, TOO_LARGE)  # the app's own kind of error, which it passes on as it is
        return message

    return count


def _with_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return add


class Readers(CustomCORSMiddleware):
    """Let only FRIENDS read answers, and nobody with cookies: Gradio allows any site both, unless it runs at home."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        super().__init__(app, **options)
        self.simple_headers = {}
        self.preflight_headers.pop("Access-Control-Allow-Credentials")

    def is_valid_origin(self, request_headers: Headers) -> bool:
        """Return whether the site that asks may read the answer."""
        return bool(FRIENDS.fullmatch(request_headers["origin"])) and super().is_valid_origin(request_headers)


# Gradio puts its own around all middleware that can be given to it.
setattr(routes, CustomCORSMiddleware.__name__, Readers)
MIDDLEWARE = [Middleware(Limits), Middleware(Static)]
