"""Password digests and digest algorithms (RFC 7616, RFC 8760)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn, split_names
from sorcery.pjsip.kinds.containers import FrozenMapping, NameCollection
from sorcery.pjsip.kinds.namelists import NameText, WrittenNames
from sorcery.secret import Secret

__all__ = [
    "AlgorithmDefaults",
    "Algorithms",
    "Digests",
    "MD5Digest",
    "PasswordDigests",
    "SupportedAlgorithms",
    "read_algorithms",
]

_LENGTHS = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}
"""Hexadecimal digits of a digest, in the order in which digests print."""
_SUPPORTED = {name.lower(): name for name in (*_LENGTHS, "AKAv1-MD5", "AKAv2-MD5")}


class Digests(FrozenMapping[Secret]):
    """At most one digest of `username:realm:password` per algorithm, in the order in which they print."""

    __slots__ = ()


class PasswordDigests(Kind[Digests]):
    """A comma list of `ALGORITHM:HEX`, MD5 where no algorithm is named; lines add up, the later replaces."""

    zero = Digests()

    def parse(self, text: str, before: Digests, warn: Warn) -> Digests:
        """Add the digests; their length is checked, their characters are not."""
        found = dict(before)
        for item in split_names(text):
            name, colon, digits = item.partition(":")
            _put(found, name.strip() if colon else "MD5", digits.strip() if colon else name)
        return _ordered(found)

    def accept(self, value: Any) -> Digests:
        """Take a mapping of algorithms to digests, as texts or `Secret`s, or one `Secret`."""
        if isinstance(value, Secret):
            return self.convert(value.reveal())
        if not isinstance(value, Mapping):
            return super().accept(value)
        found: dict[str, Secret] = {}
        for name, digest in value.items():
            text = digest.reveal() if isinstance(digest, Secret) else digest
            if not isinstance(name, str) or not isinstance(text, str) or "," in text or text != text.strip():
                raise Refused("a digest cannot be written", f"pass {self.expects()}")
            _put(found, name, text)
        return _ordered(found)

    def joined(self, before: Digests, value: Digests) -> Digests:
        """Add the digests; the newer of an algorithm replaces the older."""
        return _ordered({**before, **value})

    def expects(self) -> str:
        return "ALGORITHM:HEX items with commas between them, for instance SHA-256:…"

    def printed(self, value: Digests) -> str:
        return ",".join(f"{name}:{digest.reveal()}" for name, digest in value.items())

    def texts(self, value: Digests) -> tuple[str, ...]:
        """Write all, unless it is MD5 alone: that is written under `md5_cred`, which every version knows."""
        return () if value.keys() <= {"MD5"} else (self.printed(value),)


class MD5Digest(PasswordDigests):
    """The same digests, of which only MD5 is printed and written, bare."""

    def printed(self, value: Digests) -> str:
        return value["MD5"].reveal() if "MD5" in value else ""

    def texts(self, value: Digests) -> tuple[str, ...]:
        """Write the MD5 digest, unless it is written with others."""
        digits = self.printed(value) if value.keys() <= {"MD5"} else ""
        return (f"MD5:{digits}" if ":" in digits else digits,) if digits else ()


def _ordered(found: Mapping[str, Secret]) -> Digests:
    return Digests(tuple((name, found[name]) for name in _LENGTHS if name in found))


def _put(found: dict[str, Secret], name: str, digits: str) -> None:
    algorithm = next((known for known in _LENGTHS if known.lower() == name.lower()), None)
    if algorithm is None:
        raise Refused("names no digest algorithm", f"write one of {', '.join(_LENGTHS)} before the colon")
    if len(digits) != _LENGTHS[algorithm]:
        raise Refused(f"is no {algorithm} digest", f"write {_LENGTHS[algorithm]} hexadecimal digits")
    found[algorithm] = Secret(digits)


@attrs.frozen(slots=True)
class Algorithms(NameCollection):
    """Digest algorithms in order of preference; iterates as names."""

    names: tuple[str, ...] = ()
    inherited: bool = False
    """None was written: these are the global defaults."""


class SupportedAlgorithms(Kind[Algorithms]):
    """A comma list of algorithms; lines add up, repeats are kept, nothing written takes the global default."""

    zero = Algorithms(("MD5",), inherited=True)

    def parse(self, text: str, before: Algorithms, warn: Warn) -> Algorithms:
        """Add the algorithms."""
        names = read_algorithms(split_names(text))
        return Algorithms(names if before.inherited else before.names + names) if names else before

    def accept(self, value: Any) -> Algorithms:
        """Take an iterable of names; an empty one takes the global default."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        names = read_algorithms(value)
        if isinstance(value, Algorithms):
            return attrs.evolve(value, names=names)
        return Algorithms(names) if names else self.zero

    def expects(self) -> str:
        return f"any of {', '.join(_SUPPORTED.values())}"

    def printed(self, value: Algorithms) -> str:
        return ",".join(value)

    def texts(self, value: Algorithms) -> tuple[str, ...]:
        """Write what was written; what is inherited is not."""
        return () if value.inherited else (self.printed(value),)


class AlgorithmDefaults(WrittenNames):
    """A comma list of algorithms, kept as written; one unknown name turns the whole list into MD5."""

    def parse(self, text: str, before: NameText, warn: Warn) -> NameText:
        """Keep the text, or repair it."""
        try:
            read_algorithms(split_names(text))
        except Refused as refusal:
            warn(refusal.reason, "the whole list becomes MD5")
            return NameText("MD5")
        return NameText(text)

    def accept(self, value: Any) -> NameText:
        """Take an iterable of algorithms; one unknown name refuses it."""
        found = super().accept(value)
        read_algorithms(found)
        return found

    def expects(self) -> str:
        return f"any of {', '.join(_SUPPORTED.values())}"


def read_algorithms(names: Iterable[Any]) -> tuple[str, ...]:
    """Return the names in canonical spelling; raises `Refused` for an unknown one."""
    found = []
    for name in names:
        known = _SUPPORTED.get(name.lower()) if isinstance(name, str) else None
        if known is None:
            raise Refused(f"{name!r} is no digest algorithm", f"use {', '.join(_SUPPORTED.values())}")
        found.append(known)
    return tuple(found)
