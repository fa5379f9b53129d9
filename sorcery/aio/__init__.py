"""For asyncio: every operation of `Sorcery`, without ever blocking the loop."""

from sorcery.aio.asynchronous import AsyncSorcery

__all__ = ["AsyncSorcery"]
