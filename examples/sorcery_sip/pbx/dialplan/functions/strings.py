"""Texts: their length, their parts, other letters for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sorcery_sip.pbx.dialplan.arguments import quoted, split_arguments
from sorcery_sip.pbx.dialplan.functions.formatting import format_text
from sorcery_sip.pbx.dialplan.regexes import compile_posix
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["STRINGS", "exactly"]

MAX_TEXT = 65536
"""Characters of the longest text that replacing makes."""

_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)


def exactly(arguments: str, least: int, most: int, usage: str) -> list[str]:
    """Return the arguments, filled up to `most` with empty ones; raises `BadCall` where there are too few."""
    parts = split_arguments(arguments, most)
    if len(parts) < least:
        raise BadCall(f"write {usage}")
    return parts + [""] * (most - len(parts))


def _plain(function: Callable[[str], str]) -> Function:
    return Function(lambda scope, text: function(text))


def _csv_quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _filter(scope: Scope, arguments: str) -> str:
    allowed, text = exactly(arguments, 2, 2, "FILTER(allowed characters,text)")
    raw = split_arguments(arguments, 2, is_raw=True)[0]
    members = _members(raw if raw else allowed)
    return "".join(char for char in text if char in members)


def _members(text: str) -> set[str]:
    """Return the characters that `0-9a-z\\x2d` stands for."""
    chars: list[tuple[str, bool]] = []
    at = 0
    while at < len(text):
        found = _ESCAPE.match(text, at)
        if found is None:
            chars.append((text[at], False))
            at += 1
        else:
            code = found[1]
            chars.append((chr(int(code[1:], 16)) if len(code) > 1 else {"n": "\n", "t": "\t"}.get(code, code), True))
            at = found.end()
    members: set[str] = set()
    at = 0
    while at < len(chars):
        char = chars[at][0]
        if chars[at + 1 : at + 2] == [("-", False)] and at + 2 < len(chars):
            members.update(map(chr, range(ord(char), ord(chars[at + 2][0]) + 1)))
            at += 3
        else:
            members.add(char)
            at += 1
    return members


def _replace(scope: Scope, arguments: str) -> str:
    name, find, by = exactly(arguments, 2, 3, "REPLACE(variable,characters[,character])")
    return "".join(by[:1] if char in find else char for char in scope.get(name))


def _str_replace(scope: Scope, arguments: str) -> str:
    name, find, by, most = exactly(arguments, 2, 4, "STRREPLACE(variable,text[,by[,at most]])")
    if not find:
        raise BadCall("there is nothing to look for")
    text = scope.get(name)
    if len(text) * max(len(by), 1) > MAX_TEXT:
        raise BadCall(f"the text could become longer than {MAX_TEXT} characters")
    return text.replace(find, by, int(most) if most.isdecimal() else -1)


def _regex(scope: Scope, arguments: str) -> str:
    found = re.fullmatch(r'\s*"(.*?)(?<!\\)"\s?(.*)', arguments, re.DOTALL)
    if found is None:
        raise BadCall('write REGEX("expression" text)')
    try:
        return str(int(compile_posix(found[1]).search(found[2]) is not None))
    except re.error as error:
        raise BadCall(f"{found[1]!r} is no regular expression: {error}") from None


def _sprintf(scope: Scope, arguments: str) -> str:
    form, *values = split_arguments(arguments) or [""]
    return format_text(form, values)


def _printable(text: str) -> str:
    return text.lower().translate(_KEYPAD)


STRINGS: Mapping[str, Function] = {
    "CSV_QUOTE": _plain(_csv_quote),
    "FILTER": Function(_filter),
    "KEYPADHASH": _plain(lambda text: "".join(char for char in _printable(text) if char.isdecimal())),
    "LEN": _plain(lambda text: str(len(text))),
    "LTRIM": _plain(str.lstrip),
    "PASSTHRU": _plain(str),
    "QUOTE": _plain(quoted),
    "REGEX": Function(_regex),
    "REPLACE": Function(_replace),
    "RTRIM": _plain(str.rstrip),
    "SPRINTF": Function(_sprintf),
    "STRREPLACE": Function(_str_replace),
    "TOLOWER": _plain(str.lower),
    "TOUPPER": _plain(str.upper),
    "TRIM": _plain(str.strip),
}
