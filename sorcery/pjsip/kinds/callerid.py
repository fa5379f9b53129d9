"""Caller identification: name, number and what may be told of them."""

from __future__ import annotations

import re
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.cscan import scan_integer
from sorcery.pjsip.kinds.texts import cut_bytes

__all__ = ["CallerId", "CallerIdText", "Presentation"]

_LONGEST = 79
_PHONE_NUMBER = re.compile(r"[0-9*#+]+\Z")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TO_ESCAPE = re.compile(r'(["\\])')


@attrs.frozen(slots=True, weakref_slot=False)
class CallerId:
    """A name and a number, each empty when not known."""

    name: str = ""
    number: str = ""

    def __str__(self) -> str:
        if self.name and self.number:
            return f'"{_escape(self.name)}" <{self.number}>'
        return self.name or self.number or "<unknown>"

    def __bool__(self) -> bool:
        return bool(self.name or self.number)


class CallerIdText(Kind[CallerId]):
    """`"name" <number>`, or one of the two; never refused, each part cut at 79 bytes."""

    zero = CallerId()

    def parse(self, text: str, before: CallerId, warn: Warn) -> CallerId:
        """Split the text at its last angle bracket; without one, decide what it is."""
        head, bracket, tail = text.rpartition("<")
        if bracket:
            inner, closing, _ = tail.rpartition(">")
            return _cut(_unquoted(head.strip())[0], _shrunk(inner if closing else tail), warn)
        name, quoted = _unquoted(text.strip())
        number = _shrunk(name)
        if not quoted and _PHONE_NUMBER.match(number):
            return _cut("", number, warn)
        return _cut(name, "", warn)

    def accept(self, value: Any) -> CallerId:
        """Take a `CallerId` whose parts a text can express."""
        if not isinstance(value, CallerId):
            return super().accept(value)
        if self.convert(_written(value)) != value:
            raise Refused(f"{value!r} cannot be written", "shorten it, and pass the bare number")
        return value

    def expects(self) -> str:
        return '"name" <number>, a name or a number'

    def texts(self, value: CallerId) -> tuple[str, ...]:
        """Write both parts so that neither can be taken for the other; the printed form is ambiguous."""
        return (_written(value),)


class Presentation(Kind[str]):
    """Whether the number may be shown, and whether it was verified; odd numbers are kept and print `unknown`."""

    NAMES = {
        **dict(enumerate(("allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "allowed"))),
        **dict(enumerate(("prohib_not_screened", "prohib_passed_screen", "prohib_failed_screen", "prohib"), 32)),
        **dict.fromkeys(range(64, 68), "unavailable"),
    }
    zero = "allowed_not_screened"

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Find the name, or the name of a number; text after the number is ignored."""
        if text.lower() in self.NAMES.values():
            return text.lower()
        number = scan_integer(text)
        if number is None:
            raise Refused("is not one of the choices", f"write {self.expects()}")
        return self.NAMES.get(number, str(number))

    def expects(self) -> str:
        return f"one of {', '.join(dict.fromkeys(self.NAMES.values()))}"

    def printed(self, value: str) -> str:
        return value if value in self.NAMES.values() else "unknown"

    def texts(self, value: str) -> tuple[str, ...]:
        """Write the name or the number."""
        return (value,)


def _written(value: CallerId) -> str:
    if not value:
        return ""
    return f'"{_escape(value.name)}" <{value.number}>' if value.name else f"<{value.number}>"


def _escape(name: str) -> str:
    return _TO_ESCAPE.sub(r"\\\1", name)


def _unquoted(name: str) -> tuple[str, bool]:
    """Return the name without its quotes and escapes, and whether it had quotes."""
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return _ESCAPED.sub(r"\1", name[1:-1]), True
    return name, False


def _shrunk(number: str) -> str:
    """Return the number without blanks, parentheses, hyphens and dots that are not last."""
    if number.isalnum():  # as nearly every one
        return number
    return "".join(c for i, c in enumerate(number) if c not in " ()-." or (c == "." and i + 1 == len(number)))


def _cut(name: str, number: str, warn: Warn) -> CallerId:
    found = CallerId(cut_bytes(name, _LONGEST), cut_bytes(number, _LONGEST))
    if (found.name, found.number) != (name, number):
        warn(f"a part is longer than {_LONGEST} bytes", f"only {found} is kept")
    return found
