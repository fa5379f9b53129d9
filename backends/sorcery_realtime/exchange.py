"""One question to PostgreSQL, and its answer, by way of the driver's lower half.

A cursor of the driver looks at the types of what it sends and gets, each time anew: for one text there and one text
back that takes longer than the exchange.
"""

from __future__ import annotations

import hashlib
import select
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import attrs
from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

if TYPE_CHECKING:
    from sorcery_realtime.postgresql import PatientConnection

__all__ = ["Exchange"]

SOON: Final = 100
"""Milliseconds in which nearly every answer comes; one that takes longer is waited for as the connection does."""
NOT_PREPARED: Final = b"26000"
PREPARED_ALREADY: Final = b"42P05"


@attrs.frozen(slots=True)
class Exchange:
    """A statement with texts for its parameters, `$1` and so on, whose rows are one text each.

    It is prepared on the server, under a name that only this statement has: behind a pooler, where the next question
    may go to another connection of the server, it is found there, or prepared there too. What it returns must have
    one type whatever becomes of the tables.
    """

    statement: bytes
    name: bytes = attrs.field(init=False)

    @name.default
    def _own(self) -> bytes:
        return b"sorcery_" + hashlib.sha256(self.statement).hexdigest()[:32].encode()

    def ask(self, connection: PatientConnection, texts: Sequence[str]) -> Sequence[tuple[str]]:
        """Return the rows; raises what the driver raises. Blocks as long as the connection waits for an answer."""
        exchange, parameters = connection.pgconn, [text.encode() for text in texts]
        if self.name not in connection.prepared:
            self._prepare(connection)
        exchange.send_query_prepared(self.name, parameters)
        result = _answer(connection)
        if result.status != ExecStatus.TUPLES_OK and _state(result) == NOT_PREPARED:
            self._prepare(connection)
            exchange.send_query_params(self.statement, parameters)  # it may be another server by now
            result = _answer(connection)
        is_utf8 = exchange.parameter_status(b"client_encoding") == b"UTF8"
        encoding = "utf-8" if is_utf8 else connection.info.encoding
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result, encoding=encoding)
        return [((result.get_value(row, 0) or b"").decode(encoding),) for row in range(result.ntuples)]

    def _prepare(self, connection: PatientConnection) -> None:
        """Make the statement known to the server."""
        connection.pgconn.send_prepare(self.name, self.statement)
        result = _answer(connection)
        if result.status != ExecStatus.COMMAND_OK and _state(result) != PREPARED_ALREADY:
            raise error_from_result(result, encoding=connection.info.encoding)
        connection.prepared.add(self.name)


def _answer(connection: PatientConnection) -> PGresult:
    """Return the last result of what was sent; the first wait is our own, for it is hardly ever a long one."""
    exchange, found = connection.pgconn, None
    poll = select.poll()
    poll.register(exchange.socket, select.POLLIN)
    if not exchange.flush() and poll.poll(SOON):
        exchange.consume_input()
        while not exchange.is_busy():
            part = exchange.get_result()
            if part is None:
                return _some(found)
            found = part
    others = connection.wait(fetch_many(exchange))
    return _some(others[-1] if others else found)


def _some(result: PGresult | None) -> PGresult:
    if result is None:
        raise OperationalError("the server sent no answer")
    return result


def _state(result: PGresult) -> bytes | None:
    return result.error_field(DiagnosticField.SQLSTATE)
