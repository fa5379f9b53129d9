"""URIs: `sip:` and `sips:` (RFC 3261 19.1), `tel:` (RFC 3966), and any other, kept as it came.

All keep the text of their parts: parameters nobody knows and escapes survive a round trip.
"""

from __future__ import annotations

import ipaddress
import re

import attrs

from sorcery_sip.errors import ParseError, UriError
from sorcery_sip.message.params import NO_PARAMS, Params, parse_params

__all__ = ["MAX_HOST", "MAX_URI", "OtherUri", "SipUri", "TelUri", "Uri", "parse_host", "parse_uri"]

MAX_URI = 512
"""Longest URI that is read, in characters."""
MAX_HOST = 256
"""Longest host name that is read, in characters."""

_SIP = re.compile(
    r"(sips?):(?:([^@:\s<>\"]+)(?::([^@\s<>\"]*))?@)?"
    r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?((?:;[^?\s<>\"]*)?)(?:\?([^\s<>\"]+))?",
    re.IGNORECASE | re.ASCII,
)
_TEL = re.compile(r"tel:([0-9a-f*#+().-]+)((?:;[^\s<>\"]*)?)", re.IGNORECASE | re.ASCII)
_OTHER = re.compile(r"([a-z][a-z0-9+.-]*):([^\s<>\"]+)", re.IGNORECASE | re.ASCII)
_ESCAPE = re.compile("%([0-9a-f]{2})", re.IGNORECASE)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()")
_ALWAYS_COMPARED = ("user", "ttl", "method", "maddr", "transport")
_VISUAL = str.maketrans("", "", "-.()")


@attrs.frozen(slots=True)
class SipUri:
    """A `sip:` or `sips:` URI; `user`, `password` and `headers` keep their escapes.

    `==` compares texts part by part; `equivalent` is what RFC 3261 means by equal.
    """

    host: str
    user: str | None = None
    port: int | None = None
    params: Params = NO_PARAMS
    headers: tuple[tuple[str, str], ...] = ()
    password: str | None = None
    scheme: str = "sip"

    @property
    def transport(self) -> str | None:
        """The `transport` parameter in lower case."""
        value = self.params.get("transport")
        return None if value is None else value.lower()

    def equivalent(self, other: Uri) -> bool:
        """Tell whether both name the same resource (RFC 3261 19.1.4)."""
        return (
            isinstance(other, SipUri)
            and self.scheme.lower() == other.scheme.lower()
            and _decoded(self.user) == _decoded(other.user)
            and _decoded(self.password) == _decoded(other.password)
            and self.host.lower() == other.host.lower()
            and self.port == other.port
            and _same_params(self.params, other.params)
            and _header_set(self.headers) == _header_set(other.headers)
        )

    def __str__(self) -> str:
        password = "" if self.password is None else f":{self.password}"
        user = "" if self.user is None else f"{self.user}{password}@"
        port = "" if self.port is None else f":{self.port}"
        headers = "?" + "&".join([_joined(pair) for pair in self.headers]) if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{self.params}{headers}"


@attrs.frozen(slots=True)
class TelUri:
    """A `tel:` URI; `number` keeps its visual separators."""

    number: str
    params: Params = NO_PARAMS
    scheme: str = "tel"

    def equivalent(self, other: Uri) -> bool:
        """Tell whether both name the same number: separators and the order of parameters do not count."""
        return (
            isinstance(other, TelUri)
            and self.number.translate(_VISUAL).lower() == other.number.translate(_VISUAL).lower()
            and _param_set(self.params) == _param_set(other.params)
        )

    def __str__(self) -> str:
        return f"{self.scheme}:{self.number}{self.params}"


@attrs.frozen(slots=True)
class OtherUri:
    """A URI of another scheme, opaque to us."""

    scheme: str
    rest: str

    def equivalent(self, other: Uri) -> bool:
        """Tell whether both are the same text, the scheme in any case."""
        return isinstance(other, OtherUri) and self.scheme.lower() == other.scheme.lower() and self.rest == other.rest

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


Uri = SipUri | TelUri | OtherUri


def parse_uri(text: str) -> Uri:
    """Parse an absolute URI of any scheme.

    Raises `UriError`: status 414 when longer than `MAX_URI` characters, else 400.
    """
    if len(text) > MAX_URI:
        raise UriError(text, f"longer than {MAX_URI} characters", status=414)
    match = _SIP.fullmatch(text)
    if match is not None:
        return _sip_uri(text, match)
    scheme = text.partition(":")[0].lower()
    if scheme in ("sip", "sips"):
        raise UriError(text, "write sip:user@host:port;parameters")
    if scheme == "tel":
        return _tel_uri(text)
    match = _OTHER.fullmatch(text)
    if match is None:
        raise UriError(text, "write scheme:address without blanks, brackets or quotes")
    return OtherUri(match[1], match[2])


def parse_host(text: str) -> str:
    """Check a host: a name, an IPv4 address, or an IPv6 address in brackets. Raises `ParseError`."""
    if len(text) > MAX_HOST:
        raise ParseError(f"host name longer than {MAX_HOST} characters")
    if text.startswith("["):
        try:
            ipaddress.IPv6Address(text[1:-1])
        except ValueError:
            raise ParseError(f"{text!r} is no IPv6 address") from None
    return text


def _sip_uri(text: str, match: re.Match[str]) -> SipUri:
    scheme, user, password, host, port, params, headers = match.groups()
    try:
        return SipUri(
            parse_host(host),
            user,
            None if port is None else _port(port),
            parse_params(params),
            () if headers is None else _headers(headers),
            password,
            scheme,
        )
    except ParseError as error:
        raise UriError(text, error.reason) from None


def _tel_uri(text: str) -> TelUri:
    match = _TEL.fullmatch(text)
    if match is None:
        raise UriError(text, "write tel:number;parameters")
    try:
        return TelUri(match[1], parse_params(match[2]), text[:3])
    except ParseError as error:
        raise UriError(text, error.reason) from None


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ParseError(f"port {text} is not within 1 to 65535")
    return port


def _headers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [piece.partition("=") for piece in text.split("&")]
    if not all(name and equals for name, equals, _ in pairs):
        raise ParseError("headers after '?' are name=value, joined by '&'")
    return tuple((name, value) for name, _, value in pairs)


def _joined(pair: tuple[str, str]) -> str:
    return f"{pair[0]}={pair[1]}"


def _decoded(text: str | None) -> str | None:
    """Decode the escapes of unreserved characters: only these are equal to what they stand for."""
    if text is None or "%" not in text:
        return text
    return _ESCAPE.sub(lambda m: c if (c := chr(int(m[1], 16))) in _PLAIN else m[0].upper(), text)


def _param_set(params: Params) -> dict[str, str | None]:
    decoded = ((_decoded(name), _decoded(value)) for name, value in params)
    return {(name or "").lower(): None if value is None else value.lower() for name, value in decoded}


def _same_params(mine: Params, theirs: Params) -> bool:
    """Compare those that both have, and those that count even when only one has them."""
    if mine == theirs:
        return True
    ours, others = _param_set(mine), _param_set(theirs)
    if any((name in ours) != (name in others) for name in _ALWAYS_COMPARED):
        return False
    return all(others[name] == value for name, value in ours.items() if name in others)


def _header_set(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str | None]]:
    return sorted((name.lower(), _decoded(value)) for name, value in headers)
