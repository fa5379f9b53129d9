from __future__ import annotations

from decimal import Decimal

import pytest

from sorcery_sip.pbx.dialplan.numbers import FUNCTIONS, CannotCompute, arithmetic, number_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0", "-0"),
        ("3.50", "3.5"),
        ("100", "100"),
        ("1e17", "100000000000000000"),
        ("1e18", "1e+18"),
        ("1234567890123456789", "1.23456789012345679e+18"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("-0.5", "-0.5"),
        ("Infinity", "inf"),
        ("-Infinity", "-inf"),
        ("NaN", "-nan"),
    ],
)
def test_numbers_are_written_with_18_digits(number: str, text: str) -> None:
    assert number_text(Decimal(number)) == text


def test_division_by_zero_has_a_value() -> None:
    assert arithmetic("/", Decimal(1), Decimal(0)) == 2147483647
    assert arithmetic("%", Decimal(1), Decimal(0)) == 0


def test_the_remainder_has_the_sign_of_what_is_divided() -> None:
    assert arithmetic("%", Decimal("-7.5"), Decimal(2)) == Decimal("-1.5")


def test_a_function_says_that_it_cannot() -> None:
    with pytest.raises(CannotCompute):
        FUNCTIONS["ASIN"](Decimal(2))
    with pytest.raises(CannotCompute):
        FUNCTIONS["EXP"](Decimal("1e9999"))
