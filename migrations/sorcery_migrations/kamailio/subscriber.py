"""The users of `ps_auths`, as views that Kamailio's module auth_db reads: `subscriber`, and for SHA-256 another.

A plain password makes a digest for the realm that Kamailio challenges with, whatever realm the row has. A digest that
is stored counts for its own realm alone. A row with none of them, or with a reference in place of a password, has no
user: nobody can know its password there. No user ever has a digest of nothing, for which everybody knows the answer.
"""

from __future__ import annotations

from typing import Final

from sorcery_migrations.kamailio.kind import Kind, View, unescaped

__all__ = ["NAMES", "SHA256", "views"]

SHA256: Final = "subscriber_sha256"
NAMES: Final = ("subscriber", SHA256)
REFERENCE: Final = "^(env|file|vault):"


def views(kind: Kind, realm: str) -> tuple[View, View]:
    """Return both views; the realm is the one that Kamailio challenges with."""
    own, plain = kind.literal(realm), unescaped(kind.text("password"))  # as it is dialled in
    username, given = kind.column("ps_auths", "username"), kind.text("realm")
    domain = f"coalesce(nullif({given}, ''), {own})"
    is_plain = f"password <> '' AND NOT ({kind.matches('password', REFERENCE)})"

    def chosen(made: str, stored: str) -> str:
        return f"CASE WHEN {is_plain} THEN {made} ELSE {stored} END"

    def view(name: str, made: str, stored: str, **columns: str) -> View:
        known = {"astid": "id", "username": username, "domain": chosen(own, domain)}
        known |= {"ha1": chosen(made, f"lower({stored})"), **columns}
        is_stored = f"coalesce(password, '') = '' AND {stored} IS NOT NULL"
        return View(name, known, f"FROM ps_auths\nWHERE username <> '' AND (({is_plain}) OR ({is_stored}))")

    told = f"concat({username}, ':', {own}, ':', {plain})"
    md5 = f"coalesce(nullif({kind.text('md5_cred')}, ''), {kind.digest('MD5:|', 32)})"
    with_domain = f"md5(concat({username}, '@', {own}, ':', {own}, ':', {plain}))"
    return (
        # of a digest that is stored nobody can make the one for a name with a domain, so nobody may know its answer
        view(
            "subscriber", f"md5({told})", md5, password=chosen(plain, "''"), ha1b=chosen(with_domain, f"lower({md5})")
        ),
        view(SHA256, kind.sha256(told), kind.digest("SHA-256:", 64)),
    )
