"""SIP URIs: what an address of record takes unparsed, and what a registration must be able to parse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Text, Warn, split_names
from sorcery.pjsip.kinds.containers import FrozenMapping
from sorcery.pjsip.kinds.namelists import listed

__all__ = [
    "HEADER_PARAMETERS",
    "USER_PART",
    "ContactUris",
    "UncheckedUri",
    "Uri",
    "check_transport",
    "check_uri",
    "parse_route",
    "parse_uri",
]

_LONGEST_URI = 511
_LONGEST_HOST, _LONGEST_HOST_ALONE = 255, 245
_SCHEME = re.compile(r"<?sips?:", re.IGNORECASE)
_HOST_END = re.compile(r"[:;?>]")

_PLAIN = r"[A-Za-z0-9_.!~*'()%-]"
_USER = rf"(?:{_PLAIN}|[&=+$,;?/#])+"
_PARAMETER = rf"(?:{_PLAIN}|[\[\]/:&+$])+(?:=(?:{_PLAIN}|[\[\]/:&+$])*)?"
_PARAMETERS = rf"(?:;{_PARAMETER})*"
_PASSWORD = rf"(?:{_PLAIN}|[&=+$,])+"
_FIELD = rf"(?:{_PLAIN}|[\[\]/?:+$])+(?:=(?:{_PLAIN}|[\[\]/?:+$])*)?"
_TOKEN = r"[A-Za-z0-9!%&'*+_.`~-]"
_HEADER_PARAMETER = rf'{_TOKEN}+[ \t]*(?:=[ \t]*(?:{_TOKEN}*|"(?:[^"\\]|\\.)*"))?'
_URI = re.compile(
    rf"(?P<scheme>sips?):(?:(?P<user>{_USER})(?::(?P<password>{_PASSWORD}))?@)?"
    rf"(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]+))?"
    rf"(?P<parameters>{_PARAMETERS})(?:\?(?P<headers>{_FIELD}(?:&{_FIELD})*))?\Z",
    re.IGNORECASE,
)
_OTHER_URI = re.compile(rf"(?!sips?:|tel:)[A-Za-z0-9!%'*+_.`~-]+:(?:{_PLAIN}|[;/?:@&=+$,#])+\Z", re.IGNORECASE)
_TELEPHONE = re.compile(r"tel:[+]?[0-9A-Fa-f*#().-]+(?:;.*)?\Z", re.IGNORECASE)
_NAME_ADDRESS = re.compile(r'(?:\s*"(?:[^"\\]|\\.)*"\s*|[^"<>]*)<(?P<uri>[^<>]*)>\s*(?:;.*)?\Z', re.DOTALL)
USER_PART = re.compile(rf"{_USER}(?::{_PASSWORD})?")
"""What stands before the @ of a SIP URI (RFC 3261 section 25.1)."""
HEADER_PARAMETERS = re.compile(rf"{_HEADER_PARAMETER}(?:[ \t]*;[ \t]*{_HEADER_PARAMETER})*")
"""Header parameters without the semicolon in front."""
_TRANSPORT = re.compile(r";transport=([^;]+)", re.IGNORECASE)
_TRANSPORTS = frozenset({"udp", "tcp", "tls", "sctp", "ws", "wss"})


def check_uri(uri: str, *, option: str = "") -> None:
    """Refuse what is no `sip:` or `sips:` URI, or too long; nothing else is looked at.

    Raises `Refused`, which blames `option`.
    """
    if _SCHEME.match(uri) is None:
        raise Refused(f"{uri!r} is no SIP URI", "write sip:user@host or sips:user@host", option=option)
    if len(uri) > _LONGEST_URI:
        raise Refused(f"a URI is longer than {_LONGEST_URI} characters", option=option)
    rest = uri.partition(":")[2]
    host = rest.partition("@")[2] if "@" in rest else rest
    if host.startswith("["):
        name, bracket, after = host[1:].partition("]")
        if not bracket:
            raise Refused(f"{uri!r} has no closing ]", "write sip:user@[address]", option=option)
    else:
        end = _HOST_END.search(host)
        name, after = (host[: end.start()], host[end.start() :]) if end else (host, "")
    if len(name) > (_LONGEST_HOST if after.startswith(":") else _LONGEST_HOST_ALONE):
        raise Refused("the host of a URI is too long", option=option)


class ContactUris(Kind[tuple[str, ...]]):
    """A comma list of SIP URIs, each kept once; lines add up."""

    zero: tuple[str, ...] = ()

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Add the URIs."""
        return self._added(before, split_names(text))

    def _added(self, before: tuple[str, ...], uris: Iterable[str]) -> tuple[str, ...]:
        found = dict.fromkeys(before)
        for uri in uris:
            check_uri(uri)
            found[uri] = None
        return tuple(found)

    def accept(self, value: Any) -> tuple[str, ...]:
        """Take an iterable of URIs without commas."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        uris = tuple(value)
        for uri in uris:
            if not isinstance(uri, str) or "," in uri or uri != uri.strip():
                raise Refused(f"{uri!r} cannot be a contact", "pass URIs without commas or outer blanks")
        return self._added((), uris)

    def expects(self) -> str:
        return "SIP URIs with commas between them"

    def printed(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def pairs(self, name: str, value: tuple[str, ...]) -> Iterable[tuple[str, str]]:
        """Return one pair per URI, in the order of the contacts' ids, which end in the MD5 of the URI."""
        return listed(name, sorted(value, key=_digest))


