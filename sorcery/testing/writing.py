"""What every storage driver that can be written to does with changes."""

# ruff: noqa: D102 - the name of each test says what it holds

from __future__ import annotations

from typing import Any

import pytest

from sorcery import (
    AlreadyExists,
    Effect,
    NotFound,
    Object,
    Sorcery,
    StoreRefused,
    Transaction,
    Written,
)
from sorcery.testing.expecting import ExpectingConformance
from sorcery.testing.systems import Recorder, reconfigure
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Op

__all__ = ["IDS", "NOT_UNICODE", "TEXTS", "WritingConformance"]

IDS = (
    *("6001;@ab", "a/b", "50%", "a_b", "a b", "über", "漢字", "Case", "case", "it's", 'say "x"', "a\\b", "a^3Bb"),
    *("a.b", "[a]", "#1", "=", "a,b", "{}", "\U0001f600", "x" * 200),
)
"""Ids that a store must tell apart."""

NOT_UNICODE = frozenset({"zero\0byte", "lone \udcff"})
"""What Python takes for a text and C's strings or UTF-8 do not."""

TEXTS = (
    *("plain", "a;b", ";", "a^b", "^3B", "^^3B", "it's", 'say "x"', "50%", "a_b", "a\\b", "über 漢 \U0001f600"),
    *("a => b", "#include x", "[x]", ",", "yes", "NULL", "0", " inner  blanks ", " ", "line\nbreak", "tab\t"),
    *sorted(NOT_UNICODE),
    "x" * 200,
)
"""Texts that a store must give back as they were."""


