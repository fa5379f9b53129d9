"""The steps from a mapping to the rows of its table, for `sorcery doctor`.

| module | its steps |
|---|---|
| `configuration` | `extconfig.conf`, the family, its driver, `databases.conf`, the address, our client |
| `asterisk` | what Asterisk itself reads of the same database |
| `network` | the host's name, the port, who speaks there |
| `server` | the login, the database, what the server does for us |
| `sqlitefile` | the file of an SQLite database |
| `tables` | the table, and what this user may do with it |
"""

from sorcery_realtime.links.configuration import steps

__all__ = ["steps"]
