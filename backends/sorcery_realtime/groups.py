"""Group commit: what many threads change at once is one transaction of the database."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from sorcery.errors import Conflict, StoreRefused
from sorcery.wizard import Change, Op
from sorcery_database import Fault
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.sending import Refused, Sender, Step
from sorcery_realtime.source import Source

__all__ = ["LARGEST", "Groups", "LostAtCommit"]

LARGEST: Final = 16
"""The changes of a transaction that may share one with others: more would keep those waiting."""

TOGETHER: Final = 64
"""Transactions in a group."""

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
        self.since = time.monotonic()
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
        self._leader: Member | None = None
        """Who is at work, or about to be."""

    def carry_out(self, steps: Sequence[Step]) -> Outcome | None:
        """Carry out changes of distinct objects and commit, or do nothing; blocks until its group has committed.

        Returns None where the caller has to try by himself: nothing is stored then, and others need not wait for
        what comes of it. Returns `Conflict`, `StoreRefused`, `Refused`, `Lost` and `LostAtCommit`, for each caller
        to raise his own error.
        """
        try:
            self._database.admit()
        except Lost as lost:
            return lost
        member = Member(steps)
        try:
            with self._lock:
                self._waiting.append(member)
                leads = self._leader is None
                if leads:
                    self._leader = member
            if not leads:
                member.turn.wait()
            if not member.is_over:
                self._lead(member)
        except BaseException:  # interrupted: the others go on without this one
            self._hand_on(member)
            raise
        return member.outcome

    def _lead(self, leader: Member) -> None:
        """Carry out a group, and hand on the lead."""
        group = self._next_group()
        try:
            self._commit(group)
        finally:
            self._hand_on(leader)
            for member in group:
                member.is_over = True
                member.turn.set()

    def _hand_on(self, member: Member) -> None:
        """Let who has waited longest lead, where it was this member's part; it waits for nothing any more."""
        with self._lock:
            self._waiting = [each for each in self._waiting if each is not member]
            if self._leader is member:
                self._leader = next(iter(self._waiting), None)
                if self._leader is not None:
                    self._leader.turn.set()

    def _next_group(self) -> list[Member]:
        """Take those who have waited longest; who changes what another one changes too comes later."""
        group, left, places = list[Member](), list[Member](), set[object]()
        with self._lock:
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
        try:
            if not self._transaction(group, _at_once) and len(group) > 1:
                self._transaction(group, _one_by_one)
        except Lost as lost:
            if lost.fault is Fault.EXHAUSTED or (lost.fault is Fault.LOCKED and self._database.kind == "sqlite"):
                for member in group:  # they have waited as long as anybody is to
                    member.outcome = lost
        except Exception:  # noqa: BLE001 - nobody knows of whose changes it tells: each finds that out
            pass

    def _transaction(
        self, group: Sequence[Member], send: Callable[[Sequence[Member], Sender], Outcomes | None]
    ) -> bool:
        """Send and commit, and tell whether it was not in vain; raises `Lost` where nothing can have been stored."""
        database = self._database
        connection = database.begin(is_hasty=True, since=min(member.since for member in group))
        try:
            outcomes = send(group, Sender({database: connection}))
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
            if database.undoes(error):
                outcomes = {}
                raise
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
