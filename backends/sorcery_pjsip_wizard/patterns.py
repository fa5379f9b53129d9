"""Patterns such as `sip:${USERNAME}@${REMOTE_HOST}`: dialplan variables, without functions and expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sorcery.kinds import Refused

__all__ = ["substituted"]

REFERENCE = re.compile(r"([^:]*)(?::\s*([+-]?\d+)(?::\s*([+-]?\d+))?)?")
"""A variable's name, the offset of the part that is meant, and its length."""


def substituted(pattern: str, variables: Mapping[str, str]) -> str:
    """Return the pattern with each `${NAME}` or `${NAME:offset:length}` replaced; an unknown variable is empty.

    What stands between the braces may itself hold variables. Raises `Refused` for a function or a `$[expression]`:
    only a running Asterisk can tell what these yield.
    """
    done, rest = "", pattern
    while rest:
        plain, dollar, rest = rest.partition("$")
        done += plain
        if rest.startswith("["):
            raise Refused("holds an expression, which Asterisk alone can evaluate", "write what it comes to")
        if rest.startswith("{"):
            inner, rest = _enclosed(rest)
            done += _value(substituted(inner, variables), variables)
        else:
            done += dollar
    return done


def _enclosed(text: str) -> tuple[str, str]:
    """Return what stands between the brace at the start and its counterpart (or the end), and what follows that."""
    depth = 0
    for position, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return text[1:position], text[position + 1 :]
    return text[1:], ""


def _value(reference: str, variables: Mapping[str, str]) -> str:
    if "(" in reference:
        raise Refused("calls a function, which Asterisk alone can do", "write what it returns")
    found = REFERENCE.match(reference)
    assert found is not None
    name, offset, length = found.groups()
    text = variables.get(name, "")[int(offset or 0) :]
    return text if length is None else text[: int(length)]
