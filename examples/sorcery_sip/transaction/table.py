"""All transactions that live, and their deadlines: where the machines' actions are carried out."""

from __future__ import annotations

import heapq
import itertools
import weakref
from collections.abc import Iterator
from typing import NamedTuple

from sorcery_sip.address import Address
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.key import ClientKey, ServerKey
from sorcery_sip.transaction.machine import Action, Input, State
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.timers import WAITS, Timers, Wait

__all__ = ["Outgoing", "Transaction", "TransactionTable"]

Transaction = ClientTransaction | ServerTransaction
Outgoing = tuple[bytes, Address]
"""What to send, and where to."""

_FEW = 1000
"""So many deadlines without a transaction are not worth a sweep."""


class _Deadline(NamedTuple):
    """When which timer of which transaction fires; the number keeps the order of those that fire together."""

    when: float
    number: int
    transaction: weakref.ref[Transaction]
    timer: Input


class TransactionTable:
    """Find transactions by key, apply their machines, keep their deadlines.

    Times are seconds of whatever clock the caller has, as long as it never goes back. What is to be sent
    gathers in `outgoing`. Timers know their transactions weakly: one that has ended holds no memory until they fire.
    """

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.outgoing: list[Outgoing] = []
        self.servers: dict[ServerKey, ServerTransaction] = {}
        self.clients: dict[ClientKey, ClientTransaction] = {}
        self._deadlines: list[_Deadline] = []
        self._order = itertools.count()
        self._dead = 0
        """How many deadlines are those of transactions that have ended."""

    def __len__(self) -> int:
        return len(self.servers) + len(self.clients)

    def add(self, transaction: Transaction) -> None:
        """Take in a new transaction. Raises `ValueError` when its key is in use."""
        if isinstance(transaction, ClientTransaction):
            if transaction.key in self.clients:
                raise ValueError(f"branch {transaction.key.branch!r} is in use; every request needs a new one")
            self.clients[transaction.key] = transaction
        else:
            if transaction.key in self.servers:
                raise ValueError(f"{transaction.key} is in the table already")
            self.servers[transaction.key] = transaction

    def remove(self, transaction: Transaction) -> None:
        """Forget a transaction, whatever its state; one that is gone already does no harm."""
        transaction.state, transaction.wire = State.TERMINATED, b""
        self._dead += transaction.timers
        transaction.timers = 0
        if self._dead > _FEW and 2 * self._dead > len(self._deadlines):
            self._sweep()
        if isinstance(transaction, ClientTransaction):
            if self.clients.get(transaction.key) is transaction:
                del self.clients[transaction.key]
        elif self.servers.get(transaction.key) is transaction:
            del self.servers[transaction.key]

    def feed(
        self, transaction: Transaction, happened: Input, now: float, message: Outgoing | None = None
    ) -> tuple[Action, ...]:
        """Let something happen to a transaction, and do what its machine wants done.

        `message` is what `Action.SEND` and `Action.PASS_ON` send. Returns the actions, for those that only the caller
        can do: to deliver and to report.
        """
        step = transaction.machine.get((transaction.state, happened))
        if step is None:
            return ()
        transaction.state = step.state
        for action in step.actions:
            self._perform(action, transaction, now, message)
        if step.state is State.TERMINATED:
            self.remove(transaction)
        return step.actions

    def towards(self, destination: Address) -> list[Transaction]:
        """Return the transactions that send to `destination`."""
        everyone: Iterator[Transaction] = itertools.chain(self.clients.values(), self.servers.values())
        return [transaction for transaction in everyone if transaction.destination == destination]

    def next_deadline(self) -> float | None:
        """Return when the next timer fires, None when there is none."""
        while self._deadlines:
            if _is_alive(self._deadlines[0]):
                return self._deadlines[0].when
            heapq.heappop(self._deadlines)
            self._dead -= 1
        return None

    def due(self, now: float) -> Iterator[tuple[Transaction, Input]]:
        """Take out the timers that have fired by `now`, in their order."""
        while self._deadlines and self._deadlines[0].when <= now:
            deadline = heapq.heappop(self._deadlines)
            transaction = deadline.transaction()
            if transaction is None or transaction.state is State.TERMINATED:
                self._dead -= 1
            else:
                transaction.timers -= 1
                yield transaction, deadline.timer

    def _sweep(self) -> None:
        """Leave out the deadlines of transactions that have ended; done so rarely that each costs a moment."""
        self._deadlines = [deadline for deadline in self._deadlines if _is_alive(deadline)]
        heapq.heapify(self._deadlines)
        self._dead = 0

    def _perform(self, action: Action, transaction: Transaction, now: float, message: Outgoing | None) -> None:
        if action is Action.SEND and message is not None:
            transaction.wire, transaction.destination = message
            self.outgoing.append(message)
        elif action is Action.PASS_ON and message is not None:
            transaction.destination = message[1]
            self.outgoing.append(message)
        elif action is Action.RESEND and transaction.destination is not None:
            self.outgoing.append((transaction.wire, transaction.destination))
        elif action is Action.FORGET:
            transaction.wire = b""
        elif (wait := WAITS.get(action)) is not None:
            self._start(wait, transaction, now)

    def _start(self, wait: Wait, transaction: Transaction, now: float) -> None:
        seconds = wait.seconds(self.timers, transaction.interval)
        if wait.repeats:
            transaction.interval = seconds
        transaction.timers += 1
        deadline = _Deadline(now + seconds, next(self._order), weakref.ref(transaction), wait.timer)
        heapq.heappush(self._deadlines, deadline)


def _is_alive(deadline: _Deadline) -> bool:
    transaction = deadline.transaction()
    return transaction is not None and transaction.state is not State.TERMINATED
