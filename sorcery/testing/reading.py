"""What every storage driver answers to questions."""

# ruff: noqa: D102 - the name of each test says what it holds

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from sorcery import InvalidObject, Object, Sorcery, UnknownType
from sorcery.chain import retrieve_many
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery.testing.types import WIDGETS, Group, Widget
from sorcery.wizard import Holding

__all__ = ["ReadingConformance"]

GROUPS = (Group(id="g1", note="one"), Group(id="g2"))
PJSIP = (
    Aor(id="alice", max_contacts=2, mailboxes=["1@default", "2@default"]),
    Endpoint.from_objectset("alice", [("context", "sales"), ("allow", "!all,g722,alaw"), ("aors", "alice")]),
    Contact(id="alice;@1", uri="sip:alice@192.0.2.1;transport=tcp", expiration_time=1795633596),
)

FIELDS: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"label": "abc"}, ["b%1"]),
    ({"label": "none"}, ["alpha"]),
    ({"label": "nowhere"}, []),
    ({"label": "/^[aA].[cC]$/"}, ["b%1", "c d/e", "éclair"]),
    ({"label =": "10"}, ["bX1", "b_1"]),
    ({"label": "10"}, ["bX1"]),
    ({"label !=": "10"}, ["Alpha", "alpha", "alpha;@1", "alpha;@2", "b%1", "c d/e", "éclair"]),
    ({"size": 9}, ["alpha;@1"]),
    ({"size": "9"}, ["alpha;@1"]),
    ({"size <": 9}, ["alpha", "b%1", "bX1", "b_1", "c d/e", "éclair"]),
    ({"size <=": 9}, ["alpha", "alpha;@1", "b%1", "bX1", "b_1", "c d/e", "éclair"]),
    ({"size >": 9}, ["Alpha", "alpha;@2"]),
    ({"size >=": 9}, ["Alpha", "alpha;@1", "alpha;@2"]),
    ({"size >=": 6, "size <": 50}, ["Alpha", "alpha;@1"]),
    ({"label LIKE": "50%"}, ["alpha;@1", "alpha;@2"]),
    ({"label like": "%percent"}, ["alpha;@2"]),
    ({"label LIKE": "a_c"}, ["éclair"]),
    ({"label LIKE": "a%"}, ["b%1", "éclair"]),
    ({"label regex": "^a"}, ["b%1", "éclair"]),
    ({"active": False}, ["alpha;@2"]),
    ({"active": "no"}, ["alpha;@2"]),
    ({"active": "off", "size": 100}, ["alpha;@2"]),
    ({"active": "no", "size": 5}, []),
    ({"colour": "green"}, ["Alpha"]),
    ({"tags": "x,y"}, ["alpha"]),
    ({"group": "g1"}, ["alpha;@1"]),
    ({"group names": "g1"}, ["alpha;@1"]),
    ({"groups names": "g2"}, ["alpha;@1"]),
    ({"groups names": "g"}, []),
    ({"password": "pa55word"}, ["alpha"]),
    ({"remark": "a;b ^3B"}, ["alpha"]),
    ({"remark": 'it\'s "quoted"'}, ["b%1"]),
    ({"remark LIKE": "%漢"}, ["c d/e"]),
    ({"2nd": "2"}, ["alpha"]),
    ({"@note": "first"}, ["b_1"]),
    ({"@note LIKE": "%s%"}, ["bX1", "b_1"]),
    ({"@absent": "first"}, []),
    ({"id": "alpha"}, ["alpha"]),
    ({"id LIKE": "b%1"}, ["b%1", "bX1", "b_1"]),
)
REGEXES: tuple[tuple[str, list[str]], ...] = (
    ("", ["Alpha", "alpha", "alpha;@1", "alpha;@2", "b%1", "bX1", "b_1", "c d/e", "éclair"]),
    ("^alpha", ["alpha", "alpha;@1", "alpha;@2"]),
    ("^alpha;@", ["alpha;@1", "alpha;@2"]),
    ("^b_1$", ["b_1"]),
    ("^b.1$", ["b%1", "bX1", "b_1"]),
    ("^b[[:upper:]]1", ["bX1"]),
    ("[12]$", ["alpha;@1", "alpha;@2", "b%1", "bX1", "b_1"]),
    ("^(c|é)", ["c d/e", "éclair"]),
    ("^alphax*$", ["alpha"]),
    ("d/e", ["c d/e"]),
    ("^nothing", []),
)
PREFIXES: tuple[tuple[str, list[str]], ...] = (
    ("", REGEXES[0][1]),
    ("alpha", ["alpha", "alpha;@1", "alpha;@2"]),
    ("alpha;@", ["alpha;@1", "alpha;@2"]),
    ("A", ["Alpha"]),
    ("b_", ["b_1"]),
    ("b%", ["b%1"]),
    ("c d/", ["c d/e"]),
    ("é", ["éclair"]),
    ("alpha;@1x", []),
)


def ids(found: Sequence[Object]) -> list[str]:
    """Return the ids in order."""
    return [obj.id for obj in found]


