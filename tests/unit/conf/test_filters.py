from __future__ import annotations

import pytest

from sorcery.conf.filters import Condition, Filter
from sorcery.conf.model import Variable
from sorcery.conf.regex import RegexError

VARIABLES = [Variable("host", "10.0.0.1", 1), Variable("port", "5060", 2), Variable("k", "a&b=c", 3)]


def admits(text: str, template: bool = False) -> bool:
    return Filter.parse(text).admits(template, VARIABLES, spend=lambda _: None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host=10",
        "host=^10&port=0$",
        " host = 10 ",
        "port=",
        "=5060",
        "port=5060=ignored",
        'k="a&b"',
        "k='a&b=c'",
        "'host'=10",
        r"k=a\&b",
        "TEMPLATES=include",
        "TEMPLATES=Include&host=10",
    ],
)
def test_a_category_that_is_admitted(text: str) -> None:
    assert admits(text)


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "host",
        "host=10&",
        "&host=10",
        "host=10&port",
        "host=11",
        "HOST=10",
        "host=5060",
        "TEMPLATES=restrict",
        "TEMPLATES=other",
        "templates=include",
        "host=\"'\"'\"'\"'10",
    ],
)
def test_a_category_that_is_not_admitted(text: str) -> None:
    assert not admits(text)


def test_templates_are_admitted_on_request_only() -> None:
    assert not admits("host=10", template=True)
    assert admits("TEMPLATES=include&host=10", template=True)
    assert admits("TEMPLATES=RESTRICT&host=10", template=True)
    assert not admits("TEMPLATES=include&host=11", template=True)


def test_only_the_first_of_two_escapes_shields() -> None:
    assert Filter.parse(r"k=\a\&b=1").conditions == (Condition("k", r"\a" + "\\"), Condition("b", "1"))


def test_a_lone_quote_is_an_empty_expression() -> None:
    assert admits("host='")


@pytest.mark.parametrize("text", ["host=[0-", "[0-=1", "port=7&host=[0-", "TEMPLATES=x&host=[0-", "host=[0-&port"])
@pytest.mark.parametrize("template", [True, False])
def test_an_expression_that_does_not_compile_raises_whatever_stands_before_it(text: str, template: bool) -> None:
    with pytest.raises(RegexError):
        admits(text, template)


@pytest.mark.parametrize("text", ["[0-", "port&host=[0-", "[0-&host=1", "[0-'=1"])
def test_nothing_is_compiled_from_a_condition_without_equals_sign_on(text: str) -> None:
    assert not admits(text)
