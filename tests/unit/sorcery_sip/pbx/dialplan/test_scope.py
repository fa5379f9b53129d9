from __future__ import annotations

import logging

import pytest

from sorcery_sip.pbx.dialplan import STANDARD, BadCall, Function, Scope, World
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import NOON


def scope(**variables: str) -> Scope:
    return Scope(World(dict(STANDARD), variables=dict(variables), clock=lambda: NOON))


def test_without_a_channel_there_are_global_variables_and_functions() -> None:
    values = scope(a="1")
    values.set("b", "2")
    values.set("GLOBAL(c)", "3")
    assert values.expand("${a}${b}${c}${LEN(abc)}${EPOCH}") == "12331700000000"
    assert values.get("LEN(ab)") == "2"
    assert values.get("nope", "default") == "default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${NOPE(1)}", "no such function"),
        ("${ARRAY(a)}", "can only be written"),
        ("${CALLERID(num)}", "no channel"),
        ("${TIMEOUT(digit)}", "no channel"),
        ("${STRFTIME(0,No/Where,%c)}", "no time zone"),
        ("${STRFTIME(99999999999999999999,,%c)}", "STRFTIME"),
        ("${MATH(2^99999,int)}", "MATH"),
        ("${MATH(-8^0.5)}", "MATH"),
        ("${SPRINTF(%99999s,a)}", "wider"),
        ("${RAND(" + "9" * 5000 + ")}", "RAND"),
        ("${BASE64_DECODE(?)}", "Base64"),
        ('${REGEX("(" a)}', "regular expression"),
        ("${CUT(a)}", "write CUT"),
        ("${IF()}", "write IF"),
        ("${STRPTIME(a,UTC,%Y)}", "STRPTIME"),
    ],
)
def test_what_a_function_cannot_do_is_nothing_and_a_line_in_the_log(
    text: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert scope().expand(text) == ""
    assert said in caplog.text


@pytest.mark.parametrize(("name", "said"), [("LEN(a)", "can only be read"), ("NOPE(a)", "not known")])
def test_what_cannot_be_set_is_a_line_in_the_log(name: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        scope().set(name, "1")
    assert said in caplog.text


def test_a_text_that_refers_to_itself_ends(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert scope(a="x${EVAL(${a})}").expand("${EVAL(${a})}").startswith("x")
    assert "refers to itself" in caplog.text


def test_a_function_can_be_put_in_the_place_of_another() -> None:
    values = scope()

    async def slow(scope: Scope, arguments: str) -> str:
        raise BadCall("never")

    values.world.register("LEN", Function(slow))
    assert values.world.waiting_functions == {"LEN"}
    values.world.register("LEN", Function(lambda scope, text: "!"))
    assert values.expand("${LEN(a)}") == "!"
    assert values.world.waiting_functions == set()
