"""The users of `ps_auths`, as views that Kamailio's module auth_db reads: `subscriber`, and for SHA-256 another.

A plain password makes a digest for the realm that Kamailio challenges with, whatever realm the row has. A digest that
is stored counts for its own realm alone. A row with none of them, or with a reference in place of a password, has no
user: nobody can know its password there. No user ever has an empty digest, for which everybody knows the answer.
"""

from __future__ import annotations

from typing import Final

from sorcery_migrations.kamailio.mirror import unescaped

__all__ = ["REMOVE", "SHA256", "VIEWS"]

SHA256: Final = "subscriber_sha256"
REMOVE: Final = (f"DROP VIEW IF EXISTS {SHA256}", "DROP VIEW IF EXISTS subscriber")

_PLAIN: Final = unescaped("password")
"""As it is dialled in: stored for Asterisk, `;` and `^` are escaped."""
_MD5: Final = r"substring(password_digest from '(?i)(?:^|,)\s*(?:MD5:)?\s*([0-9a-f]{32})\s*(?:,|$)')"
_SHA256: Final = r"substring(password_digest from '(?i)(?:^|,)\s*SHA-256:\s*([0-9a-f]{64})\s*(?:,|$)')"
_HAS_PLAIN: Final = "password <> '' AND password !~ '^(env|file|vault):'"


def _subscriber(realm: str) -> str:
    own, stored = _quoted(realm), f"coalesce(nullif(md5_cred, ''), {_MD5})"
    return f"""\
CREATE OR REPLACE VIEW subscriber AS
SELECT id AS astid, username, domain, password, ha1, md5(username || '@' || domain || ':' || domain || ':' || password)
    AS ha1b
FROM (
    SELECT id, username, {own}::text AS domain, {_PLAIN} AS password, md5(username || ':' || {own} || ':' || {_PLAIN})
        AS ha1
    FROM ps_auths
    WHERE {_HAS_PLAIN}
    UNION ALL
    SELECT id, username, coalesce(nullif(realm, ''), {own}), '', lower({stored})
    FROM ps_auths
    WHERE coalesce(password, '') = '' AND {stored} IS NOT NULL
) AS users
WHERE username <> ''"""


def _subscriber_sha256(realm: str) -> str:
    own = _quoted(realm)
    made = f"encode(sha256(convert_to(username || ':' || {own} || ':' || {_PLAIN}, 'UTF8')), 'hex')"
    return f"""\
CREATE OR REPLACE VIEW {SHA256} AS
SELECT id AS astid, username, domain, ha1
FROM (
    SELECT id, username, {own}::text AS domain, {made} AS ha1
    FROM ps_auths
    WHERE {_HAS_PLAIN}
    UNION ALL
    SELECT id, username, coalesce(nullif(realm, ''), {own}), lower({_SHA256})
    FROM ps_auths
    WHERE coalesce(password, '') = '' AND {_SHA256} IS NOT NULL
) AS users
WHERE username <> ''"""


def _quoted(realm: str) -> str:
    return "'" + realm.replace("'", "''") + "'"


VIEWS: Final = {"subscriber": _subscriber, SHA256: _subscriber_sha256}
"""By name, what makes the statement for a view; the realm is the one that Kamailio challenges with."""
