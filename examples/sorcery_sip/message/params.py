"""Parameters as URIs and header fields carry them: `;name=value;flag`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from sorcery_sip.errors import ParseError, shorten

__all__ = ["NO_PARAMS", "Params", "parse_params"]

_NAME = re.compile(r'[^\s;="<>]+')
_VALUE = re.compile(r'[^\s;"<>]*|"(?:[^"\\]|\\.)*"', re.DOTALL)
_SIMPLE = re.compile(r'(?:;[^\s;="<>]+(?:=[^\s;"<>]*)?)+')
"""Neither quotes nor blanks, and nothing to complain of."""
_PIECE = re.compile(r';((?:[^;"]|"(?:[^"\\]|\\.)*")*)', re.DOTALL)


@attrs.frozen(slots=True)
class Params:
    """An ordered list of parameters. Names are found in any case; all keep the spelling they came with.

    The value of a flag is None. A quoted value keeps its quotes.
    """

    items: tuple[tuple[str, str | None], ...] = ()

    def get(self, name: str) -> str | None:
        """Return the value of the first parameter of that name; None for a flag, and for an absent one."""
        for key, value in self.items:
            if key == name or (len(key) == len(name) and key.lower() == name.lower()):
                return value
        return None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in [key.lower() for key, _ in self.items]

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def replace(self, name: str, value: str | None) -> Params:
        """Return these with `name` set, in its old place or at the end."""
        if name not in self:
            return Params((*self.items, (name, value)))
        wanted = name.lower()
        return Params(tuple([(k, value if k.lower() == wanted else v) for k, v in self.items]))

    def without(self, name: str) -> Params:
        """Return these less every parameter of that name."""
        wanted = name.lower()
        return Params(tuple(item for item in self.items if item[0].lower() != wanted))

    def __str__(self) -> str:
        return "".join([f";{k}" if v is None else f";{k}={v}" for k, v in self.items])


NO_PARAMS = Params()


def parse_params(text: str) -> Params:
    """Parse what follows a URI or a header value: nothing, or pieces that each begin with a semicolon.

    Blanks around `;` and `=` are dropped, and so are empty pieces. Raises `ParseError` (RFC 3261 25.1).
    """
    if not text:
        return NO_PARAMS
    if _SIMPLE.fullmatch(text):  # as nearly all are
        simple = [piece.partition("=") for piece in text[1:].split(";")]
        return Params(tuple([(name, value if equals else None) for name, equals, value in simple]))
    first, *pieces = text.split(";") if '"' not in text else _quoted_pieces(text)
    if first.strip():
        raise ParseError(f"{shorten(text)} stands where parameters go; write ';' before each")
    return Params(tuple([_parse_one(piece) for piece in pieces if piece.strip()]))


def _parse_one(piece: str) -> tuple[str, str | None]:
    name, equals, value = piece.partition("=")
    name, value = name.strip(), value.strip()
    if not _NAME.fullmatch(name):
        raise ParseError(f"{shorten(piece)} is no parameter; write name or name=value")
    if not equals:
        return name, None
    if not _VALUE.fullmatch(value):
        raise ParseError(f"value {shorten(value)} of parameter {name} has to be quoted")
    return name, value


def _quoted_pieces(text: str) -> list[str]:
    """Split at the semicolons that stand outside quotes, as `str.split` would."""
    start = text.find(";") if ";" in text else len(text)
    pieces, at = [text[:start]], start
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None or match.end() == at:
            raise ParseError(f"parameters {shorten(text)}: a quote is not closed")
        pieces.append(match[1])
        at = match.end()
    return pieces
