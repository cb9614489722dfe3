"""What one visitor may ask while there are others: how much, how many at once, how slowly, and who is a visitor."""

import asyncio
import json
from typing import Any

import pytest
from serving import awaited
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import exchange, limits
from web.limits import Limits, visitor
from web.routes import door

READ, UPLOAD, CORRECT, LOOK = ("/gradio_api/run/read", "/gradio_api/upload", "/gradio_api/run/correct", "/assets/x.js")


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin an answer and never end it."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.sleep(3600)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def scope(client: str, path: str, **headers: str) -> dict[str, Any]:
    method = "GET" if path == LOOK else "POST"
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "headers": pairs, "client": (client, 1)}


async def ask(app: ASGIApp, client: str, path: str = READ, **headers: str) -> tuple[int, dict[str, str]]:
    """Return the status of one request and, where it was refused, the body; a stream goes on as a task."""
    told: asyncio.Queue[Message] = asyncio.Queue()

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    asyncio.create_task(app(scope(client, path, **headers), receive, told.put)).set_name("request")
    start = await told.get()
    return start["status"], {} if start["status"] == 200 else json.loads((await told.get())["body"])


async def statuses(app: ASGIApp, count: int, path: str = READ, clients: int = 1, **headers: str) -> list[int]:
    """Return the statuses of requests of as many visitors in turn."""
    return [
        (await ask(app, f"198.51.{i % clients // 250}.{i % clients % 250}", path, **headers))[0] for i in range(count)
    ]


async def ended() -> None:
    """Wait until all requests have ended."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "request"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_streams_of_one_visitor_have_a_limit_and_are_forgotten_when_they_end() -> None:
    async def scene() -> None:
        app = Limits(stream)
        each = limits.ROOM[1]
        assert await statuses(app, each + 1, LOOK) == [200] * each + [429]
        await ended()
        assert not app.places[0].held
        assert await statuses(app, 1, LOOK) == [200]
        await ended()

    awaited(scene())


@pytest.mark.parametrize("path", [LOOK, READ])
def test_a_few_visitors_cannot_take_all_places(path: str) -> None:
    async def scene() -> None:
        app, length = Limits(stream), {"content_length": "0" if path == LOOK else "9"}
        for i in range(8):
            while (await ask(app, f"203.0.113.{i}", path, **length))[0] == 200:
                pass
        assert await statuses(app, 1, path, **length) == [200]
        assert await statuses(app, 1, LOOK) == [200]  # requests that bring nothing have places of their own
        await ended()

    awaited(scene())


def test_a_full_house_is_said_to_be_full() -> None:
    async def scene() -> None:
        app = Limits(stream)
        found = await statuses(app, limits.SENDING[0] + 1, clients=300, content_length="9")
        assert (found[0], found[-1]) == (200, 503)
        assert await statuses(app, 1, LOOK) == [200]
        await ended()

    awaited(scene())


def test_what_one_visitor_sends_at_a_time_has_a_limit_in_bytes() -> None:
    async def scene() -> None:
        app = Limits(stream)
        each = limits.BYTES[1] // 20_000_000
        assert await statuses(app, each + 1, UPLOAD, content_length="20000000") == [200] * each + [429]
        assert await statuses(app, 1, READ, content_length="9000") == [429]
        assert (await ask(app, "203.0.113.1", UPLOAD, content_length="20000000"))[0] == 200
        await ended()

    awaited(scene())


def test_a_body_of_unsaid_length_counts_as_the_largest() -> None:
    async def scene() -> None:
        app = Limits(stream)
        each = limits.BYTES[1] // 20_000_000
        assert await statuses(app, each + 1, UPLOAD, transfer_encoding="chunked") == [200] * each + [429]
        await ended()

    awaited(scene())


def test_looking_at_pages_counts_less_than_sending() -> None:
    async def scene() -> None:
        burst = int(limits.RATE * limits.BURST)
        assert 429 not in await statuses(Limits(answer), 3 * burst, LOOK)
        assert 429 in await statuses(Limits(answer), 3 * burst)
        assert 429 in await statuses(Limits(answer), 15 * burst, LOOK)

    awaited(scene())


def test_the_rate_is_a_setting_and_nought_is_none() -> None:
    async def scene() -> None:
        assert 429 not in await statuses(Limits(answer, 1000), 1000)
        assert 429 not in await statuses(Limits(answer, 0), 5000)

    awaited(scene())


def test_one_visitor_cannot_fill_the_corrections() -> None:
    async def scene() -> None:
        app, many = Limits(answer), int(limits.FIRST_CORRECTIONS)
        assert await statuses(app, many + 1, CORRECT) == [200] * many + [429]
        assert await statuses(app, 1) == [200]
        assert (await ask(app, "203.0.113.1", CORRECT))[0] == 200

    awaited(scene())


@pytest.mark.parametrize("length", ["99999999999", "9" * 5000, "-5", "1e3", "", "²"])
def test_a_length_that_is_too_much_or_none_is_refused_in_words(length: str) -> None:
    async def scene() -> None:
        status, body = await ask(Limits(answer), "198.51.100.1", content_length=length)
        assert (status, body["error"]) == (413, exchange.TOO_LARGE)

    awaited(scene())


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "\u00e9" * 150])
def test_a_file_whose_name_no_disk_takes_is_not_there(name: str) -> None:
    for folder in ("static", "assets"):
        assert door({"type": "http", "method": "GET", "path": f"/{folder}/{name}.js"}) is None


def test_a_body_that_does_not_come_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.exceptions import HTTPException

    monkeypatch.setattr(exchange, "GRACE", 0.05)
    outcome: list[object] = []

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while True:
                await receive()
        except HTTPException as error:
            outcome.append(error.status_code)

    async def slow() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def silent() -> Message:
        return await asyncio.Future()

    async def never(message: Message) -> None: ...

    async def scene() -> None:
        for receive in (slow, silent):
            await Limits(reading)(scope("198.51.100.1", UPLOAD, content_length="1000"), receive, never)

    awaited(scene())
    assert outcome == [408, 408]


def test_a_body_that_has_come_may_be_answered_for_as_long_as_that_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "GRACE", 0.01)
    received: list[str] = []
    messages = iter([{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}])

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        received.extend([(await receive())["type"], (await receive())["type"]])

    async def receive() -> Message:
        await asyncio.sleep(0.1 if received else 0)
        return next(messages)

    async def never(message: Message) -> None: ...

    awaited(Limits(reading)(scope("198.51.100.1", READ, content_length="1"), receive, never))
    assert received == ["http.request", "http.disconnect"]


async def working(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a while for an answer."""
    await receive()
    await asyncio.sleep(0.05)
    await answer(scope, receive, send)


