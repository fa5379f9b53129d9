"""UDP sockets around the core, on asyncio."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Protocol

from sorcery_sip.address import Address
from sorcery_sip.events import Event, RequestReceived
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.table import Outgoing

__all__ = ["Timed", "UdpShell"]

_RECEIVE_BUFFER = 4 * 1024 * 1024
_SO_MEMINFO = 55
"""What waits in a socket, then how much may, in octets of the kernel's memory: Linux has it, Python no name for it."""
_MEMINFO = struct.Struct("=2I28x")
_BEHIND = 8


class Timed(Protocol):
    """What has deadlines beside the stack: the sessions above it."""

    def next_deadline(self) -> float | None:
        """Return when `handle_deadline` has to be called, None when nothing waits."""

    def handle_deadline(self, now: float) -> None:
        """Let happen what is due by `now`."""


class UdpShell:
    """Feed a stack from sockets, hand its events to `on_event`, send what it wants sent, keep its deadlines.

    Everything happens in the thread of the loop that `open` runs in. Whoever answers from elsewhere does so with
    `loop.call_soon_threadsafe`, and calls `flush` after `Stack.respond`. What `on_event` raises goes to the
    loop's exception handler, which logs it; a request is then answered with 500, and the events after it are
    delivered all the same. Set `sessions` to what stands on the stack and has deadlines of its own.
    """

    def __init__(self, stack: Stack, on_event: Callable[[Event], None]) -> None:
        self._stack, self._on_event = stack, on_event
        self.sessions: Timed | None = None
        self._sockets: dict[str, asyncio.DatagramTransport] = {}
        self._bound: dict[str, socket.socket] = {}
        self._alarm: asyncio.Handle | None = None
        self._rings_at = 0.0

    @property
    def now(self) -> float:
        """The loop's time in seconds: what the stack's calls take as `now`."""
        return asyncio.get_running_loop().time()

    async def open(self, name: str, host: str, port: int) -> Address:
        """Bind a socket and call it `name`; port 0 takes a free one. Returns what it is bound to.

        Raises `ValueError` when the name is taken, `OSError` when the address is.
        """
        if name in self._sockets:
            raise ValueError(f"transport {name!r} is open already")
        return await self._bind(name, host, port)

    async def reopen(self, name: str, host: str, port: int) -> Address:
        """Bind another socket in place of the one called `name`, which is closed once the new one is there.

        Raises `OSError` when the address is taken, and then the old socket stays.
        """
        old = self._sockets.get(name)
        address = await self._bind(name, host, port)
        if old is not None:
            old.close()
        return address

    async def _bind(self, name: str, host: str, port: int) -> Address:
        loop = asyncio.get_running_loop()
        family, _, _, _, address = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
        bound = _bound(family, address)
        transport, _ = await loop.create_datagram_endpoint(lambda: _Protocol(self, name), sock=bound)
        self._sockets[name], self._bound[name] = transport, bound
        host, port = bound.getsockname()[:2]
        return Address(host, port, name)

    def close(self) -> None:
        """Close all sockets and forget the alarm; what was handed to the network still goes out."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        for transport in self._sockets.values():
            transport.close()
        self._sockets.clear()
        self._bound.clear()

    @property
    def is_behind(self) -> bool:
        """Whether a socket is an eighth full: peers begin to repeat themselves, and new calls had better wait.

        Never blocks; False where the system does not tell.
        """
        return any(map(_is_filling, self._bound.values()))

    def flush(self) -> None:
        """Deliver all events, send all that waits, set the alarm: after every call to the stack."""
        self._deliver()
        while outgoing := self._stack.to_send():
            self._send(outgoing)
            self._deliver()
        self._set_alarm()

    def datagram(self, data: bytes, source: Address) -> None:
        """Take in what a socket received."""
        self._stack.receive(data, source, self.now)
        self.flush()

    def _deliver(self) -> None:
        while (event := self._stack.next_event()) is not None:
            try:
                self._on_event(event)
            except Exception as error:  # noqa: BLE001 - the next event is somebody else's
                context = {"message": f"{type(event).__name__} was not handled", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
                if isinstance(event, RequestReceived):
                    self._stack.reject(event, 500, force_rport=True)

    def _send(self, outgoing: list[Outgoing]) -> None:
        for data, destination in outgoing:
            transport = self._sockets.get(destination.transport)
            if transport is None:
                self._stack.transport_failed(destination, self.now)
            else:
                transport.sendto(data, destination[:2])

    def _set_alarm(self) -> None:
        """Keep one loop timer at the nearest deadline; one that rings too early is harmless."""
        deadline = self._stack.next_deadline()
        if self.sessions is not None:
            other = self.sessions.next_deadline()
            if other is not None and (deadline is None or other < deadline):
                deadline = other
        if deadline is None or (self._alarm is not None and self._rings_at <= deadline):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings_at = deadline  # the handle does not tell on every loop
        self._alarm = asyncio.get_running_loop().call_at(deadline, self._ring)

    def _ring(self) -> None:
        now = self.now
        if self._alarm is not None:
            now = max(now, self._rings_at)  # a loop may ring a moment early
            self._alarm = None
        self._stack.handle_deadline(now)
        if self.sessions is not None:
            self.sessions.handle_deadline(now)
        self.flush()


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    """Return a socket bound to an address; an IPv6 one takes no IPv4, which may have a socket of its own."""
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # a burst of phones that wake together has to wait somewhere; the kernel may grant less
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        bound.bind(address)
    except BaseException:
        bound.close()
        raise
    return bound


def _is_filling(bound: socket.socket) -> bool:
    try:
        waiting, room = _MEMINFO.unpack(bound.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))
    except OSError:
        return False
    return bool(waiting * _BEHIND > room)


class _Protocol(asyncio.DatagramProtocol):
    """One socket. Errors that ICMP reports name no peer: timers end what is lost to them."""

    def __init__(self, shell: UdpShell, name: str) -> None:
        self._shell, self._name = shell, name

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._shell.datagram(data, Address(addr[0], addr[1], self._name))
