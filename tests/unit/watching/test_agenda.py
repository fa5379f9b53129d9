"""What is due when, and how a silent store is come back to."""

from __future__ import annotations

import threading
import time

import attrs

from sorcery.objects import Object
from sorcery.query import Query
from sorcery.watching.agenda import Agenda, Due
from sorcery.wizard import Op, Store


@attrs.define(eq=False)
class Named:
    label: str

    def retrieve(self, id: str) -> Object | None:
        return None

    def search(self, query: Query) -> list[Object]:
        return []


A: Store = Named("a")
B: Store = Named("b")


def taken(agenda: Agenda) -> list[str]:
    return [due.id for due in agenda.take()]


def test_things_come_in_the_order_of_their_first_notices_each_once() -> None:
    agenda = Agenda()
    for id in ("x", "y", "x", "z"):
        agenda.add(Due(A, id))
    assert taken(agenda) == ["x", "y", "z"]
    agenda.add(Due(A, "x"))
    agenda.add(Due(B, "x"))
    assert len(agenda.take()) == 2


def test_the_first_of_several_notices_says_what_was_before() -> None:
    agenda = Agenda()
    agenda.add(Due(A, "x", Op.CREATE))
    agenda.add(Due(A, "x", Op.DELETE))
    (due,) = agenda.take()
    assert due.op is Op.CREATE
    agenda.add(Due(A, "x", Op.UPDATE))
    agenda.put_back(due)
    (due,) = agenda.take()
    assert due.op is Op.CREATE


def test_what_is_for_later_comes_later_unless_something_wants_it_sooner() -> None:
    agenda = Agenda()
    agenda.add(Due(insists=True), after=3600)
    agenda.add(Due(A, "x"))
    assert taken(agenda) == ["x"]
    agenda.add(Due())
    (due,) = agenda.take()
    assert (due.store, due.insists) == (None, True)
    agenda.add(Due(A, "y"), after=0.01)
    assert taken(agenda) == ["y"]


def test_a_silent_store_is_asked_for_one_thing_and_others_for_all() -> None:
    agenda = Agenda(retry=0.01)
    for store in (A, B):
        for id in ("x", "y", "z"):
            agenda.add(Due(store, id))
    first = agenda.take()[0]
    agenda.failed(first)
    assert agenda.is_silent(A)
    for due in (Due(A, "y"), Due(A, "z"), Due(B, "x"), Due(B, "y")):
        agenda.put_back(due)
    assert {(due.store, due.id) for due in agenda.take()} == {(B, "x"), (B, "y")}
    (probe,) = agenda.take()
    assert probe.store is A
    agenda.answered(A)
    assert not agenda.is_silent(A)
    assert len(agenda.take()) == 2


def test_the_wait_for_a_silent_store_grows_up_to_a_limit() -> None:
    agenda = Agenda(retry=0.04, longest=0.1)
    agenda.add(Due(A, "x"))
    waits = []
    for _ in range(4):
        (due,) = agenda.take()
        begun = time.monotonic()
        agenda.failed(due)
        agenda.put_back(agenda.take()[0])
        waits.append(time.monotonic() - begun)
    assert waits[0] >= 0.03
    assert waits[1] >= 0.07
    assert min(waits[2:]) >= 0.09


def test_word_of_another_change_wakes_a_silent_store() -> None:
    agenda = Agenda(retry=3600)
    agenda.add(Due(A, "x"))
    agenda.failed(agenda.take()[0])
    agenda.add(Due(A, "y"))
    (probe,) = agenda.take()
    assert probe.store is A


def test_word_of_a_change_for_later_does_not_put_off_a_silent_store() -> None:
    agenda = Agenda(retry=0.01)
    agenda.add(Due(insists=True))
    agenda.failed(agenda.take()[0])
    agenda.add(Due(), after=3600)
    in_time = threading.Timer(10, agenda.close)
    in_time.start()
    found = agenda.take()
    in_time.cancel()
    assert len(found) == 1, "who sends notices all the time keeps the store from being asked"


def test_what_insists_goes_on_to_whatever_its_first_notice_said() -> None:
    agenda = Agenda()
    agenda.add(Due())
    (due,) = agenda.take()
    agenda.add(Due(insists=True))
    agenda.put_back(due)
    (due,) = agenda.take()
    assert due.insists


def test_closing_ends_the_wait_and_counts_what_silent_stores_leave() -> None:
    agenda = Agenda(retry=3600)
    agenda.add(Due(A, "x"))
    agenda.failed(agenda.take()[0])
    agenda.add(Due(B, "x"), after=3600)
    taken: list[list[Due]] = []
    waiting = threading.Thread(target=lambda: taken.append(agenda.take()))
    waiting.start()
    assert agenda.close() == 1
    waiting.join(60)
    assert taken == [[]]
    assert agenda.is_closed


def test_things_have_a_name_for_the_log() -> None:
    assert str(Due(A, "x")) == "a 'x'"
    assert str(Due()) == "the reload"
