"""POSIX extended regular expressions, as far as `re` needs a translation."""

from __future__ import annotations

import functools
import re

__all__ = ["compile_extended"]

_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\r\\f\\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_BRACKET = re.compile(r"\[\^?\]?(?:\[:[a-z]+:\]|[^\]])*\]")
_CLASS = re.compile(r"\[:([a-z]+):\]")


@functools.lru_cache(maxsize=256)
def compile_extended(pattern: str) -> re.Pattern[str]:
    """Compile a POSIX extended expression; raises `ValueError` where it is none."""
    try:
        return re.compile(_BRACKET.sub(_bracket, pattern))
    except (re.error, KeyError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def _bracket(match: re.Match[str]) -> str:
    """Translate one bracket expression: a backslash is literal in it, `[:name:]` is a set."""
    text = match.group()
    negated = text.startswith("[^")
    inner = text[2 if negated else 1 : -1]
    parts = _CLASS.split(inner)
    literal = [part.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") for part in parts[::2]]
    sets = [_CLASSES[name] for name in parts[1::2]]
    body = "".join(a + b for a, b in zip(literal, [*sets, ""], strict=True))
    return f"[{'^' if negated else ''}{body}]"
