"""The `transport` sections: which sockets to open, and what a reload does to them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import attrs

from sorcery import Sorcery
from sorcery.pjsip import Transport
from sorcery_sip.address import Address
from sorcery_sip.errors import NoTransport
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.modules.network import Listening

__all__ = ["Transports"]

_LOG = logging.getLogger(__name__)


class Transports:
    """The open sockets, each named after its section."""

    def __init__(self, sorcery: Sorcery, shell: UdpShell) -> None:
        self._sorcery, self._shell = sorcery, shell
        self._open: dict[str, Transport] = {}
        self.listening: Mapping[str, Listening] = {}
        """The open sockets by name; replaced by another mapping when one changes, or its section."""

    def wanted(self) -> Mapping[str, Transport]:
        """Return the sections that can be opened, and warn of the others; blocks, raises `Unavailable`."""
        found = self._sorcery.retrieve_all(Transport)
        for transport in found:
            if transport.protocol != "udp" and transport.id not in self._open:
                _LOG.warning(
                    "transport %r: protocol=%s is not supported yet; only udp is", transport.id, transport.protocol
                )
        return {transport.id: transport for transport in found if transport.protocol == "udp"}

    async def start(self, wanted: Mapping[str, Transport]) -> Sequence[Address]:
        """Open every section's socket and return the addresses; raises `NoTransport`."""
        if not wanted:
            raise NoTransport(
                "no transport to listen on: write a section with type=transport, protocol=udp and bind=ADDRESS:PORT"
            )
        return [await self._start(transport) for transport in wanted.values()]

    async def follow(self, wanted: Mapping[str, Transport]) -> None:
        """Open new sections; replace the sockets of changed ones that say `allow_reload`, keep all others."""
        for name, transport in wanted.items():
            known = self._open.get(name)
            if known is not None:
                self._describe(name, transport)
                if _listens_on(known) == _listens_on(transport):
                    continue
                if not transport.allow_reload:
                    _LOG.warning("transport %r: bind has changed, but allow_reload is no: restart to use it", name)
                    continue
            try:
                await self._start(transport)
            except NoTransport as error:
                _LOG.error("%s", error)
        for name in self._open.keys() - wanted.keys():
            _LOG.warning("transport %r is configured no more; its socket stays open until a restart", name)

    async def _start(self, transport: Transport) -> Address:
        host, port = _listens_on(transport)
        try:
            if transport.id in self._open:
                address = await self._shell.reopen(transport.id, host, port)
            else:
                address = await self._shell.open(transport.id, host, port)
        except OSError as error:
            reason = (error.strerror or str(error)) + self._taken_by(transport)
            raise NoTransport(f"transport {transport.id!r}: cannot listen on {host}:{port}: {reason}") from error
        self._open[transport.id] = transport
        self.listening = {**self.listening, transport.id: Listening(address, transport)}
        return address

    def _describe(self, name: str, transport: Transport) -> None:
        """Let all but the socket follow its section: networks and external addresses count from now on."""
        self.listening = {**self.listening, name: attrs.evolve(self.listening[name], settings=transport)}

    def _taken_by(self, transport: Transport) -> str:
        """Name the section that listens on a transport's address already, if it is one of ours."""
        others = (name for name, each in self._open.items() if name != transport.id)
        other = next((name for name in others if _listens_on(self._open[name]) == _listens_on(transport)), None)
        return "" if other is None else f" by transport {other!r}; give each section an address of its own"


def _listens_on(transport: Transport) -> tuple[str, int]:
    bind = transport.bind  # which in a udp section has an address and a port, written or not
    return str(bind.address), bind.port or 0
