"""Texts by a format, as `printf` makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sorcery_sip.pbx.dialplan.scope import BadCall

__all__ = ["format_text"]

MAX_WIDTH = 4096

_DIRECTIVE = re.compile(r"%(?:%|([-+ 0#]*)(\d*)(?:\.(\d*))?([a-zA-Z]))")


def format_text(form: str, values: Sequence[str]) -> str:
    """Return the format with its values in their order; raises `BadCall` for a value that does not fit."""
    left = iter(values)
    return _DIRECTIVE.sub(lambda found: _formatted(found, left), form)


def _formatted(found: re.Match[str], values: Iterator[str]) -> str:
    flags, width, precision, kind = found.groups()
    if kind is None:
        return "%"
    if int(width or 0) > MAX_WIDTH or int(precision or 0) > MAX_WIDTH:
        raise BadCall(f"{found[0]!r}: nothing is wider than {MAX_WIDTH} characters")
    head = f"%{flags}{width}" + ("" if precision is None else f".{precision or 0}")
    value = next(values, None)
    if kind == "s":
        return (head + "s") % ("(null)" if value is None else value)
    try:
        if kind in "diouxXc":
            number = int(value or "0")
            return (head + kind) % (chr(number & 0xFF) if kind == "c" else number)
        if kind in "eEfFgG":
            return (head + kind) % float(value or "0")
    except (ValueError, OverflowError):
        raise BadCall(f"{value!r} is no number, which {found[0]!r} wants") from None
    raise BadCall(f"{found[0]!r} is no format: write %d, %x, %f, %s and the like")
