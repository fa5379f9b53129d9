"""Numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.functions.strings import exactly
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["MATHEMATICS"]

_OPERATION = re.compile(r"\s*([-+]?[^-+*/%^<>=!A-Z]+)\s*(AND|XOR|OR|<<|>>|<=|>=|==|!=|[-+*/%^<>])\s*(.*)", re.DOTALL)
_INT_MAX = 0x7FFFFFFF
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other if other else 0.0,
    "%": lambda one, other: math.fmod(one, other) if other else 0.0,
    "^": math.pow,
    "AND": lambda one, other: int(one) & int(other),
    "OR": lambda one, other: int(one) | int(other),
    "XOR": lambda one, other: int(one) ^ int(other),
    "<<": lambda one, other: int(one) << _shift(other),
    ">>": lambda one, other: int(one) >> _shift(other),
}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


def _math(scope: Scope, arguments: str) -> str:
    text, kind = exactly(arguments, 1, 2, "MATH(number operator number[,float|int|hex|char])")
    found = _OPERATION.fullmatch(text)
    if found is None:
        raise BadCall("write MATH(number operator number[,float|int|hex|char])")
    one, operator, other = found.groups()
    left, right = _number(one), _number(other)
    if operator in _COMPARISONS:
        return "TRUE" if _COMPARISONS[operator](left, right) else "FALSE"
    try:
        return _written(_ARITHMETIC[operator](left, right), kind.lower())
    except (ArithmeticError, ValueError, TypeError) as error:
        raise BadCall(str(error)) from None


def _written(value: float, kind: str) -> str:
    match kind[:1]:
        case "" | "f":
            return f"{value:f}"
        case "i":
            return str(int(value))
        case "h":
            return f"{int(value) & 0xFFFFFFFF:x}"
        case "c":
            return chr(int(value) & 0xFF)
    raise BadCall(f"{kind!r} is no kind of result: write float, int, hex or char")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise BadCall(f"{text!r} is no number") from None
    if not math.isfinite(number):
        raise BadCall(f"{text!r} is no number")
    return number


def _shortest(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:f}"


def _shift(places: float) -> int:
    if not 0 <= places < 64:
        raise ValueError("a shift is by 0 to 63 places")
    return int(places)


def _rand(scope: Scope, arguments: str) -> str:
    least, most = exactly(arguments, 0, 2, "RAND([least[,most]])")
    low = int(least) if least.lstrip("-").isdecimal() else 0
    high = int(most) if most.lstrip("-").isdecimal() else _INT_MAX
    return str(scope.world.chance.randint(min(low, high), max(low, high)))


def _extreme(choose: Callable[[list[float]], float]) -> Function:
    def read(scope: Scope, arguments: str) -> str:
        numbers = [_number(part) for part in split_arguments(arguments)]
        if not numbers:
            raise BadCall("write numbers, a comma between them")
        return _shortest(choose(numbers))

    return Function(read)


def _step(by: int) -> Function:
    def read(scope: Scope, name: str) -> str:
        value = str(int(scope.get(name)) + by)
        scope.set(name, value)
        return value

    return Function(read)


MATHEMATICS: Mapping[str, Function] = {
    "ABS": Function(lambda scope, text: _shortest(abs(_number(text)))),
    "DEC": _step(-1),
    "INC": _step(1),
    "MATH": Function(_math),
    "MAX": _extreme(max),
    "MIN": _extreme(min),
    "RAND": Function(_rand),
}
