"""Names that a phone registers with, and addresses of other systems, as the options of objects want them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from sorcery.errors import InvalidObject
from sorcery.pjsip.kinds.networks import parse_address, split_host_port

__all__ = ["Peer", "peers", "require_usable", "user_part"]

_DIALABLE = re.compile(r"[A-Za-z0-9_.+*~-]+(@[A-Za-z0-9.-]+)?")
_HOST = re.compile(r"[A-Za-z0-9_.-]+")


def require_usable(id: str, codecs: Sequence[str]) -> None:
    """Refuse an id that cannot be the user of a SIP URI, an item of a list and the target of `Dial`, and no codecs.

    Raises `InvalidObject`.
    """
    if not _DIALABLE.fullmatch(id):
        remedy = "write letters, digits and _.+*~-, perhaps with @domain behind"
        raise InvalidObject("endpoint", id, "the id cannot be dialled, or registered with", remedy=remedy)
    if not codecs:
        raise InvalidObject("endpoint", id, "without a codec there is no call", option="allow", remedy="name some")


def user_part(id: str) -> str:
    """Return what a device logs in as: the id without a domain."""
    return id.partition("@")[0]


@attrs.frozen(slots=True)
class Peer:
    """Another system: a host name or address, perhaps with a port."""

    host: str
    port: str = ""

    def uri(self, user: str = "", *, protocol: str = "udp") -> str:
        """Return its SIP URI; of the protocols UDP needs no word."""
        head = f"{user}@" if user else ""
        port = f":{self.port}" if self.port else ""
        transport = "" if protocol == "udp" else f";transport={protocol}"
        return f"sip:{head}{self.bracketed}{port}{transport}"

    @property
    def bracketed(self) -> str:
        """The host as a URI has it."""
        return f"[{self.host}]" if ":" in self.host else self.host


def peers(id: str, texts: Sequence[str]) -> tuple[Peer, ...]:
    """Return the systems that `host`, `host:port` or `[address]:port` name; raises `InvalidObject`, also for none."""
    if not texts:
        raise InvalidObject("endpoint", id, "there is no host", remedy="name the host of the other side")
    return tuple(_peer(id, text) for text in texts)


def _peer(id: str, text: str) -> Peer:
    host, port = split_host_port(text)
    is_host = _HOST.fullmatch(host) or parse_address(host)
    is_port = not port or (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
    if not is_host or not is_port:
        raise InvalidObject("endpoint", id, f"{text!r} is no host", remedy="write host, host:port or [address]:port")
    return Peer(host, port)
