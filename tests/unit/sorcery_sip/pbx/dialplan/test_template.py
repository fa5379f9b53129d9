from __future__ import annotations

import asyncio
import logging

import pytest

from sorcery_sip.pbx.dialplan.template import MAX_TEXT, Reference, Template, parse_reference


class Values:
    """Variables of one table; a function says its name and arguments, a slow one only when it is waited for."""

    def __init__(self, **variables: str) -> None:
        self.variables = variables

    def variable(self, name: str) -> str | None:
        return self.variables.get(name)

    def call(self, name: str, arguments: str) -> str:
        return "" if name == "SLOW" else f"{name}<{arguments}>"

    async def ask(self, name: str, arguments: str) -> str:
        await asyncio.sleep(0)
        return f"{name}<{arguments}>"


VALUES = Values(a="hello", b="a", n="3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$a $$ $", "$a $$ $"),
        ("${a}", "hello"),
        ("x${a}y${n}z", "xhelloy3z"),
        ("${${b}:1}", "ello"),
        ("$${a}", "$hello"),
        ("${nope}", ""),
        ("${F(${a},x):2:3}", "hel"),
        ("${F(a:b)}", "F<a:b>"),
        ("$[${n} + 1]", "4"),
        ("${a:$[1 + 1]}", "llo"),
        ("$[${F(2)} = x]", "0"),
    ],
)
def test_values_take_the_place_of_references(text: str, expected: str) -> None:
    assert Template.of(text).expand(VALUES) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (":1", "ello"),
        (":1:2", "el"),
        (":-2", "lo"),
        (":-2:1", "l"),
        (":0:-1", "hell"),
        (":2:-1", "ll"),
        (":10", ""),
        (":-10:3", "hel"),
        (":1:0", ""),
        (":x", "hello"),
        (":0:-9", ""),
    ],
)
def test_a_part_can_be_taken(part: str, expected: str) -> None:
    assert Template.of(f"${{a{part}}}").expand(VALUES) == expected


def test_a_reference_is_a_name_arguments_and_a_part() -> None:
    assert parse_reference("F(a:b):1:2") == Reference("F", "a:b", 1, 2)
    assert parse_reference("name") == Reference("name")


@pytest.mark.parametrize(("text", "expected"), [("x${a", "x"), ("${a}y$[1", "helloy"), ("${", "")])
def test_what_does_not_end_cuts_the_text(text: str, expected: str, caplog: pytest.LogCaptureFixture) -> None:
    template = Template.of(text)
    assert template.fault
    with caplog.at_level(logging.WARNING):
        assert template.expand(VALUES) == expected
    assert template.fault in caplog.text


def test_a_text_can_wait_for_its_functions() -> None:
    text = Template.of("${a}-${SLOW(${SLOW(1)})}-$[${SLOW(2)} = x]-${${b}}")
    assert asyncio.run(text.expand_later(VALUES)) == "hello-SLOW<SLOW<1>>-0-hello"


def test_the_functions_of_a_text_are_known() -> None:
    assert Template.of("${A(1)} ${B(${C(2)})} $[${D(3)}] ${e}").functions == {"A", "B", "C", "D"}


def test_no_text_is_too_deep() -> None:
    template = Template.of("${" * 2000 + "a" + "}" * 2000)
    assert template.expand(VALUES) == ""
    assert Template.of("${${${${${b}}}}}").expand(VALUES) == ""


def test_a_text_has_an_end() -> None:
    values = Values(a="x" * MAX_TEXT)
    assert len(Template.of("${a}${a}").expand(values)) == MAX_TEXT
