"""What registers at Kamailio becomes a contact of `ps_contacts`, by a trigger on `location`.

The contact's Path leads through the Kamailio at which the phone registered, by the socket that heard it, and names the
address that the phone was heard from. Only AORs that exist are mirrored; that of a user has his name. A contact of
Kamailio's says so in `reg_server`, and no other is ever removed. What another trigger wrote is not mirrored back.

A contact whose URI, with `;` as `^3B`, is longer than `ps_contacts` takes is refused here, which Kamailio answers with
500; let it refuse such a phone itself.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CREATE", "REMOVE", "TRIGGER", "unescaped"]

TRIGGER: Final = "sorcery_kamailio_mirror"

_FUNCTION: Final = f"""\
CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    hop text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM ps_contacts WHERE reg_server = 'kamailio' AND id = OLD.username || '^3B@' || md5(OLD.contact)
            AND (TG_OP = 'DELETE' OR (OLD.username, OLD.contact) IS DISTINCT FROM (NEW.username, NEW.contact));
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    hop := '<sip:' || regexp_replace(coalesce(NEW.socket, ''), '^([a-z]+):(.*)$', '\\2;transport=\\1') || ';lr'
        || coalesce(';received=' || replace(nullif(NEW.received, ''), ';', '%3B'), '') || '>';
    INSERT INTO ps_contacts (
        id, uri, expiration_time, path, user_agent, endpoint, reg_server, prune_on_boot, call_id, via_addr, via_port,
        outbound_proxy, qualify_frequency, qualify_timeout, authenticate_qualify, qualify_2xx_only
    )
    SELECT
        aor.id || '^3B@' || md5(NEW.contact), {{contact}}, NEW.expires, {{path}}, {{agent}}, {{endpoint}}, 'kamailio',
        'no', {{call}}, '', 0, coalesce(aor.outbound_proxy, ''), coalesce(aor.qualify_frequency, 0),
        coalesce(aor.qualify_timeout, 3), coalesce(aor.authenticate_qualify, 'no'), coalesce(aor.qualify_2xx_only, 'no')
    FROM ps_aors AS aor
    WHERE aor.id = NEW.username
    ON CONFLICT (id) DO UPDATE SET
        uri = excluded.uri, expiration_time = excluded.expiration_time, path = excluded.path,
        user_agent = excluded.user_agent, reg_server = excluded.reg_server, call_id = excluded.call_id;
    RETURN NEW;
END
$body$"""


def _escaped(expression: str) -> str:
    """Return an expression for a text as Asterisk's drivers store it."""
    return f"replace(replace({expression}, '^', '^5E'), ';', '^3B')"


def unescaped(expression: str) -> str:
    """Return an expression for a text as it was before Asterisk's drivers stored it."""
    return f"replace(replace({expression}, '^3B', ';'), '^5E', '^')"


def _cut(expression: str) -> str:
    """Return as much of a text as its column takes: it grows where it is escaped, and nobody finds a phone by it."""
    return f"left({expression}, 255)"


CREATE: Final = (
    _FUNCTION.format(
        contact=_escaped("NEW.contact"),
        path=_escaped("concat_ws(',', hop, nullif(NEW.path, ''))"),
        agent=_cut(_escaped("NEW.user_agent")),
        call=_cut(_escaped("NEW.callid")),
        endpoint="coalesce((SELECT min(id) FROM ps_endpoints WHERE id = aor.id), '')",
    ),
    f"DROP TRIGGER IF EXISTS {TRIGGER} ON location",
    f"""\
CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON location
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION {TRIGGER}()""",
)
REMOVE: Final = (
    f"DROP TRIGGER IF EXISTS {TRIGGER} ON location",
    f"DROP FUNCTION IF EXISTS {TRIGGER}()",
)
