"""What registers at Asterisk or at our stack is found by Kamailio's `lookup("location")`, by a trigger on its contacts.

A row that it makes begins its `ruid` with `sorcery-`. Of two registrations of one contact the newer counts. Contacts
that `location` has no room for are left out: no registration fails for it.
"""

from __future__ import annotations

from typing import Final

from sorcery_migrations.kamailio.mirror import unescaped

__all__ = ["CLEAR", "CREATE", "FILL", "OWN", "REMOVE", "STILL_OWN", "TRIGGER"]

TRIGGER: Final = "sorcery_kamailio_lookup"
OWN: Final = "ruid LIKE 'sorcery-%'"
"""Which rows of `location` are made here."""
STILL_OWN: Final = (
    f"{OWN} AND ruid NOT IN (SELECT 'sorcery-' || md5(id) FROM ps_contacts"
    " WHERE reg_server = 'kamailio' AND id IS NOT NULL)"
)
"""Which of these no phone has taken along to Kamailio: it goes on with the row that it finds."""

_AOR: Final = unescaped(r"regexp_replace(contact.id, '\^3B@[^@]*$', '')")
_URI: Final = unescaped("contact.uri")
_PATH: Final = unescaped("coalesce(contact.path, '')")
_ROOM: Final = {_AOR: 64, _URI: 512, _PATH: 512}
_NOW: Final = "extract(epoch FROM now())::bigint"


_FITS: Final = " AND ".join(
    (
        "contact.id LIKE '%^3B@%' AND contact.uri <> ''",
        f"contact.expiration_time > {_NOW}",
        *(f"length({text}) <= {most}" for text, most in _ROOM.items()),
    )
)


def _fill(condition: str) -> str:
    return f"""\
INSERT INTO location (
    ruid, username, contact, path, expires, q, callid, cseq, last_modified, user_agent, methods
)
SELECT
    'sorcery-' || md5(contact.id), {_AOR}, {_URI}, nullif({_PATH}, ''), contact.expiration_time, -1,
    left(coalesce(nullif({unescaped("contact.call_id")}, ''), 'Default-Call-ID'), 255), 1, {_NOW},
    left(coalesce({unescaped("contact.user_agent")}, ''), 255), NULL
FROM ps_contacts AS contact
WHERE {condition} AND coalesce(contact.reg_server, '') <> 'kamailio' AND {_FITS}
ON CONFLICT (ruid) DO UPDATE SET
    path = excluded.path, expires = excluded.expires, last_modified = excluded.last_modified,
    user_agent = excluded.user_agent"""


FILL: Final = _fill("true")

_FUNCTION: Final = f"""\
CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM location WHERE ruid = 'sorcery-' || md5(OLD.id)
            AND (TG_OP = 'DELETE' OR (OLD.id, OLD.uri) IS DISTINCT FROM (NEW.id, NEW.uri)
                OR NEW.expiration_time <= {_NOW});
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF coalesce(NEW.reg_server, '') <> 'kamailio' THEN
        DELETE FROM location WHERE username = {_AOR.replace("contact.", "NEW.")} AND contact =
            {_URI.replace("contact.", "NEW.")} AND NOT {OWN};
        DELETE FROM location WHERE ruid = 'sorcery-' || md5(NEW.id)
            AND NOT coalesce({_FITS.replace("contact.", "NEW.")}, false);
    END IF;
    {_fill("contact.id = NEW.id")};
    RETURN NEW;
END
$body$"""

CREATE: Final = (
    _FUNCTION,
    f"DROP TRIGGER IF EXISTS {TRIGGER} ON ps_contacts",
    f"""\
CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON ps_contacts
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION {TRIGGER}()""",
)
CLEAR: Final = f"DELETE FROM location WHERE {STILL_OWN}"
REMOVE: Final = (
    f"DROP TRIGGER IF EXISTS {TRIGGER} ON ps_contacts",
    f"DROP FUNCTION IF EXISTS {TRIGGER}()",
)
