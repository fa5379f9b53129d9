"""Changes: all stores or none, caches afterwards, events at the end."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from sorcery import (
    AlreadyExists,
    InvalidObject,
    NotFound,
    NotWritable,
    Object,
    PartialWrite,
    Registry,
    Sorcery,
    Transaction,
    Unavailable,
)
from sorcery.binding import Binding
from sorcery.chain import Chain
from sorcery.environment import Environment
from sorcery.objecttype import ObjectType
from sorcery.query import ALL, Query
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.wizard import Change, Gathering, Op, Prepared, Store
from sorcery.writing.writes import Request, Stripes, store
from sorcery_memory import MemoryWizard
from sorcery_memory.space import MemoryStore
from sorcery_memory_cache.full import FullCacheStore
from sorcery_memory_cache.store import CacheStore

ONE, ONE_CHANGED = Widget(id="one", size=1), Widget(id="one", size=2)


class Failing(MemoryWizard):
    """A memory that does not prepare or commit when told so."""

    commits_surely = False

    def __init__(self, name: str = "failing") -> None:
        super().__init__()
        self.name = name
        self.refuses = self.loses = False
        self.on_commit: Callable[[], object] = lambda: None
        self.ended: list[str] = []

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> MemoryStore:
        store = super().open(object_type, arguments, environment)
        store.label = f"{self.name} {object_type.name}"
        return store

    def prepare(self, changes: Sequence[Change]) -> Prepared:  # type: ignore[override]
        if self.refuses:
            raise Unavailable("failing", "refused")
        return Losing(self, super().prepare(changes))


class Losing:
    """Prepared changes whose store may be lost before they are committed."""

    def __init__(self, wizard: Failing, prepared: Prepared) -> None:
        self.wizard, self.prepared, self.missed = wizard, prepared, prepared.missed

    def commit(self) -> None:
        self.wizard.on_commit()
        if self.wizard.loses:
            self.prepared.rollback()
            raise Unavailable("failing", "lost")
        self.wizard.ended.append("commit")
        self.prepared.commit()

    def rollback(self) -> None:
        self.wizard.ended.append("rollback")
        self.prepared.rollback()


class Fixed:
    """A wizard whose one store holds one object for ever."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Fixed:
        return self

    label = "fixed"

    def retrieve(self, id: str) -> Object | None:
        if id == "bad":
            raise InvalidObject("testing_widget", id, "it is bad")
        return Widget(id="fixed") if id == "fixed" else None

    def search(self, query: Query) -> list[Object]:
        return [Widget(id="fixed")]

    def release(self, store: Store) -> None: ...

    def close(self) -> None: ...


class Bench:
    """A system whose types lie in stores that fail on demand."""

    def __init__(self, *wizards: str) -> None:
        self.first, self.second, self.third = (Failing(name) for name in ("first", "second", "third"))
        registry = Registry()
        registry.register("first", lambda: self.first)
        registry.register("second", lambda: self.second)
        registry.register("third", lambda: self.third)
        registry.register("fixed", Fixed)
        self.sorcery = Sorcery.open("memory:", types=[Group, Widget], registry=registry)
        for wizard in wizards:
            self.sorcery.map(Widget, wizard)

    @property
    def binding(self) -> Binding:
        return self.sorcery._binding(Widget)

    def held(self) -> list[list[Object]]:
        return [list(bound.store.search(ALL)) for bound in self.binding.bound]


@pytest.fixture
def both() -> Iterator[Bench]:
    bench = Bench("first", "second")
    with bench.sorcery:
        yield bench


def test_a_change_goes_to_every_writable_store(both: Bench) -> None:
    both.sorcery.create(ONE)
    assert both.held() == [[ONE], [ONE]]
    both.sorcery.update(ONE_CHANGED)
    assert both.held() == [[ONE_CHANGED], [ONE_CHANGED]]
    both.sorcery.delete(ONE)
    assert both.held() == [[], []]


def test_a_store_that_does_not_prepare_stops_all(both: Bench) -> None:
    both.second.refuses = True
    with pytest.raises(Unavailable, match="refused"):
        both.sorcery.create(ONE)
    assert both.held() == [[], []]
    assert both.first.ended in ([], ["rollback"])
    both.second.refuses = False
    both.sorcery.create(ONE)
    assert both.held() == [[ONE], [ONE]]


def test_an_id_that_one_store_has_already_stops_all(both: Bench) -> None:
    change = Change(both.binding.bound[1].store, Op.CREATE, ONE)
    both.second.prepare([change]).commit()
    with pytest.raises(AlreadyExists):
        both.sorcery.create(ONE_CHANGED)
    assert both.held() == [[], [ONE]]


