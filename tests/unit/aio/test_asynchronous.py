"""Asynchronous callers: the loop never waits, what lies in memory costs no thread, and cancelling loses nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest

from sorcery import AlreadyExists, InvalidObject, ObjectEvent, Registry, Sorcery, Unavailable, UnknownType
from sorcery.aio import AsyncSorcery
from sorcery.copying.selection import Selection
from sorcery.environment import Environment
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.pjsip import Endpoint
from sorcery.query import Query
from sorcery.testing.types import TYPES, WIDGETS, Group, Widget
from sorcery.wizard import Change, LoadedStore, Op, Store
from sorcery_memory import MemorySpace, MemoryWizard
from sorcery_memory.space import MemoryStore

PATIENCE = 30.0
"""Seconds that a store waits to be let go on: if they pass, the loop was held up."""


async def until(condition: Callable[[], object]) -> None:
    """Wait, as the loop does, for a condition."""
    async with asyncio.timeout(3 * PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


@attrs.define(eq=False)
class Gate:
    """What a slow store waits at until the loop opens it, and who waited there."""

    opened: threading.Event = attrs.field(factory=threading.Event)
    waiting: list[str] = attrs.field(factory=list)
    held_up: list[str] = attrs.field(factory=list)
    is_shut: bool = False

    def shut(self) -> None:
        self.is_shut = True
        self.opened.clear()
        self.waiting.clear()

    def open(self) -> None:
        self.is_shut = False
        self.opened.set()

    def pass_through(self) -> None:
        if self.is_shut:
            self.waiting.append(threading.current_thread().name)
            if not self.opened.wait(PATIENCE):
                self.held_up.append(threading.current_thread().name)

    async def somebody(self, count: int = 1) -> None:
        """Wait, as the loop does, until somebody stands here."""
        await until(lambda: len(self.waiting) >= count)


@attrs.define(eq=False)
class Slow:
    """A store of a database that takes its time."""

    label: str
    gate: Gate
    rows: dict[str, Object] = attrs.field(factory=dict)

    def retrieve(self, id: str) -> Object | None:
        self.gate.pass_through()
        return self.rows.get(id)

    def search(self, query: Query) -> Iterable[Object]:
        self.gate.pass_through()
        matches = query.predicate()
        return [obj for obj in self.rows.values() if matches(obj)]


@attrs.define(eq=False)
class Prepared:
    changes: Sequence[Change]
    gate: Gate
    missed: list[Change] = attrs.field(factory=list)

    def commit(self) -> None:
        self.gate.pass_through()
        for change in self.changes:
            assert isinstance(change.store, Slow)
            if change.op is Op.DELETE:
                del change.store.rows[change.obj.id]
            else:
                change.store.rows[change.obj.id] = change.obj

    def rollback(self) -> None:
        pass


class SlowWizard:
    """Stands for anything that blocks: its stores wait at the gate in every call."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Store:
        self.gate.pass_through()
        return Slow(f"slow {object_type.name}", self.gate)

    def release(self, store: Store) -> None:
        pass

    def close(self) -> None:
        self.gate.pass_through()

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        self.gate.pass_through()
        for change in changes:
            assert isinstance(change.store, Slow)
            if change.op is Op.CREATE and change.obj.id in change.store.rows:
                raise AlreadyExists("testing_widget", change.obj.id, change.store.label)
        return Prepared(changes, self.gate)

    def load(self, stores: Sequence[Store]) -> Loaded:
        self.gate.pass_through()
        return Loaded()


@attrs.define
class Loaded:
    stores: dict[Store, LoadedStore] = attrs.field(factory=dict)
    findings: Sequence[Any] = ()

    def commit(self) -> None:
        pass


@pytest.fixture
def gate() -> Gate:
    return Gate()


@asynccontextmanager
async def slow(gate: Gate) -> AsyncIterator[AsyncSorcery]:
    """A system whose widgets lie in a slow store, and whose groups lie in memory."""
    registry = Registry()
    registry.register("slow", lambda: SlowWizard(gate))
    async with AsyncSorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        await sorcery.map(Widget, "slow")
        await sorcery.create(Widget(id="w", size=1))
        yield sorcery
        gate.open()


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())


# The loop is never held up


async def changed(sorcery: AsyncSorcery) -> Any:
    async with sorcery.transaction() as transaction:
        transaction.update(Widget(id="w", size=3))
    return transaction.written


