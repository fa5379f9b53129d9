"""What an incoming request is compared with to find its endpoint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.hosts import is_host_name, look_up
from sorcery.pjsip.kinds.namelists import listed
from sorcery.pjsip.kinds.networks import (
    Address,
    Network,
    host_network,
    parse_address,
    parse_network,
    port_number,
    split_host_port,
)
from sorcery.posix import compile_extended

__all__ = [
    "HeaderMatch",
    "HeaderMatchText",
    "SourceMatch",
    "SourceMatches",
    "UriMatch",
    "UriMatchText",
]


@attrs.frozen(slots=True)
class SourceMatch:
    """Source addresses: the items as they were written, and the networks that they come to."""

    items: tuple[str, ...] = ()
    literal: tuple[Network, ...] = ()
    """The items that spell networks."""
    found: tuple[Network, ...] = ()
    """The addresses that the host names among the items resolved to, in the order of the names."""

    @property
    def networks(self) -> tuple[Network, ...]:
        """All networks in the order in which they count: host names come last, as in Asterisk."""
        return self.literal + self.found

    @property
    def hosts(self) -> tuple[tuple[str, str], ...]:
        """The host names among the items, each with its port or an empty text."""
        return tuple(split_host_port(item) for item in self.items if not _is_literal(item))

    def resolved(self) -> SourceMatch:
        """Return it with its host names looked up in DNS, which blocks; raises `Refused` for an unknown one.

        An address that is let in already is not added, as in Asterisk.
        """
        if not self.hosts:
            return self
        known = attrs.evolve(self, found=())
        for host, port in self.hosts:
            for address in look_up(host, option="match"):
                network = host_network(address, port_number(port))
                if not known.matches(address, network.port):
                    known = attrs.evolve(known, found=(*known.found, network))
        return known

    def matches(self, address: Address | str, port: int = 0) -> bool:
        """Tell whether a request from there is meant: the last network that holds the address decides."""
        found = parse_address(str(address))
        if found is None:
            return False
        for network in reversed(self.networks):
            if network.holds(found) and network.port in (0, port):
                return not network.inverted
        return False

    def __bool__(self) -> bool:
        return bool(self.items)


class SourceMatches(Kind[SourceMatch]):
    """A comma list of networks, with an optional port, and host names; lines add up."""

    zero = SourceMatch()

    def parse(self, text: str, before: SourceMatch, warn: Warn) -> SourceMatch:
        """Add the items; host names are looked up when all options are known."""
        return self._added(before, (item for item in (part.strip() for part in text.split(",")) if item))

    def _added(self, before: SourceMatch, items: Iterable[str]) -> SourceMatch:
        added = tuple(items)
        for item in added:
            if not _is_literal(item) and not _is_host(item):
                raise Refused(f"{item!r} is neither a network nor a host name", f"write {self.expects()}")
        literal = tuple(parse_network(item, ports=True) for item in added if _is_literal(item))
        return SourceMatch(before.items + added, before.literal + literal)

    def accept(self, value: Any) -> SourceMatch:
        """Take a `SourceMatch`, or an iterable of networks, addresses and host names."""
        if isinstance(value, SourceMatch):
            value = value.items
        if not isinstance(value, Iterable):
            return super().accept(value)
        return self.convert(",".join(map(str, value)))

    def expects(self) -> str:
        return "networks and host names, for instance 192.0.2.0/24,198.51.100.7:5060,sip.example.com"

    def printed(self, value: SourceMatch) -> str:
        return ",".join(map(str, value.networks))

    def texts(self, value: SourceMatch) -> tuple[str, ...]:
        """Write the items as they were written: host names stay host names."""
        return (",".join(value.items),)

    def pairs(self, name: str, value: SourceMatch) -> Iterable[tuple[str, str]]:
        """Return one pair per network."""
        return listed(name, map(str, value.networks))


@attrs.frozen(slots=True)
class HeaderMatch:
    """`Name: value`, or `Name: /regular expression/`, compared with each header of that name."""

    text: str = ""

    @property
    def name(self) -> str:
        """The header's name."""
        return self.text.partition(":")[0].strip()

    @property
    def value(self) -> str:
        """The value, or the expression with its slashes."""
        return self.text.partition(":")[2].strip()

    def matches(self, value: str) -> bool:
        """Tell whether a header's value is meant: the whole of it, case counts."""
        return _compare(self.value, value.strip())

    def check(self) -> None:
        """Raise `Refused` where the text cannot be compared with anything."""
        if not self.text:
            return
        if ":" not in self.text or not self.name:
            raise Refused("names no header", "write Name: value", option="match_header")
        _check(self.value, "match_header")

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


@attrs.frozen(slots=True)
class UriMatch:
    """A Request-URI, or `/regular expression/` over it."""

    text: str = ""

    def matches(self, uri: str) -> bool:
        """Tell whether a Request-URI is meant."""
        return _compare(self.text, uri)

    def check(self) -> None:
        """Raise `Refused` where the text is no regular expression."""
        _check(self.text, "match_request_uri")

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


class HeaderMatchText(Kind[HeaderMatch]):
    """A `HeaderMatch`, checked when all options are known: only the last line counts."""

    zero = HeaderMatch()

    def parse(self, text: str, before: HeaderMatch, warn: Warn) -> HeaderMatch:
        """Keep the text."""
        return HeaderMatch(text)

    def accept(self, value: Any) -> HeaderMatch:
        """Take a `HeaderMatch`."""
        return value if isinstance(value, HeaderMatch) else super().accept(value)


class UriMatchText(Kind[UriMatch]):
    """A `UriMatch`, checked when all options are known: only the last line counts."""

    zero = UriMatch()

    def parse(self, text: str, before: UriMatch, warn: Warn) -> UriMatch:
        """Keep the text."""
        return UriMatch(text)

    def accept(self, value: Any) -> UriMatch:
        """Take a `UriMatch`."""
        return value if isinstance(value, UriMatch) else super().accept(value)


def _is_literal(item: str) -> bool:
    return "/" in item or parse_address(split_host_port(item)[0]) is not None


def _is_host(item: str) -> bool:
    host, port = split_host_port(item)
    return is_host_name(host) and (not port or (port.isascii() and port.isdigit()))


def _expression(text: str) -> str | None:
    """Return the expression between slashes; None for a text to compare as it is."""
    return text[1:-1] if len(text) > 2 and text.startswith("/") and text.endswith("/") else None


def _compare(pattern: str, text: str) -> bool:
    expression = _expression(pattern)
    if expression is not None:
        return compile_extended(expression).search(text) is not None
    return text == ("" if pattern == "//" else pattern)


def _check(text: str, option: str) -> None:
    expression = _expression(text)
    if expression is None:
        return
    try:
        compile_extended(expression)
    except (ValueError, OverflowError, RecursionError):
        raise Refused(
            f"{text!r} is no regular expression", "write POSIX extended syntax between slashes", option=option
        ) from None
