"""One WebSocket: the applications that it connects, and the events on their way to them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from aiohttp import web

from sorcery_sip.ari.hub import Hub
from sorcery_sip.errors import shorten

__all__ = ["Connection"]

HEARTBEAT, FAREWELL = 30.0, 1.0
"""Seconds between two questions whether a client is still there, and that it may take to agree to the end."""
MOST_WAITING = 10_000
"""Events that may wait for a client that does not take them."""

_LOG = logging.getLogger(__name__)


class Connection:
    """Send events to a client, in their order, as fast as it takes them."""

    def __init__(self, hub: Hub, names: Sequence[str], *, hears_all: bool) -> None:
        self._hub, self._names, self._hears_all = hub, names, hears_all
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._overflown = False
        self._transport: asyncio.WriteTransport | None = None
        self.socket = web.WebSocketResponse(heartbeat=HEARTBEAT, timeout=FAREWELL, protocols=("ari",))

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Connect the applications until the client leaves."""
        await self.socket.prepare(request)
        self._transport = request.transport if isinstance(request.transport, asyncio.WriteTransport) else None
        for name in self._names:
            self._hub.connect(name, self.send, hears_all=self._hears_all)
        writing = asyncio.ensure_future(self._write())
        try:
            async for _ in self.socket:  # what clients say means nothing; it ends with the connection
                pass
        finally:
            for name in self._names:
                self._hub.disconnect(name, self.send)
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writing
        return self.socket

    def send(self, text: str) -> None:
        """Let an event follow those that wait; a client that takes none of them is let go of."""
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            if not self._overflown:
                self._overflown = True
                _LOG.error(
                    "ARI: applications %s take no events; they are disconnected", shorten(", ".join(self._names))
                )
                if self._transport is not None:
                    self._transport.abort()

    async def _write(self) -> None:
        while True:
            await self.socket.send_str(await self._waiting.get())
