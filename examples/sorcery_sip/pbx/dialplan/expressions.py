"""`$[…]`: Asterisk's expression language.

From weak to strong: `? ::`, `|`, `&`, comparisons, `+ -`, `* / %`, the prefixes `! -`, and `: =~ ~~`. A string keeps
its quotation marks: `"1"` is no number, and is not what `1` is.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from sorcery_sip.pbx.dialplan.numbers import FUNCTIONS, ZERO, CannotCompute, arithmetic, number_text
from sorcery_sip.pbx.dialplan.regexes import compile_posix

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "evaluate"]

MAX_LENGTH = 8192
"""Characters of the longest expression that is computed."""
MAX_KEPT = 256
"""Characters of the longest expression whose tokens are kept: callers have a say in what stands in it."""
MAX_DEPTH = 50
"""Parentheses, prefixes and branches within each other."""

Call: TypeAlias = Callable[[str, str], str]
"""Asks a function of the dialplan: its name, and the arguments as text."""

_log = logging.getLogger(__name__)
_TOKEN = re.compile(
    r"""(?P<string>"[^"]*")|(?P<word>[A-Za-z0-9.@#'^;\\_\x80-\U0010ffff]+)"""
    r"""|(?P<operator>\|\||&&|==|::|=~|~~|!=|>=|<=|[|&=<>+*/%:?!(),-])"""
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_PREFIX = 7
_BINDING = {
    "?": 1,
    **dict.fromkeys(("|", "||"), 2),
    **dict.fromkeys(("&", "&&"), 3),
    **dict.fromkeys(("=", "==", "!=", "<", ">", "<=", ">="), 4),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys("*/%", 6),
    **dict.fromkeys((":", "=~", "~~"), 8),
}


class _Value(NamedTuple):
    """A number, a string, or a number as it was written."""

    text: str
    number: Decimal | None = None

    @property
    def bare(self) -> str:
        """The text without quotation marks around it."""
        text = self.text
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text

    @property
    def computed(self) -> _Value:
        """The value written anew if it is a number: `007` is 7."""
        return self if self.number is None else _computed(self.number)

    @property
    def is_null(self) -> bool:
        """Whether `|` and `&` take it for nothing."""
        return not self.text if self.number is None else self.number == 0


class _Syntax(Exception):
    """The text is no expression."""


def evaluate(text: str, call: Call) -> str:
    """Return the value of an expression as text.

    Where it is none, the log says so, and what was complete before the fault is the value, else 0.
    """
    tokens = _tokens_of(text) if len(text) <= MAX_KEPT else _read(text[:MAX_LENGTH])
    if not tokens:
        return ""
    parser = _Parser(tokens, call)
    try:
        value = parser.parse(1, 0)
    except _Syntax as fault:
        _log.warning("$[%r]: %s", text, fault)
        return "0" if parser.at else ""
    if parser.at < len(tokens):
        _log.warning("$[%r]: %r does not belong there; an operator would", text, tokens[parser.at][1])
    return value.text


