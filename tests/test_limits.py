"""What one client may ask: requests and streams at once, and how the server answers when all hands are full."""

import asyncio
import json

import pytest
from serving import awaited
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import limits
from web.limits import Limits


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin an answer and never end it."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.sleep(3600)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


async def ask(app: ASGIApp, client: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    """Return the status of one request and, where it was refused, the body; a stream goes on as a task."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    path = "/gradio_api/run/read" if method == "POST" else "/assets/x.js"
    scope = {"type": "http", "method": method, "path": path, "headers": pairs, "client": (client, 1)}

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    asyncio.create_task(app(scope, receive, told.put)).set_name("request")
    start = await told.get()
    return start["status"], {} if start["status"] == 200 else json.loads((await told.get())["body"])


async def statuses(app: ASGIApp, count: int, method: str = "GET", clients: int = 1) -> list[int]:
    """Return the statuses of many requests, all of which have ended then."""
    found = [(await ask(app, f"198.51.100.{i % clients}", method))[0] for i in range(count)]
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "request"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


def test_streams_of_one_address_have_a_limit_and_are_forgotten_when_they_end() -> None:
    async def scene() -> None:
        app = Limits(stream)
        assert await statuses(app, limits.OPEN_EACH + 1) == [200] * limits.OPEN_EACH + [429]
        assert not app.open
        assert (await statuses(app, 1)) == [200]

    awaited(scene())


def test_streams_of_all_addresses_have_a_limit() -> None:
    async def scene() -> None:
        app = Limits(stream)
        assert await statuses(app, limits.OPEN + 1, clients=100) == [200] * limits.OPEN + [503]

    awaited(scene())


def test_requests_under_way_have_a_limit() -> None:
    async def scene() -> None:
        app = Limits(stream)
        assert await statuses(app, limits.AT_ONCE + 1, "POST", clients=100) == [200] * limits.AT_ONCE + [503]

    awaited(scene())


def test_looking_at_pages_counts_less_than_sending() -> None:
    async def scene() -> None:
        assert 429 not in await statuses(Limits(answer), 3 * int(limits.BURST))
        assert 429 in await statuses(Limits(answer), 3 * int(limits.BURST), "POST")
        assert 429 in await statuses(Limits(answer), 15 * int(limits.BURST))

    awaited(scene())


def test_a_refusal_says_what_to_do() -> None:
    async def scene() -> None:
        status, body = await ask(Limits(answer), "198.51.100.1", content_length="99999999999")
        assert (status, body["error"]) == (413, limits.TOO_LARGE)
        status, body = await ask(Limits(answer), "198.51.100.1", content_length="-5")
        assert status == 413

    awaited(scene())


def test_addresses_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        app = Limits(answer)
        monkeypatch.setattr(limits, "CLIENTS", 50)
        await statuses(app, 200, clients=100)
        assert len(app.buckets) == 50

    awaited(scene())


def test_a_proxy_in_a_private_network_is_believed_and_nobody_else() -> None:
    async def scene() -> None:
        app = Limits(answer)
        await ask(app, "10.0.0.1", x_forwarded_for="203.0.113.5, 203.0.113.7")
        await ask(app, "8.8.8.8", x_forwarded_for="203.0.113.9")
        assert list(app.buckets) == ["203.0.113.7", "8.8.8.8"]

    awaited(scene())
