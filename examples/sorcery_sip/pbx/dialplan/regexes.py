"""POSIX extended regular expressions, as Python's own."""

from __future__ import annotations

import functools
import re

__all__ = ["compile_posix"]

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
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_KEPT_ESCAPES = "wWsSbB"


@functools.lru_cache(maxsize=256)
def compile_posix(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; raises `re.error` for one that is none."""
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            end = _set_end(pattern, at)
            pieces.append(_set(pattern[at + 1 : end]))
            at = end + 1
        elif char == "\\" and at + 1 < len(pattern):
            following = pattern[at + 1]
            pieces.append("\\" + following if following in _KEPT_ESCAPES else re.escape(following))
            at += 2
        elif char == "?" and at and pattern[at - 1] in "(*+?}":
            if pattern[at - 1] == "(":
                raise re.error("nothing to repeat", pattern, at)
            at += 1  # what is repeated already may be absent as it is, but for `+`
            if pattern[at - 2] == "+":
                pieces[-1] = "*"
        else:
            pieces.append("\\Z" if char == "$" else char)
            at += 1
    return re.compile("".join(pieces), re.DOTALL)


def _set_end(pattern: str, start: int) -> int:
    """Return where the set that begins at `start` ends."""
    at = start + 1
    at += pattern.startswith("^", at)
    at += pattern.startswith("]", at)
    while at < len(pattern) and pattern[at] != "]":
        if pattern.startswith("[:", at) and (end := pattern.find(":]", at + 2)) > 0:
            at = end + 1
        at += 1
    if at >= len(pattern):
        raise re.error("a set that begins with '[' ends with ']'", pattern, start)
    return at


def _set(inner: str) -> str:
    negation = "^" if inner.startswith("^") else ""
    pieces: list[str] = []
    for part in re.split(r"(\[:[a-z]+:\])", inner.removeprefix("^")):
        if part.startswith("[:") and part.endswith(":]"):
            if part[2:-2] not in _CLASSES:
                raise re.error(f"there is no class {part[2:-2]!r}", inner)
            pieces.append(_CLASSES[part[2:-2]])
        else:
            pieces.append(part.replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\["))
    body = "".join(pieces)
    return f"[{negation}{body.replace('^', chr(92) + '^')}]"
