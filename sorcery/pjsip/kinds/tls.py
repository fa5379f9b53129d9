"""TLS ciphers, by the names of the TLS library."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from sorcery.kinds import Integer, Names, Refused, Warn

__all__ = ["Ciphers"]

_MOST = 64


class Ciphers(Names):
    """A comma list of cipher names, case counts, or numbers; lines add up, each is kept once."""

    def __init__(self) -> None:
        super().__init__(adds=True, separator=", ")

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Add the ciphers."""
        return self._named((*before, *super().parse(text, (), warn)))

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
    known = _known()
    if item in known.values():
        return item
    try:
        name = known.get(Integer().convert(item))
    except Refused:
        name = None
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
