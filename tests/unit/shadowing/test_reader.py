"""A reader whose answers are compared."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sorcery.chain import pages, retrieve_many
from sorcery.errors import InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.pjsip import Aor
from sorcery.query import ALL, Query
from sorcery.shadowing.reader import Answer, Ask, Shadowed
from sorcery.wizard import PENDING, Pending, Reader


class Plain:
    """A reader that does nothing else than read."""

    def __init__(self, *objects: Object) -> None:
        self.objects = {obj.id: obj for obj in objects}

    def retrieve(self, id: str) -> Object | None:
        if id == "bad":
            raise InvalidObject("aor", id, "it is bad")
        if id == "silent":
            raise Unavailable("aor", "gone")
        return self.objects.get(id)

    def search(self, query: Query) -> list[Object]:
        return list(filter(query.predicate(), self.objects.values()))


class Quick(Plain):
    """One that can answer at once, and many questions together."""

    def __init__(self, *objects: Object) -> None:
        super().__init__(*objects)
        self.asked = 0

    def retrieve_now(self, id: str) -> Object | Pending | None:
        return PENDING if id == "later" else self.retrieve(id)

    def search_now(self, query: Query) -> list[Object] | Pending:
        return PENDING if query.prefix == "later" else self.search(query)

    def retrieve_many(self, ids: list[str]) -> Mapping[str, Object]:
        self.asked += 1
        return {id: self.objects[id] for id in ids if id in self.objects}


A, B = Aor(id="a"), Aor(id="b")


class Told:
    """Who is told of questions."""

    def __init__(self, reader: Reader, *, chooses: bool = True) -> None:
        self.answers: list[tuple[Ask, Answer, float]] = []
        self.shadowed = Shadowed(reader, lambda: chooses, lambda *told: self.answers.append(told))

    @property
    def seen(self) -> list[dict[str, Object]]:
        return [dict(answer) for _, answer, _ in self.answers]


def test_answers_pass_through_and_are_told_with_how_to_ask_again() -> None:
    told = Told(Quick(A, B))
    reader = told.shadowed
    assert (reader.retrieve("a"), reader.retrieve("x")) == (A, None)
    assert list(reader.search(Query(prefix="b"))) == [B]
    assert retrieve_many(reader, ["a", "x"]) == {"a": A}
    assert (reader.retrieve_now("b"), reader.search_now(ALL)) == (B, [A, B])
    assert told.seen == [{"a": A}, {}, {"b": B}, {"a": A}, {"b": B}, {"a": A, "b": B}]
    other = Aor(id="a", max_contacts=3)
    assert [dict(ask(Plain(other))) for ask, _, _ in told.answers] == [
        {"a": other},
        {},
        {},
        {"a": other},
        {},
        {"a": other},
    ]
    assert all(seconds >= 0 for _, _, seconds in told.answers)


def test_many_are_asked_for_in_one_question_where_the_reader_can() -> None:
    quick = Quick(A, B)
    Told(quick).shadowed.retrieve_many(["a", "b"])
    Told(quick, chooses=False).shadowed.retrieve_many(["a", "b"])
    assert quick.asked == 2


def test_of_what_is_read_page_by_page_each_page_is_told() -> None:
    told = Told(Quick(A, B))
    assert list(pages(told.shadowed, ALL, 1)) == [[A], [B]]
    assert told.seen == [{"a": A}, {"b": B}]
    assert dict(told.answers[0][0](Plain(B, A))) == {"a": A}
    unasked = Told(Quick(A, B), chooses=False)
    assert (list(pages(unasked.shadowed, ALL, 5)), unasked.seen) == ([[A, B]], [])


def test_a_question_that_is_not_answered_is_not_told() -> None:
    told = Told(Quick(A))
    for id, error in (("bad", InvalidObject), ("silent", Unavailable)):
        with pytest.raises(error):
            told.shadowed.retrieve(id)
    assert told.shadowed.retrieve_now("later") is PENDING
    assert told.shadowed.search_now(Query(prefix="later")) is PENDING
    assert told.seen == []


def test_what_is_bad_in_the_other_store_is_not_there() -> None:
    told = Told(Plain())
    told.shadowed.retrieve("x")
    ((ask, _, _),) = told.answers
    assert Shadowed(Plain(), lambda: True, lambda *_: None).retrieve("x") is None
    told = Told(Plain(Aor(id="bad")))
    told.shadowed.search(ALL)
    assert dict(told.answers[0][0](Plain())) == {}
    assert dict(ask(Plain())) == {}


def test_a_reader_that_cannot_answer_at_once_is_waited_for() -> None:
    reader = Told(Plain(A)).shadowed
    assert (reader.retrieve_now("a"), reader.search_now(ALL)) == (PENDING, PENDING)


def test_what_is_not_chosen_is_answered_and_not_told() -> None:
    told = Told(Quick(A, B), chooses=False)
    reader = told.shadowed
    assert (reader.retrieve("a"), list(reader.search(ALL)), reader.retrieve_now("b")) == (A, [A, B], B)
    assert (reader.search_now(ALL), reader.retrieve_many(["a"])) == ([A, B], {"a": A})
    assert told.seen == []
