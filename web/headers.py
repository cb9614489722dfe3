"""What a browser may do with the answers: the headers of every response, and which other sites may read them."""

import re
from typing import Any

from gradio.route_utils import CustomCORSMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Send

FRIENDS = re.compile(r"https://(huggingface\.co|[\w-]+\.hf\.space)|https?://(localhost|127\.0\.0\.1)(:\d+)?")
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


def with_headers(send: Send) -> Send:
    """Return `send` that adds HEADERS to the response."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return add


class Readers(CustomCORSMiddleware):
    """Let only FRIENDS read answers, and without cookies: Gradio allows any site both, unless it runs on localhost."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        super().__init__(app, **options)
        self.simple_headers = {}
        self.preflight_headers.pop("Access-Control-Allow-Credentials")

    def is_valid_origin(self, request_headers: Headers) -> bool:
        """Return whether the site that asks may read the answer."""
        return bool(FRIENDS.fullmatch(request_headers["origin"])) and super().is_valid_origin(request_headers)