@functools.lru_cache(maxsize=1024)
def _tokens_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the tokens of an expression that may come again."""
    return _read(text)


def _read(text: str) -> tuple[tuple[str, str], ...]:
    """Return the tokens as (kind, text); characters of no token are passed over."""
    return tuple([(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(text)])


class _Parser:
    """Reads and computes in one go: both branches of a `?` are computed, as in Asterisk."""

    def __init__(self, tokens: tuple[tuple[str, str], ...], call: Call) -> None:
        self._tokens, self._call, self.at = tokens, call, 0

    def parse(self, weakest: int, depth: int) -> _Value:
        """Read an expression whose operators bind at least as strongly as `weakest`."""
        if depth > MAX_DEPTH:
            raise _Syntax(f"more than {MAX_DEPTH} levels within each other")
        left = self._operand(depth)
        while (binding := _BINDING.get(operator := self._operator(), 0)) >= weakest:
            self.at += 1
            if operator == "?":
                left = self._branch(left, depth)
            else:
                left = _binary(operator, left, self.parse(binding + 1, depth + 1))
        return left

    def _operator(self) -> str:
        if self.at < len(self._tokens):
            kind, text = self._tokens[self.at]
            if kind == "operator":
                return text
        return ""

    def _branch(self, condition: _Value, depth: int) -> _Value:
        yes = self.parse(1, depth + 1)
        if self._operator() != "::":
            raise _Syntax("'?' needs '::' and what else to take")
        self.at += 1
        no = self.parse(2, depth + 1)
        return yes if (condition.bare if condition.number is None else condition.number) else no

    def _operand(self, depth: int) -> _Value:
        if self.at == len(self._tokens):
            raise _Syntax("it ends where a value is due")
        kind, text = self._tokens[self.at]
        if kind == "operator" and text not in ("(", "-", "!"):
            raise _Syntax(f"{text!r} stands where a value is due")
        self.at += 1
        match text if kind == "operator" else kind:
            case "(":
                value = self.parse(1, depth + 1)
                self._close()
                return value
            case "-":
                negated = self.parse(_PREFIX, depth + 1)
                return _computed(ZERO if negated.number is None else negated.number.copy_negate())
            case "!":
                value = self.parse(_PREFIX, depth + 1)
                return _computed(Decimal(value.number is None or value.number == 0))
            case "word" if self._operator() == "(":
                self.at += 1
                return self._function(text, depth)
            case "word" if _NUMBER.fullmatch(text):
                return _Value(text, Decimal(text))
        return _Value(text)

    def _function(self, name: str, depth: int) -> _Value:
        arguments = []
        while self._operator() != ")":
            arguments.append(self.parse(1, depth + 1))
            if self._operator() == ",":
                self.at += 1
            elif self._operator() != ")":
                raise _Syntax("arguments are set apart by ',' and end with ')'")
        self.at += 1
        own = FUNCTIONS.get(name)
        if own is None:
            return _text(self._call(name, ",".join([value.text for value in arguments])) or "0")
        try:
            return _computed(own(*map(_number, arguments)))
        except (CannotCompute, TypeError) as error:
            _log.warning("%s in an expression: %s", name, error)
            return _computed(ZERO)

    def _close(self) -> None:
        if self._operator() != ")":
            raise _Syntax("a ')' is missing")
        self.at += 1


def _computed(number: Decimal) -> _Value:
    return _Value(number_text(number), number)


def _text(text: str) -> _Value:
    """Return the value of a computed text, which may be a number."""
    return _Value(text, Decimal(text)) if _NUMBER.fullmatch(text) else _Value(text)


def _number(value: _Value) -> Decimal:
    if value.number is None:
        if value.text:
            _log.debug("%r is no number; 0 is taken", value.text)
        return ZERO
    return value.number


def _binary(operator: str, left: _Value, right: _Value) -> _Value:
    match operator:
        case "|" | "||":
            return right if left.is_null else left.computed
        case "&" | "&&":
            return _computed(ZERO) if left.is_null or right.is_null else left.computed
        case "~~":
            return _text(left.bare + right.bare)
        case ":" | "=~":
            return _matched(left.bare, right.bare, is_anchored=operator == ":")
        case "/" if left.number is None:
            return _computed(ZERO)
        case "+" | "-" | "*" | "/" | "%":
            return _computed(arithmetic(operator, _number(left), _number(right)))
    return _computed(Decimal(_compare(operator, left, right)))


def _compare(operator: str, left: _Value, right: _Value) -> bool:
    if left.number is not None and right.number is not None:
        if left.number.is_nan() or right.number.is_nan():
            return operator == "!="
        order = (left.number > right.number) - (left.number < right.number)
    else:
        order = (left.text > right.text) - (left.text < right.text)
    match operator:
        case "=" | "==":
            return order == 0
        case "!=":
            return order != 0
        case "<":
            return order < 0
        case ">":
            return order > 0
    return order <= 0 if operator == "<=" else order >= 0


def _matched(text: str, pattern: str, *, is_anchored: bool) -> _Value:
    """Return the first group of what matched, without groups its length; nothing or 0 where nothing did."""
    try:
        regex = compile_posix(pattern)
    except re.error as error:
        _log.warning("regular expression %r: %s", pattern, error)
        return _Value("")
    found = regex.match(text) if is_anchored else regex.search(text)
    if found is None:
        return _Value("") if regex.groups else _computed(ZERO)
    if regex.groups and found[1] is not None:
        return _text(found[1])
    return _computed(Decimal(len(found[0])))