def test_an_object_that_one_of_several_stores_lacks_is_updated_in_the_others(both: Bench) -> None:
    both.second.prepare([Change(both.binding.bound[1].store, Op.CREATE, ONE)]).commit()
    both.sorcery.update(ONE_CHANGED)
    assert both.held() == [[], [ONE_CHANGED]]
    both.sorcery.delete(ONE)
    assert both.held() == [[], []]
    with pytest.raises(NotFound):
        both.sorcery.delete(ONE)


def test_a_store_that_is_lost_before_any_other_committed_leaves_all_as_it_was(both: Bench) -> None:
    both.first.loses = both.second.loses = True
    with pytest.raises(Unavailable, match="lost"):
        both.sorcery.create(ONE)
    assert both.held() == [[], []]
    both.first.loses = both.second.loses = False
    both.sorcery.create(ONE)


def test_a_store_that_is_lost_after_another_committed_is_named() -> None:
    bench = Bench("first", "second")
    with bench.sorcery:
        bench.sorcery.create(Widget(id="before"))
        stored, lost = _in_order_of_commit(bench)
        lost.loses = True
        heard: list[object] = []
        bench.sorcery.observe(Widget, created=heard.append)
        with pytest.raises(PartialWrite, match="stored in part") as raised:
            bench.sorcery.create(ONE)
        assert raised.value.outcomes == {
            f"{stored.name} testing_widget": "stored",
            f"{lost.name} testing_widget": "failing is unavailable: lost",
        }
        assert sorted(map(len, bench.held())) == [1, 2]
        assert heard == []


