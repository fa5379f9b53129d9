"""What there is of Kamailio's, part by part, and which phones it cannot let in."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

import attrs
from sqlalchemy import URL, Connection, Engine, inspect, text

from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery_migrations.engine import reading
from sorcery_migrations.kamailio import inventory, lookup, subscriber
from sorcery_migrations.kamailio.kind import MARK, Kind
from sorcery_migrations.kamailio.schema import SCHEMA, VERSIONS

__all__ = ["Part", "State", "Status", "status"]


class State(enum.StrEnum):
    """What is known of a part."""

    OURS = "ours"
    KAMAILIOS = "kamailio's"
    """A table that was there before; it stays when ours go."""
    OUTDATED = "outdated"
    """`sorcery db kamailio on` makes it anew."""
    MISSING = "missing"


@attrs.frozen
class Part:
    """A table, a view or a trigger that Kamailio needs."""

    name: str
    kind: str
    state: State

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.state in (State.OURS, State.KAMAILIOS)


@attrs.frozen
class Status:
    """All of it, with what is wrong with the users."""

    realm: str | None
    """What Kamailio challenges with; None where there are no users for it."""
    both_ways: bool
    """Whether it finds what registers elsewhere."""
    parts: tuple[Part, ...]
    destinations: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_on(self) -> bool:
        """Whether everything that Kamailio needs is there."""
        return all(part.is_good for part in self.parts)

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {
            "on": self.is_on,
            "realm": self.realm,
            "both_ways": self.both_ways,
            "parts": [attrs.asdict(part) for part in self.parts],
            "destinations": list(self.destinations),
            "findings": [finding.data() for finding in self.findings],
        }


def status(target: str | URL | Engine) -> Status:
    """Look at a database, and change nothing.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: it is neither PostgreSQL nor MariaDB.
    """
    with reading(target) as connection:
        kind = inventory.kind_of(connection)
        there = {*inspect(connection).get_table_names(), *inspect(connection).get_view_names()}
        realm = inventory.realm_of(kind, connection)
        both_ways = bool(kind.comment(connection, lookup.TRIGGER))
        parts = (*_tables(kind, connection, there), *_editions(kind, connection, realm or inventory.REALM, both_ways))
        destinations = tuple(inventory.destinations(connection)) if "dispatcher" in there else ()
        findings = (*_of_versions(connection, there), *(_of_users(kind, connection, realm) if realm else ()))
    return Status(realm, both_ways, parts, destinations, findings)


def _tables(kind: Kind, connection: Connection, there: set[str]) -> Iterator[Part]:
    for name in SCHEMA.tables:
        is_ours = kind.comment(connection, name).startswith(MARK)
        yield Part(name, "table", (State.OURS if is_ours else State.KAMAILIOS) if name in there else State.MISSING)


def _editions(kind: Kind, connection: Connection, realm: str, both_ways: bool) -> Iterator[Part]:
    for name, made in inventory.editions(kind, realm, both_ways).items():
        found = kind.comment(connection, name)
        is_newest = found == inventory.comment_of(name, made, realm)
        state = State.OURS if is_newest else State.OUTDATED if found else State.MISSING
        yield Part(name, "view" if name in subscriber.NAMES else "trigger", state)


def _of_versions(connection: Connection, there: set[str]) -> Iterator[Finding]:
    told = inventory.versions(connection) if "version" in there else {}
    for name, number in VERSIONS.items():
        if name in there and told.get(name, number) != number:
            yield Finding(
                severity=Severity.ERROR,
                rule="kamailio-version",
                message=f"the table version says {told[name]} of {name}, and Kamailio 5.6 asks for {number}",
                remedy="Kamailio's own scripts bring its tables to another version",
                place=Place("version", row=name),
            )


def _of_users(kind: Kind, connection: Connection, realm: str) -> Iterator[Finding]:
    repeated = text(
        f"SELECT username, domain, {kind.joined('astid')} AS ids FROM subscriber"
        " GROUP BY username, domain HAVING count(*) > 1 ORDER BY username, domain"
    )
    for row in connection.execute(repeated):
        yield Finding(
            severity=Severity.ERROR,
            rule="kamailio-duplicate-username",
            message=f"auths {row.ids} have one username in realm {row.domain}: which password counts is not determined",
            remedy="give each auth a username of its own",
            place=Place("ps_auths", row=row.ids.partition(", ")[0]),
            type_name="auth",
            option="username",
            value=row.username,
        )
    elsewhere = text("SELECT astid, domain FROM subscriber WHERE domain <> :realm ORDER BY astid")
    for row in connection.execute(elsewhere, {"realm": realm}):
        yield Finding(
            severity=Severity.ERROR,
            rule="kamailio-realm",
            message=f"the digest of auth {row.astid} is for realm {row.domain}, and Kamailio challenges with {realm}",
            remedy=f"store one for {realm}, or let Kamailio challenge with {row.domain}: --realm",
            place=Place("ps_auths", row=row.astid),
            type_name="auth",
            id=row.astid,
            option="realm",
            value=row.domain,
        )
