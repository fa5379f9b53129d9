from __future__ import annotations

import pytest

from sorcery.conf import drafts as drafts_module
from sorcery.conf.draft import CategoryDraft
from sorcery.conf.drafts import Drafts
from sorcery.conf.messages import Fault
from sorcery.conf.model import Variable


def base_and_drafts() -> tuple[CategoryDraft, Drafts]:
    drafts = Drafts()
    base = CategoryDraft("Base", "", 1, own=[Variable("a", "1", 2, "=>", False, "f")])
    drafts.add(base)
    return base, drafts


def child_of(drafts: Drafts, name: str = "base") -> CategoryDraft:
    child = CategoryDraft("child", "", 9)
    drafts.inherit(child, name)
    return child


def test_copies_are_marked_and_keep_their_place_and_operator() -> None:
    _, drafts = base_and_drafts()
    child = child_of(drafts)
    assert list(child) == [Variable("a", "1", 2, "=>", True, "f")]
    assert child.bases == ["Base"]


def test_copies_of_one_state_are_one_tuple_and_of_another_state_are_not() -> None:
    base, drafts = base_and_drafts()
    first, second = child_of(drafts), child_of(drafts)
    assert first.blocks[0] is second.blocks[0]
    base.own.append(Variable("b", "2", 3))
    third = child_of(drafts)
    assert len(third.blocks[0]) == 2
    assert len(first.blocks[0]) == 1


def test_a_rewrite_of_the_base_reaches_later_copies_only() -> None:
    base, drafts = base_and_drafts()
    first = child_of(drafts)
    base.replace(0, "a", "9")
    assert [each.value for each in first] == ["1"]
    assert [each.value for each in child_of(drafts)] == ["9"]


def test_runs_keep_the_order_of_own_lines_and_copies() -> None:
    base, _ = base_and_drafts()
    child = CategoryDraft("child", "", 9)
    child.own.append(Variable("x", "", 1))
    child.copy(base.as_base())
    child.own.append(Variable("y", "", 2))
    child.copy(())
    category = child.finished()
    assert [each.key for each in category.variables] == ["x", "a", "y"]
    assert [len(block) for block in category.blocks] == [1, 1, 1]


def test_an_empty_name_means_all_categories() -> None:
    base, drafts = base_and_drafts()
    assert list(drafts.named("")) == [base]
    assert list(drafts.named("BASE")) == [base]
    assert list(drafts.named("x")) == []


def test_a_base_that_is_not_there() -> None:
    with pytest.raises(Fault, match="'none'") as caught:
        child_of(Drafts(), "none")
    assert caught.value.code == "base-missing"


def test_a_category_cannot_copy_itself_unless_it_is_empty() -> None:
    base, drafts = base_and_drafts()
    with pytest.raises(Fault) as caught:
        drafts.inherit(base, "base")
    assert caught.value.code == "self-copy"
    empty = CategoryDraft("e", "", 1)
    drafts.add(empty)
    drafts.inherit(empty, "e")
    assert empty.bases == ["e"]


def test_copies_without_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "MAX_COPIES", 2)
    _, drafts = base_and_drafts()
    child_of(drafts)
    child_of(drafts)
    with pytest.raises(Fault) as caught:
        child_of(drafts)
    assert caught.value.code == "copies-too-many"
