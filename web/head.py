"""The page's own HTML head in place of Gradio's: link previews, the icon, and files that a browser may load early."""

import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.routes import STATIC

INDEX = (STATIC / "index.html").read_text("utf-8")
BODY = INDEX.partition("<body>")[2].partition("</body>")[0]
META = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')
HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?")
MODULES = sorted(path.name for path in STATIC.glob("*.js") if path.name not in ("types.js", "local.js", "sw.js"))
SCRIPTLESS = '<noscript><p style="margin: 1em">This page needs JavaScript.</p></noscript>'  # else it would be blank
LINKS = (
    '<link rel="icon" href="static/icon.svg">',
    '<link rel="stylesheet" href="static/page.css">',
    '<link rel="preload" as="font" type="font/woff2" crossorigin href="static/fonts/atkinson.woff2">',
    *(f'<link rel="modulepreload" href="static/{name}">' for name in MODULES),
)


def head(text: str, place: str = "") -> str:
    """Return Gradio's page with the head of the front end: its description and preview, not Gradio's.

    `place` is the page's address, ending in "/": programs that show previews need the full address of a picture.
    """
    own = "".join(META.findall(INDEX)) + "\n".join(re.findall(r'<meta name="description"[^>]*>', INDEX))
    own = own.replace('content="preview.png"', f'content="{place}static/preview.png"')
    text = META.sub("", text).replace("</head>", own + "\n".join(LINKS) + "</head>", 1)
    return text.replace("<gradio-app", f"{SCRIPTLESS}<gradio-app", 1)


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
                content, headers = (
                    head(body.decode("utf-8"), _place(scope)).encode("utf-8"),
                    MutableHeaders(scope=start),
                )
                if "gzip" in Headers(scope=scope).get("Accept-Encoding", ""):  # Gradio compresses all but this page
                    content = gzip.compress(content, 6)
                    headers["Content-Encoding"] = "gzip"
                headers.add_vary_header("Accept-Encoding")
                headers["Content-Length"] = str(len(content))
                await send(start)
                await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, rewritten)


def _place(scope: Scope) -> str:
    """Return the address of the page as the visitor has it, or "" where the header Host names no host."""
    host = Headers(scope=scope).get("host", "")
    return f"{scope['scheme']}://{host}{scope.get('root_path', '')}/" if HOST.fullmatch(host) else ""
