"""How texts stand in columns: which drivers split them at `;`, and how `;` and `^` are escaped for those."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

__all__ = ["BLANKS", "CODECS", "Codec"]

BLANKS: Final = "".join(map(chr, range(1, 33)))
"""What Asterisk trims from both ends of each value of a driver that splits."""

_ESCAPED: Final = re.compile(r"(?:\^[0-9A-F]{2})+")


@attrs.frozen(slots=True)
class Codec:
    """The form that one driver of Asterisk gives to texts in columns.

    The drivers odbc, pgsql and mysql split a column at `;` into several values, trim each, and then decode `^XX`
    (two upper-case hexadecimal digits); sqlite3 takes texts as they are. For all of them an empty column means
    "not set", and a value of exactly one blank means "set to nothing".
    """

    splits: bool

    def key(self, text: str) -> str:
        """Return the form of an id, or of a piece of one."""
        return text.replace("^", "^5E").replace(";", "^3B") if self.splits else text

    def plain(self, stored: str) -> str:
        """Return the id, or the unsplit text, of a stored form."""
        return _ESCAPED.sub(_decoded, stored) if self.splits and "^" in stored else stored

    def encode(self, text: str) -> str:
        """Return the form of one value: blanks that would be trimmed are escaped, nothing becomes one blank.

        Raises `ValueError` for a single blank, which would be read as nothing.
        """
        if text == " ":
            raise ValueError("a single blank is read as an empty text")
        if not text:
            return "^20" if self.splits else " "
        if not self.splits:
            return text
        inner = text.strip(BLANKS)
        start = text.find(inner) if inner else len(text)
        return "".join((_hex(text[:start]), self.key(inner), _hex(text[start + len(inner) :])))

    def join(self, texts: Sequence[str]) -> str:
        """Return the form of all values of one option.

        Raises `ValueError` where the driver has no form for several.
        """
        if len(texts) > 1 and not self.splits:
            raise ValueError("the driver sqlite3 keeps one value per column, odbc in extconfig.conf several")
        return ";".join(map(self.encode, texts))

    def single(self, stored: str) -> str:
        """Return the value of a non-empty column that is never split: those whose name starts with `@`."""
        text = self.plain(stored)
        return "" if text == " " else text

    def split(self, stored: str) -> list[str]:
        """Return the values of a column, none where it holds nothing."""
        if not self.splits or stored == " ":
            return [self.single(stored)] if stored else []
        chunks = (chunk.strip(BLANKS) for chunk in stored.split(";"))
        return [self.single(chunk) for chunk in chunks if chunk]

    def texts(self, stored: str) -> Sequence[str]:
        """Return what `split` does, quickly where a column holds one text that stands for itself, or nothing."""
        return (stored,) if stored and self.is_simple(stored) else self.split(stored)

    def is_simple(self, stored: str) -> bool:
        """Tell whether a non-empty column holds one text that stands for itself."""
        if not self.splits:
            return stored != " "
        return not (";" in stored or "^" in stored or stored[0] <= " " or stored[-1] <= " ")


CODECS: Final = {"odbc": Codec(True), "pgsql": Codec(True), "mysql": Codec(True), "sqlite3": Codec(False)}
"""By the driver's word in `extconfig.conf`."""


def _decoded(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("^", "")).decode("utf-8", "surrogateescape")


def _hex(blanks: str) -> str:
    return "".join(f"^{ord(blank):02X}" for blank in blanks)
