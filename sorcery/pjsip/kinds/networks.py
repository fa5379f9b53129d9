"""Addresses and networks, as `permit`, `local_net` and `match` write them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.cscan import scan_integer, wrapped
from sorcery.pjsip.kinds.namelists import listed

__all__ = [
    "Address",
    "LocalNetworks",
    "Network",
    "format_address",
    "format_host_port",
    "host_network",
    "parse_address",
    "parse_network",
    "port_number",
    "split_host_port",
]

Address = IPv4Address | IPv6Address

_IPV4 = re.compile(r"[0-9a-fA-FxX.]+\Z")
_NETWORK = "write address or address/mask, for instance 192.0.2.0/24"


@attrs.frozen(slots=True)
class Network:
    """A network, or with `inverted` an exception from one; `port` 0 is any port."""

    address: Address
    mask: Address
    inverted: bool = False
    port: int = 0

    def __contains__(self, address: object) -> bool:
        """Tell whether an address, or its text, lies in the network, whatever `inverted` says."""
        found = parse_address(str(address))
        return found is not None and self.holds(found)

    def holds(self, address: Address) -> bool:
        """Tell the same of an address that was parsed before: who asks several networks parses it once."""
        return address.version == self.address.version and int(address) & int(self.mask) == int(self.address)

    def __str__(self) -> str:
        """Return it as Asterisk prints it: the mask as an address."""
        return f"{self._head()}/{format_address(self.mask)}"

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The network as the standard library has it; raises `ValueError` for a mask with holes."""
        length = self._length()
        if length is None:
            raise ValueError(f"the mask {format_address(self.mask)} has holes")
        return ip_network((self.address, length))

    @property
    def short(self) -> str:
        """The text with the mask as a prefix length where it is one."""
        length = self._length()
        return f"{self._head()}/{format_address(self.mask) if length is None else length}"

    def _length(self) -> int | None:
        """Return the length of the prefix, or None where the mask has holes."""
        bits, length = self.mask.max_prefixlen, int(self.mask).bit_count()
        return length if int(self.mask) == wrapped(-1 << (bits - length), bits) else None

    def _head(self) -> str:
        address = format_host_port(self.address, self.port) if self.port else format_address(self.address)
        return ("!" if self.inverted else "") + address


def parse_address(text: str) -> Address | None:
    """Return the address that a text spells, or None; an IPv4-mapped IPv6 address becomes IPv4.

    IPv4 may be short, hexadecimal or octal, as the C library takes it: `127.1`, `0x7f000001`.
    """
    if ":" in text:
        try:
            found = ip_address(text)
        except ValueError:
            return None
        if isinstance(found, IPv4Address) or found.scope_id is not None:
            return None
        return found.ipv4_mapped or found
    if _IPV4.match(text) is None:
        return None
    try:
        return IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def format_address(address: Address) -> str:
    """Return the address as the C library prints it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    return socket.inet_ntop(family, address.packed)


def format_host_port(address: Address, port: int) -> str:
    """Return `address:port`, with brackets around an IPv6 address."""
    text = format_address(address)
    return f"[{text}]:{port}" if address.version == 6 else f"{text}:{port}"


def split_host_port(text: str) -> tuple[str, str]:
    """Split `host:port` and `[address]:port`; several colons without brackets are an address alone."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return text, ""
        return host, rest[1:]
    host, _, port = text.partition(":")
    return (host, port) if text.count(":") == 1 else (text, "")


def parse_network(text: str, *, ports: bool = False) -> Network:
    """Return the network that one item spells; host bits are cleared. Raises `Refused`."""
    inverted = text.startswith("!")
    head, slash, mask_text = text.removeprefix("!").partition("/")
    host, port = split_host_port(head)
    address = parse_address(host)
    if address is None:
        raise Refused(f"{head!r} is no address", _NETWORK)
    if port and not (ports and port.isascii() and port.isdigit()):
        raise Refused(f"{head!r} has a port", _NETWORK if not ports else "write a number after the colon")
    mask = _mask(mask_text, address) if slash else _full(address)
    masked = type(address)(int(address) & int(mask))
    return Network(masked, mask, inverted, port_number(port))


def host_network(address: Address, port: int = 0) -> Network:
    """Return the network of one address."""
    return Network(address, _full(address), port=port)


def port_number(text: str) -> int:
    """Return the port of a text of digits; it wraps at 65536, and an empty text is any port."""
    return wrapped(int(text[:32] or "0"), 16)


def _full(address: Address) -> Address:
    return type(address)(wrapped(-1, address.max_prefixlen))


def _mask(text: str, address: Address) -> Address:
    """Read a mask: an address where it has a dot or colon, else the number that it begins with."""
    bits = address.max_prefixlen
    if "." in text or ":" in text:
        mask = parse_address(text)
        if mask is None or mask.version != address.version:
            raise Refused(f"{text!r} is no mask for {address}", _NETWORK)
        return mask
    length = scan_integer(text)
    if length is None or not 0 <= length <= bits:
        raise Refused(f"{text!r} is no mask for {address}", f"write a prefix length from 0 to {bits}")
    return type(address)(wrapped(-1 << (bits - length), bits))


class LocalNetworks(Kind[tuple[Network, ...]]):
    """A comma list of networks without blanks; lines add up, an empty one clears."""

    zero: tuple[Network, ...] = ()

    def parse(self, text: str, before: tuple[Network, ...], warn: Warn) -> tuple[Network, ...]:
        """Add the networks."""
        return (*before, *map(parse_network, text.split(","))) if text else ()

    def accept(self, value: Any) -> tuple[Network, ...]:
        """Take an iterable of `Network`s or texts."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        return tuple(item if isinstance(item, Network) else parse_network(str(item)) for item in value)

    def expects(self) -> str:
        return "networks with commas between them, for instance 10.0.0.0/8,!10.1.0.0/16"

    def printed(self, value: tuple[Network, ...]) -> str:
        return ",".join(map(str, value))

    def texts(self, value: tuple[Network, ...]) -> tuple[str, ...]:
        """Write prefix lengths."""
        return (",".join(network.short for network in value),)

    def pairs(self, name: str, value: tuple[Network, ...]) -> Iterable[tuple[str, str]]:
        """Return one pair per network."""
        return listed(name, map(str, value))
