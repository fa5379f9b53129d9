from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from sorcery import AlreadyExists, Conflict, Object, StoreRefused, Unavailable
from sorcery.environment import Environment, Family
from sorcery.pjsip import Aor, Auth, Contact
from sorcery.wizard import Change, Op
from sorcery_database import Fault
from sorcery_migrations import upgrade
from sorcery_realtime import RealtimeWizard
from sorcery_realtime.databases import OPTIONS, Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.groups import LARGEST, TOGETHER, Groups, Member
from sorcery_realtime.rowwriter import Row, RowWriter
from sorcery_realtime.source import Source

Sql = Callable[[str], Callable[[str], list[dict[str, Any]]]]


class Realtime:
    """A wizard over one database, and what its transactions were."""

    def __init__(self, url: str) -> None:
        self.url, self.wizard = url, RealtimeWizard()
        self.stores: dict[type[Object], Any] = {cls: self._opened(cls) for cls in (Aor, Auth)}
        self.database: Database = self.stores[Aor].sources[0].database
        self.groups: Groups = self.wizard._groups[self.database]
        self.ends: list[str] = []

    def _opened(self, cls: type[Object]) -> Any:
        table, driver = cls.__sorcery__.family, "sqlite3" if self.url.startswith("sqlite") else "odbc"
        assert table is not None
        families = {table: (Family(table, driver, "pbx", table),)}
        return self.wizard.open(cls.__sorcery__, table, Environment(families=families, databases={"pbx": self.url}))

    def change(self, op: Op, obj: Object, expected: Object | None = None) -> Change:
        return Change(self.stores[type(obj)], op, obj, expected)

    def carry_out(self, *changes: Change) -> Sequence[Change]:
        return self.wizard.carry_out(changes)

    def aor(self, id: str) -> Object | None:
        found: Object | None = self.stores[Aor].retrieve(id)
        return found


@pytest.fixture
def realtime(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Realtime]:
    made = Realtime(url)
    end = Database.end

    def noted(self: Database, connection: Connection, verb: str) -> None:
        made.ends.append(verb)
        end(self, connection, verb)

    monkeypatch.setattr(Database, "end", noted)
    yield made
    made.wizard.close()


@contextmanager
def one_group(realtime: Realtime, pool: ThreadPoolExecutor, *callers: Sequence[Change]) -> Iterator[list[Future[Any]]]:
    """Let callers meet in one group: somebody leads until all of them wait. Yields what they will be told."""
    with led_by_somebody(realtime.groups):
        waiting = []
        for changes in callers:
            waiting.append(pool.submit(realtime.carry_out, *changes))
            wait_until(lambda: len(realtime.groups._waiting) == len(waiting))  # in the order in which they are given
        realtime.ends.clear()
    yield waiting


@contextmanager
def led_by_somebody(groups: Groups) -> Iterator[None]:
    """Let all who come wait until the block ends."""
    leader = groups._leader = Member([])
    yield
    groups._hand_on(leader)


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(100) as made:
        yield made


def seed(realtime: Realtime, *aors: Aor) -> None:
    realtime.wizard.prepare([realtime.change(Op.CREATE, aor) for aor in aors]).commit()


def test_who_is_alone_commits_alone(realtime: Realtime) -> None:
    assert list(realtime.carry_out(realtime.change(Op.CREATE, Aor(id="a")))) == []
    assert realtime.aor("a") == Aor(id="a")
    assert realtime.ends == ["COMMIT"]
    assert realtime.groups._leader is None


def test_those_who_wait_share_one_commit(realtime: Realtime, pool: ThreadPoolExecutor) -> None:
    seed(realtime, *(Aor(id=f"a{n}") for n in range(9)))
    auth = Auth(id="x", username="x", password="x")
    callers = [[realtime.change(Op.UPDATE, Aor(id=f"a{n}", max_contacts=n))] for n in range(6)]
    callers.append([realtime.change(Op.DELETE, Aor(id="a7")), realtime.change(Op.DELETE, Aor(id="a8"))])
    callers.append([realtime.change(Op.CREATE, auth), realtime.change(Op.CREATE, Aor(id="x"))])
    with one_group(realtime, pool, *callers) as told:
        assert [list(each.result(60)) for each in told] == [[]] * len(callers)
    assert realtime.ends == ["COMMIT"]
    assert [realtime.aor(f"a{n}") for n in range(6)] == [Aor(id=f"a{n}", max_contacts=n) for n in range(6)]
    assert [realtime.aor(id) for id in ("a7", "a8", "x")] == [None, None, Aor(id="x")]
    assert realtime.groups._leader is None