def test_the_answers_of_one_visitor_are_made_in_turns_and_others_need_not_wait_for_them() -> None:
    ended: list[str] = []

    async def one(app: ASGIApp, client: str) -> None:
        await ask(app, client, content_length="9")
        ended.append(client)

    async def scene() -> None:
        app = Limits(working)
        await asyncio.gather(*(one(app, client) for client in ["203.0.113.1"] * 20 + ["203.0.113.2"]))

    awaited(scene())
    assert ended.index("203.0.113.2") <= 2 * limits.TURNS


def test_answers_that_take_long_count_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PRICE", 10_000.0)

    async def scene() -> None:
        app = Limits(working)
        assert await statuses(app, 2, content_length="9") == [200, 429]
        assert (await ask(app, "203.0.113.1", content_length="9"))[0] == 200

    awaited(scene())


def test_visitors_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        app = Limits(answer)
        monkeypatch.setattr(limits, "VISITORS", 50)
        await statuses(app, 200, clients=100)
        assert len(app.buckets) == 50

    awaited(scene())


@pytest.mark.parametrize(
    ("addresses", "one"),
    [
        (["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"], True),
        (["2001:db8:1:2::1", "2001:db8:1:3::1"], False),
        (["::ffff:203.0.113.7", "203.0.113.7"], True),
        (["203.0.113.7", "203.0.113.8"], False),
        (["no address", "x" * 9999], True),
    ],
)
def test_a_visitor_is_an_address_or_what_one_household_has_of_ipv6(addresses: list[str], one: bool) -> None:
    assert (len({visitor(scope(address, READ)) for address in addresses}) == 1) == one
