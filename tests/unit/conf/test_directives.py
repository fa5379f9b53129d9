from __future__ import annotations

import subprocess
import time

import pytest

from sorcery.conf import directives
from sorcery.conf.directives import MAX_COMMAND, Directive, execute, read_directive
from sorcery.conf.messages import Fault


def read(text: str, exec_includes: bool = True) -> Directive:
    return read_directive(text, exec_includes=exec_includes)


@pytest.mark.parametrize(
    ("text", "kind", "argument"),
    [
        ("#include a.inc", "include", "a.inc"),
        ('#INCLUDE\t"a b"', "include", "a b"),
        ("#tryinclude <a>", "tryinclude", "a"),
        ("#include 'a'", "include", "'a'"),
        ('#include "a', "include", '"a'),
        ('#include "', "include", '"'),
        ('#include ""', "include", ""),
        ("#exec echo a=1", "exec", "echo a=1"),
        ("#includeéx", "include", "\udca9x"),
    ],
)
def test_the_forms_of_a_directive(text: str, kind: str, argument: str) -> None:
    assert read(text) == Directive(kind, argument)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#", "unknown-directive"),
        ("#!sh", "unknown-directive"),
        ("# include a", "unknown-directive"),
        ('#include"a"', "unknown-directive"),
        ("#include", "directive-no-argument"),
        ("#exec ", "directive-no-argument"),
    ],
)
def test_a_directive_that_is_passed_over(text: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        read(text)
    assert caught.value.code == code


def test_exec_needs_leave_even_without_an_argument() -> None:
    with pytest.raises(Fault) as caught:
        read("#exec", exec_includes=False)
    assert caught.value.code == "exec-disabled"


def test_a_command_yields_its_output_and_its_complaints() -> None:
    execution = execute("printf 'a=1\\n'; echo one >&2; echo two >&2; exit 3")
    assert execution.output == b"a=1\n"
    assert execution.errors == ("one", "two")
    assert "status 3" in execution.failure
    assert not execute("true").failure


def test_a_command_that_is_too_long() -> None:
    assert execute("true ".ljust(MAX_COMMAND, "x")).failure == ""
    with pytest.raises(Fault) as caught:
        execute("x" * (MAX_COMMAND + 1))
    assert caught.value.code == "exec-too-long"


def test_a_command_that_does_not_end_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directives, "EXEC_TIMEOUT", 0.05)
    started = time.monotonic()
    assert "did not end" in execute("sleep 30; true").failure
    assert time.monotonic() - started < 20


def test_a_command_that_cannot_be_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert "no more processes" in execute("true").failure


@pytest.mark.parametrize("text", ["#password=hush", "#password:hush", "#password=>hush", "#=hush"])
def test_a_line_that_somebody_put_a_hash_before_is_quoted_without_its_value(text: str) -> None:
    with pytest.raises(Fault) as told:
        read_directive(text, exec_includes=False)
    assert told.value.code == "unknown-directive"
    assert "hush" not in told.value.text