def _digest(uri: str) -> str:
    import hashlib  # it brings OpenSSL: 10 ms of every start

    return hashlib.md5(uri.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


class UncheckedUri(Text):
    """A URI that a rule looks at when all options are known: only the last line counts. `example` says what is one."""

    def __init__(self, example: str = "sip:user@example.com") -> None:
        super().__init__()
        self.example = example

    def expects(self) -> str:
        return f"a URI, for instance {self.example}"


_NO_PARAMETERS = FrozenMapping[str]()


@attrs.frozen(slots=True, repr=False)
class Uri:
    """A SIP URI in its parts, as they are written: escapes such as `%20` stay (RFC 3261 section 19.1)."""

    host: str
    """The host, an IPv6 address without its brackets."""
    user: str | None = None
    port: int | None = None
    parameters: FrozenMapping[str] = _NO_PARAMETERS
    """Parameters by name in lower case; one without a value has an empty one."""
    scheme: str = "sip"
    password: str | None = None
    headers: str = ""
    """What follows a question mark."""

    @classmethod
    def read(cls, text: str) -> Uri:
        """Return the parts of a URI, which may stand in angle brackets; raises `Refused`, a `ValueError`."""
        found = _matched(text)
        pairs = (item.partition("=") for item in found["parameters"].split(";")[1:])
        return cls(
            found["host"].strip("[]"),
            found["user"],
            int(found["port"]) if found["port"] else None,
            FrozenMapping(tuple({name.lower(): value for name, _, value in pairs}.items())),
            found["scheme"].lower(),
            found["password"],
            found["headers"] or "",
        )

    @property
    def transport(self) -> str:
        """The transport that the URI asks for, in lower case; empty where it leaves that open."""
        return self.parameters.get("transport", "").lower()

    def __str__(self) -> str:
        user = "" if self.user is None else self.user + ("" if self.password is None else f":{self.password}") + "@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        parameters = "".join(f";{name}={value}" if value else f";{name}" for name, value in self.parameters.items())
        return f"{self.scheme}:{user}{host}{port}{parameters}{f'?{self.headers}' if self.headers else ''}"

    def __repr__(self) -> str:
        return f"Uri({str(attrs.evolve(self, password=None))!r})"


def _matched(uri: str, option: str = "") -> re.Match[str]:
    found = _parts(uri[1:-1] if uri.startswith("<") and uri.endswith(">") else uri)
    if found is None:
        raise Refused(f"{uri!r} cannot be parsed", "write sip:user@host:port;parameters", option=option)
    return found


def _parts(uri: str) -> re.Match[str] | None:
    """Return the parts of a URI, or None where it cannot be parsed."""
    found = _URI.match(uri)
    return None if found is None or int((found["port"] or "0")[:9]) > 65535 else found


def parse_uri(uri: str, *, option: str = "") -> str:
    """Return the parameters of a SIP URI; raises `Refused`, which blames `option`, for one that cannot be parsed."""
    return _matched(uri, option)["parameters"]


def check_transport(parameters: str, *, option: str = "") -> None:
    """Refuse a transport among the parameters of a URI that does not exist; raises `Refused`, which blames `option`."""
    transport = _TRANSPORT.search(parameters)
    if transport and transport[1].lower() not in _TRANSPORTS:
        remedy = f"write one of {', '.join(sorted(_TRANSPORTS))}"
        raise Refused(f"{transport[1]!r} is no transport", remedy, option=option)


def parse_route(text: str, *, option: str = "") -> None:
    """Parse what stands in a Route header, or several with commas between them; raises `Refused` as `parse_uri`."""
    for part in (text,) if _is_route(text) else text.split(","):
        if not _is_route(part):
            raise Refused(f"{part!r} cannot be parsed", "write sip:host;lr or another URI", option=option)


def _is_route(text: str) -> bool:
    named = _NAME_ADDRESS.match(text)
    uri = named["uri"] if named else text
    return any((_OTHER_URI.match(uri), _TELEPHONE.match(uri), _parts(uri)))
