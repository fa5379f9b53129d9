"""Word of rows that others changed.

| module | its idea |
|---|---|
| `watch` | one who is told: entries of the outboxes as notices of stores |
| `listener` | one database, listened to in a thread of its own for as long as that takes |
| `hearing` | what is heard of a database: its outbox, or of an SQLite file without one that it changed |
| `signing` | what this process writes to an SQLite file says so |
"""

from sorcery_realtime.watching.watch import RealtimeWatch

__all__ = ["RealtimeWatch"]
