"""POSIX extended regular expressions: their translation for `re`, and what all of their matches start with."""

from __future__ import annotations

import functools
import re

__all__ = ["compile_extended", "literal_head"]

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
_TOKEN = re.compile(
    r"\\(.)|(\[\^?\]?+(?:\[:[a-z]+:\]|[^\]])*+\])|\$|([*+?]{2,})|\{[0-9,]+\}[*+?]|\[|\(\??|\)"
    r"|\{(?!(?:[0-9]+(?:,[0-9]*)?|,[0-9]*)\})",
    re.DOTALL,
)
"""An escaped character, a bracket expression, an end, several repetitions in a row, a bracket that is never closed,
parentheses, what only Python knows, or a brace that bounds nothing."""
_PLACES = {"<": r"\b(?=\w)", ">": r"\b(?<=\w)", "`": r"\A", "'": r"\Z"}
"""Places that a backslash names in the C library: where a word begins and ends, and a text."""
_ESCAPES = frozenset("wWsSbB123456789")
"""What means something else behind a backslash, as in the C library; `re` knows more of these."""
_MEANT = re.compile(r"[\\\[\]&|~]|(?<=.-)-|^-(?=-)")
"""What `re` would take for more than itself in a set."""
_LITERAL = re.compile(r"[^\\.[\](){}^$*+?|]|\\[\\.[\](){}^$*+?|]")
"""One character that stands for itself; of those behind a backslash others mean a class or a place."""
_MAY_BE_MISSING = re.compile(r"\+*[*?{]")
_CLASS = re.compile(r"\[:([a-z]+):\]")


@functools.lru_cache(maxsize=256)
def compile_extended(pattern: str) -> re.Pattern[str]:
    """Compile a POSIX extended expression; raises `ValueError` where it is none."""
    opened = 0

    def translated(match: re.Match[str]) -> str:
        nonlocal opened
        if match.group() == ")" and not opened:
            return r"\)"  # one that closes nothing stands for itself
        opened += {"(": 1, ")": -1}.get(match.group(), 0)
        return _translated(match)

    try:
        return re.compile(_TOKEN.sub(translated, pattern), re.DOTALL)
    except (re.error, KeyError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def _translated(match: re.Match[str]) -> str:
    if match.group() in ("(", ")"):
        return match.group()
    if match.group() == "[":
        raise re.error("a bracket is not closed")
    if match.group() == "(?":
        raise re.error("nothing stands before the question mark")
    if match.group() == "{":
        raise re.error("a brace bounds nothing")  # to `re` it stands for itself
    if match.group() == "$":
        return r"\Z"  # `re` would let a line break follow
    escaped, bracket, repeats = match.groups()
    if escaped:
        return _PLACES.get(escaped) or (match.group() if escaped in _ESCAPES else re.escape(escaped))
    if repeats:  # each repeats what the one before it makes; to `re` the second means something else
        return str(repeats[0]) if len({*repeats}) == 1 else "*"
    if bracket is None:
        raise re.error("one repetition follows another")  # POSIX leaves it open, and `re` means something else
    return _bracket(bracket)


def _bracket(text: str) -> str:
    """Translate one bracket expression: a backslash is literal in it, `[:name:]` is a set."""
    negated = text.startswith("[^")
    inner = text[2 if negated else 1 : -1]
    parts = _CLASS.split(inner)
    literal = [_MEANT.sub(r"\\\g<0>", part) for part in parts[::2]]
    sets = [_CLASSES[name] for name in parts[1::2]]
    body = "".join(a + b for a, b in zip(literal, [*sets, ""], strict=True))
    return f"[{'^' if negated else ''}{body}]"


def literal_head(regex: str) -> str:
    """Return the text that every match of an anchored expression starts with; empty where none is certain."""
    if not regex.startswith("^") or "|" in regex:
        return ""
    head: list[str] = []
    position = 1
    while (found := _LITERAL.match(regex, position)) is not None:
        head.append(found[0][-1])
        position = found.end()
    if _MAY_BE_MISSING.match(regex, position):
        head = head[:-1]  # the last character may be missing
    return "".join(head)
