"""Requests and responses as immutable values, with typed views of the header fields everybody asks for."""

from __future__ import annotations

from typing import TypeVar

import attrs

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.authorization import Challenge, Credentials
from sorcery_sip.message.headers import NO_HEADERS, Headers
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.simple import CSeq, MediaType, number_or_none, parse_number
from sorcery_sip.message.uri import Uri
from sorcery_sip.message.via import Via

__all__ = ["Request", "Response", "vias_of"]

T = TypeVar("T")


class _Message:
    """Typed views. Those that every message must have raise `HeaderError` when absent, as when malformed."""

    __slots__ = ()
    headers: Headers
    body: bytes

    @property
    def vias(self) -> tuple[Via, ...]:
        """All hops, the nearest first."""
        return vias_of(self.headers)

    @property
    def via(self) -> Via:
        """The nearest hop."""
        return _first("Via", vias_of(self.headers))

    @property
    def from_(self) -> NameAddr:
        """Who began."""
        return self.headers.view("from", _from)

    @property
    def to(self) -> NameAddr:
        """Whom it is for."""
        return self.headers.view("to", _to)

    @property
    def call_id(self) -> str:
        """What all messages of one dialog, or of one client's registrations, share."""
        return self.headers.view("call-id", _call_id)

    @property
    def cseq(self) -> CSeq:
        """Number and method."""
        return self.headers.view("cseq", _cseq)

    @property
    def contacts(self) -> tuple[NameAddr, ...]:
        """The Contacts, less the wildcard."""
        return self.headers.view("contact", _contacts)

    @property
    def has_wildcard_contact(self) -> bool:
        """Whether a Contact is `*` (RFC 3261 10.2.2)."""
        return "*" in self.headers.elements("Contact")

    @property
    def expires(self) -> int | None:
        """The Expires header in seconds, cut to 2**32 - 1; None when absent or malformed (RFC 3261 20.19)."""
        return number_or_none(self.headers.get("Expires"))

    @property
    def max_forwards(self) -> int | None:
        """How many hops are left, None when absent. Raises `HeaderError` above 255."""
        return next(iter(self.headers.parsed("Max-Forwards", _max_forwards, whole=True)), None)

    @property
    def content_type(self) -> MediaType | None:
        """The type of the body, None when absent. Raises `HeaderError`."""
        return next(iter(self.headers.parsed("Content-Type", MediaType.parse, whole=True)), None)

    def addresses(self, name: str) -> tuple[NameAddr, ...]:
        """Parse a header that lists addresses: Route, Record-Route, Path. Raises `HeaderError`."""
        return self.headers.parsed(name, NameAddr.parse)

    def tokens(self, name: str) -> frozenset[str]:
        """Return the words of a list in lower case: Supported, Require, Allow, Accept."""
        return frozenset(element.lower() for element in self.headers.elements(name))


@attrs.frozen(slots=True)
class Request(_Message):
    """A request: what is asked of whom."""

    method: str
    uri: Uri
    headers: Headers = NO_HEADERS
    body: bytes = b""

    @property
    def credentials(self) -> tuple[Credentials, ...]:
        """The answers to challenges in Authorization. Raises `HeaderError`."""
        return self.headers.parsed("Authorization", Credentials.parse, whole=True)

    @property
    def proxy_credentials(self) -> tuple[Credentials, ...]:
        """The answers to challenges in Proxy-Authorization. Raises `HeaderError`."""
        return self.headers.parsed("Proxy-Authorization", Credentials.parse, whole=True)

    def with_headers(self, headers: Headers) -> Request:
        """Return this with other header fields."""
        return Request(self.method, self.uri, headers, self.body)

    def with_via(self, via: Via) -> Request:
        """Return this with one more hop, the nearest."""
        return self.with_headers(self.headers.with_first("Via", str(via)))


@attrs.frozen(slots=True)
class Response(_Message):
    """A response: how a request went."""

    status: int
    reason: str
    headers: Headers = NO_HEADERS
    body: bytes = b""

    @property
    def is_final(self) -> bool:
        """Whether no other response follows this one."""
        return self.status >= 200

    @property
    def is_success(self) -> bool:
        """Whether it is of class 2xx."""
        return 200 <= self.status < 300

    @property
    def challenges(self) -> tuple[Challenge, ...]:
        """What WWW-Authenticate asks for. Raises `HeaderError`."""
        return self.headers.parsed("WWW-Authenticate", Challenge.parse, whole=True)

    @property
    def proxy_challenges(self) -> tuple[Challenge, ...]:
        """What Proxy-Authenticate asks for. Raises `HeaderError`."""
        return self.headers.parsed("Proxy-Authenticate", Challenge.parse, whole=True)

    def with_headers(self, headers: Headers) -> Response:
        """Return this with other header fields."""
        return Response(self.status, self.reason, headers, self.body)


def vias_of(headers: Headers) -> tuple[Via, ...]:
    """Return all hops, the nearest first. Raises `HeaderError`."""
    return headers.view("via", _vias)


def _first(name: str, values: tuple[T, ...]) -> T:
    if not values:
        raise HeaderError(name, "", "the message has none")
    return values[0]


def _vias(headers: Headers) -> tuple[Via, ...]:
    return headers.parsed("Via", Via.parse)


def _from(headers: Headers) -> NameAddr:
    return headers.parsed_first("From", NameAddr.parse)


def _to(headers: Headers) -> NameAddr:
    return headers.parsed_first("To", NameAddr.parse)


def _call_id(headers: Headers) -> str:
    return _first("Call-ID", headers.get_all("Call-ID"))


def _cseq(headers: Headers) -> CSeq:
    return headers.parsed_first("CSeq", CSeq.parse)


def _contacts(headers: Headers) -> tuple[NameAddr, ...]:
    return tuple([contact for contact in headers.parsed("Contact", _contact) if contact is not None])


def _contact(text: str) -> NameAddr | None:
    return None if text == "*" else NameAddr.parse(text)


def _max_forwards(text: str) -> int:
    return parse_number("Max-Forwards", text, 255)
