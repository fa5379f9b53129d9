"""What was asked for: where a system is to be, where it listens, and who else runs on it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import attrs

from sorcery import InvalidObject
from sorcery.pjsip import Transport
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.backend import Backend, backend_of

__all__ = ["WILDCARDS", "Site", "site_of"]

_BIND: Final = "0.0.0.0:5060"
WILDCARDS: Final = ("0.0.0.0", "[::]")
"""Hosts that stand for all addresses of the machine."""
_PROXY_PORT: Final = "5060"


@attrs.frozen(kw_only=True)
class Site:
    """A system that is to be laid out."""

    directory: Path
    backend: Backend
    bind: str = _BIND
    """Where it listens."""
    asterisk: bool = False
    """Whether an Asterisk runs on the same files and tables."""
    proxy: str = ""
    """Where a Kamailio in front of it listens; empty without one."""

    @property
    def destination(self) -> str:
        """The SIP address that a Kamailio in front hands calls to."""
        return f"sip:{self.bind}"


def site_of(directory: Path, backend: str, also_for: Collection[str], *, bind: str = "", proxy: str = "") -> Site:
    """Return what the words of the command ask for; raises `Misuse`."""
    site = Site(
        directory=directory.absolute(),
        backend=backend_of(backend, directory.absolute()),
        bind=_address("--bind", bind or _BIND),
        asterisk="asterisk" in also_for,
    )
    if "kamailio" in also_for:
        return attrs.evolve(site, proxy=_proxy(site, proxy))
    if proxy:
        raise Misuse("--proxy is where Kamailio listens; write --also-for kamailio too")
    return site


def _proxy(site: Site, proxy: str) -> str:
    """Return where Kamailio listens; raises `Misuse` where it cannot be in front of the site."""
    host, _, port = site.bind.rpartition(":")
    if host in ("", *WILDCARDS) or (not proxy and port == _PROXY_PORT):
        raise Misuse(
            "Kamailio hands calls on, and phones send their media: name the address that both reach, and a port beside "
            "Kamailio's, as in --bind 192.0.2.10:5080"
        )
    found = _address("--proxy", proxy or f"{host}:{_PROXY_PORT}")
    if found == site.bind:
        raise Misuse(f"--bind and --proxy are both {found}; choose another port for one of them")
    return found


def _address(option: str, text: str) -> str:
    """Return where a transport listens, as its file says it; raises `Misuse`."""
    try:
        transport = Transport.from_objectset("udp", [("bind", text)])
    except InvalidObject as error:
        raise Misuse(f"{option}: {error}") from error
    return dict(transport.settings())["bind"]
