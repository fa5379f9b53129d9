"""One line taken apart, so that a piece of it can be replaced and all else stays."""

from __future__ import annotations

import re
from enum import Enum

import attrs

from sorcery.conf.assignments import assign
from sorcery.conf.comments import Comments
from sorcery.conf.draft import CategoryDraft
from sorcery.conf.editing.tree import seen
from sorcery.conf.lines import BUFFER
from sorcery.conf.messages import Fault
from sorcery.conf.text import BLANKS, decode, encode

__all__ = ["Kind", "Line", "read_line"]

_BLANKS = BLANKS.encode()
_MARK = b"\xef\xbb\xbf"
_SETTING = re.compile(rb"[\x01-\x20]*([^\x01-\x20\[#\\=+](?:[^=]*[^\x01-\x20=+])?)[\x01-\x20]*(\+=|=>?)")


class Kind(Enum):
    """What a line is to the parser."""

    BLANK = "blank"
    COMMENT = "comment"
    HEADER = "header"
    DIRECTIVE = "directive"
    SETTING = "setting"
    OTHER = "other"
    """Something that it passes over with a warning."""


_KINDS = {ord("["): Kind.HEADER, ord("#"): Kind.DIRECTIVE}


@attrs.frozen(slots=True, kw_only=True)
class Line:
    """A line; the offsets hold only where it `is_plain`."""

    raw: bytes = attrs.field(repr=False)
    kind: Kind
    key: str = ""
    value: str = attrs.field(default="", repr=False)
    adds: bool = False
    """The operator is `+=`."""
    is_plain: bool = False
    """Its text stands in one piece, before its comment. Block comments can tear a text apart."""
    start: int = 0
    """Where the text begins, behind indentation and byte order mark."""
    equals: int = 0
    """Where a setting's `=` stands."""
    first: int = 0
    """Where its value begins."""
    last: int = 0
    """Where the text ends, a setting's value with it; blanks, a comment and the line's end follow."""

    @property
    def key_end(self) -> int:
        """Where a setting's key ends."""
        return len(self.raw[: self.equals - self.adds].rstrip(_BLANKS))

    @property
    def operator(self) -> bytes:
        """`=`, `=>` or `+=` of a setting."""
        if self.adds:
            return b"+="
        return b"=>" if self.raw.startswith(b"=>", self.equals) else b"="


def read_line(raw: bytes, depth: int = 0, *, is_first: bool = False) -> Line:
    """Take one line apart.

    `depth` is how many block comments are open before it; a byte order mark counts for nothing on the first line.
    """
    is_bare = depth == 0 and not is_first and b";" not in raw and b"\0" not in raw and len(raw) < BUFFER
    if is_bare and (line := _bare(raw)) is not None:
        return line
    text = seen(raw)
    mark = len(_MARK) if is_first and text.startswith(_MARK) else 0
    comments = Comments()
    comments.depth = depth
    live = (comments.live(decode(text[mark:]), 1) or "").strip(BLANKS)
    if not live:
        return Line(raw=raw, kind=Kind.COMMENT if raw.strip(_BLANKS) else Kind.BLANK)
    start = len(text) - len(text[mark:].lstrip(_BLANKS))
    last = len(text[: _comment(text)].rstrip(_BLANKS))
    is_plain = depth == 0 and text[start:last].replace(b"\\;", b";") == encode(live)
    if live[0] in "[#":
        kind = Kind.HEADER if live[0] == "[" else Kind.DIRECTIVE
        return Line(raw=raw, kind=kind, is_plain=is_plain, start=start, last=last)
    return _setting(raw, live, start, last, is_plain=is_plain)


def _bare(raw: bytes) -> Line | None:
    """Take apart a line that no comment complicates, as most are; None for one that takes a closer look."""
    last = len(raw.rstrip(_BLANKS))
    if last == 0:
        return Line(raw=raw, kind=Kind.BLANK)
    found = _SETTING.match(raw)
    if found is None:
        start = len(raw) - len(raw.lstrip(_BLANKS))
        kind = _KINDS.get(raw[start])
        return None if kind is None else Line(raw=raw, kind=kind, is_plain=True, start=start, last=last)
    behind = found.end()
    value = raw[behind:last].lstrip(_BLANKS)
    adds = found[2] == b"+="
    return Line(
        raw=raw,
        kind=Kind.SETTING,
        key=decode(found[1]),
        value=decode(value),
        adds=adds,
        is_plain=True,
        start=found.start(1),
        equals=found.start(2) + adds,
        first=last - len(value),
        last=last,
    )


def _setting(raw: bytes, live: str, start: int, last: int, *, is_plain: bool) -> Line:
    """Take apart what is neither blank, nor header, nor directive."""
    scratch = CategoryDraft("", "", 0)
    try:
        assign(scratch, live, 1, "")
    except Fault:
        return Line(raw=raw, kind=Kind.OTHER, is_plain=is_plain, start=start, last=last)
    (variable,) = scratch.own
    escaped = live.startswith("\\")
    sign = live.index("=", 2 * escaped)
    equals = raw.find(b"=", start + 2 * escaped)
    behind = equals + (2 if variable.operator == "=>" else 1)
    return Line(
        raw=raw,
        kind=Kind.SETTING,
        key=variable.key,
        value=variable.value,
        adds=live[sign - 1] == "+" and sign > 2 * escaped,
        is_plain=is_plain,
        start=start,
        equals=equals,
        first=last - len(raw[behind:last].lstrip(_BLANKS)),
        last=last,
    )


def _comment(text: bytes) -> int:
    """Return where the first `;` stands that no backslash protects, or the text's end."""
    at = text.find(b";")
    while at > 0 and text[at - 1 : at] == b"\\":
        at = text.find(b";", at + 1)
    return at if at >= 0 else len(text)
