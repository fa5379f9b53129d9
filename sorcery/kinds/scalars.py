"""Kinds that hold one value: text, secret, boolean, number, choice."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from sorcery.kinds.base import Kind, Refused, Warn
from sorcery.secret import Secret

__all__ = [
    "FALSE_WORDS",
    "TRUE_WORDS",
    "Boolean",
    "Choice",
    "Integer",
    "Real",
    "Reference",
    "SecretText",
    "Text",
    "is_true",
]

TRUE_WORDS = frozenset({"yes", "true", "y", "t", "1", "on"})
FALSE_WORDS = frozenset({"no", "false", "n", "f", "0", "off"})

_INTEGER = re.compile(r"\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))\s*\Z")
_REAL = re.compile(
    r"\s*[+-]?(?:inf(?:inity)?|nan|(?P<digits>[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
    r"|(?P<hexadecimal>0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?))\Z",
    re.IGNORECASE,
)
_LONGEST_DECIMAL = 32
_BASES = (16, 2, 8, 10)


def _cased(words: Iterable[str]) -> Iterable[str]:
    """Return words in small letters, in capitals, and with one in front."""
    return dict.fromkeys(form for word in words for form in (word, word.upper(), word.capitalize()))


def is_true(text: str) -> bool:
    """Tell whether Asterisk reads `text` as true; whatever it does not know is false."""
    return text.lower() in TRUE_WORDS


class Text(Kind[str]):
    """Any text; `empty=False` refuses the empty one, `longest` limits its characters."""

    zero = ""

    def __init__(self, *, empty: bool = True, longest: int | None = None) -> None:
        self.empty, self.longest = empty, longest

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Keep the text as written."""
        if not text and not self.empty:
            raise Refused("must not be empty")
        if self.longest is not None and len(text) > self.longest:
            raise Refused(f"is longer than {self.longest} characters")
        return text


class Reference(Text):
    """The id of one object of another type; empty refers to none."""

    def names(self, value: str) -> tuple[str, ...]:
        """Return the id, if there is one."""
        return (value,) if value else ()

    def renamed(self, value: str, old: str, new: str | None) -> str:
        """Return the other id."""
        return (new or "") if value == old else value


class SecretText(Kind[Secret]):
    """A text that is never shown."""

    zero = Secret("")

    def parse(self, text: str, before: Secret, warn: Warn) -> Secret:
        """Wrap the text."""
        return Secret(text)

    def accept(self, value: Any) -> Secret:
        """Take a `Secret`."""
        return value if isinstance(value, Secret) else super().accept(value)

    def expects(self) -> str:
        return "text or a Secret"

    def printed(self, value: Secret) -> str:
        """Return the text that stores keep, in clear: who prints an object set decides whether to mask it."""
        return value.stored


class Boolean(Kind[bool]):
    """Asterisk's boolean: `yes true y t 1 on` in any case are true, all else is false.

    `words` are the printed forms, false first.
    """

    zero = False

    def __init__(self, words: tuple[str, str] = ("false", "true")) -> None:
        self.words = words

    def parse(self, text: str, before: bool, warn: Warn) -> bool:
        """Read the word; nonsense is false, with a warning."""
        folded = text.lower()
        if folded in TRUE_WORDS:
            return True
        if folded not in FALSE_WORDS:
            warn(f"{text!r} is no boolean word", "it counts as no; write yes or no")
        return False

    def accept(self, value: Any) -> bool:
        """Take a bool."""
        return value if isinstance(value, bool) else super().accept(value)

    def expects(self) -> str:
        return "a bool, or one of yes, no, true, false, on, off, 1, 0"

    def printed(self, value: bool) -> str:
        return self.words[value]

    def texts(self, value: bool) -> tuple[str, ...]:
        """Write yes or no: every version's columns and parsers take these."""
        return ("yes" if value else "no",)

    def spellings(self) -> Iterable[str]:
        """Return the words."""
        return _cased(sorted(TRUE_WORDS | FALSE_WORDS))

    def comparable(self, text: str) -> str:
        """Fold the boolean words into the printed one."""
        folded = text.lower()
        return self.words[folded in TRUE_WORDS] if folded in TRUE_WORDS | FALSE_WORDS else text


