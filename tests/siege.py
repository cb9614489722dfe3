"""One visitor against all the others: `python -m tests.siege [NAME…]`.

From one address: bodies that never come, headers that never end, a flood of uploads, names of 10 MB, pictures of 8 MB
in many sessions, and pictures that are much work.  Meanwhile somebody from another address opens the page and draws.
Prints how that goes, and what the server takes for it.
"""

from __future__ import annotations

import asyncio
import base64
import io
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes
from typing import Annotated

import httpx
import typer
from PIL import Image

from tests.drawings import draw
from tests.meter import resident
from tests.serving import process

GREEDY, OTHER = "127.0.2.1", "127.0.3.1"
CONNECTIONS = {"bodies": 400, "headers": 1300}
MEGABYTE = 1_000_000


class Town:
    """The app that is besieged."""

    def __init__(self, address: str, pid: int, folder: Path) -> None:
        self.address, self.pid, self.folder = address, pid, folder

    def client(self, source: str) -> httpx.AsyncClient:
        """Return a client at another address."""
        transport = httpx.AsyncHTTPTransport(local_address=source, limits=httpx.Limits(max_connections=None))
        return httpx.AsyncClient(base_url=self.address, transport=transport, timeout=60)

    async def another(self) -> str:
        """Open the page and draw from another address; return the two statuses and the seconds they took."""
        file = io.BytesIO()
        draw("A").save(file, "PNG")
        url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
        body = {"data": [{"turn": 1, "picture": url}], "session_hash": "another"}
        start = time.perf_counter()
        try:
            async with self.client(OTHER) as client:
                client.timeout = httpx.Timeout(10)
                page = await client.get("/")
                answer = await client.post("/gradio_api/run/read", json=body)
                told = f"{page.status_code} {answer.status_code}"
        except httpx.HTTPError as error:
            told = type(error).__name__
        return f"{told} after {time.perf_counter() - start:.1f} s"

    def disk(self) -> float:
        """Return how many MB the app keeps on the disk."""
        files = [path for path in (self.folder / "uploads").rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files) / MEGABYTE


async def hold(town: Town, request: bytes, count: int) -> str:
    """Open connections that send the beginning of a request, and see how many are left after 30 seconds."""
    host, port = town.address.removeprefix("http://").split(":")
    held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    for _ in range(count):
        with suppress(OSError, TimeoutError):
            reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port), local_addr=(GREEDY, 0)), 2)
            writer.write(request)
            held.append((reader, writer))
    await asyncio.sleep(2)
    soon = await town.another()
    await asyncio.sleep(30)
    late = await town.another()
    left = sum(await asyncio.gather(*(is_open(reader) for reader, _ in held)))
    for _, writer in held:
        writer.close()
    return f"{len(held)} connections, after 30 s {left}; another visitor {soon}, after 30 s {late}"


async def is_open(reader: asyncio.StreamReader) -> bool:
    """Return whether the other side has not ended a connection."""
    try:
        await asyncio.wait_for(reader.read(), 1)
    except TimeoutError:
        return True
    except OSError:
        pass
    return False


async def bodies(town: Town) -> str:
    """Announce a body and never send it."""
    request = b"POST /gradio_api/run/read HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    return await hold(town, request, CONNECTIONS["bodies"])


async def headers(town: Town) -> str:
    """Begin a request and never end it."""
    return await hold(town, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", CONNECTIONS["headers"])


async def uploads(town: Town, seconds: float = 8) -> str:
    """Send as many files of 5 MB as there is time for."""
    before, until, seen = resident(town.pid), time.monotonic() + seconds, Counter[int]()

    async def send(client: httpx.AsyncClient) -> None:
        while time.monotonic() < until:
            answer = await client.post("/gradio_api/upload", files={"files": ("a.png", token_bytes(5 * MEGABYTE))})
            seen[answer.status_code] += 1

    async with town.client(GREEDY) as client:
        work = asyncio.gather(*(send(client) for _ in range(8)))
        await asyncio.sleep(seconds / 2)
        other = await town.another()
        await work
    memory = resident(town.pid) - before
    return f"{dict(seen)}, then {town.disk():.0f} MB on the disk, {memory:+.0f} MB of memory; another visitor {other}"


async def names(town: Town) -> str:
    """Call sessions by names of 10 MB."""
    before, seen = resident(town.pid), Counter[int]()
    async with town.client(GREEDY) as client:
        for i in range(60):
            body = {"data": [None], "session_hash": f"{i}" + "x" * 10 * MEGABYTE}
            seen[(await client.post("/gradio_api/run/read", json=body)).status_code] += 1
    return f"{dict(seen)}, {resident(town.pid) - before:+.0f} MB of memory; another visitor {await town.another()}"


async def pictures(town: Town) -> str:
    """Have Gradio remember what was sent last in each of many sessions."""
    before, seen = resident(town.pid), Counter[int]()
    pad = {"turn": 1, "picture": "data:image/png;base64," + "A" * 8 * MEGABYTE}
    async with town.client(GREEDY) as client:
        for i in range(60):
            body = {"data": [pad], "session_hash": f"session{i}"}
            seen[(await client.post("/gradio_api/run/read", json=body)).status_code] += 1
    return f"{dict(seen)}, {resident(town.pid) - before:+.0f} MB of memory; another visitor {await town.another()}"


async def work(town: Town, seconds: float = 20) -> str:
    """Have 40 pictures of 23 megapixels read at a time."""
    file, until, seen = io.BytesIO(), time.monotonic() + seconds, Counter[int]()
    Image.new("RGB", (4800, 4800), "white").save(file, "PNG", compress_level=1)
    pad = {"turn": 1, "picture": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()}
    body = {"data": [pad]}

    async def send(client: httpx.AsyncClient) -> None:
        while time.monotonic() < until:
            seen[(await client.post("/gradio_api/run/read", json=body)).status_code] += 1

    async with town.client(GREEDY) as client:
        attack = asyncio.gather(*(send(client) for _ in range(40)))
        await asyncio.sleep(seconds / 2)
        other = await town.another()
        await attack
    return f"{dict(seen)}; another visitor {other}"


SIEGES: tuple[Callable[[Town], Awaitable[str]], ...] = (bodies, headers, uploads, names, pictures, work)


def files(most: int) -> None:
    """Let this process, and those that it starts from now on, have so many files open."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def main(named: Annotated[list[str] | None, typer.Argument(help="Some of them; all without.")] = None) -> None:
    """Print how each siege goes."""
    for siege in (each for each in SIEGES if not named or each.__name__ in named):
        files(1024)  # for the app, as on most systems
        with tempfile.TemporaryDirectory() as folder, process(Path(folder)) as (address, app):
            files(4096)
            town = Town(address, app.pid, Path(folder))
            asyncio.run(town.another())
            print(f"{siege.__name__:9} {asyncio.run(siege(town))}", flush=True)


if __name__ == "__main__":
    typer.run(main)
