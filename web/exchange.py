"""Serve one request: limit its body, let it wait for its visitor's turn, and measure how long the answer takes."""

import asyncio
import time

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Send

GRACE = 10.0  # most seconds that a request may take to arrive; SLOWEST adds to them
SLOWEST = 20_000  # bytes: for each so many that arrive a request gets one second more
TOO_LARGE = "This is too large to send."
TOO_SLOW = "This took too long to arrive; please try again."


class Exchange:
    """A request and its answer.

    Attributes:
        seconds: how long the answer took to begin, after the whole request had arrived and its turn had come.
    """

    def __init__(self, receive: Receive, send: Send, limit: int, turns: asyncio.Semaphore | None) -> None:
        """Allow a body of at most `limit` bytes; with `turns`, a complete request waits for its turn."""
        self._receive, self._send, self._limit, self._turns = receive, send, limit, turns
        self._taken, self._until, self._whole = 0, time.monotonic() + GRACE, False
        self._begun: float | None = None
        self.seconds = 0.0

    async def receive(self) -> Message:
        """Return the next part of the body; raise HTTPException if it is too long or takes too long to arrive."""
        if self._whole:  # after the body it only tells when the visitor goes
            return await self._receive()
        try:
            async with asyncio.timeout(self._until + self._taken / SLOWEST - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, TOO_SLOW) from None  # the kind of error that the app answers with, unchanged
        self._taken += len(message.get("body", b""))
        if self._taken > self._limit:
            raise HTTPException(413, TOO_LARGE)
        self._whole = not message.get("more_body", False)
        if self._whole and self._turns:
            await self._turns.acquire()
            self._begun = time.monotonic()
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        self.end()
        await self._send(message)

    def end(self) -> None:
        """Give up the turn."""
        if self._turns and self._begun is not None:
            self.seconds = time.monotonic() - self._begun
            self._turns.release()
            self._begun = None