class ReadingConformance:
    """What every wizard passes, also one that cannot be written to.

    A subclass gives the fixture `sorcery`: an instance whose types `testing_group`, `testing_widget`, `endpoint`,
    `aor` and `contact` are held by the wizard, with no objects yet. Where they get there in another way than by
    a transaction it overrides `populate`.
    """

    def populate(self, sorcery: Sorcery, objects: Sequence[Object]) -> None:
        """Put the objects where the wizard reads them."""
        with sorcery.transaction() as transaction:
            for obj in objects:
                transaction.create(obj)

    @pytest.fixture
    def held(self, sorcery: Sorcery) -> Sorcery:
        """Return the instance, filled."""
        self.populate(sorcery, (*GROUPS, *WIDGETS, *PJSIP))
        return sorcery

    def test_an_object_is_what_was_stored(self, held: Sorcery) -> None:
        for obj in (*GROUPS, *WIDGETS, *PJSIP):
            assert held.retrieve_by_id(type(obj), obj.id) == obj
            assert held.retrieve_by_id(obj.__sorcery__.name, obj.id) == obj

    def test_what_is_not_there_is_none(self, held: Sorcery) -> None:
        for absent in ("ALPHA", "alph", "alpha;", "alpha;@", "b_", "b?1", "%", "b__", "c d", " alpha", "g1"):
            assert held.retrieve_by_id(Widget, absent) is None

    def test_an_empty_store_holds_nothing(self, sorcery: Sorcery) -> None:
        assert sorcery.retrieve_by_id(Widget, "alpha") is None
        assert sorcery.retrieve_all(Widget) == []
        assert sorcery.retrieve_by_fields(Widget, size=5) == []
        assert sorcery.retrieve_by_prefix(Widget, "a") == []

    def test_many_ids_in_one_question_are_answered_as_each_alone(self, held: Sorcery) -> None:
        asked = [*(obj.id for obj in WIDGETS), "ALPHA", "absent", "g1", "%", "zero\0byte", "lone \udcff"]
        there = {obj.id: obj for obj in WIDGETS}
        reader = held._binding(Widget).reader
        assert retrieve_many(reader, asked) == there
        assert retrieve_many(reader, []) == {}
        for bound in held._binding(Widget).bound:
            if isinstance(bound.store, Holding):
                own = {id for id in asked if bound.store.retrieve(id) is not None}
                assert set(bound.store.held(asked)) == own

    def test_all_are_sorted_by_the_bytes_of_their_id(self, held: Sorcery) -> None:
        assert held.retrieve_all(Widget) == sorted(WIDGETS, key=lambda obj: obj.id.encode())
        assert held.retrieve_all(Group) == list(GROUPS)

    @pytest.mark.parametrize(("criteria", "expected"), FIELDS, ids=str)
    def test_criteria_find_by_fields(self, held: Sorcery, criteria: dict[str, Any], expected: list[str]) -> None:
        assert ids(held.retrieve_by_fields(Widget, **criteria)) == expected

    def test_regular_expressions_find_by_id(self, held: Sorcery) -> None:
        for regex, expected in REGEXES:
            assert (regex, ids(held.retrieve_by_regex(Widget, regex))) == (regex, expected)

    def test_prefixes_find_by_id(self, held: Sorcery) -> None:
        for prefix, expected in PREFIXES:
            assert (prefix, ids(held.retrieve_by_prefix(Widget, prefix))) == (prefix, expected)

    def test_a_question_that_makes_no_sense_is_refused(self, held: Sorcery) -> None:
        with pytest.raises(ValueError, match="no field 'shape'"):
            held.retrieve_by_fields(Widget, shape="round")
        with pytest.raises(ValueError, match="unknown operator"):
            held.retrieve_by_fields(Widget, **{"size ~": 5})
        with pytest.raises(ValueError, match="no regular expression"):
            held.retrieve_by_regex(Widget, "(")
        with pytest.raises(UnknownType):
            held.retrieve_by_id("nonsense", "alpha")

    def test_a_secret_is_kept_and_masked(self, held: Sorcery) -> None:
        widget = held.retrieve_by_id(Widget, "alpha")
        assert widget is not None
        assert widget.password.reveal() == "pa55word"
        assert "pa55word" not in repr(widget)

    def test_held_objects_cannot_be_changed(self, held: Sorcery) -> None:
        widget = held.retrieve_by_id(Widget, "alpha")
        assert widget is not None
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(widget, "size", 6)  # noqa: B010 - a plain assignment is a type error, which is the point
        with pytest.raises(InvalidObject):
            widget.evolve(size="many")

    def test_pjsip_objects_are_found(self, held: Sorcery) -> None:
        assert ids(held.retrieve_by_fields(Aor, **{"max_contacts >=": 2})) == ["alice"]
        assert ids(held.retrieve_by_fields("endpoint", context="sales")) == ["alice"]
        assert ids(held.retrieve_by_prefix("contact", "alice;@")) == ["alice;@1"]
        assert ids(held.retrieve_by_fields("contact", **{"expiration_time <": 1795633597})) == ["alice;@1"]

    def test_a_reload_without_changes_changes_nothing(self, held: Sorcery) -> None:
        before = held.retrieve_all(Widget)
        assert not held.reload()
        assert held.retrieve_all(Widget) == before
