"""Via: the way a request came, and its response goes back (RFC 3261 20.42, RFC 3581)."""

from __future__ import annotations

import re

import attrs

from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.params import NO_PARAMS, Params, parse_params
from sorcery_sip.message.remembered import remembered
from sorcery_sip.message.uri import parse_host

__all__ = ["MAGIC_COOKIE", "Via"]

MAGIC_COOKIE = "z9hG4bK"
"""What a branch begins with that is unique in space and time."""

_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*([a-z0-9_+.!%*~-]+)\s+(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)\s*(?::\s*([0-9]{1,5})\s*)?(;.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)


@attrs.frozen(slots=True)
class Via:
    """One hop: the transport, the sender's own idea of its address, parameters."""

    host: str
    port: int | None = None
    params: Params = NO_PARAMS
    transport: str = "UDP"

    @classmethod
    def parse(cls, text: str) -> Via:
        """Parse one value. Raises `HeaderError`."""
        return _parse(text)

    @classmethod
    def create(cls, host: str, port: int | None, branch: str, *, transport: str = "UDP") -> Via:
        """Make the Via of a request of ours: it asks for `rport` (RFC 3581 3); `branch` gets the cookie."""
        params = Params((("branch", MAGIC_COOKIE + branch), ("rport", None)))
        return cls(bracketed(host), port, params, transport)

    @property
    def branch(self) -> str | None:
        """The `branch` parameter."""
        return self.params.get("branch")

    @property
    def received(self) -> str | None:
        """The address the message really came from, as the receiver saw it."""
        return self.params.get("received")

    @property
    def rport(self) -> int | None:
        """The port the message really came from; None when absent, empty or no number."""
        value = self.params.get("rport")
        return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else None

    @property
    def has_cookie(self) -> bool:
        """Whether the branch alone identifies the transaction: the cookie, and something after it."""
        branch = self.branch
        return branch is not None and branch.startswith(MAGIC_COOKIE) and len(branch) > len(MAGIC_COOKIE)

    def arrived_from(self, host: str, port: int, *, force_rport: bool = False) -> Via:
        """Return this with `received` set, and `rport` where the sender or `force_rport` asks for it."""
        params = self.params
        if force_rport or "rport" in params:
            params = params.replace("rport", str(port))
        return Via(self.host, self.port, params.replace("received", host), self.transport)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {self.host}{port}{self.params}"


@remembered
def _parse(text: str) -> Via:
    match = _VIA.fullmatch(text)
    if match is None:
        raise HeaderError("Via", text, "write SIP/2.0/UDP host:port;branch=…")
    transport, host, port, params = match.groups()
    try:
        via = Via(parse_host(host), None if port is None else int(port), parse_params(params or ""), transport)
    except ParseError as error:
        raise HeaderError("Via", text, error.reason) from None
    if via.port is not None and not 0 < via.port < 65536:
        raise HeaderError("Via", text, f"port {via.port} is not within 1 to 65535")
    return via


def bracketed(host: str) -> str:
    """Put brackets around an IPv6 address that has none."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