def test_nobody_is_told_before_the_commit(
    realtime: Realtime, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(realtime, Aor(id="a"), Aor(id="b"))
    may_commit, end = threading.Event(), Database.end

    def held(self: Database, connection: Connection, verb: str) -> None:
        assert may_commit.wait(60)
        end(self, connection, verb)

    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=2))] for id in "ab"]
    monkeypatch.setattr(Database, "end", held)
    with one_group(realtime, pool, *callers) as told:
        late = pool.submit(realtime.carry_out, realtime.change(Op.UPDATE, Aor(id="a", max_contacts=3)))
        wait_until(lambda: len(realtime.groups._waiting) == 1)
        assert not any(each.done() for each in told)
        may_commit.set()
        for each in (*told, late):
            assert list(each.result(60)) == []
    assert realtime.aor("a") == Aor(id="a", max_contacts=3)


def test_what_is_wrong_with_one_concerns_no_other(realtime: Realtime, pool: ThreadPoolExecutor) -> None:
    seed(realtime, Aor(id="a"), Aor(id="b", max_contacts=7), Aor(id="c"), Aor(id="d"))
    change = realtime.change
    callers = [
        [change(Op.UPDATE, Aor(id="a", max_contacts=1))],
        [change(Op.UPDATE, Aor(id="b"), Aor(id="b", max_contacts=6))],  # another one now
        [change(Op.CREATE, Aor(id="c", max_contacts=1))],  # taken
        [change(Op.UPDATE, Aor(id="absent"))],
        [change(Op.CREATE, Aor(id="new")), change(Op.DELETE, Aor(id="absent too"))],
        [change(Op.CREATE, Auth(id="long", username="x" * 300, password="x"))],
        [change(Op.DELETE, Aor(id="d"), Aor(id="d"))],
        [change(Op.DELETE, Aor(id="never"), Aor(id="never"))],
    ]
    with one_group(realtime, pool, *callers) as (updated, conflict, taken, absent, half, refused, deleted, never):
        assert list(updated.result(60)) == list(deleted.result(60)) == []
        with pytest.raises(Conflict) as raised:
            conflict.result(60)
        assert raised.value.current == Aor(id="b", max_contacts=7)
        with pytest.raises(AlreadyExists):
            taken.result(60)
        assert [each.obj.id for each in absent.result(60)] == ["absent"]
        assert [each.obj.id for each in half.result(60)] == ["absent too"]
        with pytest.raises(StoreRefused, match=r"long.*username"):
            refused.result(60)
        assert [each.obj.id for each in never.result(60)] == ["never"]
    assert realtime.ends.count("COMMIT") == 1
    found = {aor.id: aor.max_contacts for aor in map(realtime.aor, "abcd") if isinstance(aor, Aor)}
    assert found == {"a": 1, "b": 7, "c": 0}
    assert realtime.aor("new") is None


def test_a_conflict_and_a_miss_leave_the_others_in_few_statements(realtime: Realtime, pool: ThreadPoolExecutor) -> None:
    seed(realtime, Aor(id="a"), Aor(id="b", max_contacts=7))
    callers = [
        [realtime.change(Op.UPDATE, Aor(id="a", max_contacts=1), Aor(id="a"))],
        [realtime.change(Op.UPDATE, Aor(id="b"), Aor(id="b"))],
        [realtime.change(Op.DELETE, Aor(id="absent"), Aor(id="absent"))],
    ]
    with one_group(realtime, pool, *callers) as (updated, conflict, absent):
        assert list(updated.result(60)) == []
        assert isinstance(conflict.exception(60), Conflict)
        assert len(absent.result(60)) == 1
    assert realtime.ends == ["COMMIT"]


