"""Limits on connections that have sent no request yet: how many there may be, and how long they may wait."""

import asyncio
import os
from contextlib import suppress

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

PATIENCE = 10.0  # seconds between two looks at a connection, which ends if no request came in between
EACH = 200  # most connections of one address, unless it is a proxy's
FILES = 4096  # files that this process may have open, as far as the system lets it: each connection is one


class Patient(H11Protocol):
    """uvicorn's protocol with a time limit: without it, uvicorn waits for ever for a request on a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless its address has too many."""
        super().connection_made(transport)
        self._seen: RequestResponseCycle | None = None
        self._next_look = self.loop.call_later(PATIENCE, self._look)
        if self.client and self._of_address(self.client[0]) > EACH and not _is_proxy(self.client[0]):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Close the connection if no request is under way and none was since the last check."""
        if self.cycle is self._seen and (self.cycle is None or self.cycle.response_complete):
            return self.transport.close()
        self._seen = self.cycle
        self._next_look = self.loop.call_later(PATIENCE, self._look)

    def _of_address(self, host: str) -> int:
        return sum(isinstance(each, Patient) and (each.client or "")[:1] == (host,) for each in self.connections)


def _is_proxy(host: str) -> bool:
    named = ProxyHeadersMiddleware(lambda *_: asyncio.sleep(0), os.environ.get("FORWARDED_ALLOW_IPS", ""))
    return host in named.trusted_hosts


def widen() -> None:
    """Let this process have FILES files open, rather than the 256 or 1,024 that are usual."""
    with suppress(ImportError, OSError, ValueError):  # not on Windows, which has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