async def watched(sorcery: AsyncSorcery) -> Any:
    async with sorcery.watch(Widget) as events:
        await sorcery.update(Widget(id="w", size=4))
        return await anext(events)


async def iterated(sorcery: AsyncSorcery) -> list[Widget]:
    return [each async for each in sorcery.iterate(Widget, size=1)]


OPERATIONS: dict[str, Callable[[AsyncSorcery], Awaitable[Any]]] = {
    "retrieve_by_id": lambda s: s.retrieve_by_id(Widget, "w"),
    "retrieve_many": lambda s: s.retrieve_many(Widget, ["w"]),
    "iterate": iterated,
    "retrieve_all": lambda s: s.retrieve_all(Widget),
    "retrieve_by_fields": lambda s: s.retrieve_by_fields(Widget, size=1),
    "retrieve_by_regex": lambda s: s.retrieve_by_regex(Widget, "^w"),
    "retrieve_by_prefix": lambda s: s.retrieve_by_prefix(Widget, "w"),
    "create": lambda s: s.create(Widget(id="new")),
    "update": lambda s: s.update(Widget(id="w", size=2)),
    "delete": lambda s: s.delete(Widget(id="w")),
    "transaction": changed,
    "plan": lambda s: s.plan(s, ["testing_widget"]),
    "copy_from": lambda s: s.copy_from(s, Selection(types=["testing_widget"])),
    "references": lambda s: s.references(Widget, "w"),
    "referrers": lambda s: s.referrers(Widget, "w"),
    "graph": lambda s: s.graph(),
    "plan_removal": lambda s: s.plan_removal(Widget, "w", cascade=True),
    "plan_rename": lambda s: s.plan_rename(Widget, "w", "v"),
    "reload": lambda s: s.reload(),
    "map": lambda s: s.map(Widget, "slow", "again"),
    "dangling": lambda s: s.dangling(deep=True),
    "watch": watched,
    "close": lambda s: s.close(),
    "run": lambda s: s.run(s.sorcery.retrieve_by_id, Widget, "w"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_loop_goes_on_while_a_store_takes_its_time(gate: Gate, name: str) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            gate.shut()
            task = asyncio.ensure_future(OPERATIONS[name](sorcery))
            await gate.somebody()  # which only a loop that goes on can see
            assert not task.done()
            gate.open()
            await task

    run(main)
    assert gate.held_up == []
    assert all(name.startswith("sorcery") for name in gate.waiting)


def test_every_operation_that_may_block_is_among_those_above() -> None:
    offered = {name for name in dir(AsyncSorcery) if not name.startswith("_")}
    at_once = {"observe", "observe_system", "open"}
    elsewhere = {
        "apply",
        "audit",
        "faults",
        "prune",
        "unmap",
        "unreadable",
        "write_image",
    }  # like others
    assert offered == OPERATIONS.keys() | at_once | elsewhere


def test_every_operation_of_a_system_is_offered() -> None:
    never_blocks = {"caches", "environment", "image_uses", "mappings", "policy", "queue", "report", "shadow", "types"}
    operations = {name for name in dir(Sorcery) if not name.startswith("_")} - never_blocks
    assert operations <= {name for name in dir(AsyncSorcery) if not name.startswith("_")}


def test_opening_holds_up_nobody(gate: Gate) -> None:
    async def main() -> None:
        registry = Registry()
        registry.register("memory", lambda: SlowWizard(gate))
        gate.shut()
        opening = asyncio.ensure_future(_opened(registry))
        await gate.somebody()
        gate.open()
        await (await opening).close()

    run(main)
    assert gate.held_up == []


async def _opened(registry: Registry) -> AsyncSorcery:
    return await AsyncSorcery.open("memory:", registry=registry)


def test_a_slow_store_does_not_hold_up_what_lies_in_memory(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            gate.shut()
            waiting = [asyncio.ensure_future(sorcery.retrieve_by_id(Widget, "w")) for _ in range(20)]
            await gate.somebody(8)  # all threads are busy
            assert await sorcery.retrieve_by_id(Group, "g") is None
            assert await sorcery.retrieve_all(Group) == []
            gate.open()
            assert await asyncio.gather(*waiting) == [Widget(id="w", size=1)] * 20

    run(main)


# At once


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.retrieve_by_id(Widget, "alpha"),
        lambda s: s.retrieve_by_id("testing_widget", "nobody"),
        lambda s: s.retrieve_all(Widget),
        lambda s: s.retrieve_by_prefix(Widget, "alpha;@"),
        lambda s: s.retrieve_by_fields(Widget, label="10"),
        lambda s: s.retrieve_by_fields(Widget, **{"label": "10", "size >": 1}),
    ],
)
def test_what_lies_in_memory_is_answered_without_the_loop_or_a_thread(
    ask: Callable[[AsyncSorcery], Coroutine[Any, Any, Any]],
) -> None:
    async def main() -> None:
        async with AsyncSorcery.open("memory:", types=TYPES) as sorcery:
            async with sorcery.transaction() as transaction:
                for widget in WIDGETS:
                    transaction.create(widget)
            answer = ask(sorcery)
            with pytest.raises(StopIteration) as ended:
                answer.send(None)  # it comes to its end in one step
            expected = await sorcery.run(_sync(ask), sorcery.sorcery)
            assert ended.value.value == expected

    run(main)


def _sync(ask: Callable[[Any], Any]) -> Callable[[Sorcery], Any]:
    return ask


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.retrieve_by_regex(Widget, "^w77"),
        lambda s: s.retrieve_by_fields(Widget, **{"size >": 9}),
        lambda s: s.retrieve_by_fields(Widget, label="first asked for"),
    ],
)
def test_a_search_that_is_long_work_among_many_goes_to_a_thread(ask: Callable[[Any], Any]) -> None:
    async def main() -> None:
        async with AsyncSorcery.open("memory:", types=TYPES) as sorcery:
            async with sorcery.transaction() as transaction:
                for number in range(1001):
                    transaction.create(Widget(id=f"w{number}", size=number, label="first asked for"))
            answer = ask(sorcery)
            assert asyncio.isfuture(answer.send(None))
            answer.close()
            assert await ask(sorcery) == ask(sorcery.sorcery) != []

    run(main)


