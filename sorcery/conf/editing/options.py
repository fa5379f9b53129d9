"""Editing the options of a section: which lines change."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from sorcery.conf.editing.body import Body, Placed
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.forms import Unwritable, rekeyed, replaced
from sorcery.conf.editing.tree import Splice
from sorcery.conf.messages import shown

__all__ = ["put", "rename", "unwritable"]


def put(body: Body, key: str, values: Sequence[str], *, at_end: bool) -> list[Splice]:
    """Give an option these values, each in a line of the section itself.

    Lines whose value stays are kept, others are reused in order, and those with `+=` go; more of them come where they
    belong among those of the option, or with `at_end` the last behind all of the section's. Raises `EditRefused`.
    """
    old = body.settings_of(key)
    if not old:
        return [_insertion(body, body.settings, key, values, before=None)] if values else []
    lines, adding = ([each for each in old if each.line.adds is adds] for adds in (False, True))
    if not lines:
        lines, adding = adding[:1], adding[1:]
    splices = [_removal(each) for each in adding]
    for start, stop, wanted in _runs([each.line.value for each in lines], values):
        reused = lines[start:stop]
        splices += [
            Splice(each.leaf.path, each.index, each.index + 1, (_replaced(each, value),))
            for each, value in zip(reused, wanted, strict=False)
            if each.line.value != value or each.line.adds
        ]
        splices += [_removal(each) for each in reused[len(wanted) :]]
        if len(wanted) > len(reused):
            is_last = stop == len(lines)
            neighbours = body.settings if not lines or (at_end and is_last) else lines[:stop]
            before = lines[0] if lines and not neighbours else None
            splices.append(_insertion(body, neighbours, key, wanted[len(reused) :], before=before))
    return splices


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Yield from where to where old values give way to which new ones; runs in which all stays are among them."""
    if not old or not new:
        yield 0, len(old), new
        return
    for _, start, stop, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield start, stop, new[first:last]


def rename(body: Body, key: str, name: str) -> list[Splice]:
    """Give the lines of an option another name, where they stand; raises `EditRefused`."""
    return [
        Splice(each.leaf.path, each.index, each.index + 1, (_rekeyed(each, name),)) for each in body.settings_of(key)
    ]


def unwritable(error: Unwritable, placed: Placed, what: str) -> EditRefused:
    """Return the refusal of an edit of a line, or beside it."""
    return EditRefused(f"{shown(what)} cannot be written: {error}", place=placed.place, remedy=error.remedy)


def _replaced(placed: Placed, value: str) -> bytes:
    try:
        return replaced(placed.line, value)
    except Unwritable as error:
        raise unwritable(error, placed, placed.line.key) from None


def _rekeyed(placed: Placed, name: str) -> bytes:
    try:
        return rekeyed(placed.line, name)
    except Unwritable as error:
        raise unwritable(error, placed, name) from None


def _removal(placed: Placed) -> Splice:
    """Take a setting away; of a comment that reaches from its line to others, the beginning stays."""
    path, index, line = placed.leaf.path, placed.index, placed.line
    if not placed.opens_or_closes:
        return Splice(path, index, index + 1)
    if not line.is_plain:
        raise EditRefused(
            f"the line of {shown(line.key)} begins in a block comment",
            place=placed.place,
            remedy="edit it by hand",
        )
    comment = line.raw[line.last :].lstrip().removesuffix(b"\n").removesuffix(b"\r")
    return Splice(path, index, index + 1, (line.raw[: line.start] + comment,))


def _insertion(
    body: Body, neighbours: Sequence[Placed], key: str, values: Sequence[str], *, before: Placed | None
) -> Splice:
    """Add lines behind the last neighbour, or the section's header, or else before another line."""
    beside = before or (neighbours[-1] if neighbours else body.headers[0])
    index = beside.leaf.open_index(beside.index + (before is None))
    style = beside.style
    try:
        return Splice(beside.leaf.path, index, index, tuple(style.setting(key, value) for value in values))
    except Unwritable as error:
        raise unwritable(error, beside, key) from None
