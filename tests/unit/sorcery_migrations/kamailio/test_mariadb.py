"""What is MariaDB's own: one statement at a time, collations, locks, and triggers that must not call one another."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sorcery import ConfigurationError, Sorcery
from sorcery.pjsip import Aor, Auth, Contact
from sorcery_migrations import kamailio, notices
from sorcery_migrations.kamailio import State
from sorcery_migrations.kamailio.mariadb import MariaDB
from tests.unit.sorcery_migrations.kamailio.shared import TABLES, Shared

STACK = "sip:192.0.2.10:5080"
UNTRUSTED = "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1419"
LONG = "sip:alice@192.0.2.1;x=" + "a;" * 200


def execute(connection: Connection, statement: str) -> Any:
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def registration(user: str, contact: str) -> str:
    return f"INSERT INTO location (ruid, username, contact, expires) VALUES (uuid(), '{user}', '{contact}', 2000000000)"


def contact(user: str) -> str:
    uri = f"sip:{user}@192.0.2.1"
    id = f"{user}^3B@{md5(uri.encode()).hexdigest()}"
    return f"INSERT INTO ps_contacts (id, uri, expiration_time) VALUES ('{id}', '{uri}', 2000000000)"


def test_a_run_that_broke_off_anywhere_is_told_of_and_completed(mariadb: Shared) -> None:
    mariadb.execute("INSERT INTO ps_aors (id) VALUES ('alice')", contact("alice"))
    before = mariadb.names()
    planned = kamailio.lacking(mariadb.url, [STACK], both_ways=True)
    last = next(number for number, statement in enumerate(planned) if "lookup_delete" in statement)
    for count in (2, 5, last - 3, last - 1, last + 2, last + 4, last + 5):
        with mariadb.engine.begin() as connection:
            for statement in planned[:count]:
                execute(connection, statement)
        found = kamailio.status(mariadb.url)
        assert not (found.is_on and found.both_ways)
        kamailio.create(mariadb.url, [STACK], both_ways=True)
        assert kamailio.status(mariadb.url).is_on
        assert mariadb.rows("SELECT username FROM location") == [("alice",)]
        kamailio.remove(mariadb.url)
        assert mariadb.names() == before


def test_a_removal_that_broke_off_anywhere_is_completed(mariadb: Shared) -> None:
    mariadb.execute("INSERT INTO ps_aors (id) VALUES ('alice')", contact("alice"))
    before = mariadb.names()
    kamailio.create(mariadb.url, both_ways=True)
    planned = kamailio.remove(mariadb.url)
    for count in (1, 3, 6, 8, len(planned) - 1):
        kamailio.create(mariadb.url, both_ways=True)
        with mariadb.engine.begin() as connection:
            for statement in planned[:count]:
                execute(connection, statement)
        found = kamailio.status(mariadb.url)
        assert not (found.is_on and found.both_ways)
        kamailio.remove(mariadb.url)
        assert mariadb.names() == before


def test_a_trigger_that_is_missing_is_told_of_and_made_again(mariadb: Shared) -> None:
    kamailio.create(mariadb.url, both_ways=True)
    mariadb.execute("DROP TRIGGER sorcery_kamailio_lookup_insert")
    found = kamailio.status(mariadb.url)
    assert [part.name for part in found.parts if not part.is_good] == ["sorcery_kamailio_lookup"]
    assert found.both_ways
    kamailio.create(mariadb.url)
    assert kamailio.status(mariadb.url).is_on


@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES"])
def test_a_backslash_is_one_whatever_it_means_there(mariadb: Shared, mode: str) -> None:
    realm, destination = r"corp\new\'", r"sip:a\nb:5060"
    mariadb.execute("INSERT INTO ps_auths (id, username, password) VALUES ('a', 'a', 'x')")
    with mariadb.engine.begin() as connection:
        execute(connection, f"SET SESSION sql_mode = '{mode}'")
        for statement in kamailio.lacking(mariadb.url, [destination], realm=realm):
            execute(connection, statement)
    assert kamailio.create(mariadb.url, [destination]) == []
    assert mariadb.rows("SELECT domain, ha1 FROM subscriber") == [(realm, md5(f"a:{realm}:x".encode()).hexdigest())]
    found = kamailio.status(mariadb.url)
    assert (found.realm, found.destinations, found.findings) == (realm, (destination,), ())


def test_a_table_of_others_stays_theirs_whatever_their_triggers_are_called(mariadb: Shared) -> None:
    mariadb.execute(
        "CREATE TABLE location_attrs (id int)",
        "CREATE TRIGGER location_attrs_insert AFTER INSERT ON location_attrs FOR EACH ROW SET @seen = 1",
    )
    kamailio.create(mariadb.url)
    kamailio.remove(mariadb.url)
    assert "location_attrs" in mariadb.names()


def test_an_index_that_is_missing_in_a_table_of_ours_is_made(mariadb: Shared) -> None:
    kamailio.create(mariadb.url)
    mariadb.execute("DROP INDEX location_expires_idx ON location")
    assert len(kamailio.create(mariadb.url)) == 1


def test_after_a_registration_that_fails_the_next_one_is_mirrored(mariadb: Shared) -> None:
    mariadb.execute("INSERT INTO ps_aors (id) VALUES ('alice')")
    kamailio.create(mariadb.url, both_ways=True)
    with mariadb.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as kamailios:
        with pytest.raises(DBAPIError, match="too long for ps_contacts"):
            execute(kamailios, registration("alice", LONG))
        execute(kamailios, registration("alice", "sip:alice@192.0.2.1"))
    assert mariadb.rows("SELECT uri FROM ps_contacts") == [("sip:alice@192.0.2.1",)]


def test_a_contact_without_room_is_refused_whatever_mode_the_triggers_were_made_in(mariadb: Shared) -> None:
    mariadb.execute("INSERT INTO ps_aors (id) VALUES ('alice')")
    with mariadb.engine.begin() as connection:
        execute(
            connection, "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,ANSI_QUOTES,HIGH_NOT_PRECEDENCE'"
        )
        for statement in kamailio.lacking(mariadb.url, both_ways=True):
            execute(connection, statement)
    with pytest.raises(DBAPIError, match="too long for ps_contacts"):
        mariadb.execute(registration("alice", LONG))
    mariadb.execute(registration("alice", "sip:alice@192.0.2.1"), contact("bob"))
    assert sorted(mariadb.rows("SELECT username FROM location")) == [("alice",), ("bob",)]


def test_names_that_differ_in_case_alone_are_different_users(mariadb: Shared) -> None:
    kamailio.create(mariadb.url, both_ways=True)
    with Sorcery.open(mariadb.url) as s:
        s.create(Aor(id="alice"))
        s.create(Auth(id="lower", username="alice", password="x"))
        s.create(Auth(id="upper", username="ALICE", password="ENV:X"))
        mariadb.execute(registration("Alice", "sip:alice@192.0.2.1"))
        assert s.retrieve_all(Contact) == []
    assert mariadb.rows("SELECT astid FROM subscriber WHERE username = 'alice'") == [("lower",)]
    assert mariadb.rows("SELECT astid FROM subscriber WHERE username = 'ALICE'") == [("upper",)]
    assert mariadb.rows("SELECT astid FROM subscriber WHERE username = 'Alice'") == []
    assert kamailio.status(mariadb.url).findings == ()


@pytest.mark.parametrize("collation", ["utf8mb4_unicode_ci", "latin1_swedish_ci", "utf8mb3_general_ci", "utf8mb4_bin"])
def test_tables_of_any_collation_are_joined_and_their_indexes_used(mariadb: Shared, collation: str) -> None:
    for name in TABLES:
        mariadb.execute(
            f"ALTER TABLE {name} CONVERT TO CHARACTER SET {collation.partition('_')[0]} COLLATE {collation}"
        )
    kamailio.create(mariadb.url, both_ways=True)
    mariadb.execute("ALTER TABLE location CONVERT TO CHARACTER SET latin1")  # as Kamailio's own scripts make it
    assert kamailio.status(mariadb.url).parts[-1].state == State.OUTDATED
    kamailio.create(mariadb.url)
    mariadb.execute("INSERT INTO ps_aors (id) VALUES ('müller')", registration("müller", "sip:m@192.0.2.1"))
    assert mariadb.rows("SELECT reg_server FROM ps_contacts") == [("kamailio",)]
    mariadb.execute(contact("zoë"), "UPDATE ps_contacts SET expiration_time = expiration_time + 1")
    assert sorted(mariadb.rows("SELECT username, expires FROM location")) == [
        ("müller", 2_000_000_000),
        ("zoë", 2_000_000_001),
    ]
    mariadb.execute("DELETE FROM ps_contacts WHERE id LIKE 'zo%'", "DELETE FROM location WHERE username = 'müller'")
    assert mariadb.rows("SELECT id FROM ps_contacts") == mariadb.rows("SELECT id FROM location") == []
    with mariadb.engine.connect() as connection:
        kind = MariaDB.of(connection)
        for table, column in (("ps_contacts", "id"), ("ps_aors", "id"), ("location", "ruid"), ("location", "username")):
            sought = kind.same(table, column, kind.literal("x"))
            row = execute(connection, f"EXPLAIN SELECT * FROM {table} WHERE {sought}")
            assert row.one().type in (None, "const", "ref"), (table, column)


def test_contacts_and_registrations_that_come_at_once_do_not_wait_for_each_other(mariadb: Shared) -> None:
    mariadb.execute("INSERT INTO ps_aors (id) VALUES ('a'), ('b'), ('c'), ('d')")
    kamailio.create(mariadb.url, both_ways=True)
    with mariadb.engine.connect() as one, mariadb.engine.connect() as other:
        execute(other, "SET SESSION innodb_lock_wait_timeout = 2")
        execute(one, contact("a"))
        execute(other, contact("b"))
        execute(one, registration("c", "sip:c@192.0.2.1"))
        execute(other, registration("d", "sip:d@192.0.2.1"))
        one.commit()
        other.commit()
    assert len(mariadb.rows("SELECT id FROM ps_contacts")) == len(mariadb.rows("SELECT id FROM location")) == 4


def test_a_user_is_found_by_an_index_where_there_is_one(mariadb: Shared) -> None:
    asked = "EXPLAIN SELECT ha1 FROM subscriber WHERE username = 'a' AND domain = 'asterisk'"
    kamailio.create(mariadb.url)
    assert [row[1:3] for row in mariadb.rows(asked)] == [("SIMPLE", "ps_auths")]  # no copy of all users is made first
    mariadb.execute("ALTER TABLE ps_auths MODIFY username varchar(40) COLLATE utf8mb4_bin, ADD INDEX (username)")
    kamailio.create(mariadb.url)
    assert [row[3] for row in mariadb.rows(asked)] == ["ref"]


def test_a_user_who_may_make_no_triggers_makes_nothing_at_all(mariadb: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    before = mariadb.names()
    with monkeypatch.context() as untrusted:
        untrusted.setattr("sorcery_migrations.engine.TRIAL", UNTRUSTED)
        for make in (kamailio.create, notices.install):
            with pytest.raises(ConfigurationError, match="log_bin_trust_function_creators = 1"):
                make(mariadb.url)
            assert mariadb.names() == before
    kamailio.create(mariadb.url)
    monkeypatch.setattr("sorcery_migrations.engine.TRIAL", UNTRUSTED)
    assert len(kamailio.create(mariadb.url, [STACK])) == 1  # which needs no trigger