def test_the_second_search_by_a_field_is_answered_at_once_among_many() -> None:
    async def main() -> None:
        async with AsyncSorcery.open("memory:", types=TYPES) as sorcery:
            async with sorcery.transaction() as transaction:
                for number in range(1001):
                    transaction.create(Widget(id=f"w{number}", size=number))
            assert len(await sorcery.retrieve_by_fields(Widget, size=7)) == 1
            for again in (sorcery.retrieve_by_fields(Widget, size=8), sorcery.retrieve_all(Widget)):
                with pytest.raises(StopIteration):
                    again.send(None)

    run(main)


def test_an_object_that_a_cache_holds_is_answered_at_once(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            await sorcery.map(Widget, "memory_cache", caching=True, position=0)
            assert await sorcery.retrieve_by_id(Widget, "w") == Widget(id="w", size=1)
            gate.shut()
            assert await sorcery.retrieve_by_id(Widget, "w") == Widget(id="w", size=1)
            assert gate.waiting == []

    run(main)


def test_a_new_mapping_is_asked_from_the_next_question_on(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            assert await sorcery.retrieve_by_id(Widget, "w") is not None
            await sorcery.unmap(Widget, "slow")
            assert await sorcery.retrieve_by_id(Widget, "w") is None

    run(main)


def test_a_store_that_was_let_go_just_now_is_not_the_last_word(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def let_go(self: MemoryStore, question: object) -> None:
        raise Unavailable(self.label, self.trouble)

    async def main() -> None:
        async with slow(gate) as sorcery:
            await sorcery.create(Group(id="one"))
            monkeypatch.setattr(MemoryStore, "retrieve_now", let_go)
            monkeypatch.setattr(MemoryStore, "search_now", let_go)
            assert await sorcery.retrieve_by_id(Group, "one") == Group(id="one")
            assert await sorcery.retrieve_all(Group) == [Group(id="one")]

    run(main)


def test_errors_are_those_of_the_system(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            with pytest.raises(UnknownType):
                await sorcery.retrieve_by_id("widget", "w")
            with pytest.raises(AlreadyExists):
                await sorcery.create(Widget(id="w"))
            with pytest.raises(ValueError, match="no field"):
                await sorcery.retrieve_by_fields(Widget, colours="red")
        for ask in (sorcery.retrieve_by_id(Widget, "w"), sorcery.create(Widget(id="v")), sorcery.reload()):
            with pytest.raises(Unavailable, match="it was closed"):
                await ask
        await sorcery.close()

    run(main)


# Changes, and their cancellation


async def failing(sorcery: AsyncSorcery) -> None:
    async with sorcery.transaction() as transaction:
        transaction.delete(Widget(id="v"))
        raise ZeroDivisionError


async def refused(sorcery: AsyncSorcery) -> None:
    async with sorcery.transaction() as transaction:
        transaction.delete(Group(id="g"))
        transaction.create(Widget(id="w"))


def test_the_changes_of_a_block_come_true_together_or_not_at_all(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            async with sorcery.transaction() as transaction:
                transaction.create(Widget(id="v", group="g"))
                transaction.create(Group(id="g"))
            assert [str(written) for written in transaction.written] != []
            with pytest.raises(ZeroDivisionError):
                await failing(sorcery)
            with pytest.raises(AlreadyExists):
                await refused(sorcery)
            assert await sorcery.retrieve_by_id(Widget, "v") == Widget(id="v", group="g")
            assert await sorcery.retrieve_by_id(Group, "g") is not None

    run(main)


def test_a_block_that_is_cancelled_changes_nothing(gate: Gate) -> None:
    async def never_ending(sorcery: AsyncSorcery) -> None:
        async with sorcery.transaction() as transaction:
            transaction.delete(Widget(id="w"))
            await asyncio.Event().wait()

    async def main() -> None:
        async with slow(gate) as sorcery:
            task = asyncio.ensure_future(never_ending(sorcery))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await sorcery.retrieve_by_id(Widget, "w") is not None

    run(main)


def test_a_plan_is_made_and_carried_out_aside(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery, AsyncSorcery.open("memory:", types=TYPES) as other:
            await other.create(Widget(id="v"))
            plan = await sorcery.plan(other, [Widget])
            gate.shut()
            applying = asyncio.ensure_future(sorcery.apply(plan))
            await gate.somebody()
            gate.open()
            await applying
            assert await sorcery.retrieve_all(Widget) == [Widget(id="v")]

    run(main)


def test_a_cancelled_change_comes_true_and_holds_up_none_that_follows(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            gate.shut()
            task = asyncio.ensure_future(sorcery.update(Widget(id="w", size=2)))
            await gate.somebody()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gate.open()
            await sorcery.update(Widget(id="w", size=3))  # the object's lock was given back
            assert await sorcery.retrieve_by_id(Widget, "w") == Widget(id="w", size=3)

    run(main)


def test_a_change_that_was_cancelled_before_a_thread_was_free_comes_true_too(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            gate.shut()
            busy = [asyncio.ensure_future(sorcery.retrieve_by_id(Widget, "w")) for _ in range(8)]
            await gate.somebody(8)
            task = asyncio.ensure_future(sorcery.create(Widget(id="v")))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            gate.open()
            await asyncio.gather(*busy)
            while await sorcery.retrieve_by_id(Widget, "v") is None:
                await asyncio.sleep(0.001)

    run(main)


def test_an_error_of_a_cancelled_change_is_logged(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            gate.shut()
            task = asyncio.ensure_future(sorcery.create(Widget(id="w")))
            await gate.somebody()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            gate.open()
            await until(lambda: caplog.records)

    with caplog.at_level(logging.WARNING, logger="sorcery.aio"):
        run(main)
    (record,) = caplog.records
    assert record.message.startswith("what a cancelled caller had begun failed: testing_widget 'w'")


def test_a_question_that_is_cancelled_before_a_thread_was_free_is_never_asked(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            gate.shut()
            busy = [asyncio.ensure_future(sorcery.retrieve_by_id(Widget, "w")) for _ in range(9)]
            await gate.somebody(8)
            busy[8].cancel()
            await asyncio.sleep(0)
            gate.open()
            answers = await asyncio.gather(*busy, return_exceptions=True)
            assert isinstance(answers[8], asyncio.CancelledError)
            assert len(gate.waiting) == 8

    run(main)


def test_a_system_whose_opening_was_cancelled_is_closed(gate: Gate) -> None:
    closed = threading.Event()

    class Wizard(SlowWizard):
        def close(self) -> None:
            closed.set()

    async def main() -> None:
        registry = Registry()
        registry.register("memory", lambda: Wizard(gate))
        gate.shut()
        opening = asyncio.ensure_future(_opened(registry))
        await gate.somebody()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        gate.open()

    run(main)
    assert closed.wait(60)


# Observing


def test_observers_are_called_in_the_loop_in_the_order_of_the_changes(gate: Gate) -> None:
    async def main() -> None:
        calls: list[tuple[Any, ...]] = []
        done = asyncio.Event()

        def note(*what: Any) -> None:
            assert threading.current_thread() is threading.main_thread()
            calls.append(what)
            if what[0] == "loaded":
                done.set()

        async with slow(gate) as sorcery:
            with sorcery.observe(
                Widget,
                created=lambda new: note("created", new.id),
                updated=lambda new, old: note("updated", new.size, old.size),
                deleted=lambda old: note("deleted", old.id),
                loaded=lambda name: note("loaded", name),
            ):
                await sorcery.create(Widget(id="v", size=1))
                for size in range(2, 30):
                    await sorcery.update(Widget(id="v", size=size))
                await sorcery.delete(Widget(id="v"))
                await sorcery.reload()
                await done.wait()
            await sorcery.create(Widget(id="v"))
            await asyncio.sleep(0.01)
        updates = [("updated", size, size - 1) for size in range(2, 30)]
        assert calls == [("created", "v"), *updates, ("deleted", "v"), ("loaded", "testing_widget")]

    run(main)


def test_a_closed_subscription_hears_nothing_that_was_on_its_way(gate: Gate) -> None:
    async def main() -> None:
        calls: list[object] = []
        async with slow(gate) as sorcery:
            subscription = sorcery.observe(Widget, created=calls.append)
            sorcery.sorcery.create(Widget(id="v"))  # in this thread: the loop cannot call before we wait
            subscription.close()
            await asyncio.sleep(0.01)
        assert calls == []

    run(main)


def test_reloads_and_mappings_are_told_in_the_loop(gate: Gate) -> None:
    async def main() -> None:
        calls: list[str] = []
        async with slow(gate) as sorcery:
            with sorcery.observe_system(
                loaded=lambda report: calls.append("loaded"), mapped=lambda mapping: calls.append(mapping.wizard)
            ):
                await sorcery.map(Group, "slow")
                await sorcery.reload()
                await until(lambda: "loaded" in calls)
        assert calls == ["slow", "loaded"]

    run(main)


def test_events_of_this_system_and_of_others_are_iterated_over() -> None:
    space, registry = MemorySpace(), Registry()
    registry.register("memory", lambda: MemoryWizard(space))

    async def main() -> None:
        async with (
            AsyncSorcery.open("memory:", types=TYPES, registry=registry) as sorcery,
            AsyncSorcery.open("memory:", types=TYPES, registry=registry) as others,
        ):
            async with sorcery.watch("testing_widget", Group) as events:
                await sorcery.create(Group(id="g"))
                assert await anext(events) == ObjectEvent("created", Group(id="g"))
                await others.create(Widget(id="w"))
                assert await anext(events) == ObjectEvent("created", Widget(id="w"))
                await others.delete(Widget(id="w"))
                event = await anext(events)
                assert (event.change, event.type_name, event.obj.id) == ("deleted", "testing_widget", "w")
            with pytest.raises(StopAsyncIteration):
                await anext(events)

    run(main)


def test_an_iteration_ends_when_the_system_is_closed(gate: Gate) -> None:
    async def main() -> None:
        heard: list[ObjectEvent] = []
        started = asyncio.Event()

        async def listen(sorcery: AsyncSorcery) -> None:
            async with sorcery.watch() as events:
                started.set()
                async for event in events:
                    heard.append(event)

        async with slow(gate) as sorcery:
            listening = asyncio.ensure_future(listen(sorcery))
            await started.wait()
            await sorcery.create(Group(id="g"))
        await asyncio.wait_for(listening, 60)
        assert heard == [ObjectEvent("created", Group(id="g"))]

    run(main)


def test_events_are_heard_in_a_block_only(gate: Gate) -> None:
    async def main() -> None:
        async with slow(gate) as sorcery:
            with pytest.raises(RuntimeError, match="events are heard in a block"):
                await anext(sorcery.watch())

    run(main)


def test_a_release_is_kept_to_here_too() -> None:
    async def main() -> None:
        async with AsyncSorcery.open("memory:", target="asterisk:20") as sorcery:
            with pytest.raises(InvalidObject, match="Asterisk 20 does not know"):
                await sorcery.create(Endpoint("e", allow="ulaw", security_negotiation="mediasec"))

    run(main)
