"""TLS ciphers, by the names of the TLS library."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from sorcery.kinds import Names, Refused, Warn

__all__ = ["Ciphers"]

_MOST = 64
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0([0-7]*)|[1-9][0-9]*")


class Ciphers(Names):
    """A comma list of cipher names, case counts, or numbers; lines add up, each is kept once."""

    def __init__(self) -> None:
        super().__init__(adds=True, separator=", ")

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Add the ciphers."""
        items = super().parse(text, (), warn)
        for item in items:
            if item not in _known().values() and _NUMBER.fullmatch(item) is None:
                warn(f"{item!r} is no cipher of the TLS library", f"its number is read: {_name(item)}")
        return self._named((*before, *items))

    def accept(self, value: Any) -> tuple[str, ...]:
        """Take an iterable of names or numbers in texts."""
        return self._named(super().accept(value))

    def _named(self, items: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(_name(item) for item in items))
        if len(found) > _MOST:
            raise Refused(f"holds more than {_MOST} ciphers")
        return found

    def expects(self) -> str:
        return "names or numbers of ciphers, for instance ECDHE-RSA-AES256-GCM-SHA384,0x1302"


def _name(item: str) -> str:
    """Return the name of a cipher by its name, or by the number that the item begins with, as in C."""
    if item in _known().values():
        return item
    found = _NUMBER.match(item)
    name = _known().get(int(found[1] or "0", 8) if found[1] is not None else int(found[0][:32], 0)) if found else None
    if name is None:
        raise Refused(f"{item!r} is no cipher of the TLS library", "list them with: openssl ciphers -V ALL")
    return name


@functools.cache
def _known() -> Mapping[int, str]:
    """Return every cipher of the TLS library by its number in the TLS registry."""
    import ssl  # takes longer to import than all types around it, and few objects name a cipher

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return {int(cipher["id"]) & 0xFFFF: str(cipher["name"]) for cipher in context.get_ciphers()}