class WritingConformance(ExpectingConformance):
    """What every writable wizard passes.

    A subclass gives the fixture `sorcery` as for `ReadingConformance`, and says what its store is known to do:
    """

    takes_repeated: bool = True
    """An option with several lines can be stored; a store that cannot raises `StoreRefused`."""
    refused_texts: frozenset[str] = NOT_UNICODE
    """Those of `TEXTS` that the store refuses by `StoreRefused`: whatever it takes it gives back."""
    refused_ids: frozenset[str] = frozenset()
    """Those of `IDS` that it refuses so."""

    def test_a_created_object_is_retrieved(self, sorcery: Sorcery) -> None:
        widget = Widget(id="one", size=7, tags=["a", "b"], password="p", extended={"@note": "x"})
        sorcery.create(widget)
        assert sorcery.retrieve_by_id(Widget, "one") == widget
        assert sorcery.retrieve_all(Widget) == [widget]

    def test_a_taken_id_is_not_created_again(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one", size=1))
        with pytest.raises(AlreadyExists, match="testing_widget 'one'"):
            sorcery.create(Widget(id="one", size=2))
        assert sorcery.retrieve_all(Widget) == [Widget(id="one", size=1)]

    def test_types_do_not_share_their_ids(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one"))
        sorcery.create(Group(id="one"))
        sorcery.delete(Group(id="one"))
        assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one")
        assert sorcery.retrieve_by_id(Group, "one") is None

    def test_an_update_replaces_the_whole_object(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one", size=1, label="x", tags=["a"], password="p"))
        sorcery.update(Widget(id="one", remark="new"))
        assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one", remark="new")

    def test_an_update_that_changes_nothing_is_no_miss(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one", size=1))
        sorcery.update(Widget(id="one", size=1))
        assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one", size=1)

    def test_a_delete_goes_by_id(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one", size=1))
        sorcery.create(Widget(id="on_"))
        sorcery.delete(Widget(id="on_", size=9))
        assert sorcery.retrieve_all(Widget) == [Widget(id="one", size=1)]

    def test_what_is_absent_is_neither_updated_nor_deleted(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one"))
        for absent in ("One", "on_", "%", "two"):
            with pytest.raises(NotFound, match=f"testing_widget '{absent}'"):
                sorcery.update(Widget(id=absent))
            with pytest.raises(NotFound):
                sorcery.delete(Widget(id=absent))
        assert sorcery.retrieve_all(Widget) == [Widget(id="one")]

    def test_an_update_creates_where_that_is_configured(self, sorcery: Sorcery) -> None:
        reconfigure(sorcery, create_on_update_miss=True)
        assert _effects(sorcery.update(Widget(id="one", size=1))) == {Effect.CREATED}
        assert _effects(sorcery.update(Widget(id="one", size=2))) == {Effect.UPDATED}
        assert sorcery.retrieve_all(Widget) == [Widget(id="one", size=2)]

    def test_what_is_deleted_and_created_anew_has_to_exist_even_where_an_update_creates(self, sorcery: Sorcery) -> None:
        reconfigure(sorcery, create_on_update_miss=True)
        with pytest.raises(NotFound), sorcery.transaction() as transaction:
            _replace(transaction, Widget(id="one", size=1))
        sorcery.create(Widget(id="one", size=1))
        with sorcery.transaction() as transaction:
            _replace(transaction, Widget(id="one", size=2))
        assert sorcery.retrieve_all(Widget) == [Widget(id="one", size=2)]

    def test_a_change_tells_what_became_of_it_in_each_store(self, sorcery: Sorcery) -> None:
        one = Widget(id="one")
        assert _effects(sorcery.create(one)) == {Effect.CREATED}
        assert _effects(sorcery.update(one.evolve(size=2))) == {Effect.UPDATED}
        assert _effects(sorcery.delete(one)) == {Effect.DELETED}
        with sorcery.transaction() as transaction:
            transaction.create(one)
            transaction.create(Group(id="g"))
        assert [(each.op, each.type_name, each.id) for each in transaction.written] == [
            (Op.CREATE, "testing_group", "g"),
            (Op.CREATE, "testing_widget", "one"),
        ]
        assert all(_effects(each) == {Effect.CREATED} for each in transaction.written)

    def test_every_id_names_its_own_object(self, sorcery: Sorcery) -> None:
        for id in self.refused_ids:
            with pytest.raises(StoreRefused):
                sorcery.create(Widget(id=id))
        ids = [id for id in IDS if id not in self.refused_ids]
        for number, id in enumerate(ids):
            sorcery.create(Widget(id=id, size=number))
        assert [(obj.id, obj.size) for obj in sorcery.retrieve_all(Widget)] == sorted(
            ((id, number) for number, id in enumerate(ids)), key=lambda pair: pair[0].encode()
        )
        for number, id in enumerate(ids):
            sorcery.update(Widget(id=id, size=number + 1))
            assert sorcery.retrieve_by_prefix(Widget, id) == [Widget(id=id, size=number + 1)]
            sorcery.delete(Widget(id=id))
            assert sorcery.retrieve_by_id(Widget, id) is None
        assert sorcery.retrieve_all(Widget) == []

    @pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:20])
    def test_a_text_comes_back_as_it_was_or_is_refused(self, sorcery: Sorcery, text: str) -> None:
        widget = Widget(id="one", label=text, remark=text, password=text, second=text, extended={"@note": text})
        if text in self.refused_texts:
            with pytest.raises(StoreRefused):
                sorcery.create(widget)
            assert sorcery.retrieve_by_id(Widget, "one") is None
            return
        sorcery.create(widget)
        assert sorcery.retrieve_by_id(Widget, "one") == widget
        assert sorcery.retrieve_by_fields(Widget, **{"label =": text}) == [widget]

    def test_an_empty_text_is_told_from_a_default(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="default"))
        sorcery.create(Widget(id="empty", label=""))
        assert [obj.label for obj in sorcery.retrieve_all(Widget)] == ["none", ""]
        sorcery.update(Widget(id="default", label=""))
        sorcery.update(Widget(id="empty"))
        assert [obj.label for obj in sorcery.retrieve_all(Widget)] == ["", "none"]

    def test_every_line_of_an_option_is_kept(self, sorcery: Sorcery) -> None:
        widget = Widget(id="one", lines=["b", "a;x", "b"])
        if self.takes_repeated:
            sorcery.create(widget)
            assert sorcery.retrieve_by_id(Widget, "one") == widget
        else:
            with pytest.raises(StoreRefused, match="lines"):
                sorcery.create(widget)

    def test_a_held_object_stays_as_it_is(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one", size=1))
        held = sorcery.retrieve_by_id(Widget, "one")
        listed = sorcery.retrieve_all(Widget)
        sorcery.update(Widget(id="one", size=2))
        sorcery.delete(Widget(id="one"))
        assert held == Widget(id="one", size=1)
        assert listed == [Widget(id="one", size=1)]

    def test_observers_are_told_in_order_with_new_and_old(self, sorcery: Sorcery) -> None:
        one, two = Widget(id="one", size=1), Widget(id="one", size=2)
        recorder = Recorder(sorcery, Widget)
        sorcery.create(one)
        sorcery.update(two)
        sorcery.delete(Widget(id="one"))
        with pytest.raises(NotFound):
            sorcery.delete(one)
        assert recorder.events == [("created", one), ("updated", (two, one)), ("deleted", two)]

    def test_a_transaction_stores_all_in_dependency_order(self, sorcery: Sorcery) -> None:
        group, widget = Group(id="g"), Widget(id="w", group="g")
        recorder = Recorder(sorcery, Group, Widget)
        with sorcery.transaction() as transaction:
            transaction.create(widget)
            transaction.create(group)
            assert sorcery.retrieve_all(Widget) == []
        with sorcery.transaction() as transaction:
            transaction.delete(group)
            transaction.delete(widget)
        assert recorder.events == [
            ("created", group),
            ("created", widget),
            ("deleted", widget),
            ("deleted", group),
        ]

    @pytest.mark.parametrize(("last", "error"), [("create", AlreadyExists), ("update", NotFound), ("delete", NotFound)])
    def test_a_transaction_whose_last_step_fails_stores_nothing(
        self, sorcery: Sorcery, last: str, error: type[Exception]
    ) -> None:
        kept = (Widget(id="kept", size=1), Widget(id="kept2", size=1))
        with sorcery.transaction() as transaction:
            for obj in kept:
                transaction.create(obj)
        recorder = Recorder(sorcery, Group, Widget)
        bad = kept[0] if last == "create" else Widget(id="zz")
        with pytest.raises(error), sorcery.transaction() as transaction:
            _change_all(transaction, kept[1], last, bad)
        assert sorcery.retrieve_all(Widget) == list(kept)
        assert sorcery.retrieve_all(Group) == []
        assert recorder.events == []

    def test_an_exception_inside_a_transaction_drops_it(self, sorcery: Sorcery) -> None:
        with pytest.raises(KeyError), sorcery.transaction() as transaction:
            _create_and_fail(transaction, Widget(id="one"))
        assert sorcery.retrieve_all(Widget) == []

    def test_a_failed_change_blocks_no_later_one(self, sorcery: Sorcery) -> None:
        for number in range(3):
            with pytest.raises(NotFound):
                sorcery.update(Widget(id="absent"))
            sorcery.create(Widget(id=str(number)))
        assert len(sorcery.retrieve_all(Widget)) == 3

    def test_a_plan_makes_one_system_like_another(self, sorcery: Sorcery) -> None:
        wanted = [Widget(id="new", group="g"), Widget(id="same", size=1), Widget(id="other", size=2)]
        with sorcery.transaction() as transaction:
            for obj in (Widget(id="same", size=1), Widget(id="other", size=3), Widget(id="old")):
                transaction.create(obj)
        with Sorcery.open("memory:", types=[Group, Widget]) as other:
            for new in (Group(id="g"), *wanted):
                other.create(new)
            plan = sorcery.plan(other, [Group, Widget])
            assert len(plan) == 4
            plan.apply()
            assert not sorcery.plan(other, [Group, Widget])
        assert sorcery.retrieve_all(Widget) == sorted(wanted, key=lambda obj: obj.id)

    def test_objects_are_equal_after_reopening(self, sorcery: Sorcery) -> None:
        objects = [Widget(id="one", size=7, label="", second="x;y"), Widget(id="two", extended={"@note": "n"})]
        for obj in objects:
            sorcery.create(obj)
        with self.reopen(sorcery) as again:
            assert again.retrieve_all(Widget) == (objects if self.survives_reopening else [])

    def test_instances_share_what_survives_and_nothing_else(self, sorcery: Sorcery) -> None:
        one, two = Widget(id="one", size=1), Widget(id="two")
        with self.reopen(sorcery) as again:
            sorcery.create(one)
            again.reload()
            assert again.retrieve_by_id(Widget, "one") == (one if self.survives_reopening else None)
            again.create(two)
            if self.survives_reopening:
                again.delete(one)
        sorcery.reload()
        held = [two] if self.survives_reopening else [one]
        assert sorcery.retrieve_all(Widget) == (held if self.follows_others else [one, *held])


def _effects(written: Written) -> set[Effect]:
    """Return what the stores that were asked made of a change."""
    return {effect for _, effect in written.stores} - {Effect.SKIPPED}


def _replace(transaction: Transaction, obj: Object) -> None:
    transaction.delete(obj)
    transaction.create(obj)


def _change_all(transaction: Any, kept: Object, last: str, bad: Object) -> None:
    transaction.create(Group(id="new"))
    transaction.create(Widget(id="new"))
    transaction.update(Widget(id=kept.id, size=2))
    getattr(transaction, last)(bad)


def _create_and_fail(transaction: Any, obj: Object) -> None:
    transaction.create(obj)
    raise KeyError
