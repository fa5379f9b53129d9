"""From a URI to the addresses to try, in order (RFC 3263)."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import random
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.dns import Names, Srv

__all__ = ["HostPort", "Resolver", "in_order", "ip_version"]

DEFAULT_PORT = 5060
KEPT = 30.0
"""Seconds that an answer is used again."""
_MOST_KEPT = 1024
_UDP_SERVICE = "SIP+D2U"


class HostPort(NamedTuple):
    """An IP address, without brackets, and a port."""

    host: str
    port: int


class _Question(NamedTuple):
    """All of a URI that decides where it leads."""

    host: str
    port: int | None
    transport: str | None

    @classmethod
    def of(cls, uri: SipUri) -> _Question:
        """Take the parts of a URI; `maddr` stands for the host (RFC 3261 19.1.1)."""
        return cls((uri.params.get("maddr") or uri.host).strip("[]").lower(), uri.port, uri.transport)


class Resolver:
    """Look names up beside the event loop, and remember what they mean for half a minute.

    Only UDP is spoken: a `sips:` URI, or another `transport`, leads nowhere. Use it in the thread of the running loop.
    """

    def __init__(
        self,
        names: Names,
        *,
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names, self._chance, self._clock = names, chance or random.Random(), clock
        self._kept: dict[_Question, tuple[float, tuple[HostPort, ...]]] = {}
        self._asking: dict[_Question, asyncio.Task[tuple[HostPort, ...]]] = {}

    def known(self, uri: SipUri) -> tuple[HostPort, ...] | None:
        """Return the addresses of a URI; None where a name has to be looked up first. Never blocks."""
        question = _Question.of(uri)
        if uri.scheme.lower() == "sips" or question.transport not in (None, "udp"):
            return ()
        if ip_version(question.host) is not None:
            return (HostPort(question.host, question.port or DEFAULT_PORT),)
        kept = self._kept.get(question)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def resolve(self, uri: SipUri) -> tuple[HostPort, ...]:
        """Return the addresses of a URI, none for a name that does not resolve; waits for name servers."""
        found = self.known(uri)
        return await asyncio.shield(self.ask(uri)) if found is None else found

    def ask(self, uri: SipUri) -> asyncio.Task[tuple[HostPort, ...]]:
        """Begin to look a name up, or join those who wait for it already."""
        question = _Question.of(uri)
        task = self._asking.get(question)
        if task is None:
            task = self._asking[question] = asyncio.get_running_loop().create_task(self._look_up(question))
            task.add_done_callback(lambda _: self._asking.pop(question))
        return task

    async def _look_up(self, question: _Question) -> tuple[HostPort, ...]:
        found = await self._located(question)
        if found:
            self._kept.pop(question, None)  # the youngest answer stands last
            self._kept[question] = self._clock() + KEPT, found
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return found

    async def _located(self, question: _Question) -> tuple[HostPort, ...]:
        host, port, transport = question
        if port is not None:
            return await self._at(host, port)
        servers = await self._servers(host, transport)
        if not servers:
            return await self._at(host, DEFAULT_PORT)
        found: list[HostPort] = []
        for server in in_order(servers, self._chance):
            if server.target:
                found += await self._at(server.target, server.port)
        return tuple(dict.fromkeys(found))

    async def _servers(self, domain: str, transport: str | None) -> tuple[Srv, ...]:
        """Return the SRV records: of a name that NAPTR gives, unless the URI names its transport."""
        if transport is None:
            pointers = [pointer for pointer in await self._names.naptr(domain) if pointer.service == _UDP_SERVICE]
            for pointer in sorted(pointers, key=lambda pointer: (pointer.order, pointer.preference)):
                servers = await self._names.srv(pointer.replacement)
                if servers:
                    return servers
        return await self._names.srv(f"_sip._udp.{domain}")

    async def _at(self, host: str, port: int) -> tuple[HostPort, ...]:
        return tuple(HostPort(address, port) for address in await self._names.addresses(host))


def in_order(servers: Iterable[Srv], chance: random.Random) -> list[Srv]:
    """Return servers by priority, those of the same by weighted chance (RFC 2782)."""
    waiting = sorted(servers, key=lambda server: (server.priority, server.weight))
    ordered = []
    while waiting:
        rivals = [server for server in waiting if server.priority == waiting[0].priority]
        chosen = chance.choices(rivals, [server.weight or 0.01 for server in rivals])[0]
        waiting.remove(chosen)
        ordered.append(chosen)
    return ordered


@functools.lru_cache(maxsize=4096)  # asked several times a message about the same few
def ip_version(host: str) -> int | None:
    """Return 4 or 6 for an IP address without brackets, None for a name."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return None
