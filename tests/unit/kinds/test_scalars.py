from __future__ import annotations

import math
from typing import Any

import pytest

from sorcery.kinds import Boolean, Choice, Integer, Kind, Real, Reference, Refused, SecretText, Text
from sorcery.secret import Secret


def refuse(problem: str, outcome: str) -> None:
    raise AssertionError(f"{problem}: {outcome}")


def parse(kind: Kind[Any], text: str) -> Any:
    return kind.parse(text, kind.zero, refuse)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30),
        ("0x1e", 30),
        ("0X1E", 30),
        ("07", 7),
        ("0b11", 3),
        ("+5", 5),
        (" 7 ", 7),
        ("0", 0),
        ("4294967295", 2**32 - 1),
    ],
)
def test_an_integer_reads_cs_spellings(text: str, value: int) -> None:
    assert parse(Integer(), text) == value


@pytest.mark.parametrize(("text", "value"), [("010", 8), (" +0100 ", 64), ("-010", -8)])
def test_a_leading_zero_makes_an_integer_octal_which_is_told(text: str, value: int) -> None:
    told: list[str] = []
    assert Integer(-100, 100).parse(text, 0, lambda problem, outcome: told.append(problem)) == value
    assert told == [f"{text.strip()!r} begins with 0 and is octal"]


@pytest.mark.parametrize("text", ["", "-0", "-5", "30.5", "08", "5s", "0x", "1e3", "٣", "4294967296", "9" * 5000])
def test_an_integer_refuses_what_c_does(text: str) -> None:
    with pytest.raises(Refused):
        parse(Integer(), text)


def test_a_signed_integer_takes_a_minus() -> None:
    assert parse(Integer(-10, 10), "-8") == -8
    with pytest.raises(Refused, match="out of range"):
        parse(Integer(-10, 10), "-11")


@pytest.mark.parametrize("value", [True, 1.0, "x", None, -1])
def test_an_integer_takes_ints_in_range_only(value: object) -> None:
    with pytest.raises(Refused):
        Integer().convert(value)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("3", "3.000000"),
        ("1e2", "100.000000"),
        ("0x1p3", "8.000000"),
        ("-.5", "-0.500000"),
        ("inf", "inf"),
        ("nan", "nan"),
    ],
)
def test_a_real_prints_six_decimals(text: str, printed: str) -> None:
    assert Real().printed(parse(Real(), text)) == printed


@pytest.mark.parametrize("text", ["", "abc", "1,5", "1e400", "-1e400", "1e-400", "0x1p99999", "1_0"])
def test_a_real_refuses_what_no_double_holds(text: str) -> None:
    with pytest.raises(Refused):
        parse(Real(), text)


def test_a_real_takes_numbers_that_a_double_holds() -> None:
    assert Real().convert(3) == 3.0
    for bad in (10**400, True, None):
        with pytest.raises(Refused):
            Real().convert(bad)


def test_not_a_number_equals_itself_so_that_objects_can_be_compared() -> None:
    first, second = parse(Real(), "nan"), Real().convert(math.nan)
    assert first == second
    assert hash(first) == hash(second)
    assert first != 1.0


def test_a_real_is_written_without_loss() -> None:
    assert Real().texts(3.0) == ("3.000000",)
    assert Real().texts(1e-9) == ("1e-09",)


@pytest.mark.parametrize("text", ["yes", "TRUE", "y", "t", "1", "On"])
def test_a_boolean_knows_its_true_words(text: str) -> None:
    assert parse(Boolean(), text) is True


def test_a_boolean_takes_nonsense_for_false_and_says_so() -> None:
    heard: list[str] = []
    assert Boolean().parse("oui", True, lambda problem, outcome: heard.append(problem)) is False
    assert heard == ["'oui' is no boolean word"]
    assert parse(Boolean(), "off") is False


def test_a_python_caller_gets_no_repair() -> None:
    with pytest.raises(Refused):
        Boolean().convert("oui")


def test_a_boolean_prints_its_words_and_writes_yes_or_no() -> None:
    kind = Boolean(("No", "Yes"))
    assert (kind.printed(True), kind.texts(True), kind.texts(False)) == ("Yes", ("yes",), ("no",))
    assert (kind.comparable("on"), kind.comparable("0"), kind.comparable("%")) == ("Yes", "No", "%")


def test_a_choice_finds_any_case_and_other_spellings() -> None:
    kind = Choice("invite", "update", aliases={"reinvite": "invite"})
    assert (parse(kind, "UPDATE"), parse(kind, "reInvite")) == ("update", "invite")
    with pytest.raises(Refused) as caught:
        parse(kind, "info")
    assert caught.value.remedy == "write one of invite, update"


def test_an_exact_choice_counts_case() -> None:
    with pytest.raises(Refused):
        parse(Choice("local", exact=True), "Local")


def test_a_choice_that_ignores_unknown_words_keeps_what_was() -> None:
    heard: list[str] = []
    kind = Choice("active", "passive", ignore_unknown=True)
    assert kind.parse("bogus", "passive", lambda problem, outcome: heard.append(outcome)) == "passive"
    assert heard == ["passive stays"]


def test_a_choice_may_print_otherwise_than_it_is_written() -> None:
    kind = Choice("no", "yes", shown={"yes": "Yes"})
    assert (kind.printed("yes"), kind.texts("yes"), kind.printed("no")) == ("Yes", ("yes",), "no")


def test_text_may_be_limited() -> None:
    assert parse(Text(), "") == ""
    with pytest.raises(Refused):
        parse(Text(empty=False), "")
    with pytest.raises(Refused):
        parse(Text(longest=2), "abc")
    with pytest.raises(Refused):
        Text().convert(5)


def test_a_secret_text_is_masked_until_printed() -> None:
    value = parse(SecretText(), "hunter2")
    assert value == Secret("hunter2")
    assert SecretText().printed(value) == "hunter2"
    assert SecretText().convert(Secret("a")) == Secret("a")
    with pytest.raises(Refused):
        SecretText().convert(5)


def test_a_reference_names_one_object_or_none() -> None:
    assert Reference().names("alice") == ("alice",)
    assert Reference().names("") == ()
