"""Limits for each visitor, so that the server has room for the others; uvicorn says who the visitor is.

uvicorn trusts the header X-Forwarded-For of the proxies that FORWARDED_ALLOW_IPS names, and of nobody else.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.exchange import TOO_LARGE, Exchange
from web.headers import with_headers
from web.routes import Door, door

RATE = 50.0  # most requests a second that one visitor may keep sending; a page that is drawn on sends up to 9
BURST = 4.0  # so many seconds' worth of requests may come at once
CORRECTIONS = 1 / 60  # most corrections a second that one visitor may keep sending
FIRST_CORRECTIONS = 30.0  # most corrections that may come at once
VISITORS = 10_000  # most buckets that are kept: one for each visitor, another for each who sends corrections
ROOM = 800, 200  # most requests under way: of all, and of one visitor; a school shares an address
SENDING = 200, 50  # the same of requests that bring something
BYTES = 400_000_000, 60_000_000  # the same of the bytes that they bring
TURNS = 2  # most answers of one visitor that are made at the same time; the server makes four in all
PRICE = 40.0  # requests that a second of work on answers counts as: one visitor keeps little more than one hand busy
DEAREST = 2.0  # most seconds of an answer that count: more is not the visitor's doing, such as waiting for the model
NOT_HERE = "There is nothing at this address."
TOO_MANY = "Too many requests from your address; please wait a few seconds."
BUSY = "Too many visitors at the moment; please try again in a few seconds."


class Call(NamedTuple):
    """A request: who sends it, to which door, and how many bytes it brings (if it does not say, how many it may)."""

    visitor: str
    door: Door | None
    size: int

    @property
    def takes(self) -> tuple[int, int, int]:
        """How much of ROOM, SENDING and BYTES it holds."""
        return 1, int(self.size > 0), self.size


class Bucket:
    """The tokens of one visitor, at most `burst` and `rate` new ones a second, and the visitor's turns for answers."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, time.monotonic()
        self.turns = asyncio.Semaphore(TURNS)

    def take(self, count: float) -> bool:
        """Take `count` tokens, if there are as many."""
        now = time.monotonic()
        self.tokens, self.at = min(self.burst, self.tokens + (now - self.at) * self.rate), now
        if self.tokens < count:
            return False
        self.tokens -= count
        return True


class Places:
    """How much of a scarce thing each visitor holds: at most `each`, and at most half of what the others leave.

    So a few visitors can never hold all of it: something is always left for one more.
    """

    def __init__(self, total: int, each: int) -> None:
        self.total, self.each = total, each
        self.held: Counter[str] = Counter()

    def refusal(self, visitor: str, count: int) -> JSONResponse | None:
        """Return why `visitor` may not hold `count` more, or None."""
        own = self.held[visitor] + count
        if own > self.each:
            return refuse(429, TOO_MANY)
        return refuse(503, BUSY) if own > (self.total - self.held.total() + self.held[visitor]) / 2 else None

    def hold(self, visitor: str, count: int) -> None:
        """Give `count` to `visitor`; a negative `count` takes them back."""
        self.held[visitor] += count
        if not self.held[visitor]:
            del self.held[visitor]


class Limits:
    """Refuse requests: no such address (404), too many (429), too large (413), too slow (408), server full (503).

    `rate` is how many requests a second one visitor may keep sending; 0 for any number.
    """

    def __init__(self, app: ASGIApp, rate: float = RATE) -> None:
        self.app, self.rate = app, rate
        self.buckets: OrderedDict[tuple[str, bool], Bucket] = OrderedDict()
        self.places = (Places(*ROOM), Places(*SENDING), Places(*BYTES))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close"})  # nothing here speaks WebSocket
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        call, answer = _call(scope), with_headers(send)
        if refusal := self._refusal(call):
            return await refusal(scope, receive, answer)
        bucket = self._bucket(call.visitor, False)
        exchange = Exchange(receive, answer, call.size, bucket.turns if call.size and self.rate else None)
        self._hold(call, 1)
        try:
            await self.app(scope, exchange.receive, exchange.send)
        finally:
            exchange.end()
            bucket.tokens -= min(exchange.seconds, DEAREST) * PRICE
            self._hold(call, -1)

    def _hold(self, call: Call, sign: int) -> None:
        for places, count in zip(self.places, call.takes, strict=True):
            places.hold(call.visitor, sign * count)

    def _refusal(self, call: Call) -> JSONResponse | None:
        if call.door is None:
            return refuse(404, NOT_HERE)
        if call.size > call.door.most:
            return refuse(413, TOO_LARGE)
        for places, count in zip(self.places, call.takes, strict=True):
            if count and (refusal := places.refusal(call.visitor, count)):
                return refusal
        if self.rate and not self._bucket(call.visitor, False).take(call.door.weight):
            return refuse(429, TOO_MANY)
        if call.door.kept and not self._bucket(call.visitor, True).take(1):
            return refuse(429, "You have sent many corrections, thank you; the next one can come in a minute.")
        return None

    def _bucket(self, visitor: str, kept: bool) -> Bucket:
        new = Bucket(CORRECTIONS, FIRST_CORRECTIONS) if kept else Bucket(self.rate, self.rate * BURST)
        bucket = self.buckets.setdefault((visitor, kept), new)
        self.buckets.move_to_end((visitor, kept))
        if len(self.buckets) > VISITORS:
            self.buckets.popitem(last=False)
        return bucket


def _call(scope: Scope) -> Call:
    headers, to = Headers(scope=scope), door(scope)
    length, most = headers.get("content-length", "0"), to.most if to else 0
    if "transfer-encoding" in headers:
        return Call(visitor(scope), to, most)
    return Call(visitor(scope), to, int(length) if length.isdecimal() and len(length) < 16 else most + 1)


def visitor(scope: Scope) -> str:
    """Return who sends a request: an IPv4 address, or the /64 network of IPv6 that one household has."""
    try:
        address = ip_address(str((scope.get("client") or ("",))[0]))
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address.packed, 64), strict=False))
    return str(address)


def refuse(status: int, text: str) -> JSONResponse:
    """Return a refusal in words."""
    return JSONResponse({"error": text, "detail": text}, status, headers={"Retry-After": "5"})
