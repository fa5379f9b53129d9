"""What is there of Kamailio's, and which phones it cannot let in."""

from __future__ import annotations

import pytest

from sorcery import ConfigurationError, Sorcery
from sorcery.pjsip import Auth
from sorcery_migrations import kamailio, upgrade
from sorcery_migrations.kamailio import State
from tests.unit.sorcery_migrations.kamailio.shared import Shared


def states(url: str) -> dict[str, State]:
    return {part.name: part.state for part in kamailio.status(url).parts}


def test_of_an_empty_database_everything_is_missing(empty: Shared) -> None:
    found = kamailio.status(empty.url)
    assert not found.is_on
    assert found.realm is None
    assert set(states(empty.url).values()) == {State.MISSING}
    assert (found.destinations, found.findings) == ((), ())


def test_what_was_made_is_ours_and_what_was_there_is_kamailios(database: Shared) -> None:
    database.execute("CREATE TABLE version (table_name varchar(32) UNIQUE, table_version int)")
    kamailio.create(database.url, ["sip:b:5060", "sip:a:5060"], realm="r, realm s", both_ways=True)
    found = kamailio.status(database.url)
    assert found.is_on
    assert (found.realm, found.both_ways) == ("r, realm s", True)
    assert found.destinations == ("sip:a:5060", "sip:b:5060")
    assert states(database.url).pop("version") == State.KAMAILIOS
    assert list(states(database.url).values()).count(State.OURS) == 7
    database.execute(
        "CREATE OR REPLACE VIEW subscriber_sha256 AS SELECT 'pysorcery: edition of last year' AS made_by"
        if database.is_mariadb
        else "COMMENT ON VIEW subscriber_sha256 IS 'pysorcery: edition of last year'"
    )
    assert states(database.url)["subscriber_sha256"] == State.OUTDATED
    assert not kamailio.status(database.url).is_on


def test_users_of_one_name_and_digests_for_another_realm_are_told(database: Shared) -> None:
    kamailio.create(database.url)
    with Sorcery.open(database.url) as s:
        s.create(Auth(id="one", username="same", password="x"))
        s.create(Auth(id="two", username="same", password="y"))
        s.create(Auth(id="elsewhere", username="e", md5_cred="1" * 32, realm="example.org"))
        s.create(Auth(id="good", username="g", md5_cred="1" * 32, realm="asterisk"))
    duplicate, realm = kamailio.status(database.url).findings
    assert (duplicate.rule, duplicate.value) == ("kamailio-duplicate-username", "same")
    assert "auths one, two" in duplicate.message
    assert (realm.rule, realm.id, realm.value) == ("kamailio-realm", "elsewhere", "example.org")


def test_another_version_of_a_table_is_told(database: Shared) -> None:
    kamailio.create(database.url)
    database.execute("UPDATE version SET table_version = 8 WHERE table_name = 'location'")
    (finding,) = kamailio.status(database.url).findings
    assert "says 8 of location, and Kamailio 5.6 asks for 9" in finding.message


def test_another_kind_of_database_is_refused(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    with pytest.raises(ConfigurationError, match="PostgreSQL or MariaDB only"):
        kamailio.status(sqlite_url)
