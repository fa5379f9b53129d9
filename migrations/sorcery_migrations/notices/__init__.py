"""Change notices: an outbox that tells of every change of the tables, whoever makes it, and triggers that fill it.

| module | its idea |
|---|---|
| `choice` | which tables are told of |
| `trigger` | a trigger as it should be, and what a kind of database has to say for it |
| `inline` | what databases have in common whose triggers write the entries themselves |
| `postgresql`, `mysql`, `sqlite` | their statements |
| `switching` | switching notices on and off, and what stands |

`sorcery_database.outbox` reads it. `remove` leaves nothing behind.
"""

from __future__ import annotations

from sorcery_migrations.notices.choice import Choice
from sorcery_migrations.notices.switching import Status, Switched, TableStatus, install, remove, renew, status

__all__ = ["Choice", "Status", "Switched", "TableStatus", "install", "remove", "renew", "status"]
