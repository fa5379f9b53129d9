"""The address that a transport listens on."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.hosts import is_host_name, look_up
from sorcery.pjsip.kinds.networks import Address, format_host_port, parse_address, split_host_port

__all__ = ["ANYWHERE", "Bind", "BindAddress"]

ANYWHERE = IPv4Address("0.0.0.0")


@attrs.frozen(slots=True)
class Bind:
    """Address and port, and the text that they were written as; without address nothing was written."""

    text: str = ""
    address: Address | None = None
    written_port: int = 0
    """The port as written; 0 leaves it to the protocol."""
    port: int | None = None
    """The port to listen on; None where nothing listens."""

    def __str__(self) -> str:
        if self.address is None or self.port is None:
            return format_host_port(ANYWHERE, 0)
        return format_host_port(self.address, self.port)

    def __bool__(self) -> bool:
        return self.address is not None


class BindAddress(Kind[Bind]):
    """`address`, `address:port`, `[IPv6]:port` or a host name, which is looked up at once and blocks on DNS."""

    zero = Bind()
    looks_outside = True

    def parse(self, text: str, before: Bind, warn: Warn) -> Bind:
        """Read the address; an empty text means every IPv4 address."""
        host, port = (part.strip() for part in split_host_port(text.strip()))
        if port and not (port.isascii() and port.isdigit() and int(port[:9]) <= 65535):
            raise Refused("has no port from 0 to 65535", f"write {self.expects()}")
        return Bind(text, self._address(host), int(port or "0"))

    def _address(self, host: str) -> Address:
        address = parse_address(host) if host else ANYWHERE
        if address is not None:
            return address
        if not is_host_name(host):
            raise Refused(f"{host!r} is neither an address nor a host name", f"write {self.expects()}")
        return look_up(host)[0]

    def accept(self, value: Any) -> Bind:
        """Take a `Bind`, or an (address, port) pair."""
        if isinstance(value, Bind):
            return value
        if isinstance(value, tuple) and len(value) == 2:
            host = f"[{value[0]}]" if ":" in str(value[0]) else str(value[0])
            return self.convert(f"{host}:{value[1]}")
        return super().accept(value)

    def expects(self) -> str:
        return "address:port, for instance 0.0.0.0:5060 or [::]:5060"

    def texts(self, value: Bind) -> tuple[str, ...]:
        """Write it as it was written."""
        return (value.text,) if value else ()