def test_a_lost_commit_is_unavailable_to_all_of_the_group(
    realtime: Realtime, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(realtime, Aor(id="a"), Aor(id="b", max_contacts=7))
    end = Database.end

    def lost(self: Database, connection: Connection, verb: str) -> None:
        end(self, connection, "ROLLBACK")
        raise Lost(self, "the wire was cut")

    callers = [
        [realtime.change(Op.UPDATE, Aor(id="a", max_contacts=1))],
        [realtime.change(Op.UPDATE, Aor(id="b"), Aor(id="b"))],
        [realtime.change(Op.CREATE, Aor(id="c"))],
    ]
    monkeypatch.setattr(Database, "end", lost)
    with one_group(realtime, pool, *callers) as (updated, conflict, created):
        for each in (updated, created):
            error = each.exception(60)
            assert isinstance(error, Unavailable)
            assert error.is_uncertain
            assert "the wire was cut" in str(error)
        assert isinstance(conflict.exception(60), Conflict)  # nothing was sent for it
    monkeypatch.undo()
    assert realtime.aor("c") is None


def test_who_changes_the_same_object_comes_in_the_next_group(realtime: Realtime, pool: ThreadPoolExecutor) -> None:
    seed(realtime, Aor(id="a"), Aor(id="b"))
    callers = [
        [realtime.change(Op.UPDATE, Aor(id="a", max_contacts=1))],
        [realtime.change(Op.UPDATE, Aor(id="b", max_contacts=1))],
        [realtime.change(Op.UPDATE, Aor(id="a", max_contacts=2))],
    ]
    with one_group(realtime, pool, *callers) as told:
        assert [list(each.result(60)) for each in told] == [[], [], []]
    assert realtime.ends == ["COMMIT", "COMMIT"]
    assert realtime.aor("a") == Aor(id="a", max_contacts=2)


def test_a_group_is_bounded_and_a_large_transaction_is_none_of_it(realtime: Realtime, pool: ThreadPoolExecutor) -> None:
    callers = [[realtime.change(Op.CREATE, Aor(id=f"a{n}"))] for n in range(TOGETHER + 5)]
    with one_group(realtime, pool, *callers) as told:
        large = [realtime.change(Op.CREATE, Aor(id=f"b{n}")) for n in range(LARGEST + 1)]
        assert list(realtime.carry_out(*large)) == []
        assert all(list(each.result(60)) == [] for each in told)
    assert realtime.ends == ["COMMIT"] * 3


def test_a_row_that_somebody_holds_does_not_keep_the_others_waiting(
    postgresql_url: str, pool: ThreadPoolExecutor
) -> None:
    upgrade(postgresql_url)
    realtime, other = Realtime(postgresql_url), Realtime(postgresql_url)
    seed(realtime, Aor(id="a"), Aor(id="b"))
    theirs = other.wizard.prepare([other.change(Op.UPDATE, Aor(id="b", max_contacts=9))])
    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=1))] for id in "ab"]
    with one_group(realtime, pool, *callers) as (free, held):
        assert list(free.result(60)) == []
        assert realtime.aor("a") == Aor(id="a", max_contacts=1)
        assert not held.done()
        theirs.commit()
        assert list(held.result(60)) == []
    assert realtime.aor("b") == Aor(id="b", max_contacts=1)
    for each in (realtime, other):
        each.wizard.close()


@pytest.mark.parametrize("url_fixture", ["postgresql_url", "mariadb_url"])
def test_who_waits_for_a_row_that_somebody_holds_holds_up_nobody(
    url_fixture: str, request: pytest.FixtureRequest, pool: ThreadPoolExecutor
) -> None:
    url = request.getfixturevalue(url_fixture)
    upgrade(url)
    realtime, other = Realtime(url), Realtime(url)
    seed(realtime, Aor(id="a"), Aor(id="b"))
    theirs = other.wizard.prepare([other.change(Op.UPDATE, Aor(id="b", max_contacts=9))])
    held = pool.submit(realtime.carry_out, realtime.change(Op.UPDATE, Aor(id="b", max_contacts=1)))
    wait_until(lambda: realtime.groups._leader is not None)
    for count in (1, 2):
        assert list(realtime.carry_out(realtime.change(Op.UPDATE, Aor(id="a", max_contacts=count)))) == []
        assert not held.done()
    theirs.commit()
    assert list(held.result(60)) == []
    assert realtime.aor("b") == Aor(id="b", max_contacts=1)
    for each in (realtime, other):
        each.wizard.close()


def test_who_is_interrupted_while_it_waits_leaves_nobody_without_a_leader(pbx: str, pool: ThreadPoolExecutor) -> None:
    realtime = Realtime(pbx)
    seed(realtime, Aor(id="a"), Aor(id="b"))
    main = threading.get_ident()
    with led_by_somebody(realtime.groups):
        interrupting = pool.submit(interrupt_when, lambda: len(realtime.groups._waiting) == 1, main)
        with pytest.raises(KeyboardInterrupt):
            realtime.carry_out(realtime.change(Op.UPDATE, Aor(id="a", max_contacts=1)))
        interrupting.result(60)
        later = pool.submit(realtime.carry_out, realtime.change(Op.UPDATE, Aor(id="b", max_contacts=1)))
        wait_until(lambda: any(each.steps[0].change.obj.id == "b" for each in realtime.groups._waiting))
    assert list(later.result(60)) == []
    assert realtime.aor("a") == Aor(id="a")
    realtime.wizard.close()


