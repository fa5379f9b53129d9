from __future__ import annotations

import pytest

from sorcery.conf import draft as draft_module
from sorcery.conf.assignments import assign
from sorcery.conf.budget import Budget
from sorcery.conf.draft import CategoryDraft
from sorcery.conf.messages import Fault
from sorcery.conf.model import Variable


def assigned(*lines: str, before: tuple[Variable, ...] = ()) -> list[tuple[str, str, str, int]]:
    draft = CategoryDraft("c", "", 1)
    draft.copy(before)
    for number, line in enumerate(lines, 2):
        assign(draft, line, number, "")
    return [(each.key, each.value, each.operator, each.line) for each in draft]


@pytest.mark.parametrize(
    ("line", "key", "value", "operator"),
    [
        ("a=1", "a", "1", "="),
        ("a b = c d", "a b", "c d", "="),
        ("a=", "a", "", "="),
        ("a==1", "a", "=1", "="),
        ("a=>1", "a", "1", "=>"),
        ("a => 1", "a", "1", "=>"),
        ("a = > 1", "a", "> 1", "="),
        ("a>=1", "a>", "1", "="),
        (r"\[x]=1", "[x]", "1", "="),
        (r"\=x=1", "=x", "1", "="),
        (r"\\x=1", r"\x", "1", "="),
        (r"\+=1", "+", "1", "="),
        (r"\++=1", "+", "1", "="),
        ("a+ = 1", "a+", "1", "="),
        ("++=1", "+", "1", "="),
        ("a +=> 1", "a", "> 1", "="),
        ("a\x7f=\xa01\xa0", "a\x7f", "\xa01\xa0", "="),
    ],
)
def test_the_forms_of_a_variable_line(line: str, key: str, value: str, operator: str) -> None:
    assert assigned(line) == [(key, value, operator, 2)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("=1", "empty-key"),
        ("+=1", "empty-key"),
        ("=", "empty-key"),
        ("a", "no-equals"),
        (r"\=", "no-equals"),
        ("\\", "bad-escape"),
        ("\\ a=1", "bad-escape"),
        ("\\é=1", "bad-escape"),
        ("\\\udce9=1", "bad-escape"),
    ],
)
def test_a_line_that_is_no_variable(line: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        assigned(line)
    assert caught.value.code == code


def test_a_variable_needs_a_category() -> None:
    with pytest.raises(Fault) as caught:
        assign(None, "a=1", 1, "")
    assert caught.value.code == "no-category"


def test_plus_equals_appends_the_raw_text_and_keeps_the_first_line() -> None:
    assert assigned("a=1", "a+=2", "a += 3 ") == [("a", "12 3", "=", 2)]


def test_plus_equals_compares_keys_with_case_but_replaces_the_first_likeness() -> None:
    assert assigned("B=k", "b=K", "b+=y") == [("b", "Ky", "=", 2), ("b", "K", "=", 3)]
    assert assigned("C=1", "c+=2") == [("C", "1", "=", 2), ("c", "2", "=", 3)]
    assert assigned("D=first", "d=", "d+=x") == [("d", "x", "=", 2), ("d", "", "=", 3)]


def test_plus_equals_makes_a_copy_its_own() -> None:
    draft = CategoryDraft("c", "", 1)
    draft.copy((Variable("a", "1", 5, "=>", True, "f"), Variable("b", "2", 6, "=", True, "f")))
    assign(draft, "a+=x", 9, "")
    assert draft.finished().blocks == (
        (Variable("a", "1x", 5, "=>", False, "f"), Variable("b", "2", 6, "=", True, "f")),
    )


@pytest.mark.parametrize("times", [1, draft_module.FEW + 3])
def test_plus_equals_means_the_same_however_often_it_came_before(times: int) -> None:
    draft = CategoryDraft("c", "", 1)
    draft.copy((Variable("a", "1", 5, "=>", True, "f"), Variable("A", "1", 6, "=", True, "f")))
    for _ in range(times):
        assign(draft, "none+=", 9, "")
    draft.copy((Variable("b", "2", 7, "=", True, "f"),))
    for line in ("A+=x", "B=2", "b+=y", "A+=z", "B+=w"):
        assign(draft, line, 10, "")
    assert [(each.key, each.value, each.line) for each in draft if each.key != "none"] == [
        ("A", "1x", 5),
        ("A", "1z", 6),
        ("b", "2y", 7),
        ("B", "2w", 10),
    ]


def test_plus_equals_appends_to_so_much_and_no_more() -> None:
    draft = CategoryDraft("c", "", 1, appended=Budget("appends-too-many", 5))
    for line in ("a=12", "a+=3", "a+=4"):
        assign(draft, line, 2, "")
    with pytest.raises(Fault) as caught:
        assign(draft, "a+=5", 2, "")
    assert caught.value.code == "appends-too-many"


def test_plus_equals_joins_bytes() -> None:
    assert assigned("a=\udcc3", "a+=\udca9") == [("a", "é", "=", 2)]
