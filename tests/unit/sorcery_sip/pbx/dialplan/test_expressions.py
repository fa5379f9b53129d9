from __future__ import annotations

import logging

import pytest

from sorcery_sip.pbx.dialplan.expressions import MAX_DEPTH, _tokens_of, evaluate
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server
from tests.unit.sorcery_sip.pbx.dialplan.facts import EXPRESSIONS
from tests.unit.sorcery_sip.pbx.fakes import run


def call(name: str, arguments: str) -> str:
    return {"LEN": str(len(arguments)), "ECHO": arguments}.get(name, "")


def test_expressions_come_to_what_they_do_in_asterisk() -> None:
    lines = [f"same => n,Set(GLOBAL(v{at})={text})" for at, text in enumerate(EXPRESSIONS)]

    async def values() -> list[str]:
        server = Server("\n".join(["[t]", "exten => x,1,NoOp", *lines]))
        await server.call()
        return [server.pbx.variables[f"v{at}"] for at in range(len(lines))]

    assert dict(zip(EXPRESSIONS, run(values()), strict=True)) == EXPRESSIONS


def test_functions_of_the_dialplan_can_be_called() -> None:
    assert evaluate("LEN(abc) + 1", call) == "4"
    assert evaluate("ECHO(a,b)", call) == "a,b"


def test_long_expressions_are_not_kept() -> None:
    before = _tokens_of.cache_info().currsize
    assert evaluate("1" + " + 1" * 500, call) == "501"
    assert _tokens_of.cache_info().currsize == before
    assert evaluate("101 + 202", call) == "303"
    assert _tokens_of.cache_info().currsize == before + 1


@pytest.mark.parametrize("text", ["1 + ", "(1", "1 ? 2", "ABS(1 2)"])
def test_what_is_no_expression_is_zero_and_logged(text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert evaluate(text, call) == "0"
    assert text in caplog.text


@pytest.mark.parametrize("char", "(-!")
def test_no_text_is_too_deep(char: str) -> None:
    assert evaluate(char * 5000 + "1", call) == "0"


def test_some_depth_is_granted() -> None:
    assert evaluate("(" * MAX_DEPTH + "7" + ")" * MAX_DEPTH, call) == "7"


def test_what_is_no_number_compares_as_nothing() -> None:
    assert evaluate("SQRT(-1) = SQRT(-1)", call) == "0"
    assert evaluate("SQRT(-1) != 1", call) == "1"


def test_numbers_beyond_all_measure_end_at_once() -> None:
    assert evaluate("POW(10,POW(10,9))", call) == "inf"
    assert evaluate("9" * 4000 + " * " + "9" * 4000, call).endswith("e+8000")
