from __future__ import annotations

import pytest

from sorcery_sip.pbx.dialplan.model import Settings
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import dialplan_of, parsed


def test_sections_of_one_name_add_up() -> None:
    dialplan = dialplan_of("[t]\nexten => 1,1,NoOp\n[u]\nexten => 2,1,NoOp\n[t]\nexten => 1,2,NoOp")
    assert list(dialplan.contexts) == ["t", "u"]
    assert list(dialplan.contexts["t"].extensions[0].steps) == [1, 2]


def test_priorities_follow_one_another() -> None:
    dialplan = dialplan_of(
        "[t]\nexten => 1,1,A\nsame => n(here),B\nsame => n+5,C\nexten => 1,n,D\nsame => 20,E\nsame => n,F"
    )
    (extension,) = dialplan.contexts["t"].extensions
    assert {number: step.application for number, step in extension.steps.items()} == {
        1: "A", 2: "B", 8: "C", 9: "D", 20: "E", 21: "F"
    }  # fmt: skip
    assert extension.labels == {"here": 2}


def test_keys_have_no_case_and_same_goes_on_with_the_caller() -> None:
    dialplan = dialplan_of("[t]\nEXTEN => 1/5,1,NoOp\nSame => n,NoOp")
    (extension,) = dialplan.contexts["t"].extensions
    assert (extension.caller, list(extension.steps)) == ("5", [1, 2])


def test_settings_and_global_variables() -> None:
    dialplan = dialplan_of(
        "[general]\nstatic = yes\nautofallthrough = no\nclearglobalvars = yes\n[globals]\nA = 1\nB = ${A}2"
    )
    assert dialplan.settings == Settings(autofallthrough=False, clear_globals=True)
    assert dialplan.global_variables == {"A": "1", "B": "12"}


def test_names_and_hints_take_global_variables_once() -> None:
    dialplan = dialplan_of(
        "[t]\nexten => ${N}00,1,NoOp(${N})\nexten => ${N}00,hint,PJSIP/${P}\n[globals]\nN = 1\nP = alice"
    )
    (extension,) = dialplan.contexts["t"].extensions
    assert (extension.name, extension.hint, extension.steps[1].arguments.text) == ("100", "PJSIP/alice", "${N}")


def test_steps_know_their_place() -> None:
    (extension,) = dialplan_of("[t]\nexten => 1,1,NoOp").contexts["t"].extensions
    assert (extension.steps[1].file, extension.steps[1].line) == ("extensions.conf", 2)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("exten => 1,1,Again", "priority-in-use"),
        ("exten => 1,0,NoOp", "bad-priority"),
        ("exten => 1,nowhere,NoOp", "bad-priority"),
        ("exten => ,1,NoOp", "bad-extension"),
        ("exten => _[12,1,NoOp", "bad-priority"),
        ("exten => 1,hint,PJSIP/b", "priority-in-use"),
        ("foo => bar", "unknown-option"),
        ("include => d,25:00-26:00", "bad-times"),
        ("include =>", "bad-include"),
    ],
)
def test_a_bad_line_is_an_error_with_its_place_and_the_rest_stands(line: str, rule: str) -> None:
    dialplan, problems = parsed(f"[t]\nexten => 1,1,NoOp\nexten => 1,hint,PJSIP/a\n{line}\nexten => 2,1,NoOp\n[d]")
    (problem,) = problems
    assert (problem.rule, problem.is_error, problem.file, problem.line) == (rule, True, "extensions.conf", 4)
    assert problem.remedy
    assert [each.name for each in dialplan.contexts["t"].extensions] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("switch => IAX2/x", "not-served"),
        ("autohints = yes", "not-served"),
        ("include => nowhere", "unknown-context"),
        ("exten => 2,1,NoOp(${a)", "open-bracket"),
        ("exten => 2,1,NoOp(${a$[1})", "open-bracket"),
        ("exten => 1,2(l),NoOp", "label-in-use"),
        ("exten => 2,1,NoOp(a", "open-parenthesis"),
    ],
)
def test_what_is_doubtful_is_a_warning(line: str, rule: str) -> None:
    _, problems = parsed(f"[t]\nexten => 1,1(l),NoOp\n{line}")
    assert [(problem.rule, problem.is_error, problem.line) for problem in problems] == [(rule, False, 3)]


def test_n_needs_a_step_before_it_and_same_an_extension() -> None:
    _, problems = parsed("[t]\nexten => 1,1,NoOp\n[t]\nexten => 2,n,NoOp\n[u]\nsame => n,NoOp")
    assert [problem.rule for problem in problems] == ["bad-priority", "same-without-exten"]


def test_patterns_for_the_same_numbers_are_one_extension() -> None:
    dialplan = dialplan_of("[t]\nexten => _1[0-9],1,NoOp\nexten => _1x,2,NoOp\nexten => 1-0,1,NoOp\nexten => 10,2,NoOp")
    assert [(each.name, list(each.steps)) for each in dialplan.contexts["t"].extensions] == [
        ("1-0", [1, 2]),
        ("_1[0-9]", [1, 2]),
    ]
