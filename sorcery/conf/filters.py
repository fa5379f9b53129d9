"""The condition of `[name](+key=value&key=value)`: which of several categories is meant."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import attrs

from sorcery.conf.model import Variable
from sorcery.conf.regex import Regex
from sorcery.conf.text import BLANKS

__all__ = ["Condition", "Filter"]

_MAX_QUOTES = 7


@attrs.frozen(slots=True)
class Condition:
    """Two regular expressions, unanchored and with case; some one variable must match both."""

    key: str
    value: str

    def holds(self, variables: Iterable[Variable]) -> bool:
        """Tell whether a variable matches. Raises `RegexError` if an expression does not compile."""
        key, value = self._compiled
        return any(key.search(each.key) and value.search(each.value) for each in variables)

    @functools.cached_property
    def _compiled(self) -> tuple[Regex, Regex]:
        return Regex.compile(self.key), Regex.compile(self.value)


@attrs.frozen(slots=True)
class Filter:
    """All conditions of one `(+...)`; without any, every category but templates is admitted."""

    conditions: tuple[Condition, ...] = ()
    malformed: bool = False
    """A condition lacks its `=`, or quotes nest too deep: nothing is admitted."""

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read what stands behind the `+`."""
        conditions = []
        rest = text
        while rest:
            each, more, rest = _partition(rest, "&")
            key, equals, value = _partition(each, "=")
            if not equals or (more and not rest):
                return cls(malformed=True)
            conditions.append(Condition(_bare(key), _bare(_partition(value, "=")[0])))
        return cls(tuple(conditions))

    def admits(self, template: bool, variables: Iterable[Variable]) -> bool:
        """Tell whether a category fulfils every condition. Raises `RegexError` if one cannot be compiled."""
        rules = {each.value.lower() for each in self.conditions if each.key == "TEMPLATES"}
        if self.malformed or not rules <= {"include", "restrict"}:
            return False
        if template < ("restrict" in rules) or (template and not rules):
            return False
        return all(each.holds(variables) for each in self.conditions if each.key != "TEMPLATES")


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
    """Remove the blanks around an expression, then one pair of quotes."""
    text = text.strip(BLANKS)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