class Integer(Kind[int]):
    """A whole number in C's spelling: `0x1e` is hexadecimal and `010` is eight, as in Asterisk."""

    zero = 0

    def __init__(self, least: int = 0, most: int = 4294967295) -> None:
        self.least, self.most = least, most

    def parse(self, text: str, before: int, warn: Warn) -> int:
        """Read the number, with a warning for an octal one; raises `Refused` when it is none or out of range."""
        match = _INTEGER.match(text)
        if match is None:
            raise Refused("is not a whole number", f"write {self.expects()}")
        sign, *spellings = match.groups()
        digits, base = next((d, b) for d, b in zip(spellings, _BASES, strict=True) if d is not None)
        if sign == "-" and self.least >= 0:
            raise Refused("is negative", f"write {self.expects()}")
        size = int(digits[:_LONGEST_DECIMAL] if base == 10 else digits, base)
        if base == 8 and size > 7:
            warn(f"{text.strip()!r} begins with 0 and is octal", f"it is {size}; write {size}, or leave out the 0")
        return self.accept(-size if sign == "-" else size)

    def accept(self, value: Any) -> int:
        """Take an int in range."""
        if not isinstance(value, int) or isinstance(value, bool):
            return super().accept(value)
        if not self.least <= value <= self.most:
            raise Refused("is out of range", f"write {self.expects()}")
        return value

    def expects(self) -> str:
        return f"a whole number from {self.least} to {self.most}"


class _NotANumber(float):
    """A NaN that equals every other: objects are compared by value."""

    def __new__(cls) -> Self:
        return super().__new__(cls, math.nan)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and math.isnan(other)

    def __hash__(self) -> int:
        return hash(_NotANumber)


class Real(Kind[float]):
    """A floating point number in C's spelling, printed with six decimals."""

    zero = 0.0

    def parse(self, text: str, before: float, warn: Warn) -> float:
        """Read the number; what is too large or too small for a double is refused, `nan` and `inf` are not."""
        found = _REAL.match(text)
        if found is None:
            raise Refused("is not a number", "write a decimal number, for instance 3.0")
        digits = found["digits"] or found["hexadecimal"]
        if not digits:
            return _NotANumber() if "nan" in text.lower() else float(text)
        try:
            value = float.fromhex(text) if found["hexadecimal"] else float(text)
        except OverflowError:
            value = math.inf
        is_zero = not digits.lower().partition("p")[0].removeprefix("0x").strip("0.")
        if math.isinf(value) or (abs(value) < sys.float_info.min and not is_zero):
            raise Refused("is beyond the range of a double")
        return value

    def accept(self, value: Any) -> float:
        """Take a float or an int."""
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return super().accept(value)
        try:
            number = float(value)
        except OverflowError:
            raise Refused("is beyond the range of a double") from None
        return _NotANumber() if math.isnan(number) else number

    def expects(self) -> str:
        return "a decimal number"

    def printed(self, value: float) -> str:
        return f"{value:f}"

    def texts(self, value: float) -> tuple[str, ...]:
        """Write six decimals as Asterisk does, or more where they would lose something."""
        short = f"{value:f}"
        return (short if math.isnan(value) or float(short) == value else repr(value),)


class Choice(Kind[str]):
    """One of a few words, kept in its canonical spelling; the first is the value where there is no default.

    `aliases` maps other spellings to canonical ones; `ignore_unknown` keeps the value as it was on a wrong
    word, as some of Asterisk's handlers do; `exact` compares with case; `shown` maps a word to its printed form.
    """

    def __init__(
        self,
        *words: str,
        aliases: Mapping[str, str] | None = None,
        exact: bool = False,
        ignore_unknown: bool = False,
        shown: Mapping[str, str] | None = None,
    ) -> None:
        self.words: Sequence[str] = words
        self.exact, self.ignore_unknown, self.shown = exact, ignore_unknown, dict(shown or {})
        known = {word: word for word in words} | dict(aliases or {})
        self._known = known if exact else {word.lower(): target for word, target in known.items()}
        self.zero = words[0]

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Find the word; raises `Refused` for one that is none of them."""
        word = self.means(text)
        if word is not None:
            return word
        if self.ignore_unknown:
            warn(f"{text!r} is none of {', '.join(self.words)}", f"{before} stays")
            return before
        raise Refused("is not one of the choices", f"write {self.expects()}")

    def means(self, text: str) -> str | None:
        """Return the canonical word for a spelling, or None where there is none."""
        return self._known.get(text if self.exact else text.lower())

    def expects(self) -> str:
        return f"one of {', '.join(self.words)}"

    def spellings(self) -> Iterable[str]:
        """Return the words, their other spellings among them."""
        return tuple(self._known) if self.exact else _cased(self._known)

    def printed(self, value: str) -> str:
        return self.shown.get(value, value)

    def texts(self, value: str) -> tuple[str, ...]:
        """Write the canonical word."""
        return (value,)
