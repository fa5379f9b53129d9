"""Several stores asked as one: the first hit wins, and silence is not absence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from sorcery import InvalidObject, Object, Unavailable
from sorcery.chain import Chain, Swaps, pages, retrieve_many
from sorcery.query import ALL, Criterion, Query
from sorcery.testing.types import Widget
from sorcery.wizard import PENDING, Immediate, Pending, Reader


class Held:
    """A reader of a few objects."""

    def __init__(self, *objects: Object) -> None:
        self.objects = {obj.id: obj for obj in objects}

    def retrieve(self, id: str) -> Object | None:
        return self.objects.get(id)

    def search(self, query: Query) -> Iterable[Object]:
        return filter(query.predicate(), self.objects.values())


class Down:
    """A reader that does not answer."""

    def __init__(self, reason: str = "down") -> None:
        self.reason = reason

    def retrieve(self, id: str) -> Object | None:
        raise Unavailable("store", self.reason)

    def search(self, query: Query) -> Iterable[Object]:
        raise Unavailable("store", self.reason)


class Batch(Held):
    """A reader that takes many ids, and notes which."""

    def __init__(self, *objects: Object) -> None:
        super().__init__(*objects)
        self.asked: list[Sequence[str]] = []

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        self.asked.append(ids)
        return {id: self.objects[id] for id in ids if id in self.objects}


FIRST, SECOND = Widget(id="one", size=1), Widget(id="one", size=2)
OTHER = Widget(id="two", size=2)


def test_the_first_hit_wins() -> None:
    assert Chain([Held(FIRST), Held(SECOND, OTHER)]).retrieve("one") == FIRST
    assert Chain([Held(FIRST), Held(SECOND, OTHER)]).retrieve("two") == OTHER


def test_a_hit_behind_a_silent_store_is_an_answer() -> None:
    assert Chain([Down(), Held(OTHER)]).retrieve("two") == OTHER


def test_a_hit_before_a_silent_store_asks_it_nothing() -> None:
    assert Chain([Held(FIRST), Down()]).retrieve("one") == FIRST


def test_absent_needs_every_store_to_say_so() -> None:
    assert Chain([Held(), Held(OTHER)]).retrieve("one") is None
    assert Chain([]).retrieve("one") is None
    with pytest.raises(Unavailable, match="first"):
        Chain([Down("first"), Held(), Down("second")]).retrieve("one")
    with pytest.raises(Unavailable, match="down"):
        Chain([Held(), Down()]).retrieve("one")


def test_an_earlier_object_shadows_a_later_one_in_a_list() -> None:
    found = Chain([Held(FIRST), Held(SECOND, OTHER)]).search(ALL)
    assert sorted(found, key=lambda obj: obj.id) == [FIRST, OTHER]


def test_a_shadowed_object_is_not_found_by_its_own_fields() -> None:
    size_two = Query(criteria=(Criterion.parse("size", 2, Widget.__sorcery__),))
    assert Chain([Held(FIRST), Held(SECOND, OTHER)]).search(size_two) == [OTHER]


def test_an_object_that_is_changed_during_a_search_is_found() -> None:
    class Changing(Held):
        """A reader whose object is another one each time."""

        def retrieve(self, id: str) -> Object | None:
            found = super().retrieve(id)
            return found.evolve(remark="changed") if found else None

    size_two = Query(criteria=(Criterion.parse("size", 2, Widget.__sorcery__),))
    assert Chain([Changing(OTHER), Held()]).search(size_two) == [OTHER]
    assert Chain([Held(), Changing(OTHER)]).search(size_two) == [OTHER]


def test_half_a_list_is_no_list() -> None:
    cases: list[list[Reader]] = [[Held(FIRST), Down()], [Down(), Held(FIRST)], [Down()]]
    for readers in cases:
        with pytest.raises(Unavailable):
            Chain(readers).search(ALL)


def test_many_ids_are_asked_of_later_stores_only_where_missing() -> None:
    first, second, third = Batch(FIRST), Batch(SECOND, OTHER), Batch()
    assert Chain([first, second, third]).retrieve_many(["one", "two"]) == {"one": FIRST, "two": OTHER}
    assert (first.asked, second.asked, third.asked) == ([["one", "two"]], [["two"]], [])


def test_a_store_that_takes_one_id_at_a_time_is_asked_so() -> None:
    assert retrieve_many(Held(FIRST, OTHER), ["two", "none", "one"]) == {"two": OTHER, "one": FIRST}
    with pytest.raises(Unavailable):
        retrieve_many(Down(), ["one"])


class Spoiled(Held):
    """A reader whose objects are all bad."""

    def retrieve(self, id: str) -> Object | None:
        if id in self.objects:
            raise InvalidObject("testing_widget", id, "it is spoiled")
        return None

    def search(self, query: Query) -> Iterable[Object]:
        return []


def test_a_bad_object_is_an_error_by_id_and_left_out_of_many() -> None:
    with pytest.raises(InvalidObject):
        Chain([Spoiled(FIRST), Held(OTHER)]).retrieve("one")
    assert retrieve_many(Spoiled(FIRST), ["one"]) == {}
    assert Chain([Spoiled(FIRST), Held(OTHER)]).retrieve_many(["one", "two"]) == {"two": OTHER}


def test_a_bad_object_shadows_a_later_one_in_a_search_by_fields() -> None:
    size_two = Query(criteria=(Criterion.parse("size", 2, Widget.__sorcery__),))
    assert Chain([Spoiled(FIRST), Held(SECOND, OTHER)]).search(size_two) == [OTHER]


SEARCHES = (
    ALL,
    Query(prefix="o"),
    Query(regex="^o"),
    Query(criteria=(Criterion.parse("size", 2, Widget.__sorcery__),)),
)


class Rows(Batch):
    """A reader that tells which ids it holds, some of them bad, and notes what it is asked."""

    def __init__(self, *objects: Object, bad: Collection[str] = ()) -> None:
        super().__init__(*objects)
        self.bad = frozenset(bad)
        self.held_of: list[list[str]] = []

    def retrieve(self, id: str) -> Object | None:
        if id in self.bad:
            raise InvalidObject("testing_widget", id, "it is bad")
        return super().retrieve(id)

    def held(self, ids: Collection[str]) -> Collection[str]:
        self.held_of.append(sorted(ids))
        return {id for id in ids if id in self.bad or id in self.objects}


@pytest.mark.parametrize("query", SEARCHES, ids=str)
@pytest.mark.parametrize("first", [Spoiled(FIRST), Rows(bad=["one"])], ids=["silent", "telling"])
def test_a_bad_object_shadows_a_later_one_in_every_search_as_it_does_by_id(first: Reader, query: Query) -> None:
    chain = Chain([first, Held(SECOND, Widget(id="oo", size=2))])
    with pytest.raises(InvalidObject):
        chain.retrieve("one")
    assert [obj.id for obj in chain.search(query)] == ["oo"]
    assert chain.retrieve_many(["one", "oo"]) == {"oo": Widget(id="oo", size=2)}


def test_a_store_in_front_is_asked_only_of_what_those_behind_have_found_and_in_one_question() -> None:
    first = Rows(FIRST, bad=["bad"])
    found = Chain([first, Held(SECOND, OTHER, Widget(id="bad")), Held(Widget(id="three"))]).search(ALL)
    assert [obj.id for obj in found] == ["one", "two", "three"]
    assert first.held_of == [["bad", "two"], ["three"]]
    alone = Rows(FIRST)
    assert Chain([alone, Held()]).search(ALL) == [FIRST]
    assert alone.held_of == []


def test_an_object_that_came_to_an_earlier_store_during_the_search_is_the_one_that_is_found() -> None:
    class Late(Rows):
        """A reader that gets its object once it was searched."""

        def search(self, query: Query) -> Iterable[Object]:
            return []

    assert Chain([Late(FIRST), Held(SECOND)]).search(ALL) == [FIRST]
    assert Chain([Late(FIRST), Held(SECOND)]).search(SEARCHES[-1]) == []


class Quick(Held):
    """A reader that never has to wait."""

    def retrieve_now(self, id: str) -> Object | Pending | None:
        return self.retrieve(id)

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        return self.search(query)


class QuickDown(Down):
    """A reader that knows at once that there is no answer."""

    def retrieve_now(self, id: str) -> Object | Pending | None:
        return self.retrieve(id)

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        return self.search(query)


def test_what_is_known_without_waiting_is_told_at_once() -> None:
    chain = Chain([Quick(FIRST), Quick(SECOND, OTHER)])
    assert isinstance(chain, Immediate)
    assert (chain.retrieve_now("one"), chain.retrieve_now("two"), chain.retrieve_now("none")) == (FIRST, OTHER, None)
    assert chain.search_now(ALL) == [FIRST, OTHER]


def test_a_store_that_would_have_to_wait_leaves_the_answer_pending_unless_one_before_it_has_it() -> None:
    chain = Chain([Quick(FIRST), Held(SECOND, OTHER)])
    assert chain.retrieve_now("one") == FIRST
    assert chain.retrieve_now("two") is PENDING
    assert chain.search_now(ALL) is PENDING
    assert Chain([Held(FIRST), Quick(OTHER)]).retrieve_now("two") is PENDING


def test_silence_is_known_at_once_only_if_nobody_else_might_answer() -> None:
    assert Chain([QuickDown(), Held(OTHER)]).retrieve_now("two") is PENDING
    assert Chain([QuickDown(), Quick(OTHER)]).retrieve_now("two") == OTHER
    with pytest.raises(Unavailable):
        Chain([QuickDown(), Quick()]).retrieve_now("two")
    with pytest.raises(Unavailable):
        Chain([QuickDown(), Quick()]).search_now(ALL)


class Moving(Held):
    """A reader after whose answer an object moves from a later one to it, in one swap."""

    def __init__(self, swaps: Swaps, later: Held, obj: Widget) -> None:
        super().__init__()
        self.swaps, self.later, self.moving = swaps, later, [obj]

    def move(self) -> None:
        while self.moving:
            with self.swaps.swapping():
                obj = self.moving.pop()
                del self.later.objects[obj.id]
                self.objects[obj.id] = obj

    def retrieve(self, id: str) -> Object | None:
        found = super().retrieve(id)
        self.move()
        return found

    def search(self, query: Query) -> list[Object]:
        found = list(super().search(query))
        self.move()
        return found


@pytest.mark.parametrize(
    "ask",
    [
        lambda chain: chain.retrieve("one"),
        lambda chain: chain.retrieve_many(["one"]).get("one"),
        lambda chain: next(iter(chain.search(ALL)), None),
    ],
    ids=["retrieve", "retrieve_many", "search"],
)
def test_an_object_that_moves_between_two_readers_just_now_is_not_absent(
    ask: Callable[[Chain], Object | None],
) -> None:
    swaps, later = Swaps(), Held(FIRST)
    assert ask(Chain([Moving(swaps, later, FIRST), later], swaps)) == FIRST


def test_who_finds_nothing_while_stores_change_waits_for_the_end() -> None:
    swaps, store, asked = Swaps(), Held(), threading.Event()

    class Asked(Held):
        def retrieve(self, id: str) -> Object | None:
            asked.set()
            return super().retrieve(id)

    with ThreadPoolExecutor(1) as pool:
        with swaps.swapping():
            answer = pool.submit(Chain([Asked(), store], swaps).retrieve, "one")
            assert asked.wait(60)
            store.objects["one"] = FIRST
        assert answer.result(60) == FIRST


def test_of_many_ids_one_that_a_silent_store_may_hold_is_neither_absent_nor_that_of_the_next() -> None:
    with pytest.raises(Unavailable, match="down"):
        Chain([Down(), Batch(FIRST, OTHER)]).retrieve_many(["one", "two"])
    with pytest.raises(Unavailable, match="down"):
        Chain([Down(), Batch(FIRST)]).retrieve_many(["one", "two"])
    assert Chain([Batch(FIRST), Batch(OTHER)]).retrieve_many(["one", "nobody"]) == {"one": FIRST}


class Pages(Held):
    """A reader that answers in pages, and counts those that were asked for."""

    given = 0

    def pages(self, query: Query, size: int) -> Iterable[Sequence[Object]]:
        found = list(self.search(query))
        for start in range(0, len(found), size):
            self.given += 1
            yield found[start : start + size]


def test_a_chain_goes_through_its_readers_page_by_page_and_an_earlier_one_hides() -> None:
    third = Widget(id="three")
    later = Pages(SECOND, OTHER, third)
    found = pages(Chain([Held(FIRST), later]), ALL, 1)
    assert next(found) == [FIRST]
    assert later.given == 0
    assert [obj for page in found for obj in page] == [OTHER, third]
    assert later.given == 3


def test_a_page_of_a_silent_reader_is_unavailable() -> None:
    found = pages(Chain([Held(FIRST), Down()]), ALL, 10)
    assert next(found) == [FIRST]
    with pytest.raises(Unavailable):
        next(found)


def test_an_answer_in_one_piece_is_cut_into_pages() -> None:
    assert [len(page) for page in pages(Held(FIRST, OTHER, Widget(id="three")), ALL, 2)] == [2, 1]
