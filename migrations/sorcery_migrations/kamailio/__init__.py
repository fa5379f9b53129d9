"""What a Kamailio in front needs beside Asterisk's tables, in one database of PostgreSQL or MariaDB.

| module | its idea |
|---|---|
| `schema` | Kamailio's own tables: version, location, location_attrs, dispatcher |
| `subscriber` | the users of `ps_auths`, as views that its module auth_db reads |
| `mirror` | what registers at Kamailio is a contact of `ps_contacts`, as long as it is registered |
| `lookup` | what registers at Asterisk or at our stack is a registration of `location` |
| `kind` | a view and a trigger as they should be, and what a kind of database has to say for them |
| `postgresql`, `mariadb` | their statements |
| `inventory` | what there is already, whose it is, and whether it fits |
| `objects` | making and removing all that |
| `script` | statements as a text that the client of their database reads |
| `status` | what is there, part by part, and which phones Kamailio cannot let in |

Kamailio authenticates; it keeps registrations, or hands them on. Calls go to Asterisk or to our stack, which find the
phones by their contacts.
"""

from __future__ import annotations

from sorcery_migrations.kamailio.inventory import REALM, STACKS
from sorcery_migrations.kamailio.objects import create, lacking, remove
from sorcery_migrations.kamailio.script import script
from sorcery_migrations.kamailio.status import Part, State, Status, status

__all__ = ["REALM", "STACKS", "Part", "State", "Status", "create", "lacking", "remove", "script", "status"]