def test_a_partial_write_names_what_was_not_stored_too(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench("first", "second", "third")
    committed: list[str] = []

    def commit_one(self: Losing) -> None:
        if committed:
            self.prepared.rollback()
            raise Unavailable("failing", "lost")
        committed.append(self.wizard.name)
        self.prepared.commit()

    with bench.sorcery:
        monkeypatch.setattr(Losing, "commit", commit_one)
        with pytest.raises(PartialWrite) as raised:
            bench.sorcery.create(ONE)
        assert sorted(raised.value.outcomes.values()) == ["failing is unavailable: lost", "not stored", "stored"]
        assert raised.value.outcomes[f"{committed[0]} testing_widget"] == "stored"
        assert sorted(map(len, bench.held())) == [0, 0, 1]


def test_a_store_that_missed_the_object_has_no_part_in_a_partial_write(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench("first", "second", "third")
    monkeypatch.setattr(bench.second, "commits_surely", True)  # it lies, so that it is the last to commit
    with bench.sorcery:
        first, second, third = (bound.store for bound in bench.binding.bound)
        bench.second.prepare([Change(second, Op.CREATE, ONE)]).commit()
        bench.second.loses = True
        with pytest.raises(Unavailable, match="lost"):  # the others committed, and nothing was stored anywhere
            bench.sorcery.update(ONE_CHANGED)
        bench.third.prepare([Change(third, Op.CREATE, ONE)]).commit()
        with pytest.raises(PartialWrite) as raised:
            bench.sorcery.update(ONE_CHANGED)
        assert raised.value.outcomes == {
            first.label: "missed",
            second.label: "failing is unavailable: lost",
            third.label: "stored",
        }
        assert bench.held() == [[], [ONE], [ONE_CHANGED]]


class InParts:
    """Prepared changes of a store that itself consists of several, of which one is lost."""

    missed: Sequence[Change] = ()

    def commit(self) -> None:
        raise PartialWrite({"first east": "stored", "first west": "lost"})

    def rollback(self) -> None: ...


def test_a_partial_write_of_one_wizard_names_the_stores_of_all(both: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(both.first, "prepare", lambda changes: InParts())
    monkeypatch.setattr(both.second, "commits_surely", True)
    with pytest.raises(PartialWrite) as raised:
        both.sorcery.create(ONE)
    assert raised.value.outcomes == {
        "first east": "stored",
        "first west": "lost",
        "second testing_widget": "not stored",
    }
    assert both.held() == [[], []]


@pytest.mark.parametrize("order", list(itertools.permutations(("memory", "first", "second"))), ids="-".join)
def test_stores_that_cannot_fail_commit_after_those_that_can(order: Sequence[str]) -> None:
    bench = Bench(*order)
    with bench.sorcery:
        memory = bench.binding.bound[order.index("memory")].store
        committed: list[list[Object]] = []
        for failing in (bench.first, bench.second):
            failing.on_commit = lambda: committed.append(list(memory.search(ALL)))
        bench.sorcery.create(ONE)
        assert committed == [[], []]
        assert bench.held() == [[ONE]] * 3


def test_no_reader_ever_sees_a_part_of_a_transaction_whose_commit_fails() -> None:
    bench = Bench("first")
    with bench.sorcery as sorcery:
        sorcery.map(Group, "memory")
        before = (Group(id="one"), ONE)
        with sorcery.transaction() as transaction:
            for obj in before:
                transaction.create(obj)
        bench.first.loses = True
        stop, seen = threading.Event(), set[tuple[object, ...]]()

        def read() -> None:
            while not stop.is_set():
                seen.add((*sorcery.retrieve_all(Group), *sorcery.retrieve_all(Widget)))

        with ThreadPoolExecutor(8) as pool:
            readers = [pool.submit(read) for _ in range(8)]
            try:
                for number in range(50):
                    with pytest.raises(Unavailable, match="lost"), sorcery.transaction() as transaction:
                        _change_all(transaction, number)
            finally:
                stop.set()
            for reader in readers:
                reader.result(timeout=30)
        assert seen == {before}


def _change_all(transaction: Transaction, number: int) -> None:
    transaction.update(Group(id="one", note=str(number)))
    transaction.create(Group(id=f"new {number}"))
    transaction.update(ONE_CHANGED)


def test_an_interrupted_commit_lets_go_of_every_store(both: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Losing) -> None:
        self.prepared.rollback()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Losing, "commit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            both.sorcery.create(ONE)
    both.sorcery.create(ONE)
    assert both.held() == [[ONE], [ONE]]


def _in_order_of_commit(bench: Bench) -> tuple[Failing, Failing]:
    bench.first.loses = True
    try:
        bench.sorcery.update(Widget(id="before", size=3))
    except PartialWrite:
        order = bench.second, bench.first
    except Unavailable:
        order = bench.first, bench.second
    bench.first.loses = False
    return order


def test_a_type_without_a_writable_store_says_so() -> None:
    bench = Bench("fixed")
    with bench.sorcery, pytest.raises(NotWritable, match="mapped to testing_widget = fixed"):
        bench.sorcery.create(ONE)


def test_an_id_that_a_read_only_store_holds_is_taken_and_cannot_be_changed() -> None:
    bench = Bench("first", "fixed")
    with bench.sorcery:
        with pytest.raises(AlreadyExists, match="fixed"):
            bench.sorcery.create(Widget(id="fixed"))
        for change in (bench.sorcery.update, bench.sorcery.delete):
            with pytest.raises(NotWritable, match=r"'fixed' cannot be written: it lies in .*fixed.*change it there"):
                change(Widget(id="fixed"))
        with pytest.raises(NotFound):
            bench.sorcery.update(ONE)


def test_an_observed_object_that_cannot_be_read_can_still_be_replaced() -> None:
    bench = Bench("first")
    with bench.sorcery:
        bench.sorcery.create(Widget(id="bad", size=1))
        found: list[object] = []
        bench.sorcery.observe(Widget, updated=lambda new, old: found.append((new, old)))
        binding = bench.binding
        spoiled = Binding(binding.object_type, binding.bound, Chain([Fixed()]))
        mended = Widget(id="bad", size=2)
        stored = store([Request(Op.UPDATE, mended, spoiled)], observed=["testing_widget"])
        assert stored.events == [("testing_widget", "updated", (mended, mended))]


def test_the_old_objects_that_events_tell_are_read_for_observed_types_only() -> None:
    bench = Bench("first")
    with bench.sorcery:
        bench.sorcery.create(ONE)
        assert store([Request(Op.UPDATE, ONE_CHANGED, bench.binding)]).events == [
            ("testing_widget", "updated", (ONE_CHANGED, ONE_CHANGED))
        ]
        request = Request(Op.UPDATE, ONE, bench.binding)
        assert store([request], observed=["testing_widget"]).events == [
            ("testing_widget", "updated", (ONE, ONE_CHANGED))
        ]
        gone = Request(Op.DELETE, Widget(id="one"), bench.binding)
        assert store([gone], observed=["testing_widget"]).events == [("testing_widget", "deleted", (ONE,))]


def test_a_creation_reads_no_old_object() -> None:
    bench = Bench("first")
    with bench.sorcery:
        blind = Binding(bench.binding.object_type, bench.binding.bound, Blind())
        stored = store([Request(Op.CREATE, ONE, blind)], observed=["testing_widget"])
        assert stored.events == [("testing_widget", "created", (ONE,))]


class Blind:
    """A reader that must not be asked."""

    def retrieve(self, id: str) -> Object | None:
        raise AssertionError(id)

    def search(self, query: Query) -> list[Object]:
        raise AssertionError(query)


@pytest.mark.parametrize(("exists", "event"), [(False, "created"), (True, "updated")])
def test_a_put_is_an_update_or_a_creation(exists: bool, event: str) -> None:
    bench = Bench("first")
    with bench.sorcery:
        if exists:
            bench.sorcery.create(ONE)
        stored = store([Request(Op.PUT, ONE_CHANGED, bench.binding)], observed=["testing_widget"])
        assert [each[1] for each in stored.events] == [event]
        assert bench.held() == [[ONE_CHANGED]]


def test_caches_are_told_after_the_change() -> None:
    registry = Registry()
    failing = Failing()
    registry.register("failing", lambda: failing)
    with Sorcery.open("memory:", types=[Group, Widget], registry=registry) as sorcery:
        sorcery.map(Widget, "memory_cache", "", caching=True)
        sorcery.map(Widget, "failing")
        sorcery.create(ONE)
        assert sorcery.retrieve_by_id(Widget, "one") == ONE
        failing.refuses = True
        with pytest.raises(Unavailable):
            sorcery.update(ONE_CHANGED)
        assert sorcery.retrieve_by_id(Widget, "one") == ONE
        failing.refuses = False
        sorcery.update(ONE_CHANGED)
        assert sorcery.retrieve_by_id(Widget, "one") == ONE_CHANGED
        sorcery.delete(ONE)
        assert sorcery.retrieve_by_id(Widget, "one") is None


def test_a_store_that_is_lost_while_it_forgets_keeps_the_others_from_nothing(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: Losing) -> None:
        self.prepared.rollback()
        raise Unavailable("failing", "lost")

    with monkeypatch.context() as patched:
        patched.setattr(Losing, "rollback", lost)
        with pytest.raises(NotFound):
            both.sorcery.update(ONE)
    both.sorcery.create(ONE)
    assert both.held() == [[ONE], [ONE]]


def test_a_store_that_fails_to_forget_is_told_of_and_the_others_forget_all_the_same(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Losing) -> None:
        self.prepared.rollback()
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Losing, "rollback", broken)
        with pytest.raises(ZeroDivisionError):
            both.sorcery.update(ONE)
    creating = threading.Thread(target=both.sorcery.create, args=(ONE,), daemon=True)
    creating.start()
    creating.join(60)
    assert both.held() == [[ONE], [ONE]]


def test_every_system_asks_wizards_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def prepare(self: Failing, changes: Sequence[Change]) -> Prepared:
        asked.append(self.name)
        return Losing(self, MemoryWizard.prepare(self, changes))

    monkeypatch.setattr(Failing, "prepare", prepare)
    benches = [Bench(*order) for order in itertools.permutations(("first", "second", "third")) for _ in range(3)]
    for bench in benches:
        with bench.sorcery:
            bench.sorcery.create(ONE)
    assert asked == ["first", "second", "third"] * len(benches)


def test_who_begins_to_observe_while_a_change_is_on_its_way_hears_of_it(both: Bench) -> None:
    both.sorcery.create(ONE)
    heard: list[object] = []

    def observe() -> None:
        both.sorcery.observe(Widget, updated=lambda new, old: heard.append(new))
        heard.append(both.sorcery.retrieve_by_id(Widget, "one"))

    both.first.on_commit = observe
    both.sorcery.update(ONE_CHANGED)
    assert heard == [ONE, ONE_CHANGED]


def test_caches_look_again_after_a_commit_of_which_nobody_knows_what_came_of_it(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.sorcery.map(Group, "memory_cache", caching=True)
    both.sorcery.map(Group, "first")
    both.sorcery.create(Group(id="one", note="old"))
    assert both.sorcery.retrieve_by_id(Group, "one") == Group(id="one", note="old")
    cache = both.sorcery._binding(Group).caches[0]
    doubted: list[str] = []
    monkeypatch.setattr(type(cache), "doubt", lambda self, id: doubted.append(id))
    both.first.loses = True
    with pytest.raises(Unavailable, match="lost"):
        both.sorcery.update(Group(id="one", note="new"))
    assert doubted == ["one"]


@pytest.mark.parametrize("error", [Unavailable("first", "lost"), PartialWrite({"a": "stored"}), KeyboardInterrupt()])
def test_caches_look_again_whatever_ends_a_wizard_that_commits_by_itself(
    both: Bench, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def carry_out(changes: Sequence[Change]) -> Sequence[Change]:
        both.first.prepare(changes).commit()
        if changes[0].op is Op.UPDATE:
            raise error
        return ()

    monkeypatch.setattr(both.first, "carry_out", carry_out, raising=False)
    both.sorcery.map(Group, "memory_cache", caching=True)
    both.sorcery.map(Group, "first")
    both.sorcery.create(Group(id="one", note="old"))
    doubted: list[str] = []
    cache = both.sorcery._binding(Group).caches[0]
    monkeypatch.setattr(type(cache), "doubt", lambda self, id: doubted.append(id))
    with pytest.raises(type(error)):
        both.sorcery.update(Group(id="one", note="new"))
    assert doubted == ["one"]


class Slow(Failing):
    """A memory that takes a while to get ready once it keeps others out."""

    def prepare(self, changes: Sequence[Change]) -> Prepared:  # type: ignore[override]
        prepared = super().prepare(changes)
        time.sleep(0.02)
        return prepared


def test_transactions_over_two_stores_do_not_wait_in_a_circle() -> None:
    registry = Registry()
    registry.register("left", Slow)
    registry.register("right", Slow)
    with Sorcery.open("memory:", types=[Group, Widget], registry=registry) as sorcery:
        sorcery.map(Group, "left")
        sorcery.map(Widget, "right")
        done: list[int] = []

        def work(number: int) -> None:
            for _ in range(3):
                with sorcery.transaction() as transaction:
                    transaction.create(Group(id=str(number)))
                    transaction.create(Widget(id=str(number)))
                with sorcery.transaction() as transaction:
                    transaction.delete(Group(id=str(number)))
                    transaction.delete(Widget(id=str(number)))
            done.append(number)

        threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert sorted(done) == [0, 1, 2, 3]


def test_stripes_keep_one_key_to_one_thread_and_let_others_go() -> None:
    stripes = Stripes(count=2)
    inside: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with stripes.hold([0]):
            entered.set()
            leave.wait(timeout=60)
            inside.append("first")

    holding = threading.Thread(target=hold)
    holding.start()
    assert entered.wait(timeout=60)
    with stripes.hold([1]):
        inside.append("other")
    waiting = threading.Thread(target=lambda: _note(stripes, inside))
    waiting.start()
    leave.set()
    holding.join(timeout=60)
    waiting.join(timeout=60)
    assert inside == ["other", "first", "all"]


def _note(stripes: Stripes, inside: list[str]) -> None:
    with stripes.hold_all():
        inside.append("all")


def test_stripes_are_free_again_after_an_exception() -> None:
    stripes = Stripes(count=1)
    with pytest.raises(KeyError), stripes.hold(["a", "b"]):
        raise KeyError
    with stripes.hold(["a"]):
        entered = True
    assert entered


def test_a_cache_of_everything_takes_a_transaction_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sorcery.open("memory:", types=TYPES) as sorcery:
        sorcery.map(Widget, "memory_cache", "full_backend_cache=yes", caching=True)
        sorcery.map(Widget, "memory")
        cache = sorcery._binding(Widget).bound[0].store
        assert isinstance(cache, Gathering)
        taken: list[Mapping[str, Object | None]] = []
        monkeypatch.setattr(type(cache), "take", lambda self, changes: taken.append(changes))
        with sorcery.transaction() as transaction:
            transaction.create(Widget(id="left"))
            transaction.create(Widget(id="right"))
    assert taken == [{"left": Widget(id="left"), "right": Widget(id="right")}]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_who_reads_while_caches_are_told_fills_none_with_what_was(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    with Sorcery.open("memory:", types=TYPES) as sorcery:
        for arguments in ("name=front", "name=back,full_backend_cache=yes"):
            sorcery.map(Widget, "memory_cache", arguments, caching=True)
        sorcery.map(Widget, "memory")
        sorcery.create(Widget(id="one"))
        assert sorcery.retrieve_all(Widget) == [sorcery.retrieve_by_id(Widget, "one")]
        for cls, method in ((CacheStore, "put"), (CacheStore, "drop"), (FullCacheStore, "take")):
            monkeypatch.setattr(cls, method, then_read(getattr(cls, method), sorcery))
        getattr(sorcery, change)(Widget(id="one", size=2))
        assert sorcery.retrieve_by_id(Widget, "one") == (Widget(id="one", size=2) if change == "update" else None)


def then_read(tell: Callable[..., None], sorcery: Sorcery) -> Callable[..., None]:
    def told(cache: object, change: object) -> None:
        tell(cache, change)
        sorcery.retrieve_by_id(Widget, "one")

    return told
