"""The page's own head in place of Gradio's: what link previews show, the icon, and what a browser may load early."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.routes import STATIC

INDEX = (STATIC / "index.html").read_text("utf-8")
BODY = INDEX.partition("<body>")[2].partition("</body>")[0]
META = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')
MODULES = sorted(path.name for path in STATIC.glob("*.js") if path.name not in ("types.js", "local.js"))
LINKS = (
    '<link rel="icon" href="static/icon.svg">',
    '<link rel="stylesheet" href="static/page.css">',
    '<link rel="preload" as="font" type="font/woff2" crossorigin href="static/fonts/atkinson.woff2">',
    *(f'<link rel="modulepreload" href="static/{name}">' for name in MODULES),
)


def head(text: str) -> str:
    """Return Gradio's page with the head of the front end: its description and preview, not Gradio's."""
    own = "".join(META.findall(INDEX)) + "\n".join(re.findall(r'<meta name="description"[^>]*>', INDEX))
    return META.sub("", text).replace("</head>", own + "\n".join(LINKS) + "</head>", 1)


class Head:
    """Middleware that rewrites the one HTML page; all else passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or scope["method"] != "GET" or path not in ("", "/"):
            return await self.app(scope, receive, send)
        start: Message = {}
        body = bytearray()

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                content = head(body.decode("utf-8")).encode("utf-8")
                MutableHeaders(scope=start)["Content-Length"] = str(len(content))
                await send(start)
                await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, rewritten)
