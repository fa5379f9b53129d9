"""Channel variables that an endpoint's calls start with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.containers import FrozenMapping

__all__ = ["VariableLines", "Variables"]


class Variables(FrozenMapping[str]):
    """Variables by name, in the order in which they were first set."""

    __slots__ = ()


class VariableLines(Kind[Variables]):
    """One `NAME=VALUE` per line; a repeated name replaces the earlier value."""

    zero = Variables()

    def parse(self, text: str, before: Variables, warn: Warn) -> Variables:
        """Set one variable; an empty text sets none."""
        if not text:
            return before
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused("has no =", "write NAME=VALUE")
        return Variables(tuple({**before, name: value}.items()))

    def accept(self, value: Any) -> Variables:
        """Take a mapping of names to texts."""
        if not isinstance(value, Mapping):
            return super().accept(value)
        for name, text in value.items():
            if not isinstance(name, str) or not isinstance(text, str) or "=" in name:
                raise Refused(f"{name!r} cannot be a variable", "pass names without = and texts")
        return Variables(tuple(value.items()))

    def expects(self) -> str:
        return "NAME=VALUE, or a mapping of names to texts"

    def printed(self, value: Variables) -> str:
        return ",".join(self.texts(value))

    def texts(self, value: Variables) -> tuple[str, ...]:
        """Write one line per variable."""
        return tuple(f"{name}={text}" for name, text in value.items())

    def pairs(self, name: str, value: Variables) -> Iterable[tuple[str, str]]:
        """Return one pair per variable, named after it."""
        return tuple(value.items()) or ((name, ""),)
