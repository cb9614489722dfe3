"""Connections that say nothing end, one address cannot have all of them, and whoever asks is answered."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from serving import free_port
from starlette.types import Receive, Scope, Send

from web import sockets
from web.sockets import Patient


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer; /slow takes a second."""
    if scope["type"] == "http":
        await asyncio.sleep(scope["path"] == "/slow")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(sockets, "PATIENCE", 0.2)
    monkeypatch.setattr(sockets, "EACH", 5)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, http=Patient, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join()


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))


def ask(connection: socket.socket, path: str = "/") -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = b""
    while not answer.endswith(b"ok"):
        answer += connection.recv(1000) or b"ok"
    return answer


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\nX-Slow: "])
def test_a_connection_without_a_request_ends(port: int, words: bytes) -> None:
    with connected(port) as slow:
        slow.sendall(words)
        assert slow.recv(1000) == b""


def test_so_does_one_whose_second_request_never_ends(port: int) -> None:
    with connected(port) as slow:
        assert b"200 OK" in ask(slow)
        slow.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert slow.recv(1000) == b""


def test_an_answer_may_take_its_time(port: int) -> None:
    with connected(port) as patient:
        assert b"200 OK" in ask(patient, "/slow")


def test_one_address_has_so_many_connections_and_others_are_served(port: int) -> None:
    held = [connected(port, "127.0.2.1") for _ in range(8)]
    with connected(port, "127.0.2.2") as other:
        assert b"200 OK" in ask(other)
    answered = 0
    for connection in held:
        with connection, suppress(OSError):  # reset
            answered += b"200 OK" in ask(connection)
    assert answered == 5


def test_a_proxy_that_is_named_has_as_many_as_it_needs(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.2.0/24")
    held = [connected(port, "127.0.2.1") for _ in range(8)]
    assert [b"200 OK" in ask(connection) for connection in held] == [True] * 8
    for connection in held:
        connection.close()
