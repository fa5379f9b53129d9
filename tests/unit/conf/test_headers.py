from __future__ import annotations

import pytest

from sorcery.conf.budget import Budget
from sorcery.conf.draft import CategoryDraft
from sorcery.conf.drafts import Drafts
from sorcery.conf.headers import open_category
from sorcery.conf.messages import Fault
from sorcery.conf.model import Variable

Reports = list[tuple[str, str]]


def opened(*headers: str, drafts: Drafts | None = None, reports: Reports | None = None) -> tuple[CategoryDraft, Drafts]:
    """Open each header and put one variable named after its number below it."""
    drafts = Drafts() if drafts is None else drafts
    said: Reports = [] if reports is None else reports
    category = CategoryDraft("", "", 0)
    for number, header in enumerate(headers, 1):
        category = open_category(drafts, header, number, "", lambda code, text: said.append((code, text)))
        category.own.append(Variable(f"v{number}", "1", number))
    return category, drafts


def keys(category: CategoryDraft) -> list[str]:
    return [each.key for each in category]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("[a]", "a"),
        ("[ a ]", " a "),
        ("[f[g]", "f[g"),
        ("[]", ""),
        ("[a]x=1", "a"),
        ("[a] (!)", "a"),
        ("[" + "n" * 80 + "]", "n" * 79),
        ("[" + "n" * 78 + "é]", "n" * 78 + "\udcc3"),
    ],
)
def test_a_plain_header(header: str, name: str) -> None:
    category, drafts = opened(header)
    assert (category.name, category.template, category.bases) == (name, False, [])
    assert drafts.all == [category]
    assert drafts.latest is category


def test_a_template_and_its_copies() -> None:
    category, _ = opened("[t](!)", "[u](!,t)ignored", "[a](t,u,T)")
    assert category.bases == ["t", "u", "t"]
    assert keys(category) == ["v1", "v1", "v2", "v1", "v3"]


def test_an_empty_option_copies_the_first_category() -> None:
    category, _ = opened("[one]", "[two]", "[a]()")
    assert category.bases == ["one"]


def test_plus_adds_to_the_first_category_that_is_no_template() -> None:
    category, drafts = opened("[a](!)", "[a]", "[a]", "[A](+)")
    assert keys(category) == ["v2", "v4"]
    assert len(drafts.all) == 3


def test_what_stands_before_plus_moves_along() -> None:
    category, _ = opened("[t](!)", "[a]", "[a](t,!,+)")
    assert keys(category) == ["v2", "v1", "v3"]
    assert category.template
    assert category.bases == []


def test_what_stands_behind_plus_goes_to_the_existing_category() -> None:
    category, _ = opened("[t](!)", "[a]", "[a](+,t)")
    assert keys(category) == ["v2", "v1", "v3"]
    assert category.bases == ["t"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (["[a"], "header-unclosed-bracket"),
        (["[a](x"], "header-unclosed-paren"),
        (["[a](b)"], "base-missing"),
        (["[a]()"], "base-missing"),
        (["[t](!)", "[a]( t)"], "base-missing"),
        (["[a](+)"], "append-target-missing"),
        (["[a](!)", "[a](+)"], "append-target-missing"),
        (["[a]", "[a](+ )"], "append-target-missing"),
        (["[a]", "[a](+,a)"], "self-copy"),
        (["[" + "n" * 80 + "]", "[" + "n" * 80 + "](+)"], "append-target-missing"),
    ],
)
def test_a_header_that_ends_its_file(headers: list[str], code: str) -> None:
    with pytest.raises(Fault) as caught:
        opened(*headers)
    assert caught.value.code == code


def test_a_condition_that_does_not_compile_is_reported_beside_the_missing_target() -> None:
    reports: Reports = []
    with pytest.raises(Fault) as caught:
        opened("[a]", "[a](+v1=[0-)", reports=reports)
    assert caught.value.code == "append-target-missing"
    assert [code for code, _ in reports] == ["bad-regex"]


def test_conditions_may_look_at_so_much_and_no_more() -> None:
    drafts = Drafts()
    drafts.compared = Budget("conditions-too-many", 2_000)
    for _ in range(50):
        opened("[a](!)", drafts=drafts)
    opened("[a]", "[a](+)", drafts=drafts)
    with pytest.raises(Fault) as caught:
        opened("[a](+v1=^2*)", "[a](+v1=^2*$)", drafts=drafts)
    assert caught.value.code == "conditions-too-many"
