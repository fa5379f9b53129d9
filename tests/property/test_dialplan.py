"""The dialplan under whatever is written in it: nothing raises, and the index finds what a plain search finds."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.pbx.dialplan import STANDARD, Line, Scope, Section, World, build_dialplan, split_arguments
from sorcery_sip.pbx.dialplan.conditions import branches, is_true
from sorcery_sip.pbx.dialplan.drafts import ContextDraft, StepDraft
from sorcery_sip.pbx.dialplan.expressions import evaluate
from sorcery_sip.pbx.dialplan.lines import BadLine
from sorcery_sip.pbx.dialplan.patterns import fits
from sorcery_sip.pbx.dialplan.targets import parse_target
from sorcery_sip.pbx.dialplan.template import Template

SPECIAL = '${}[]()"\\,:;?=!-+*/%|&<>~.#_ \n'
TEXT = st.text(st.one_of(st.sampled_from(SPECIAL), st.characters()), max_size=60)
CALL = st.tuples(st.sampled_from(sorted(STANDARD)), TEXT).map(lambda pair: f"${{{pair[0]}({pair[1]})}}")
PATTERN = st.lists(
    st.sampled_from(("1", "2", "3", "X", "Z", "n", "[12]", "[2-4]", "[13]", "-")), min_size=0, max_size=4
).map("".join)
NAME = st.one_of(
    st.text("123", min_size=1, max_size=4),
    st.tuples(PATTERN, st.sampled_from(("", ".", "!"))).map(lambda pair: f"_{pair[0]}{pair[1]}"),
)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep what is said about faulty texts out of the way."""
    caplog.set_level(logging.CRITICAL + 1)


@given(st.one_of(TEXT, CALL, st.lists(st.one_of(TEXT, CALL), max_size=3).map("".join)))
def test_any_text_can_be_put_together(text: str) -> None:
    assert isinstance(Template.of(text).expand(Scope(World(dict(STANDARD)))), str)


@given(TEXT)
def test_any_expression_has_a_value(text: str) -> None:
    assert isinstance(evaluate(text, lambda name, arguments: arguments), str)


@given(
    st.lists(
        st.sampled_from(["1", "2.5", '"a"', "a", "(", ")", "+", "-", "*", "/", "%", "?", "::", ":", "=~", "!", "="])
    )
)
def test_any_tokens_have_a_value(tokens: list[str]) -> None:
    assert isinstance(evaluate(" ".join(tokens), lambda name, arguments: arguments), str)


@given(TEXT)
def test_texts_without_marks_stay_as_they_are(text: str) -> None:
    if "$" not in text:
        assert Template.of(text).expand(Scope(World({}))) == text


@given(st.lists(st.tuples(st.sampled_from(["exten", "same", "include", "ignorepat", "x"]), TEXT), max_size=8))
def test_any_lines_make_a_dialplan_and_problems_with_a_line(pairs: list[tuple[str, str]]) -> None:
    lines = [Line(key, value, "f", number) for number, (key, value) in enumerate(pairs, 1)]
    _, problems = build_dialplan([Section("t", lines)], dict(STANDARD))
    assert all(1 <= problem.line <= len(lines) and problem.message and problem.remedy for problem in problems)


@given(TEXT)
def test_any_text_falls_into_arguments_branches_and_a_place(text: str) -> None:
    assert all(isinstance(part, str) for part in (*split_arguments(text), *branches(text), parse_target(text).priority))
    assert is_true(text) in (True, False)


@given(st.lists(st.text("abc", min_size=1), min_size=1))
def test_plain_arguments_come_back(parts: list[str]) -> None:
    assert split_arguments(",".join(parts)) == parts


@given(st.lists(NAME, max_size=12), st.text("1234", max_size=5))
def test_the_index_finds_what_a_search_through_the_sorted_list_finds(names: list[str], number: str) -> None:
    draft = ContextDraft("t")
    for name in names:
        try:
            draft.add(name, None, StepDraft(1, "NoOp", Template.of(""), "", "f", 1))
        except BadLine:
            continue  # the same pattern twice
    context = draft.finished()
    assert list(context.index.matching(number)) == [each for each in context.extensions if fits(each.name, number)]
    longer = [number + more for more in ("1", "2", "3", "11", "12", "21", "22", "33", "123", "1111", "2222", "3333")]
    if any(context.index.matching(each) for each in longer):
        assert context.index.could_match(number) or context.index.matching(number)
