"""Files that programs send are kept for a while, and one visitor's never at the cost of another's."""

import asyncio

import pytest
from serving import awaited
from starlette.types import Message

from web import uploads
from web.uploads import Receiver, Uploads


def test_a_file_is_found_by_its_name_alone_and_gone_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "KEPT", 0.05)

    async def scene() -> None:
        files = Uploads()
        name = files.add("a", b"content")
        assert files.find(name) == b"content"
        assert files.find(f"https://example.org/gradio_api/file={name}") == b"content"
        assert [files.find(other) for other in ("", name[:-1], f"{name}/..", f"/tmp/{name}", name.upper())] == [
            None
        ] * 5
        await asyncio.sleep(0.2)
        assert files.find(name) is None

    awaited(scene())


def test_who_sends_much_loses_his_own_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "EACH", 100)

    async def scene() -> None:
        files = Uploads()
        other = files.add("b", bytes(60))
        names = [files.add("a", bytes(40)) for _ in range(5)]
        assert [files.find(name) is None for name in names] == [True, True, True, False, False]
        assert files.find(other)

    awaited(scene())


def test_when_all_is_full_whoever_has_most_loses_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ALL", 100)

    async def scene() -> None:
        files = Uploads()
        one, big = files.add("a", bytes(20)), files.add("b", bytes(70))
        last = files.add("c", bytes(30))
        assert [files.find(name) is None for name in (one, big, last)] == [False, True, False]

    awaited(scene())


def test_a_visitor_who_leaves_while_sending_is_no_error_and_leaves_nothing() -> None:
    kind = (b"content-type", b"multipart/form-data; boundary=x")
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": [kind], "client": ("a", 1)}
    begun = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nhalf'
    told: list[Message] = [{"type": "http.request", "body": begun, "more_body": True}, {"type": "http.disconnect"}]
    said: list[Message] = []

    async def receive() -> Message:
        return told.pop(0)

    async def send(message: Message) -> None:
        said.append(message)

    awaited(Receiver(lambda *_: asyncio.sleep(0), Uploads())(scope, receive, send))
    assert said == []
