"""Group commit: what many threads change at once is one transaction of the database."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from sorcery.errors import Conflict, StoreRefused
from sorcery.wizard import Change, Op
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.sending import Refused, Sender, Step
from sorcery_realtime.source import Source

__all__ = ["LARGEST", "Groups", "LostAtCommit"]

LARGEST: Final = 16
"""The changes of a transaction that may share one with others: more would keep those waiting."""

TOGETHER: Final = 64
"""Transactions in a group."""

PATIENCE: Final = "SET LOCAL lock_timeout = '250ms'"
"""How long a group waits for a row that somebody else holds; who wants that row then waits for it alone."""

Outcome = Sequence[Change] | Exception
"""The changes that found no row, where nothing is stored for that; none where all is; or why it is not."""


class LostAtCommit(Exception):
    """A database that was lost while it committed: it may have taken the changes or not."""

    def __init__(self, lost: Lost) -> None:
        self.lost = lost
        super().__init__(lost.reason)


class Member:
    """The changes of one caller, all or none, while they wait for their group."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.places = {(step.source, step.change.obj.id) for step in steps}
        self.outcome: Outcome | None = None
        """None as long as nothing of it is stored, nor known to be impossible."""
        self.is_over = False
        self.turn = threading.Event()
        """Set when its group is over, or when it is to lead the next one."""


Outcomes = dict[Member, Outcome]


class Groups:
    """Carries out small transactions on one database, one group after the other; safe to use from many threads.

    Who comes while nobody is at work starts at once. Who comes meanwhile is in the next group, which the first of
    them leads. What is wrong with the changes of one concerns no other: where a group is refused something, its
    members are told apart by savepoints.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[Member] = []
        self._is_led = False

    def carry_out(self, steps: Sequence[Step], alone: Callable[[], Outcome]) -> Outcome:
        """Carry out changes of distinct objects and commit, or do nothing; blocks until its group has committed.

        `alone` does the same in a transaction of its own, and may raise; it is called where there is nobody to share
        with, and where the database fails before the commit. Returns `Conflict`, `StoreRefused`, `Refused` and
        `LostAtCommit`, for each caller to raise his own error.
        """
        member = Member(steps)
        with self._lock:
            self._waiting.append(member)
            leads, self._is_led = not self._is_led, True
        if not leads:
            member.turn.wait()
        if not member.is_over:
            self._lead(member, alone)
        return alone() if member.outcome is None else member.outcome

    def _lead(self, leader: Member, alone: Callable[[], Outcome]) -> None:
        """Carry out a group, and hand the lead to who has waited longest."""
        with self._lock:
            group = self._next_group()
        try:
            if len(group) > 1:
                self._commit(group)
            else:
                leader.outcome = alone()
        finally:
            with self._lock:
                follower = self._waiting[0] if self._waiting else None
                self._is_led = follower is not None
            if follower is not None:
                follower.turn.set()
            for member in group:
                member.is_over = True
                member.turn.set()

    def _next_group(self) -> list[Member]:
        """Take those who have waited longest; who changes what another one changes too comes later."""
        group, left, places = list[Member](), list[Member](), set[object]()
        for member in self._waiting:
            if len(group) < TOGETHER and places.isdisjoint(member.places):
                group.append(member)
                places |= member.places
            else:
                left.append(member)
        self._waiting = left
        return group

    def _commit(self, group: Sequence[Member]) -> None:
        """Give each member its outcome; those that have none then have to try by themselves."""
        with contextlib.suppress(Lost):
            _ = self._transaction(group, _at_once) or self._transaction(group, _one_by_one)

    def _transaction(
        self, group: Sequence[Member], send: Callable[[Sequence[Member], Sender], Outcomes | None]
    ) -> bool:
        """Send and commit, and tell whether it was not in vain; raises `Lost` where nothing can have been stored."""
        database = self._database
        connection = database.begin()
        try:
            if database.kind == "postgresql":
                connection.exec_driver_sql(PATIENCE)
            outcomes = send(group, Sender({database: connection}))
        except SQLAlchemyError as error:
            self._roll_back(connection)
            raise database.lost(error) from error
        except BaseException:
            self._roll_back(connection)
            raise
        if outcomes is None:
            self._roll_back(connection)
            return False
        lost: Lost | None = Lost(database, f"{database.name}: interrupted while it committed")
        try:
            database.end(connection, "COMMIT")
            lost = None
        except Lost as error:
            lost = error
        finally:
            for member, found in outcomes.items():
                member.outcome = LostAtCommit(lost) if lost is not None and not found else found
        return True

    def _roll_back(self, connection: Connection) -> None:
        with contextlib.suppress(Lost):
            self._database.end(connection, "ROLLBACK")


def _at_once(group: Sequence[Member], sender: Sender) -> Outcomes | None:
    """Send the changes of all members in few statements; None where one would have to be undone without the others."""
    steps = [step for member in group for step in member.steps]
    try:
        found = sender.compared(steps)
        outcomes = {member: out for member in group if (out := _out(member, found)) is not None}
        left = [member for member in group if member not in outcomes]
        missed = sender.together(_merged(step for member in left for step in member.steps))
    except (Refused, StoreRefused):
        return None
    if missed is None:
        return None
    vain = set(missed)
    for member in left:
        outcomes[member] = [step.change for step in member.steps if step in vain]
        if outcomes[member] and len(member.steps) > 1:
            return None
    return outcomes


def _out(member: Member, found: Mapping[Step, bool | Conflict]) -> Outcome | None:
    """Return why a member's changes are not made, where its objects are not as they are expected."""
    verdicts = [found.get(step, True) for step in member.steps]
    for verdict in verdicts:
        if isinstance(verdict, Conflict):
            return verdict
    return [step.change for step, is_there in zip(member.steps, verdicts, strict=True) if not is_there] or None


def _merged(steps: Iterable[Step]) -> list[Step]:
    """Bring changes of one table and operation together, deletes last, by id: two groups lock rows in one order."""
    tables: dict[Source, int] = {}
    given = [(step, tables.setdefault(step.source, len(tables))) for step in steps]
    given.sort(key=lambda each: (each[0].change.op is Op.DELETE, each[1], each[0].change.op.value, each[0].key))
    return [step for step, _ in given]


def _one_by_one(group: Sequence[Member], sender: Sender) -> Outcomes:
    """Send the changes of each member by themselves; nothing is left of what cannot be."""
    return {
        member: sender.attempt(member.steps[0], functools.partial(_sent, member, sender), keeps=lambda out: not out)
        for member in group
    }


def _sent(member: Member, sender: Sender) -> Outcome:
    try:
        return [step.change for step in sender.send(member.steps)]
    except (Conflict, Refused, StoreRefused) as error:
        return error
