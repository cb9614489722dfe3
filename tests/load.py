"""Many visitors at once: `python -m tests.load [--clients 50] [--seconds 60] [--uploads 0.1] [ADDRESS]`.

Each draws as the page does, strokes every 110 ms; a part of them sends files to /predict
instead.  Each comes from an address of its own, as the app limits what one address may ask.
"""

import asyncio
import io
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import httpx
import typer

from emnist import terminal
from tests.drawings import STROKES, draw
from tests.meter import resident
from tests.serving import process

PAUSE = {"sketch": 0.11, "upload": 1.0}  # seconds between requests; for sketches as in asking.js
TIMEOUT = 30.0


class Tally:
    """What the visitors met with."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {"sketch": [], "upload": []}
        self.outcomes: Counter[str] = Counter()

    def count(self, kind: str, start: float, status: int) -> None:
        """Note one answer."""
        self.seconds[kind].append(time.perf_counter() - start)
        self.outcomes[{200: "answered", 429: "too many", 503: "busy"}.get(status, f"error {status}")] += 1

    def table(self) -> str:
        """Return latencies by kind, and how many were answered."""
        lines = []
        for kind, seconds in self.seconds.items():
            if len(seconds) > 1:
                cuts = [1000 * cut for cut in statistics.quantiles(seconds, n=100)]
                lines.append(
                    f"{kind:8} {len(seconds):6}  p50 {cuts[49]:5.0f}  p95 {cuts[94]:5.0f}  p99 {cuts[98]:5.0f} ms"
                )
        return "\n".join([*lines, ", ".join(f"{count} {name}" for name, count in self.outcomes.items())])


def pictures() -> list[bytes]:
    """Return PNG files of characters."""
    files = []
    for character in STROKES:
        file = io.BytesIO()
        draw(character, size=192, pen=13).save(file, "PNG")
        files.append(file.getvalue())
    return files


async def sketch(client: httpx.AsyncClient, name: str, turn: int) -> int:
    """Send one state of the sheet and return the status."""
    drawing = random.choice(list(STROKES.values()))
    strokes = [[[round(1000 * x), round(1000 * y)] for x, y in stroke] for stroke in drawing]
    question = {"turn": turn, "strokes": strokes, "several": True, "want": ["steps"] if turn % 8 == 0 else []}
    body = {"data": [question], "session_hash": name}
    return (await client.post("/gradio_api/run/read", json=body)).status_code


async def upload(client: httpx.AsyncClient, png: bytes) -> int:
    """Send a file to /predict as gradio_client does and return the status; the queue's "full" counts as busy."""
    sent = await client.post("/gradio_api/upload", files={"files": ("letter.png", png)})
    if sent.status_code != 200:
        return sent.status_code
    file = {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}
    call = await client.post("/gradio_api/call/predict", json={"data": [file]})
    if call.status_code != 200:
        return call.status_code
    answer = await client.get(f"/gradio_api/call/predict/{call.json()['event_id']}")
    return 200 if "event: complete" in answer.text else 500


async def visitor(number: int, address: str, files: list[bytes], until: float, tally: Tally, uploads: bool) -> None:
    """Draw, or send files, until the time is up."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number % 250 + 1}")
    async with httpx.AsyncClient(base_url=address, transport=transport, timeout=TIMEOUT) as client:
        turn, kind = 0, "upload" if uploads else "sketch"
        await asyncio.sleep(random.random())
        while time.monotonic() < until:
            turn, start = turn + 1, time.perf_counter()
            try:
                png = random.choice(files)
                status = await (upload(client, png) if uploads else sketch(client, f"visitor{number}", turn))
            except httpx.HTTPError as error:
                tally.outcomes[type(error).__name__] += 1
                continue
            tally.count(kind, start, status)
            await asyncio.sleep(max(0.0, PAUSE[kind] - (time.perf_counter() - start)))


async def crowd(address: str, clients: int, seconds: float, uploads: float, pid: int | None) -> Tally:
    """Let them all loose, print the app's memory ten times on the way, and how far it moved after the first fifth."""
    files, tally = pictures(), Tally()
    until = time.monotonic() + seconds
    visitors = [visitor(i, address, files, until, tally, i < uploads * clients) for i in range(clients)]
    work = asyncio.gather(*visitors)
    sizes = []
    while pid and time.monotonic() < until:
        sizes.append(resident(pid))
        print(f"{until - time.monotonic():5.0f} s left  {sizes[-1]:5.0f} MB", flush=True)
        await asyncio.sleep(seconds / 10)
    await work
    if pid and (warm := [*sizes[2:], resident(pid)]):
        print(f"memory after warm-up: {min(warm):.0f} to {max(warm):.0f} MB", flush=True)
    return tally


def main(
    address: Annotated[str | None, typer.Argument(help="A running app; without it one is started.")] = None,
    clients: Annotated[int, typer.Option(min=1, help="Visitors at once.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="How long they stay.")] = 60,
    uploads: Annotated[float, typer.Option(min=0, max=1, help="Part of them that send files.")] = 0.0,
) -> None:
    """Print what the visitors met with."""
    if address:
        return print(asyncio.run(crowd(address, clients, seconds, uploads, None)).table())
    with tempfile.TemporaryDirectory() as folder, process(Path(folder)) as (own, app):
        print(asyncio.run(crowd(own, clients, seconds, uploads, app.pid)).table())


if __name__ == "__main__":
    sys.exit(terminal.run_one(main, alone=()))
