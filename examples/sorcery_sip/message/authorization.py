"""Challenges and credentials: what the four authentication headers hold (RFC 3261 20.44, RFC 8760)."""

from __future__ import annotations

import re
from typing import Self

import attrs

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.quoting import quote, unquote

__all__ = ["Challenge", "Credentials"]

_PAIR = re.compile(r'\s*([^\s=,"]+)\s*=\s*+(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?:,|\Z)', re.DOTALL)
_SCHEME = re.compile(r"([^\s,=\"]+)(?:\s+(.*))?", re.DOTALL)


@attrs.frozen(slots=True)
class _AuthValue:
    """A scheme and its parameters, names in lower case, values without quotes.

    The repr leaves the values out: a response to a challenge is as good as a password to who may guess.
    """

    scheme: str
    pairs: tuple[tuple[str, str], ...] = attrs.field(repr=False)

    header = "Authorization"
    unquoted = frozenset({"algorithm", "stale", "nc"})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse one value; of a scheme that is not Digest only the name is kept. Raises `HeaderError`."""
        match = _SCHEME.fullmatch(text)
        if match is None:
            raise HeaderError(cls.header, text, 'write a scheme and parameters, as in Digest realm="…"')
        scheme, rest = match[1], match[2] or ""
        return cls(scheme, _parse_pairs(cls.header, rest) if scheme.lower() == "digest" else ())

    @property
    def is_digest(self) -> bool:
        """Whether the scheme is Digest, the only one answered."""
        return self.scheme.lower() == "digest"

    def get(self, name: str) -> str | None:
        """Return the parameter's value, None when absent."""
        return next((value for key, value in self.pairs if key == name), None)

    @property
    def realm(self) -> str:
        """The protection domain; empty when absent."""
        return self.get("realm") or ""

    @property
    def nonce(self) -> str:
        """The server's nonce; empty when absent."""
        return self.get("nonce") or ""

    @property
    def algorithm(self) -> str:
        """The hash algorithm; MD5 when absent (RFC 7616 3.3)."""
        return self.get("algorithm") or "MD5"

    def __str__(self) -> str:
        return f"{self.scheme} " + ", ".join(
            f"{k}={v}" if k in self.unquoted else f"{k}={quote(v)}" for k, v in self.pairs
        )


@attrs.frozen(slots=True)
class Challenge(_AuthValue):
    """What a server asks for in 401 and 407."""

    header = "WWW-Authenticate"

    @property
    def qop(self) -> tuple[str, ...]:
        """The qualities of protection offered, in lower case; none for RFC 2069 clients."""
        return tuple(word.strip().lower() for word in (self.get("qop") or "").split(",") if word.strip())

    @property
    def stale(self) -> bool:
        """Whether only the nonce was too old, so that the same password may be tried again."""
        return (self.get("stale") or "").lower() == "true"


@attrs.frozen(slots=True)
class Credentials(_AuthValue):
    """What a client answers."""

    unquoted = frozenset({"algorithm", "nc", "qop"})

    @property
    def username(self) -> str:
        """The user's name; empty when absent."""
        return self.get("username") or ""

    @property
    def uri(self) -> str:
        """The digest-uri, as text; empty when absent."""
        return self.get("uri") or ""

    @property
    def response(self) -> str:
        """The answer to the challenge, in hexadecimal; empty when absent."""
        return self.get("response") or ""


def _parse_pairs(header: str, text: str) -> tuple[tuple[str, str], ...]:
    pairs, at = [], 0
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None:
            # the text is not shown: it may hold what a password can be guessed from
            raise HeaderError(header, "Digest …", f"no name=value at character {at} of the parameters")
        name, quoted, bare = match.groups()
        pairs.append((name.lower(), bare if quoted is None else unquote(quoted)))
        at = match.end()
    return tuple(pairs)
