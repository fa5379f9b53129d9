"""File patterns as glob(3) reads them: `*`, `?`, `[...]`, `{a,b}`, and a backslash that quotes.

Hidden files match only a pattern that writes their dot; results are sorted by byte value, per alternative of a
brace.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

from sorcery.conf.brackets import Bracket, BracketError
from sorcery.conf.messages import shown
from sorcery.conf.text import encode

__all__ = ["MAX_ALTERNATIVES", "MAX_MATCHES", "TooManyMatches", "expand", "is_pattern"]

MAX_ALTERNATIVES = 1024
"""Ways to choose among the braces of one pattern, which would otherwise grow without bound."""
MAX_MATCHES = 100_000
"""Paths that one pattern may stand for."""

_Piece = Callable[[str], bool] | None  # what one character must be; None is the star


class TooManyMatches(ValueError):
    """A pattern that stands for too many paths."""


def is_pattern(path: str) -> bool:
    """Tell whether a path holds an unquoted pattern character."""
    return any(char in "*?[{" for char, _ in _characters(path))


def expand(pattern: str, root: str = "") -> list[str]:
    """Return the paths that a pattern stands for.

    `root` is a literal prefix. An alternative without wildcards stands for itself, there or not.
    Blocks while it lists folders; one that cannot be read has no files. Raises `TooManyMatches`.
    """
    found: list[str] = []
    for count, alternative in enumerate(_alternatives(pattern)):
        found += _matches(alternative, root)
        if count == MAX_ALTERNATIVES or len(found) > MAX_MATCHES:
            raise TooManyMatches(f"the pattern {shown(pattern)} stands for too many paths")
    return found


def _characters(text: str, start: int = 0) -> Iterator[tuple[str, int]]:
    """Yield each character and its index; a quoted one comes as its backslash."""
    at = start
    while at < len(text):
        yield text[at], at
        at += 2 if text[at] == "\\" else 1


def _alternatives(pattern: str) -> Iterator[str]:
    """Yield the pattern with the first brace replaced by each of its alternatives, and so on inwards."""
    waiting = [pattern]
    while waiting:
        text = waiting.pop()
        start = next((at for char, at in _characters(text) if char == "{"), None)
        cuts = _brace(text, start) if start is not None else []
        if not cuts:
            yield text
        for low, high in reversed(list(itertools.pairwise(cuts))):
            waiting.append(text[: cuts[0]] + text[low + 1 : high] + text[cuts[-1] + 1 :])


def _brace(pattern: str, start: int) -> list[int]:
    """Return where a brace opens, its commas, and where it closes; nothing if it does not."""
    cuts = [start]
    depth = 0
    for char, at in _characters(pattern, start):
        depth += (char == "{") - (char == "}")
        if depth == 0 or (depth == 1 and char == ","):
            cuts.append(at)
        if depth == 0:
            return cuts
    return []


def _matches(pattern: str, root: str) -> list[str]:
    if not _has_wildcard(pattern):
        return [root + _unquote(pattern)]
    paths = [root]
    *folders, last = pattern.split("/")
    for name in folders:
        paths = [f"{path}/" for path in _entries(paths, name)]
    return sorted(filter(os.path.lexists, _entries(paths, last)), key=encode)


def _entries(folders: list[str], name: str) -> list[str]:
    """Extend the path of each folder by each name in it that the pattern of a name matches."""
    if not _has_wildcard(name):
        return [folder + _unquote(name) for folder in folders]
    pieces, hidden = _pieces(name), name.startswith((".", "\\."))
    found = [
        folder + each
        for folder in folders
        for each in _listed(folder)
        if (hidden or not each.startswith(".")) and _fits(pieces, each)
    ]
    if len(found) > MAX_MATCHES:
        raise TooManyMatches(f"the pattern {shown(name)} stands for too many paths")
    return found


def _has_wildcard(pattern: str) -> bool:
    return any(char in "*?[" for char, _ in _characters(pattern))


def _unquote(text: str) -> str:
    return "".join(text[at + 1 : at + 2] or char if char == "\\" else char for char, at in _characters(text))


def _listed(folder: str) -> list[str]:
    try:
        return [".", "..", *os.listdir(folder or ".")]  # noqa: PTH208 - the path is text, kept as it was written
    except (OSError, ValueError):
        return []


def _pieces(name: str) -> list[_Piece]:
    """Compile the pattern of one file name."""
    pieces: list[_Piece] = []
    at = 0
    while at < len(name):
        char = name[at]
        at += 1
        if char == "*":
            pieces.append(None)
        elif char == "?":
            pieces.append(lambda _: True)
        elif char == "[":
            piece, at = _bracket(name, at - 1)
            pieces.append(piece)
        else:
            if char == "\\" and at < len(name):
                char, at = name[at], at + 1
            pieces.append(char.__eq__)
    return pieces


def _bracket(name: str, start: int) -> tuple[_Piece, int]:
    """Read a set of characters; a `[` that begins none is itself."""
    try:
        bracket, behind = Bracket.parse(name, start, negators="!^", escapes=True)
    except BracketError:
        return "[".__eq__, start + 1
    return bracket.accepts, behind


def _fits(pieces: list[_Piece], name: str) -> bool:
    """Match a whole file name. Only the last star gives way, so time grows with the product of both."""
    at = piece = 0
    star, resume = -1, 0
    while at < len(name):
        wanted = pieces[piece] if piece < len(pieces) else _nothing
        if wanted is None:
            star, resume, piece = piece, at, piece + 1
        elif wanted(name[at]):
            at, piece = at + 1, piece + 1
        elif star >= 0:
            resume += 1
            at, piece = resume, star + 1
        else:
            return False
    return all(each is None for each in pieces[piece:])


def _nothing(_: str) -> bool:
    return False
