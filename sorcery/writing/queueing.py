"""Changes whose stores do not answer: refused, waited with, or queued, as the policies of their types say."""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Final

import attrs

from sorcery.environment import Environment
from sorcery.errors import (
    AlreadyExists,
    Conflict,
    InvalidObject,
    NotFound,
    NotWritable,
    SorceryError,
    Unavailable,
    UnknownType,
)
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.plain import plain
from sorcery.policy import Policy, Scope
from sorcery.wizard import Op
from sorcery.writing.attempt import Request
from sorcery.writing.journal import Entry, Journal, QueuedChange
from sorcery.writing.patience import persist
from sorcery.writing.transaction import Step
from sorcery.writing.written import Effect, Written

__all__ = ["Queue", "Replayed", "System", "queue_file", "queue_without_folder"]

log = logging.getLogger("sorcery.writes")

LONGEST: Final = 5.0
"""Seconds within which stores that did not answer are tried again, at the latest."""

FILE: Final = "sorcery-writes.sqlite3"


def queue_file(environment: Environment) -> Path:
    """Return the file in which changes wait: beside the AstDB, in Asterisk's folder for data."""
    folder = environment.astdb.parent if environment.astdb else environment.directory or Path()
    return folder / FILE


def queue_without_folder(environment: Environment, types: Collection[str]) -> Iterator[Finding]:
    """Yield a finding where changes are to be queued and cannot be: nobody would hear of it before an outage."""
    queued = [name for name, policy in environment.policies.items() if policy.queue and name in types]
    folder = queue_file(environment).parent
    if queued and not os.access(folder, os.W_OK | os.X_OK):
        what = "cannot be written into" if folder.is_dir() else "is not there"
        yield Finding(
            severity=Severity.WARNING,
            rule="queue-without-folder",
            message=f"[writes] no change of {', '.join(queued)} can be queued: the folder {folder} {what}",
            remedy="make it, for the user that this runs as, or name another one as astdbdir in asterisk.conf",
            place=environment.policies[queued[0]].place,
        )


@attrs.frozen(slots=True)
class System:
    """What carries changes out."""

    policy: Callable[[str], Policy]
    store: Callable[[Sequence[Step]], tuple[Written, ...]]
    """Carries changes out now, all or nothing; raises what `Sorcery.create` raises."""
    request: Callable[[Step], Request]
    """What a change asks of which stores; raises where the system does not take it."""
    followed: Callable[[Step], Step]
    """The change with its object as the stores will give it."""
    types: Callable[[], Table[str, type[Object]]]

    def takers(self, step: Step) -> list[str]:
        """Return the labels of the stores that a change is meant for; raises where it could never be carried out."""
        request = self.request(step)
        writable = request.binding.writable
        if not writable:
            raise NotWritable(step.key[0], map(str, request.binding.mappings))
        return [each.store.label for each in (writable[:1] if request.policy.scope is Scope.FIRST else writable)]

    def step(self, change: QueuedChange) -> Step:
        """Return a change anew; raises `UnknownType`, `InvalidObject`."""
        types = self.types()
        if change.type_name not in types:
            raise UnknownType(change.type_name, types)
        return change.step(types[change.type_name])

    def holds(self, step: Step) -> bool:
        """Tell whether the stores hold already what a change comes to; raises `Unavailable`."""
        wanted = None if step.op is Op.DELETE else self.followed(step).obj
        try:
            return self.request(step).binding.reader.retrieve(step.key[1]) == wanted
        except InvalidObject:
            return False


@attrs.frozen(slots=True)
class Replayed:
    """What became of the changes that waited."""

    stored: int = 0
    refused: int = 0
    left: int = 0
    reason: str = ""
    """Why some are left: what the stores say, or that somebody carries them out just now."""


