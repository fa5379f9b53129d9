"""One style for `.conf` files, in which Asterisk reads what it read before and each comment says what it said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import attrs

from sorcery.conf.comments import Comments
from sorcery.conf.editing.syntax import Kind, Line, read_line
from sorcery.conf.editing.tree import Tree, seen
from sorcery.conf.lines import BUFFER
from sorcery.conf.messages import Fault
from sorcery.conf.text import BLANKS, decode, encode
from sorcery.errors import ConfSyntaxError

__all__ = ["format_text"]

_BLANKS = BLANKS.encode()
_MARK = b"\xef\xbb\xbf"


def format_text(text: str) -> str:
    """Return a file's text in one style: what it says stays, byte for byte, and so do its comments.

    `=`, `=>` and the comment behind a value have a blank before them; blanks at line ends go, and so do blank lines
    but for one between paragraphs; one is added before a section. Comments that stood below one another still do.
    Left alone are lines of `#include` and `#exec`, the insides of block comments, indentation, and a text with a NUL
    or with block comments that do not match. Bytes that are no UTF-8 have to be lone surrogates, as
    `surrogateescape` makes them. Raises `ConfSyntaxError` for block comments nested too deep.
    """
    data = encode(text)
    mark = _MARK if data.startswith(_MARK) else b""
    try:
        formatted = mark + _formatted(data.removeprefix(mark))
    except Fault as fault:
        raise ConfSyntaxError(fault.text, code=fault.code) from fault
    return decode(formatted) if _begins_alike(data, formatted) else text


def _begins_alike(data: bytes, formatted: bytes) -> bool:
    """Tell whether the byte order mark is as much of the first line as it was."""
    return all(
        each.startswith(_MARK) is data.startswith(_MARK) and len(each.partition(b"\n")[0]) < BUFFER
        for each in (data, formatted)
    )


@attrs.frozen(slots=True)
class _Row:
    """A line in two parts, and what is known of it as it was."""

    was: Line
    end: bytes
    depth: int
    """The block comments that are open before it."""
    text: bytes = b""
    comment: bytes = b""
    """What stands behind a header or a value, or the whole line where it is a comment and indented."""
    column: int = 0
    """Where the comment stood; 0 if there is none, or if it begins its line."""
    gap: int = 0
    """How many columns were between it and the text."""

    @property
    def raw(self) -> bytes:
        """The line as it was."""
        return self.was.raw

    @property
    def kind(self) -> Kind:
        """What it is to the parser."""
        return self.was.kind

    @property
    def is_comment(self) -> bool:
        """Whether there is nothing but a comment in it."""
        return self.kind is Kind.COMMENT or (self.kind is Kind.BLANK and self.depth != 0)

    @property
    def is_gap(self) -> bool:
        """Whether it is a blank line, outside of comments."""
        return self.kind is Kind.BLANK and self.depth == 0

    def with_comment_at(self, column: int) -> bytes:
        """Return the line with its comment in a column."""
        if not self.column:
            return self.text + self.comment + self.end
        if self.is_comment and column == self.column:  # be it indented with tabs
            return self.raw.rstrip(_BLANKS) + self.end
        return self.text + b" " * (column - _width(self.text)) + self.comment + self.end


@attrs.frozen(slots=True)
class _Formed:
    """A line as it is to be."""

    row: _Row
    line: bytes
    follows: bool
    """Whether it goes on with the comment behind a line above it."""


def _formatted(data: bytes) -> bytes:
    """Format what follows the byte order mark."""
    tree = Tree.parse(data)
    depths = tree.depths()
    if b"\0" in data or min(depths) < 0:
        return data
    rows = _aligned(map(_row, tree.lines, depths, depths[1:]))
    lines = b"".join(_spaced(list(rows), tree.newline))
    is_open = bool(lines) and depths[-1] == 0 and not lines.endswith(b"\n")
    return lines + tree.newline if is_open else lines


def _row(raw: bytes, depth: int, after: int) -> _Row:
    """Take a line apart, and give each part its form."""
    end = b"\r\n" if raw.endswith(b"\r\n") else b"\n" if raw.endswith(b"\n") else b""
    line = read_line(raw, depth)
    row = _Row(line, end, depth, text=raw.removesuffix(end))
    is_dropped = not seen(raw) and len(raw) >= BUFFER
    if depth or is_dropped or line.kind is Kind.DIRECTIVE:
        return row
    if line.kind in (Kind.HEADER, Kind.SETTING) and line.is_plain:
        comment = raw[line.last :].lstrip(_BLANKS)
        column = _width(raw[: len(raw) - len(comment)]) if comment else 0
        comment = comment.removesuffix(end) if after else comment.rstrip(_BLANKS)
        gap = column - _width(raw[: line.last])
        return _Row(line, end, depth, _text(line), comment, column, gap)
    if after:
        return row
    text = row.text.rstrip(_BLANKS)
    if line.kind is Kind.COMMENT and text.lstrip(_BLANKS) != text:
        comment = text.lstrip(_BLANKS)
        return _Row(line, end, depth, comment=comment, column=_width(text) - _width(comment))
    return _Row(line, end, depth, text)


def _text(line: Line) -> bytes:
    """Write a header, or a setting, without what follows it."""
    raw = line.raw
    if line.kind is Kind.HEADER:
        return raw[line.start : line.last]
    if line.adds:  # the blank behind += is part of the value
        return raw[: line.last]
    return b" ".join(filter(None, (raw[: line.key_end], line.operator, raw[line.first : line.last])))


def _width(text: bytes) -> int:
    return len(decode(text).expandtabs())


def _aligned(rows: Iterable[_Row]) -> Iterator[_Formed]:
    """Yield the lines as they are to be; comments that stood in one column, line by line, get one column again."""
    for column, group in groupby(rows, key=lambda row: row.column):
        yield from _in_column(list(group), column)


def _in_column(rows: Sequence[_Row], column: int) -> Iterator[_Formed]:
    """Yield lines whose comments stood in one column: there it stays, unless that was but a blank behind each text."""
    behind = [row for row in rows if not row.is_comment] if column else []
    needed = max((_width(row.text) + 1 for row in behind), default=column)
    wanted = max(needed, column if any(row.gap > 1 for row in behind) else 0)
    is_below = False  # an indented comment moves only with one above it
    for row in rows:
        is_below |= not row.is_comment
        line = row.with_comment_at(wanted if is_below else column)
        made = line if line == row.raw or _says_same(row, line) else row.raw
        yield _Formed(row, made, bool(column) and is_below and row.is_comment)


def _says_same(row: _Row, line: bytes) -> bool:
    """Tell whether a line is to the parser what it was; a longer one may be too long for it."""
    if row.is_gap:
        return True
    old, new = row.was, read_line(line, row.depth)
    if (old.kind, old.key, old.value, old.operator) != (new.kind, new.key, new.value, new.operator):
        return False
    is_spaced = old.kind is Kind.SETTING and old.is_plain
    if not is_spaced and old.raw[old.start : old.last] != new.raw[new.start : new.last]:
        return False
    return b";" not in line or _depth_after(row.raw, row.depth) == _depth_after(line, row.depth)


def _depth_after(raw: bytes, depth: int) -> int:
    comments = Comments()
    comments.depth = depth
    comments.live(decode(seen(raw)), 1)
    return comments.depth


def _spaced(lines: Sequence[_Formed], newline: bytes) -> Iterator[bytes]:
    """Yield the lines with one blank line where there were some, and before sections."""
    begins = set(_beginnings(lines))
    is_first, gap = True, b""
    for index, each in enumerate(lines):
        if each.row.is_gap:
            gap = gap or each.row.end
            continue
        if not is_first and (gap or index in begins):
            yield gap or newline
        yield each.line
        is_first, gap = False, b""


def _beginnings(lines: Sequence[_Formed]) -> Iterator[int]:
    """Yield where sections begin: at the comments directly above the header.

    Headers below one another, as of many users that have all from a template, stay together.
    """
    for header, each in enumerate(lines):
        if each.row.kind is not Kind.HEADER or each.row.depth:
            continue
        first = header
        while first and lines[first - 1].row.is_comment and not lines[first - 1].follows:
            first -= 1
        while lines[first].row.depth:
            first += 1
        if first < header or not first or lines[first - 1].row.kind is not Kind.HEADER:
            yield first
