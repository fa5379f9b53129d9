"""What registers at Kamailio becomes a contact of `ps_contacts`, by a trigger on `location`.

The contact's Path leads through the Kamailio at which the phone registered, by the socket that heard it, and names the
address that the phone was heard from. Only AORs that exist are mirrored; that of a user has his name. A contact of
Kamailio's says so in `reg_server`, and no other is ever removed. What another trigger wrote is not mirrored back.

A contact whose URI, with `;` as `^3B`, is longer than `ps_contacts` takes is refused here, which Kamailio answers with
500; let it refuse such a phone itself.
"""

from __future__ import annotations

from typing import Final

from sorcery_migrations.kamailio.kind import Insert, Kind, Way, escaped

__all__ = ["OWN", "TRIGGER", "way"]

TRIGGER: Final = "sorcery_kamailio_mirror"
OWN: Final = "ruid LIKE 'sorcery-%'"
"""Which rows of `location` the other trigger makes of contacts: only when a phone changes one it is Kamailio's."""

_SOCKET: Final = (
    "CASE WHEN NEW.socket LIKE '%:%' THEN concat(substring(NEW.socket FROM position(':' IN NEW.socket) + 1),"
    " ';transport=', left(NEW.socket, position(':' IN NEW.socket) - 1)) ELSE NEW.socket END"
)
_RECEIVED: Final = (
    "CASE WHEN NEW.received <> '' THEN concat(';received=', replace(NEW.received, ';', '%3B')) ELSE '' END"
)
_HOP: Final = f"CASE WHEN NEW.socket <> '' THEN concat('<sip:', {_SOCKET}, ';lr', {_RECEIVED}, '>') END"
"""NULL where the row does not say which socket the phone is reached from: a hop to nowhere would lead no call."""
_LONGEST: Final = 511
"""Characters of a URI that `ps_contacts` has room for."""


def way(kind: Kind) -> Way:
    """Return what the trigger does."""
    uri, user = escaped(kind.text("NEW.contact")), kind.text("NEW.username")
    endpoint = f"SELECT min(id) FROM ps_endpoints WHERE {kind.same('ps_endpoints', 'id', user)}"
    values = {
        "id": f"concat(aor.id, '^3B@', md5({kind.text('NEW.contact')}))",
        "uri": uri,
        "expiration_time": "NEW.expires",
        "path": escaped(kind.text(f"concat_ws(',', {_HOP}, nullif(NEW.path, ''))")),
        "user_agent": _cut(escaped(kind.text("NEW.user_agent"))),
        "endpoint": f"coalesce(({endpoint}), '')",
        "reg_server": "'kamailio'",
        "prune_on_boot": "'no'",
        "call_id": _cut(escaped(kind.text("NEW.callid"))),
        "via_addr": "''",
        "via_port": "0",
        "outbound_proxy": "coalesce(aor.outbound_proxy, '')",
        "qualify_frequency": "coalesce(aor.qualify_frequency, 0)",
        "qualify_timeout": "coalesce(aor.qualify_timeout, 3)",
        "authenticate_qualify": "coalesce(aor.authenticate_qualify, 'no')",
        "qualify_2xx_only": "coalesce(aor.qualify_2xx_only, 'no')",
    }
    contact = Insert(
        "ps_contacts",
        "id",
        values,
        f"FROM ps_aors AS aor WHERE {kind.same('ps_aors', 'aor.id', user)}",
        ("uri", "expiration_time", "path", "user_agent", "reg_server", "call_id"),
    )
    old = f"concat({kind.text('OLD.username')}, '^3B@', md5({kind.text('OLD.contact')}))"
    refusal = kind.refusal("the contact is too long for ps_contacts")
    return Way(
        TRIGGER,
        "location",
        there=[f"IF char_length({uri}) > {_LONGEST} THEN {refusal}; END IF", kind.insert(contact)],
        gone=[
            kind.delete(
                "ps_contacts",
                f"{kind.same('ps_contacts', 'id', old)} AND {kind.text('reg_server')} = 'kamailio'",
            )
        ],
        moved=f"{kind.differ('OLD.username', 'NEW.username')} OR {kind.differ('OLD.contact', 'NEW.contact')}",
        counts=f"NOT (NEW.{OWN})",
    )


def _cut(expression: str) -> str:
    """Return as much of a text as its column takes: it grows where it is escaped, and nobody finds a phone by it."""
    return f"left({expression}, 255)"