class Queue:
    """Changes on their way to the stores of one system. Safe to use from many threads.

    While anything waits, changes of types that may be queued are queued behind it, so none overtakes another. What
    waits is not to be seen by readers: they are told what stores say.
    """

    def __init__(self, system: System, file: Callable[[], Path]) -> None:
        """Take the system and what names the file; nothing is opened before something is queued."""
        self._system, self._file = system, file
        self._lock = threading.Lock()
        self._waited_for: frozenset[frozenset[str]] = frozenset()
        """Types whose stores somebody has waited for in vain, and nobody has changed since."""
        self._ended = threading.Event()
        self._replaying: threading.Thread | None = None

    @property
    def journal(self) -> Journal:
        """The file in which changes wait."""
        return Journal(self._file())

    def store(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        """Carry changes out, or do what policies say where stores are silent; raises what `Sorcery.create` raises."""
        names = frozenset(step.key[0] for step in steps)
        policies = [self._system.policy(name) for name in names]
        queues = all(policy.queue for policy in policies)
        if queues and self.journal:
            return self._queue(steps)
        store = self._store if queues or not any(policy.queue for policy in policies) else self._store_behind
        wait = min(policy.wait for policy in policies)
        try:
            return self._stored(names, lambda: store(steps), wait) if wait else store(steps)
        except Unavailable as error:
            if not queues or error.is_uncertain or self._ended.is_set():
                raise
            queued = self._queue(steps)
            log.warning("%s; changes are queued until it answers", plain(str(error)))
            return queued

    def _stored(
        self, names: frozenset[str], store: Callable[[], tuple[Written, ...]], wait: float
    ) -> tuple[Written, ...]:
        """Carry a change out, and wait for its stores unless somebody has waited as long in vain.

        Else those who stand behind one another, for a thread or for the same object, would wait one after the other.
        """
        try:
            written = store() if names in self._waited_for else persist(store, wait, is_over=self._ended.wait)
        except SorceryError as error:
            self._note(names, is_silent=isinstance(error, Unavailable) and not error.is_uncertain)
            raise
        self._note(names, is_silent=False)
        return written

    def _note(self, names: frozenset[str], *, is_silent: bool) -> None:
        if (names in self._waited_for) is not is_silent:
            with self._lock:
                self._waited_for = self._waited_for | {names} if is_silent else self._waited_for - {names}

    def _store(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        return self._system.store(steps)

    def _store_behind(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        """Carry out changes of which some may be queued and some may not, behind all that waits."""
        if self.journal and (done := self.replay()).left:
            raise Unavailable("the stores of changes that wait", done.reason)
        return self._store(steps)

    def _queue(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        queued = [
            Written(step.op, *step.key, tuple((label, Effect.QUEUED) for label in self._system.takers(step)))
            for step in steps
        ]
        self.journal.append(steps)
        self._begin()
        return tuple(queued)

    def resume(self) -> None:
        """Carry out in a thread aside what waits, as soon as the stores answer; does nothing where nothing waits."""
        if self.journal:
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._replaying is None and not self._ended.is_set():
                self._replaying = threading.Thread(target=self._replay_all, name="sorcery-writes", daemon=True)
                self._replaying.start()

    def close(self) -> None:
        """Carry out nothing more; what waits stays in the file."""
        self._ended.set()

    def replay(self) -> Replayed:
        """Carry out what waits, oldest first, until a store does not answer; blocks on the stores.

        What a store refuses is put aside, see `journal.refused()`, and logged; it holds up nothing.
        """
        stored = refused = 0
        if not self.journal:
            return Replayed()
        with self.journal.turn() as is_mine:
            if not is_mine:
                return Replayed(left=len(self.journal.waiting()), reason="they are carried out just now")
            while (entry := self.journal.oldest()) is not None:
                try:
                    reason = self._refusal(entry)
                except Unavailable as error:
                    return Replayed(stored, refused, len(self.journal.waiting()), str(error))
                if reason:
                    refused += 1
                    log.error("a queued change is put aside, see `sorcery writes`: %s", plain(reason))
                    self.journal.refuse(entry.number, reason)
                else:
                    stored += 1
                    self.journal.done(entry.number)
        return Replayed(stored, refused)

    def _refusal(self, entry: Entry) -> str:
        """Carry one entry out and return why it cannot be, empty where it is; raises `Unavailable`."""
        try:
            steps = [self._system.step(change) for change in entry.changes]
        except SorceryError as error:
            return str(error)
        try:
            self._system.store(steps)
        except Unavailable:
            raise
        except (AlreadyExists, Conflict, NotFound) as error:
            # whoever was killed, or lost its store, between a commit and its note finds its own work
            return "" if all(map(self._system.holds, steps)) else str(error)
        except SorceryError as error:
            return str(error)
        return ""

    def _replay_all(self) -> None:
        pause = 0.1
        while not self._ended.wait(random.random() * pause):
            pause = min(LONGEST, 2 * pause)
            try:
                done = self.replay()
                if done.stored or done.refused:
                    log.info("%d queued changes are stored, %d were refused", done.stored, done.refused)
                    pause = 0.1
                if not done.left and self._is_done():
                    return
            except Unavailable as error:
                log.warning("%s", plain(str(error)))
            except Exception as error:  # noqa: BLE001 - of a wizard or an observer; the changes wait on
                log.error("queued changes are not carried out, and tried again: %s", plain(repr(error)))  # noqa: TRY400

    def _is_done(self) -> bool:
        """Let the thread end, unless something was queued just now."""
        with self._lock:
            if self.journal:
                return False
            self._replaying = None
            return True