def interrupt_when(is_time: Callable[[], bool], thread: int) -> None:
    wait_until(is_time)
    signal.pthread_kill(thread, signal.SIGINT)


def test_a_leader_that_is_interrupted_leaves_the_others_to_themselves(
    pbx: str, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    realtime = Realtime(pbx)
    seed(realtime, Aor(id="a"), Aor(id="b"), Aor(id="c"))
    begin, interrupted = Database.begin, list[bool]()

    def interrupt(self: Database, **options: bool) -> Connection:
        if not interrupted:
            interrupted.append(True)
            raise KeyboardInterrupt
        return begin(self, **options)

    monkeypatch.setattr(Database, "begin", interrupt)
    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=1))] for id in "abc"]
    with one_group(realtime, pool, *callers) as (leader, *others):
        assert isinstance(leader.exception(60), KeyboardInterrupt)
        assert [list(each.result(60)) for each in others] == [[], []]
    assert [realtime.aor(id) for id in "abc"] == [Aor(id="a"), *(Aor(id=id, max_contacts=1) for id in "bc")]
    assert realtime.groups._leader is None
    realtime.wizard.close()


def test_what_nobody_expected_of_the_changes_of_one_is_raised_to_that_one(
    pbx: str, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    realtime = Realtime(pbx)
    seed(realtime, Aor(id="a"), Aor(id="b"), Aor(id="c"))
    row = RowWriter.replacement

    def strange(self: RowWriter, obj: Object) -> Row:
        if obj.id == "b":
            raise RuntimeError("b is strange")
        return row(self, obj)

    monkeypatch.setattr(RowWriter, "replacement", strange)
    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=1))] for id in "abc"]
    with one_group(realtime, pool, *callers) as (first, culprit, last):
        assert list(first.result(60)) == list(last.result(60)) == []
        assert str(culprit.exception(60)) == "b is strange"
    assert [realtime.aor(id) for id in "ac"] == [Aor(id=id, max_contacts=1) for id in "ac"]
    realtime.wizard.close()


def test_a_commit_that_is_undone_for_a_rival_is_begun_again(
    realtime: Realtime, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(realtime, Aor(id="a"), Aor(id="b"))
    end, undone = Database.end, list[str]()

    def undo(self: Database, connection: Connection, verb: str) -> None:
        if verb == "COMMIT" and len(undone) < 2:  # that of the group, and that of one of its members
            undone.append(verb)
            end(self, connection, "ROLLBACK")
            raise Lost(self, "undone by a cluster", Fault.RIVAL)
        end(self, connection, verb)

    monkeypatch.setattr(Database, "end", undo)
    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=1))] for id in "ab"]
    with one_group(realtime, pool, *callers) as told:
        assert [list(each.result(60)) for each in told] == [[], []]
    assert len(undone) == 2
    assert [realtime.aor(id) for id in "ab"] == [Aor(id=id, max_contacts=1) for id in "ab"]


def test_a_database_that_is_lost_while_a_refusal_is_looked_into_is_unavailable(
    realtime: Realtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(realtime, Aor(id="a"))

    def lost(self: Source, key: str) -> None:
        raise Lost(self.database, "the wire was cut")

    monkeypatch.setattr(Source, "place", lost)
    with pytest.raises(Unavailable, match="the wire was cut"):
        realtime.carry_out(realtime.change(Op.CREATE, Aor(id="a")))


def test_an_sqlite_file_that_is_locked_is_waited_for_once(
    pbx: str, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 0.1})
    realtime, other = Realtime(pbx), Realtime(pbx)
    seed(realtime, Aor(id="a"), Aor(id="b"))
    begun, begin = list[bool](), Database.begin

    def counted(self: Database, **options: bool) -> Connection:
        begun.append(True)
        return begin(self, **options)

    theirs = other.wizard.prepare([other.change(Op.UPDATE, Aor(id="a", max_contacts=9))])
    monkeypatch.setattr(Database, "begin", counted)
    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=1))] for id in "ab"]
    with one_group(realtime, pool, *callers) as told:
        for each in told:
            assert "locked" in str(each.exception(60))
            assert isinstance(each.exception(60), Unavailable)
    assert len(begun) == 1
    theirs.rollback()
    for system in (realtime, other):
        system.wizard.close()


