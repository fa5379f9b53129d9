"""The ways in which a database fails a store."""

from __future__ import annotations

from sorcery_database import Fault

__all__ = ["Lost", "Rejected", "Unheard"]


class Lost(Exception):
    """A database that could not answer; stores turn it into `Unavailable`, or ask the next one."""

    def __init__(self, database: object, reason: str, fault: Fault = Fault.SILENT) -> None:
        self.database, self.reason, self.fault = database, reason, fault
        super().__init__(reason)


class Rejected(Exception):
    """A database that answered, and took offence at the content of a statement."""

    def __init__(self, fault: Fault, reason: str) -> None:
        self.fault, self.reason = fault, reason
        super().__init__(reason)


class Unheard(Exception):
    """A driver's error of ours: an answer that did not come in time, on a connection that worked."""
