"""What the server itself tells of the table, its connections and its deadlocks."""

from __future__ import annotations

import re
import time

from tests.interop.chaos.judging import EXPIRES, Row, Snapshot
from tests.interop.chaos.server import NAME, USER, Server

__all__ = ["connections", "deadlocks", "expired", "left", "lines", "snapshot", "wait_for_registrations"]

NUMBER = re.compile(r"chaos/(\d+)")
HERD = 1.0
"""Seconds after a fault in which everybody may come back at once."""
FOREVER = 1 << 40


def snapshot(server: Server) -> Snapshot:
    """Return the contacts of phones."""
    asked = time.time()
    with server.admin() as admin:
        found = admin.execute(
            "SELECT endpoint, user_agent, expiration_time, reg_server FROM ps_contacts WHERE endpoint LIKE 'phone%'"
        ).fetchall()
    rows = {}
    for endpoint, agent, expires, owner in found:
        number = NUMBER.fullmatch(agent)
        assert number is not None, agent
        rows[int(endpoint.removeprefix("phone"))] = Row(int(number[1]), int(expires), owner)
    return Snapshot(asked, rows)


def lines(server: Server) -> Snapshot:
    """Return the AORs that somebody has provisioned."""
    asked = time.time()
    with server.admin() as admin:
        found = admin.execute("SELECT id, mailboxes FROM ps_aors WHERE mailboxes LIKE '%@chaos'").fetchall()
    rows = {int(id.removeprefix("line")): Row(int(text.partition("@")[0]), FOREVER) for id, text in found}
    return Snapshot(asked, rows)


def expired(server: Server) -> set[str]:
    """Return the ids of the contacts that had expired before the stacks started, and are still there."""
    with server.admin() as admin:
        found = admin.execute("SELECT id FROM ps_contacts WHERE id LIKE 'line%'").fetchall()
    return {id.replace("^3B", ";") for (id,) in found}


def connections(server: Server) -> int:
    """Return how many there are."""
    return _number(server, f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}'")


def deadlocks(server: Server) -> int:
    """Return how many the server has found and ended."""
    return _number(server, f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{NAME}'")


def _number(server: Server, question: str) -> int:
    with server.admin() as admin:
        row = admin.execute(question.encode()).fetchone()
    assert row is not None
    return int(row[0])


def left(server: Server) -> int:
    """Return how many connections there are after the end of the stacks; those that end take a moment."""
    deadline = time.monotonic() + 30
    while (found := connections(server)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def wait_for_registrations(server: Server, after: float, until: float) -> int:
    """Return when somebody has registered since a moment, or the time for that is over.

    What is returned is the largest number of connections that were seen meanwhile, and in the first second at least.
    """
    newest, peak = 0, 0
    while (newest <= after or time.time() < after + HERD) and time.time() < until:
        peak = max(peak, connections(server))
        newest = max((row.expires - EXPIRES for row in snapshot(server).rows.values()), default=0)
        time.sleep(0.1)
    return peak
