"""Texts with `${variables}`, `${FUNCTIONS()}` and `$[expressions]`, read once and put together at each use."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeAlias

import attrs

from sorcery_sip.pbx.dialplan.expressions import evaluate

__all__ = ["Reference", "Scope", "Template", "parse_reference"]

MAX_DEPTH = 30
"""References and expressions within each other."""
MAX_TEXT = 65536
"""Characters of the longest text that is put together."""

_log = logging.getLogger(__name__)
_RANGE = re.compile(r"\s*([+-]?\d{1,9})(?::\s*([+-]?\d{1,9}))?")


class Scope(Protocol):
    """Where a text finds its values."""

    def variable(self, name: str) -> str | None:
        """Return the value of a variable, None if there is none."""

    def call(self, name: str, arguments: str) -> str:
        """Return what a function says; nothing, and a line in the log, where it cannot be asked."""
        ...

    async def ask(self, name: str, arguments: str) -> str:
        """Return what a function says, also of one that has to wait for it."""
        ...


class Reference(NamedTuple):
    """What stands between `${` and `}`: a name, for a function what it is given, and the part that is wanted."""

    name: str
    arguments: str | None = None
    """None: it is a variable."""
    offset: int = 0
    length: int | None = None

    def value(self, scope: Scope) -> str:
        """Return what it refers to."""
        return self._part(
            scope.variable(self.name) if self.arguments is None else scope.call(self.name, self.arguments)
        )

    async def later(self, scope: Scope) -> str:
        """Return what it refers to, waiting for functions that take their time."""
        if self.arguments is None:
            return self.value(scope)
        return self._part(await scope.ask(self.name, self.arguments))

    def _part(self, whole: str | None) -> str:
        if not whole or (self.offset == 0 and self.length is None):
            return whole or ""
        start = self.offset if self.offset >= 0 else max(len(whole) + self.offset, 0)
        rest = whole[start:]
        return rest if self.length is None else rest[: self.length]


def parse_reference(text: str) -> Reference:
    """Read `NAME`, `NAME:offset:length` or `FUNCTION(arguments):offset:length`."""
    name, offset, length = text, 0, None
    if ":" in text:
        colon = _outer_colon(text)
        found = _RANGE.match(text, colon + 1) if colon >= 0 else None
        if found is not None:
            offset = int(found[1])
            length = None if found[2] is None else int(found[2])
        name = text if colon < 0 else text[:colon]
    if "(" not in name:
        return Reference(name, None, offset, length)
    name, _, arguments = name.partition("(")
    return Reference(name, arguments.removesuffix(")"), offset, length)


@attrs.frozen(slots=True)
class _Dynamic:
    """A reference that is known only when what is nested in it is."""

    inner: Template

    def value(self, scope: Scope) -> str:
        return parse_reference(self.inner.expand(scope)).value(scope)

    async def later(self, scope: Scope) -> str:
        return await parse_reference(await self.inner.expand_later(scope)).later(scope)


@attrs.frozen(slots=True)
class _Expression:
    inner: Template

    def value(self, scope: Scope) -> str:
        return evaluate(self.inner.expand(scope), scope.call)

    async def later(self, scope: Scope) -> str:
        return evaluate(await self.inner.expand_later(scope), scope.call)


_Part: TypeAlias = str | Reference | _Dynamic | _Expression


@attrs.frozen(slots=True)
class Template:
    """A text as it was written, and its parts."""

    text: str
    parts: tuple[_Part, ...]
    """Empty for a text that stands for itself."""
    fault: str = ""
    """What is wrong with it; the rest of the text is left out from there on."""
    functions: frozenset[str] = frozenset()
    """The functions that the text names, as far as they are known before it is put together."""

    @classmethod
    def of(cls, text: str, depth: int = 0) -> Template:
        """Read a text; `depth` says how many others it is nested in."""
        if "$" not in text:
            return cls(text, ())
        parts, fault = _parse(text, depth)
        return cls(text, parts, fault, frozenset(_functions(parts)))

    def expand(self, scope: Scope) -> str:
        """Return the text with its values."""
        if not self.parts:
            return self.text
        if self.fault:
            _log.warning("%r: %s", self.text, self.fault)
        return _bounded("".join([part if isinstance(part, str) else part.value(scope) for part in self.parts]))

    async def expand_later(self, scope: Scope) -> str:
        """Return what `expand` does, waiting for functions that take their time."""
        if not self.parts or self.fault:
            return self.expand(scope)
        return _bounded("".join([part if isinstance(part, str) else await part.later(scope) for part in self.parts]))

    @property
    def problem(self) -> str:
        """What is wrong with it, or with what is nested in it."""
        nested = (part.inner.problem for part in self.parts if isinstance(part, _Dynamic | _Expression))
        return self.fault or next(filter(None, nested), "")


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        _log.warning("a text of %d characters is cut to %d", len(text), MAX_TEXT)
    return text[:MAX_TEXT]


def _parse(text: str, depth: int) -> tuple[tuple[_Part, ...], str]:
    if depth > MAX_DEPTH:
        return ("",), f"nest no deeper than {MAX_DEPTH} levels"
    parts: list[_Part] = []
    at = 0
    while (start := _next_opening(text, at)) >= 0:
        if start > at:
            parts.append(text[at:start])
        is_variable = text[start + 1] == "{"
        end = _closing(text, start + 2, *("{}" if is_variable else "[]"))
        if end < 0:
            mark = "}" if is_variable else "]"
            return (*parts, ""), f"write {mark!r} where what begins at character {start + 1} ends"
        inner = Template.of(text[start + 2 : end], depth + 1)
        if not is_variable:
            parts.append(_Expression(inner))
        else:
            parts.append(_Dynamic(inner) if inner.parts else parse_reference(inner.text))
        at = end + 1
    return (*parts, text[at:]) if parts else (), ""


def _functions(parts: tuple[_Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Reference):
            if part.arguments is not None:
                yield part.name
        elif not isinstance(part, str):
            yield from part.inner.functions
            name, parenthesis, _ = part.inner.text.partition("(")
            if parenthesis and isinstance(part, _Dynamic):
                yield name


def _next_opening(text: str, at: int) -> int:
    """Return where the next `${` or `$[` is, -1 if there is none."""
    while (at := text.find("$", at)) >= 0:
        if text[at + 1 : at + 2] in ("{", "["):
            return at
        at += 1
    return -1


def _closing(text: str, at: int, opening: str, closing: str) -> int:
    """Return where the bracket that was opened before `at` closes, -1 if it does not."""
    depth = 1
    for index in range(at, len(text)):
        char = text[index]
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return index
    return -1


def _outer_colon(text: str) -> int:
    """Return where the first colon outside parentheses is, -1 if there is none."""
    depth = 0
    for index, char in enumerate(text):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == ":" and depth == 0:
            return index
    return -1
