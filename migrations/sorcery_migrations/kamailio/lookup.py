"""What registers at Asterisk or at our stack is found by Kamailio's `lookup("location")`, by a trigger on its contacts.

A row that it makes begins its `ruid` with `sorcery-`. Of two registrations of one contact the newer counts. Contacts
that `location` has no room for are left out: no registration fails for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sorcery_migrations.kamailio.kind import Insert, Kind, Way, unescaped
from sorcery_migrations.kamailio.mirror import OWN

__all__ = ["TRIGGER", "still_own", "way"]

TRIGGER: Final = "sorcery_kamailio_lookup"

_UPDATED: Final = ("path", "expires", "last_modified", "user_agent")


def still_own(kind: Kind) -> str:
    """Return which rows made here no phone has taken along to Kamailio: it goes on with the row that it finds."""
    return (
        f"{OWN} AND ruid NOT IN (SELECT {_ruid(kind, 'contact')} FROM ps_contacts AS contact"
        f" WHERE {kind.text('contact.reg_server')} = 'kamailio' AND contact.id IS NOT NULL)"
    )


def way(kind: Kind) -> Way:
    """Return what the trigger does."""
    values, own = _values(kind, "NEW"), kind.same("location", "ruid", _ruid(kind, "NEW"))
    changed = ", ".join(f"{column} = {values[column]}" for column in _UPDATED)
    same_contact = (
        f"{kind.same('location', 'username', values['username'])} AND "
        f"{kind.same('location', 'contact', values['contact'])} AND NOT ({OWN})"
    )
    elsewhere = f"{_fits(kind, 'contact')} AND coalesce({kind.text('contact.reg_server')}, '') <> 'kamailio'"
    all_of_them = Insert("location", "ruid", _values(kind, "contact"), f"FROM ps_contacts AS contact WHERE {elsewhere}")
    return Way(
        TRIGGER,
        "ps_contacts",
        there=[
            f"IF coalesce({kind.text('NEW.reg_server')}, '') <> 'kamailio' THEN\n"
            f"            {kind.delete('location', same_contact)};\n"
            f"            SELECT EXISTS (SELECT 1 FROM location WHERE {own}) INTO known;\n"
            f"            IF NOT coalesce({_fits(kind, 'NEW')}, false) THEN\n"
            f"                {kind.delete('location', own)};\n"
            # an INSERT takes a number even where it comes to an update, and would have used them up in a few weeks
            "            ELSEIF known THEN\n"
            f"                UPDATE location SET {changed} WHERE {own};\n"
            "            ELSE\n"
            f"                {kind.insert(Insert('location', 'ruid', values, updated=_UPDATED))};\n"
            "            END IF;\n"
            "        END IF"
        ],
        gone=[kind.delete("location", kind.same("location", "ruid", _ruid(kind, "OLD")))],
        moved=f"{kind.differ('OLD.id', 'NEW.id')} OR {kind.differ('OLD.uri', 'NEW.uri')}"
        f" OR NEW.expiration_time <= {kind.now}",
        fill=[kind.insert(all_of_them)],
        clear=[f"DELETE FROM location WHERE {still_own(kind)}"],
    )


def _ruid(kind: Kind, row: str) -> str:
    key = kind.text(f"{row}.id")
    return kind.text(f"concat('sorcery-', md5({key}))")


def _values(kind: Kind, row: str) -> Mapping[str, str]:
    def plain(column: str) -> str:
        return unescaped(kind.text(f"{row}.{column}"))

    return {
        "ruid": _ruid(kind, row),
        "username": f"regexp_replace({plain('id')}, ';@[^@]*$', '')",
        "contact": plain("uri"),
        "path": f"nullif({plain('path')}, '')",
        "expires": f"{row}.expiration_time",
        "q": "-1",
        "callid": f"left(coalesce(nullif({plain('call_id')}, ''), 'Default-Call-ID'), 255)",
        "cseq": "1",
        "last_modified": kind.now,
        "user_agent": f"left(coalesce({plain('user_agent')}, ''), 255)",
    }


def _fits(kind: Kind, row: str) -> str:
    """Return the condition that a contact lasts, and that `location` has room for it."""
    values = _values(kind, row)
    room = {values["username"]: 64, values["contact"]: 512, f"coalesce({values['path']}, '')": 512}
    return " AND ".join(
        (
            f"{row}.id LIKE '%^3B@%' AND {row}.uri <> ''",
            f"{row}.expiration_time > {kind.now}",
            *(f"char_length({expression}) <= {most}" for expression, most in room.items()),
        )
    )
