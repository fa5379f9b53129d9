"""The outbox: what triggers leave in a database about each change of its tables, read without losing any.

| module | its idea |
|---|---|
| `entries` | what a reader gets, and where it stands |
| `numbered` | reading where entries are told apart by number: MariaDB, MySQL, SQLite |
| `snapshots` | reading where what a transaction could see tells what is new: PostgreSQL |
| `outbox` | one reader with its own connection; waiting for word |

The triggers and tables are made by `sorcery_migrations.notices`.
"""

from sorcery_database.outbox.entries import CHANGES, CHANNEL, NOW, STATE, Batch, Entry, Position
from sorcery_database.outbox.outbox import KEEP, NoOutbox, Outbox

__all__ = ["CHANGES", "CHANNEL", "KEEP", "NOW", "STATE", "Batch", "Entry", "NoOutbox", "Outbox", "Position"]
