"""The users of `ps_auths`, as the view `subscriber` that Kamailio's module auth_db reads.

A plain password makes a digest for the realm that Kamailio challenges with, whatever realm the row has. A digest that
is stored counts for its own realm alone. A row with none of them, or with a reference in place of a password, has no
user: nobody can know its password there.
"""

from __future__ import annotations

from typing import Final

__all__ = ["REMOVE", "subscriber"]

REMOVE: Final = "DROP VIEW IF EXISTS subscriber"

_PLAIN: Final = "replace(replace(password, '^3B', ';'), '^5E', '^')"
"""As it is dialled in: stored for Asterisk, `;` and `^` are escaped."""
_STORED: Final = r"substring(password_digest from '(?i)(?:^|,)\s*(?:MD5:)?\s*([0-9a-f]{32})\s*(?:,|$)')"


def subscriber(realm: str) -> str:
    """Return the statement that makes the view; `realm` is the one that Kamailio challenges with."""
    own = "'" + realm.replace("'", "''") + "'"
    return f"""\
CREATE OR REPLACE VIEW subscriber AS
SELECT id AS astid, username, domain, password, ha1, md5(username || '@' || domain || ':' || domain || ':' || password)
    AS ha1b
FROM (
    SELECT id, username, {own}::text AS domain, {_PLAIN} AS password, md5(username || ':' || {own} || ':' || {_PLAIN})
        AS ha1
    FROM ps_auths
    WHERE password <> '' AND password !~ '^(env|file|vault):'
    UNION ALL
    SELECT id, username, coalesce(nullif(realm, ''), {own}), '', lower(coalesce(nullif(md5_cred, ''), {_STORED}))
    FROM ps_auths
    WHERE coalesce(password, '') = '' AND coalesce(nullif(md5_cred, ''), {_STORED}) IS NOT NULL
) AS users
WHERE username <> ''"""
