"""Signing what this process writes to an SQLite file: its triggers know nothing of who writes."""

from __future__ import annotations

import contextlib

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from sorcery_database.outbox import CHANGES

__all__ = ["Signature"]


class Signature:
    """Puts an origin to the entries that a transaction leaves; one transaction at a time, as SQLite has one writer.

    Where there is no outbox any more nothing is signed: then everybody hears of everything.
    """

    def __init__(self, origin: str) -> None:
        self._sign = text(f"UPDATE {CHANGES} SET origin = :origin WHERE seq > :begun")
        self._origin = origin
        self._begun: int | None = None

    def begin(self, connection: Connection) -> None:
        """Take down where a transaction begins that no other writer writes beside."""
        self._begun = None
        with contextlib.suppress(SQLAlchemyError):
            self._begun = connection.exec_driver_sql(f"SELECT coalesce(max(seq), 0) FROM {CHANGES}").scalar_one()

    def sign(self, connection: Connection) -> None:
        """Sign what the transaction has left; call it before the commit."""
        if self._begun is not None:
            with contextlib.suppress(SQLAlchemyError):  # the commit tells what is wrong
                connection.execute(self._sign, {"origin": self._origin, "begun": self._begun})
