"""Where a call goes on: `priority`, `extension,priority` or `context,extension,priority`, as Goto and Gosub have it."""

from __future__ import annotations

from typing import NamedTuple

from sorcery_sip.pbx.dialplan.arguments import split_arguments

__all__ = ["Target", "parse_target", "split_call"]


class Target(NamedTuple):
    """A place of the dialplan; what is None stays as it is."""

    context: str | None
    exten: str | None
    priority: str
    """A number, a number of steps with its sign, or a label."""


def parse_target(text: str) -> Target:
    """Read the text of a place; the priority may be empty."""
    parts = [part.strip() for part in split_arguments(text, 3)]
    match parts:
        case [context, exten, priority]:
            return Target(context or None, exten or None, priority)
        case [exten, priority]:
            return Target(None, exten or None, priority)
    return Target(None, None, parts[0] if parts else "")


def split_call(text: str) -> tuple[str, list[str]]:
    """Split `place(argument,…)` into the place and the arguments, which keep their quotation marks."""
    place, parenthesis, inner = text.strip().partition("(")
    return place, split_arguments(inner.removesuffix(")"), is_raw=True) if parenthesis else []
