"""The condition of `[name](+key=value&key=value)`: which of several categories is meant."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import attrs

from sorcery.conf.model import Variable
from sorcery.conf.regex import Regex
from sorcery.conf.text import BLANKS

__all__ = ["Condition", "Filter"]

_MAX_QUOTES = 7
_LOOK = 10
"""Steps that a look at a category counts for, for each condition."""


@attrs.frozen(slots=True)
class Condition:
    """Two regular expressions, unanchored and with case; some one variable must match both."""

    key: str
    value: str | None
    """None where the condition lacks its `=`, or its quotes nest too deep: it cannot be fulfilled."""

    def holds(self, variables: Iterable[Variable], spend: Callable[[int], None]) -> bool:
        """Tell whether a variable matches. Raises `RegexError` if an expression does not compile; what `spend` does."""
        key, value = self._compiled
        return any(key.search(each.key, spend) and value.search(each.value, spend) for each in variables)

    @functools.cached_property
    def _compiled(self) -> tuple[Regex, Regex]:
        return Regex.compile(self.key), Regex.compile(self.value or "")


@attrs.frozen(slots=True)
class Filter:
    """All conditions of one `(+...)`; without any, every category but templates is admitted."""

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read what stands behind the `+`."""
        conditions = []
        more = text != ""
        while more:
            each, more, text = _partition(text, "&")
            key, equals, value = _partition(each, "=")
            conditions.append(Condition(_bare(key), _bare(_partition(value, "=")[0]) if equals else None))
        return cls(tuple(conditions))

    def admits(self, template: bool, variables: Iterable[Variable], spend: Callable[[int], None]) -> bool:
        """Tell whether a category fulfils every condition; `spend` is told of each few steps of work.

        Raises `RegexError` for the first expression that does not compile, even behind a condition that failed, and
        what `spend` raises.
        """
        spend(_LOOK * (1 + len(self.conditions)))
        fulfilled = True
        admitted = set()
        for each in self.conditions:
            if each.value is None:
                return False
            if each.key == "TEMPLATES":
                admitted.add(each.value.lower())
            else:
                fulfilled &= each.holds(variables, spend)
        fits = bool(admitted) if template else "restrict" not in admitted
        return fulfilled and fits and admitted <= {"include", "restrict"}


def _partition(text: str, separator: str) -> tuple[str, bool, str]:
    """Split at the first separator outside quotes; a backslash shields the next byte, and stays."""
    quotes: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2  # the byte after the pair is looked at as it is, were it a backslash
        here = text[at : at + 1]
        if here in ("'", '"'):
            if quotes and quotes[-1] == here:
                quotes.pop()
            elif len(quotes) == _MAX_QUOTES:
                return "", False, ""
            else:
                quotes.append(here)
        if here == separator and not quotes:
            return text[:at], True, text[at + 1 :]
        at += 1
    return text, False, ""


def _bare(text: str) -> str:
    """Remove the blanks around an expression, then one pair of quotes; a lone quote is one."""
    text = text.strip(BLANKS)
    return text[1:-1] if text and text[0] == text[-1] and text[0] in "'\"" else text
