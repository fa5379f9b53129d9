"""Adding, removing and renaming sections: which lines change."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from sorcery.conf.editing.body import Body, Leaf, Placed
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.forms import Unwritable, header, renamed
from sorcery.conf.editing.options import unwritable
from sorcery.conf.editing.survey import Span
from sorcery.conf.editing.syntax import Kind
from sorcery.conf.editing.tree import Splice
from sorcery.conf.messages import shown
from sorcery.place import Place

__all__ = ["Pairs", "behind", "insert", "remove", "rename", "trimmed"]

Pairs = Sequence[tuple[str, str]]

_CONTENT = (Kind.HEADER, Kind.SETTING, Kind.OTHER)


def insert(leaf: Leaf, index: int, name: str, pairs: Pairs, bases: Sequence[str], *, template: bool) -> Splice:
    """Write a section between two lines of a file, in the style of what stands before it, apart by blank lines.

    Raises `EditRefused`.
    """
    index = leaf.open_index(index)
    style, count = leaf.style(index), len(leaf.tree.lines)
    try:
        lines = [header(name, bases, template=template), *(style.setting(key, value) for key, value in pairs)]
    except Unwritable as error:
        raise EditRefused(
            f"the section {shown(name)} cannot be written: {error}",
            place=Place(leaf.path, index),
            remedy=error.remedy,
        ) from None
    if index > 0 and leaf.line(index - 1).kind is not Kind.BLANK:
        lines.insert(0, b"")
    if index < count and leaf.line(index).kind is not Kind.BLANK:
        lines.append(b"")
    return Splice(leaf.path, index, index, tuple(lines))


def behind(body: Body) -> tuple[Leaf, int]:
    """Return where something can come behind a section: the file, and the index of a line."""
    content = [each for span in body.spans for each in body.lines(span) if each.line.kind in _CONTENT]
    last = content[-1]
    return last.leaf, _end(last)


def remove(body: Body, *, comments: bool) -> list[Splice]:
    """Take a section away: its lines, comments among them, and comments that follow them without a gap.

    With `comments`, those directly above its headers go too, but for those that a file begins with: they may be about
    all of it. Raises `EditRefused`.
    """
    found = (_removal(body, span, comments=comments) for span in body.spans)
    return [splice for splice in found if splice is not None]


def trimmed(leaf: Leaf, splice: Splice) -> Splice:
    """Return a splice that, where it takes a file's end away, takes the blank lines before it too."""
    if splice.lines or splice.start == splice.stop or splice.stop < len(leaf.tree.lines):
        return splice
    return attrs.evolve(splice, start=_above(leaf, splice.start, Kind.BLANK))


def rename(body: Body, name: str) -> list[Splice]:
    """Write another name into the headers of a section. Raises `EditRefused`."""
    splices = []
    for each in body.headers:
        try:
            line = renamed(each.line, name)
        except Unwritable as error:
            raise unwritable(error, each, name) from None
        splices.append(Splice(each.leaf.path, each.index, each.index + 1, (line,)))
    return splices


def _removal(body: Body, span: Span, *, comments: bool) -> Splice | None:
    content = [each for each in body.lines(span) if each.line.kind in _CONTENT]
    if not content:
        return None
    first, leaf = content[0], content[0].leaf
    start, stop, count = first.index, _end(content[-1]), len(leaf.tree.lines)
    if leaf.depths[start]:
        raise EditRefused(
            "the line begins in a block comment, which would have to stay",
            place=first.place,
            remedy="edit it by hand",
        )
    if comments and first.line.kind is Kind.HEADER:
        start = _above(leaf, start, Kind.COMMENT) or start
    if start == 0 or leaf.line(start - 1).kind is Kind.BLANK:
        while stop < count and leaf.line(stop).kind is Kind.BLANK:
            stop += 1
    if stop == count:
        start = _above(leaf, start, Kind.BLANK)
    return Splice(leaf.path, start, stop)


def _end(last: Placed) -> int:
    """Return the index behind a section's last line, and behind comments that follow it without a gap.

    Comments that stand directly above a header belong to what comes next.
    """
    leaf, lines = last.leaf, last.leaf.tree.lines
    stop = end = leaf.open_index(last.index + 1)
    while end < len(lines) and leaf.line(end).kind is Kind.COMMENT:
        end += 1
    return stop if end < len(lines) and leaf.line(end).kind is not Kind.BLANK else leaf.open_index(end)


def _above(leaf: Leaf, index: int, kind: Kind) -> int:
    """Return the index of the first of the lines of a kind that stand directly above a line."""
    while index > 0 and leaf.line(index - 1).kind is kind and not leaf.depths[index - 1]:
        index -= 1
    return index
