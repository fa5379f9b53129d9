"""How names, keys and values have to be written, so that they are read back as they are."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from sorcery.conf.draft import MAX_NAME
from sorcery.conf.editing.syntax import Kind, Line, read_line
from sorcery.conf.lines import BUFFER
from sorcery.conf.messages import shown
from sorcery.conf.text import BLANKS, encode

__all__ = ["Style", "Unwritable", "header", "rekeyed", "renamed", "replaced"]

_SPACE = b" "


class Unwritable(Exception):
    """A text that no line can hold, or not the one at hand; `remedy` says what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(reason)


@attrs.frozen(slots=True)
class Style:
    """How a neighbour writes its setting; the default where there is none."""

    indent: bytes = b""
    column: int = 0
    """Where the operator stands, if the keys before it are padded to one width."""
    before: bytes = _SPACE
    operator: bytes = b"="
    after: bytes = _SPACE

    @classmethod
    def of(cls, line: Line) -> Style:
        """Return the style of a setting."""
        if not line.is_plain:
            return cls()
        operator = b"=>" if line.operator == b"=>" else b"="
        before = line.raw[line.key_end : line.equals - line.adds]
        after = line.raw[line.equals + len(operator) : line.first] if line.value else before[:1]
        width = line.equals - line.start if len(before) > 1 else 0
        return cls(_indent(line), width, before, operator, after)

    def setting(self, key: str, value: str) -> bytes:
        """Write a setting, without a line end. Raises `Unwritable`."""
        name = _key(key)
        before = self.before[:1] + _SPACE * (self.column - len(name) - 1) if self.column else self.before
        text = self.indent + name + (before or _SPACE if key.endswith("+") else before) + self.operator
        written = _value(value)
        after = self.after or _SPACE if self.operator == b"=" and value.startswith(">") else self.after
        return _checked(text + (after + written if written else b""), key, value)


def replaced(line: Line, value: str) -> bytes:
    """Write a plain setting with another value, everything else as it was, without a line end. Raises `Unwritable`."""
    if not line.is_plain:
        raise Unwritable("a block comment tears the line apart", "edit it by hand")
    raw = line.raw.removesuffix(b"\n").removesuffix(b"\r")
    before, written, behind = raw[: line.first], _value(value), raw[line.last :]
    if written and not line.value and line.key_end < line.equals:
        before += _SPACE
    if line.adds:
        before = before[: line.equals - 1] + before[line.equals :]
    if value.startswith(">") and before.endswith(b"=") and line.operator != b"=>":
        before += _SPACE
    if behind.startswith(b";") and (not line.value or written[-1:] in (b"\\", b"-")):
        behind = _SPACE + behind
    return _checked(before + written + behind, line.key, value, is_first=line.raw.startswith(b"\xef\xbb\xbf"))


def rekeyed(line: Line, key: str) -> bytes:
    """Write a plain setting with another key, everything else as it was, without a line end. Raises `Unwritable`."""
    if not line.is_plain:
        raise Unwritable("a block comment tears the line apart", "edit it by hand")
    raw = line.raw.removesuffix(b"\n").removesuffix(b"\r")
    made = raw[: line.start] + _key(key) + raw[line.key_end :]
    back = read_line(made, is_first=raw.startswith(b"\xef\xbb\xbf"))
    if (back.kind, back.key, back.value, back.adds) != (Kind.SETTING, key, line.value, line.adds) or len(
        made
    ) >= BUFFER:
        raise Unwritable(f"a line of {shown(key)} would be read as something else", "use another name")
    return made


def header(name: str, bases: Sequence[str] = (), *, template: bool = False) -> bytes:
    """Write a section's header, without a line end. Raises `Unwritable`."""
    for base in bases:
        if not base or base == "!" or base[0] == "+" or any(char in base for char in ",)\n\0"):
            raise Unwritable(f"{shown(base)} cannot be named as a base", "name a section, without , and ) in its name")
    options = ",".join(["!"] * template + list(bases))
    return _name(name) + (b"(" + _escaped(options) + b")" if options else b"")


def renamed(line: Line, name: str) -> bytes:
    """Write a plain header with another name, everything else as it was, without a line end. Raises `Unwritable`."""
    if not line.is_plain:
        raise Unwritable("a block comment tears the header apart", "edit it by hand")
    raw = line.raw.removesuffix(b"\n").removesuffix(b"\r")
    return raw[: line.start] + _name(name) + raw[raw.index(b"]", line.start) + 1 :]


def _name(name: str) -> bytes:
    if "]" in name:
        raise Unwritable(f"the name {shown(name)} holds a ]", "use a name without it")
    if len(encode(name)) > MAX_NAME:
        raise Unwritable(f"the name {shown(name)} has more than {MAX_NAME} bytes", "use a shorter one")
    return b"[" + _escaped(name) + b"]"


def _key(key: str) -> bytes:
    if not key or key.strip(BLANKS) != key:
        raise Unwritable(f"the option {shown(key)} is empty, or begins or ends with a blank", "name an option")
    return (b"\\" if key[0] in "[#\\=" else b"") + _escaped(key)


def _value(value: str) -> bytes:
    if value.strip(BLANKS) != value:
        raise Unwritable("a value cannot begin or end with a blank or a control character", "strip it")
    return _escaped(value)


def _escaped(text: str) -> bytes:
    if "\n" in text or "\0" in text:
        raise Unwritable("a line feed or a NUL cannot be written", "write a text of one line")
    try:
        return encode(text).replace(b";", b"\\;")
    except UnicodeEncodeError:
        raise Unwritable(
            "a lone surrogate cannot be written", "write Unicode, or bytes decoded with surrogateescape"
        ) from None


def _checked(line: bytes, key: str, value: str, *, is_first: bool = False) -> bytes:
    """Return a line, which has to be read as this key and value; the value may be a password, and is not told."""
    if len(line) >= BUFFER:
        raise Unwritable(f"the line would have more than {BUFFER - 1} bytes", "write less")
    back = read_line(line, is_first=is_first)
    if (back.kind, back.key, back.value, back.adds) != (Kind.SETTING, key, value, False):
        raise Unwritable(f"a line of {shown(key)} with this value would be read as something else", "use another name")
    return line


def _indent(line: Line) -> bytes:
    return line.raw[: line.start].removeprefix(b"\xef\xbb\xbf")