def test_a_database_that_is_down_sends_each_to_the_next_priority(sqlite_url: str, pool: ThreadPoolExecutor) -> None:
    upgrade(sqlite_url)
    wizard, dead = RealtimeWizard(), "postgresql://u:hush@127.0.0.1:1/pbx"
    families = (Family("aors", "odbc", "dead", "ps_aors", 1), Family("aors", "sqlite3", "pbx", "ps_aors", 2))
    environment = Environment(families={"aors": families}, databases={"dead": dead, "pbx": sqlite_url})
    store = wizard.open(Aor.__sorcery__, "aors", environment)
    told = [pool.submit(wizard.carry_out, [Change(store, Op.CREATE, Aor(id=f"a{n}"))]) for n in range(8)]
    assert all(list(each.result(60)) == [] for each in told)
    assert len(list(store.retrieve_many([f"a{n}" for n in range(8)]))) == 8
    wizard.close()


def test_many_threads_leave_what_each_of_them_was_told(realtime: Realtime, pool: ThreadPoolExecutor) -> None:
    seed(realtime, *(Aor(id=f"a{n}") for n in range(20)))

    def work(number: int) -> dict[str, int]:
        held = {}
        for turn in range(10):
            id = f"a{(number * 7 + turn) % 20}"
            aor = Aor(id=id, max_contacts=number * 100 + turn)
            try:
                if not realtime.carry_out(realtime.change(Op.UPDATE, aor, realtime.aor(id))):
                    held[id] = aor.max_contacts
            except Conflict:
                continue
        return held

    told = list(pool.map(work, range(1, 9)))
    written = {(id, value) for held in told for id, value in held.items()}
    for n in range(20):
        found = realtime.aor(f"a{n}")
        assert isinstance(found, Aor)
        assert not found.max_contacts or (found.id, found.max_contacts) in written


def test_contacts_are_refreshed_by_one_statement_for_the_group(postgresql_url: str, pool: ThreadPoolExecutor) -> None:
    from sqlalchemy import event

    upgrade(postgresql_url)
    realtime = Realtime(postgresql_url)
    realtime.stores[Contact] = realtime._opened(Contact)
    contacts = [Contact(id=f"{n};@x", uri=f"sip:{n}@192.0.2.7;ob", expiration_time=1) for n in range(5)]
    realtime.wizard.prepare([realtime.change(Op.CREATE, each) for each in contacts]).commit()
    statements: list[str] = []
    event.listen(realtime.database.engine, "before_cursor_execute", lambda *words: statements.append(words[2]))
    callers = [[realtime.change(Op.UPDATE, each.evolve(expiration_time=2))] for each in contacts]
    with one_group(realtime, pool, *callers) as told:
        assert all(list(each.result(60)) == [] for each in told)
    begin, update, commit = statements
    assert begin.startswith("BEGIN")
    assert update.startswith("UPDATE ps_contacts AS held SET ")
    assert commit == "COMMIT"
    found = realtime.stores[Contact].retrieve_many([each.id for each in contacts])
    assert {each.expiration_time for each in found.values()} == {2}
    assert found["3;@x"].uri == "sip:3@192.0.2.7;ob"
    realtime.wizard.close()


def test_who_comes_while_somebody_looks_whether_a_file_is_still_locked_is_told_at_once(pbx: str) -> None:
    realtime = Realtime(pbx)
    seed(realtime, Aor(id="a"))
    writing = realtime.database._file_lock.writing
    writing._clock = lambda: 100.0
    writing.failed()
    assert writing.left() is not None  # somebody looks
    with pytest.raises(Unavailable, match="somebody is just looking"):
        realtime.carry_out(realtime.change(Op.UPDATE, Aor(id="a", max_contacts=1)))
    writing.served()
    assert list(realtime.carry_out(realtime.change(Op.UPDATE, Aor(id="a", max_contacts=1)))) == []
    realtime.wizard.close()


def test_the_time_that_a_member_waits_for_its_group_is_part_of_what_it_waits(
    pbx: str, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    realtime = Realtime(pbx)
    seed(realtime, Aor(id="a"), Aor(id="b"))
    told, begin = list[float | None](), Database.begin

    def noted(self: Database, *, is_hasty: bool = False, since: float | None = None) -> Connection:
        told.append(since)
        return begin(self, is_hasty=is_hasty, since=since)

    monkeypatch.setattr(Database, "begin", noted)
    members: list[Member] = []
    callers = [[realtime.change(Op.UPDATE, Aor(id=id, max_contacts=1))] for id in "ab"]
    with led_by_somebody(realtime.groups):
        waiting = []
        for changes in callers:
            waiting.append(pool.submit(realtime.carry_out, *changes))
            wait_until(lambda: len(realtime.groups._waiting) == len(waiting))
        members = list(realtime.groups._waiting)
    for each in waiting:
        each.result(60)
    assert told == [members[0].since]
    assert members[0].since < members[1].since
    realtime.wizard.close()
