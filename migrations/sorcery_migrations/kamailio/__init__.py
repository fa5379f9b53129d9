"""What a Kamailio in front needs beside Asterisk's tables, in one PostgreSQL database.

| module | its idea |
|---|---|
| `schema` | Kamailio's own tables: version, location, location_attrs, dispatcher |
| `subscriber` | the users of `ps_auths`, as a view that its module auth_db reads |
| `mirror` | what registers at Kamailio is a contact of `ps_contacts`, as long as it is registered |
| `objects` | making and removing all that |

Kamailio authenticates and keeps registrations; calls go to Asterisk or to our stack, which find the phones by the
mirrored contacts.
"""

from __future__ import annotations

from sorcery_migrations.kamailio.objects import REALM, STACKS, create, lacking, remove

__all__ = ["REALM", "STACKS", "create", "lacking", "remove"]
