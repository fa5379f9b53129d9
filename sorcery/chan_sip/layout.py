"""The objects of a conversion as the text of a `pjsip.conf`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from sorcery.chan_sip.conversion import Conversion
from sorcery.chan_sip.parts import Part
from sorcery.conf.editing.forms import Style, header
from sorcery.plain import plain

__all__ = ["pjsip_conf"]

_WIDTH = 80
Setting = tuple[str, str]


def pjsip_conf(conversion: Conversion) -> str:
    """Return the text of the file: each object a section, each group below a comment that names its origin.

    Bytes that are no UTF-8 are lone surrogates in it, as `surrogateescape` writes them.
    """
    lines: list[str] = []
    written: dict[Setting, str] = {}
    group = None
    for part in conversion.parts:
        lines.append("")
        if (origin := (part.section, part.place)) != group:
            group = origin
            lines.append(_heading(part))
        lines += _section(part, written)
    return "\n".join([*lines[1:], ""])


def _heading(part: Part) -> str:
    place = attrs.evolve(part.place, source=Path(part.place.source).name)
    text = f"; [{plain(part.section)}] of {place} "
    return text + "-" * max(_WIDTH - len(text), 3)


def _section(part: Part, written: dict[Setting, str]) -> Iterator[str]:
    """Yield the lines of an object; `written` has those of other objects, as most lines are those of many."""
    yield _text(header(part.id))
    settings = ((pair.option, pair.text) for pair in part.pairs if pair.text)
    for setting in (("type", part.object_type.plain_name), *settings):
        if setting not in written:
            written[setting] = _text(Style().setting(*setting))
        yield written[setting]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
