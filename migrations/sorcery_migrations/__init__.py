"""Create, adopt and check the tables that Asterisk and this project share.

| name | does |
|---|---|
| `upgrade`, `downgrade` | walk to a revision; `upgrade` adopts tables that exist |
| `adopt` | complete every table, whatever revision the database claims |
| `lacking` | what `adopt` would execute |
| `current`, `head` | the revision a database is at, and the newest there is |
| `check`, `check_table` | what stands between a database and Asterisk, or one table of it, one finding per fault |
| `sql` | the script that `upgrade` would run on an empty database |
| `pending` | the one that it would run on this very database |
| `sorcery_migrations.notices` | triggers and an outbox that tell of every change, made and removed |
| `sorcery_migrations.kamailio` | what a Kamailio in front needs besides, made and removed |

A database is named by its address (`sqlite:///path`, `postgresql://…`, `mysql://…`), or by a SQLAlchemy
engine that the caller owns.
"""

from __future__ import annotations

from sorcery_migrations.checks import check, check_table
from sorcery_migrations.roles import ROLES
from sorcery_migrations.runner import adopt, current, downgrade, head, lacking, pending, sql, upgrade

__all__ = [
    "ROLES",
    "adopt",
    "check",
    "check_table",
    "current",
    "downgrade",
    "head",
    "lacking",
    "pending",
    "sql",
    "upgrade",
]
