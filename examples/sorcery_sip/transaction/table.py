"""All transactions that live, and their deadlines: where the machines' actions are carried out."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

from sorcery_sip.address import Address
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.key import ClientKey, ServerKey
from sorcery_sip.transaction.machine import Action, Input, State
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.timers import WAITS, Timers

__all__ = ["Outgoing", "Transaction", "TransactionTable"]

Transaction = ClientTransaction | ServerTransaction
Outgoing = tuple[bytes, Address]
"""What to send, and where to."""


class TransactionTable:
    """Find transactions by key, apply their machines, keep their deadlines.

    Times are seconds of whatever clock the caller has, as long as it never goes back. What is to be sent
    gathers in `outgoing`.
    """

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.outgoing: list[Outgoing] = []
        self.servers: dict[ServerKey, ServerTransaction] = {}
        self.clients: dict[ClientKey, ClientTransaction] = {}
        self._deadlines: list[tuple[float, int, Transaction, Input]] = []
        self._order = itertools.count()

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
        transaction.state = State.TERMINATED
        if isinstance(transaction, ClientTransaction):
            if self.clients.get(transaction.key) is transaction:
                del self.clients[transaction.key]
        elif self.servers.get(transaction.key) is transaction:
            del self.servers[transaction.key]

    def feed(
        self, transaction: Transaction, happened: Input, now: float, message: Outgoing | None = None
    ) -> tuple[Action, ...]:
        """Let something happen to a transaction, and do what its machine wants done.

        `message` is what `Action.SEND` sends. Returns the actions, for those that only the caller can do: to
        deliver and to report.
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
        return self._deadlines[0][0] if self._deadlines else None

    def due(self, now: float) -> Iterator[tuple[Transaction, Input]]:
        """Take out the timers that have fired by `now`, in their order."""
        while self._deadlines and self._deadlines[0][0] <= now:
            _, _, transaction, timer = heapq.heappop(self._deadlines)
            yield transaction, timer

    def _perform(self, action: Action, transaction: Transaction, now: float, message: Outgoing | None) -> None:
        if action is Action.SEND and message is not None:
            transaction.wire, transaction.destination = message
            self.outgoing.append(message)
        elif action is Action.RESEND and transaction.destination is not None:
            self.outgoing.append((transaction.wire, transaction.destination))
        elif action in WAITS:
            timer, wait = WAITS[action]
            seconds = wait(self.timers, transaction.interval)
            if timer is Input.TIMER_E:
                transaction.interval = seconds
            heapq.heappush(self._deadlines, (now + seconds, next(self._order), transaction, timer))
