"""Numbers in expressions: decimals of more digits than are ever shown, written as Asterisk writes its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any

__all__ = ["FUNCTIONS", "ZERO", "CannotCompute", "arithmetic", "number_text"]

ZERO = Decimal(0)
_DIGITS = 18
_EXACT = Context(prec=28, traps=[])
_SHOWN = Context(prec=_DIGITS, traps=[])
_DIVIDED_BY_ZERO = Decimal(2147483647)
_LARGEST = 5000  # powers of ten of the largest number that is computed


class CannotCompute(ValueError):
    """Arguments that a function has no value for."""


def arithmetic(operator: str, left: Decimal, right: Decimal) -> Decimal:
    """Return left + - * / % right; what is divided by zero is as large as an integer can be, its remainder 0."""
    match operator:
        case "+":
            return _EXACT.add(left, right)
        case "-":
            return _EXACT.subtract(left, right)
        case "*":
            return _EXACT.multiply(left, right)
        case "/":
            return _EXACT.divide(left, right) if right else _DIVIDED_BY_ZERO
    remainder = _EXACT.remainder(left, right) if right else ZERO
    return ZERO if remainder.is_nan() else remainder


def number_text(number: Decimal) -> str:
    """Write a number with at most 18 digits, and with an exponent where it would be longer."""
    if not number.is_finite():
        return "-nan" if number.is_nan() else str(number).lower().replace("infinity", "inf")
    sign, digits, exponent = _SHOWN.create_decimal(number).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0")
    if not text:
        return "-0" if sign else "0"
    place = len(digits) + exponent - 1  # the power of ten of the first digit
    if not -4 <= place < _DIGITS:
        text = f"{text[0]}{'.' if text[1:] else ''}{text[1:]}e{place:+03d}"
    elif place < 0:
        text = "0." + "0" * (-place - 1) + text
    elif len(text) > place + 1:
        text = f"{text[: place + 1]}.{text[place + 1 :]}"
    else:
        text = text.ljust(place + 1, "0")
    return f"-{text}" if sign else text


def _bounded(function: Callable[..., Decimal]) -> Callable[..., Decimal]:
    """Return the function, which says so if it has no value for what it is given, or one beyond all measure."""

    def compute(*numbers: Decimal) -> Decimal:
        if any(number.is_finite() and abs(number.adjusted()) > _LARGEST for number in numbers):
            raise CannotCompute("a number is too large")
        return function(*numbers)

    return compute


def _float(function: Callable[..., Any]) -> Callable[..., Decimal]:
    def compute(*numbers: Decimal) -> Decimal:
        try:
            return Decimal(repr(function(*map(float, numbers))))
        except (ValueError, OverflowError) as error:
            raise CannotCompute(str(error)) from None

    return _bounded(compute)


def _rounding(mode: str) -> Callable[[Decimal], Decimal]:
    return lambda number: number.to_integral_value(mode)


FUNCTIONS: Mapping[str, Callable[..., Decimal]] = {
    "ABS": lambda number: number.copy_abs(),
    "CEIL": _rounding(ROUND_CEILING),
    "FLOOR": _rounding(ROUND_FLOOR),
    "RINT": _rounding(ROUND_HALF_EVEN),
    "ROUND": _rounding(ROUND_HALF_UP),
    "TRUNC": _rounding(ROUND_DOWN),
    "SQRT": _bounded(_EXACT.sqrt),
    "EXP": _bounded(_EXACT.exp),
    "EXP2": _bounded(lambda number: _EXACT.power(Decimal(2), number)),
    "EXP10": _bounded(lambda number: _EXACT.power(Decimal(10), number)),
    "LOG": _bounded(_EXACT.ln),
    "LOG2": _bounded(lambda number: _EXACT.divide(_EXACT.ln(number), _EXACT.ln(Decimal(2)))),
    "LOG10": _bounded(_EXACT.log10),
    "POW": _bounded(_EXACT.power),
    "REMAINDER": _float(math.remainder),
    "ATAN2": _float(math.atan2),
    **{name.upper(): _float(getattr(math, name)) for name in ("sin", "cos", "tan", "asin", "acos", "atan")},
}
"""What an expression computes itself; any other name is a function of the dialplan."""
