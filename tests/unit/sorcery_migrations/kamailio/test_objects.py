"""What Kamailio needs: made once, removed whole, never in the way of what others made; the view and the mirror."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5, sha256
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from sorcery import Sorcery
from sorcery.errors import ConfigurationError
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from sorcery_migrations import adopt, kamailio, notices, upgrade

STACK = "sip:192.0.2.10:5080"


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Engine]:
    """Yield a database with Asterisk's tables."""
    upgrade(postgresql_url)
    engine = create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


def execute(database: Engine, statement: str, **values: Any) -> None:
    with database.begin() as connection:
        connection.execute(text(statement), values)


def rows(database: Engine, query: str) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def names(database: Engine) -> set[str]:
    found = inspect(database)
    return {*found.get_table_names(), *found.get_view_names()}


def test_it_is_made_once_and_removed_whole(database: Engine) -> None:
    before = names(database)
    planned = kamailio.lacking(database, [STACK])
    assert names(database) == before
    assert kamailio.create(database, [STACK]) == planned
    made = {"version", "subscriber", "subscriber_sha256", "location", "location_attrs", "dispatcher"}
    assert names(database) - before == made
    assert rows(database, "SELECT setid, destination FROM dispatcher") == [(1, STACK)]
    assert kamailio.create(database, [STACK]) == []
    kamailio.remove(database)
    assert names(database) == before
    assert rows(database, "SELECT count(*) FROM pg_proc WHERE proname LIKE 'sorcery_kamailio%'") == [(0,)]
    assert kamailio.remove(database) == []
    kamailio.create(database)


def test_where_notices_are_on_the_dispatcher_is_told_of_too(database: Engine) -> None:
    notices.install(database)
    planned = kamailio.lacking(database, [STACK])
    assert kamailio.create(database, [STACK]) == planned
    assert notices.status(database).is_current
    kamailio.create(database, ["sip:192.0.2.11:5080"])
    assert ("create",) in rows(database, "SELECT op FROM sorcery_changes WHERE name = 'dispatcher'")
    kamailio.remove(database)
    assert notices.status(database).is_current


def test_asterisks_tables_stay_complete_beside_it(database: Engine) -> None:
    kamailio.create(database)
    assert adopt(database) == []


def test_what_a_kamailio_made_itself_stays(database: Engine) -> None:
    execute(database, "CREATE TABLE version (table_name varchar(32) UNIQUE, table_version int)")
    execute(database, "INSERT INTO version VALUES ('version', 1), ('dispatcher', 5)")
    execute(database, "CREATE TABLE dispatcher (setid int, destination varchar(192), description varchar(64))")
    kamailio.create(database, [STACK])
    assert dict(rows(database, "SELECT table_name, table_version FROM version"))["location"] == 9
    kamailio.remove(database)
    assert {"version", "dispatcher"} <= names(database)
    assert sorted(rows(database, "SELECT table_name, table_version FROM version")) == [
        ("dispatcher", 5),
        ("version", 1),
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TABLE subscriber (username text)", "users of Kamailio's own"),
        ("CREATE VIEW subscriber AS SELECT 1 AS username", "users of Kamailio's own"),
        ("CREATE TABLE location (expires timestamp)", "without a time zone"),
        ("DROP TABLE ps_aors", "the table ps_aors does not exist"),
    ],
)
def test_tables_that_do_not_fit_are_named_and_nothing_is_made(database: Engine, statement: str, said: str) -> None:
    execute(database, statement)
    before = names(database)
    with pytest.raises(ConfigurationError, match=said):
        kamailio.create(database, [STACK])
    assert names(database) == before


def test_another_kind_of_database_is_refused(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    upgrade(url)
    with pytest.raises(ConfigurationError, match="PostgreSQL only"):
        kamailio.create(url)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO location (ruid, username) VALUES ('r', 'a')",
        "INSERT INTO dispatcher (setid, destination) VALUES (1, 'sip:other')",
    ],
)
def test_rows_of_others_are_not_removed(database: Engine, statement: str) -> None:
    kamailio.create(database, [STACK])
    before = names(database)
    execute(database, statement)
    with pytest.raises(ConfigurationError, match="holds rows"):
        kamailio.remove(database)
    assert names(database) == before
    assert kamailio.create(database) == []


def test_what_will_be_lacking_is_known_before_asterisks_tables_are_there(postgresql_url: str) -> None:
    planned = kamailio.lacking(postgresql_url, [STACK], is_upgraded=False)
    upgrade(postgresql_url)
    assert kamailio.create(postgresql_url, [STACK]) == planned


def digest(*parts: str) -> str:
    return md5(":".join(parts).encode()).hexdigest()


def test_the_users_are_those_who_can_be_known_in_the_realm(database: Engine, postgresql_url: str) -> None:
    kamailio.create(database)
    stored = digest("d", "example.org", "secret")
    with Sorcery.open(postgresql_url) as s:
        s.create(Auth(id="plain", username="p", password="a;b^c"))
        s.create(Auth(id="elsewhere", username="e", password="x", realm="example.org"))
        s.create(Auth(id="digest", username="d", md5_cred=stored, realm="example.org"))
        s.create(Auth(id="nobody", username="n", password="x", auth_type="userpass"))
        s.create(
            Auth(
                id="both",
                username="b",
                auth_type="md5",
                realm="r",
                password_digest=f"SHA-256:{'1' * 64},MD5:{stored}",
            )
        )
    execute(database, "UPDATE ps_auths SET password = 'env:NOBODY' WHERE id = 'nobody'")
    assert sorted(rows(database, "SELECT astid, username, domain, ha1 FROM subscriber")) == [
        ("both", "b", "r", stored),
        ("digest", "d", "example.org", stored),
        ("elsewhere", "e", "asterisk", digest("e", "asterisk", "x")),
        ("plain", "p", "asterisk", digest("p", "asterisk", "a;b^c")),
    ]


def test_for_sha_256_there_is_a_view_of_its_own_and_nobody_has_an_empty_digest(
    database: Engine, postgresql_url: str
) -> None:
    kamailio.create(database)
    made = sha256(b"p:asterisk:a;b^c").hexdigest()
    with Sorcery.open(postgresql_url) as s:
        s.create(Auth(id="plain", username="p", password="a;b^c"))
        s.create(Auth(id="old", username="o", md5_cred=digest("o", "asterisk", "x")))
        new = f"SHA-256:{'1' * 64}"
        s.create(
            Auth(
                id="new",
                username="n",
                password_digest=new,
                supported_algorithms_uas="SHA-256",
                supported_algorithms_uac="SHA-256",
            )
        )
    assert sorted(rows(database, "SELECT astid, username, domain, ha1 FROM subscriber_sha256")) == [
        ("new", "n", "asterisk", "1" * 64),
        ("plain", "p", "asterisk", made),
    ]
    assert {astid for (astid,) in rows(database, "SELECT astid FROM subscriber")} == {"plain", "old"}


def test_another_realm_makes_the_view_anew(database: Engine) -> None:
    execute(database, "INSERT INTO ps_auths (id, username, password) VALUES ('a', 'a', 'x')")
    kamailio.create(database)
    assert len(kamailio.create(database, realm="it's")) == 4
    assert kamailio.create(database) == []  # the realm stays
    assert rows(database, "SELECT domain, ha1 FROM subscriber") == [("it's", digest("a", "it's", "x"))]


REGISTERED = """
INSERT INTO location (ruid, username, contact, expires, socket, received, user_agent, callid)
VALUES ('r', 'alice', 'sip:a^b@192.0.2.1;ob', 2000000000, 'udp:192.0.2.9:5060', 'sip:198.51.100.1:1024;transport=udp',
    'a phone; with ^', 'call')
"""


def test_a_registration_is_a_contact_as_long_as_it_lasts(database: Engine, postgresql_url: str) -> None:
    kamailio.create(database)
    with Sorcery.open(postgresql_url) as s:
        s.create(Aor(id="alice", support_path=True, qualify_frequency=60))
        s.create(Endpoint(id="alice", aors=["alice"]))
        s.create(Contact(id="alice;@other", uri="sip:other@192.0.2.2", expiration_time=2_000_000_000))
        execute(database, REGISTERED)
        mirrored = next(each for each in s.retrieve_all(Contact) if each.reg_server == "kamailio")
        assert mirrored.id == f"alice;@{digest('sip:a^b@192.0.2.1;ob')}"
        assert (mirrored.uri, mirrored.expiration_time, mirrored.endpoint, mirrored.qualify_frequency) == (
            *("sip:a^b@192.0.2.1;ob", 2_000_000_000, "alice"),
            60,
        )
        hop = "<sip:192.0.2.9:5060;transport=udp;lr;received=sip:198.51.100.1:1024%3Btransport=udp>"
        assert (mirrored.path, mirrored.user_agent) == (hop, "a phone; with ^")
        execute(database, "UPDATE location SET expires = 2000000060, path = '<sip:edge;lr>'")
        again = s.retrieve_by_id(Contact, mirrored.id)
        assert again is not None
        assert (again.expiration_time, again.path) == (2_000_000_060, f"{hop},<sip:edge;lr>")
        execute(database, "UPDATE location SET contact = 'sip:new@192.0.2.1'")
        assert sorted(each.uri for each in s.retrieve_all(Contact)) == ["sip:new@192.0.2.1", "sip:other@192.0.2.2"]
        execute(database, "DELETE FROM location")
        assert [each.uri for each in s.retrieve_all(Contact)] == ["sip:other@192.0.2.2"]


def test_a_long_user_agent_keeps_no_phone_from_registering(database: Engine, postgresql_url: str) -> None:
    kamailio.create(database)
    execute(database, "INSERT INTO ps_aors (id) VALUES ('alice')")
    execute(database, REGISTERED.replace("a phone; with ^", "a;" * 127))
    ((stored,),) = rows(database, "SELECT user_agent FROM ps_contacts")
    assert len(stored) == 255
    with Sorcery.open(postgresql_url) as s:
        (contact,) = s.retrieve_all(Contact)
        assert contact.user_agent.startswith("a;a;a;")


def test_who_has_no_aor_is_not_mirrored(database: Engine) -> None:
    kamailio.create(database)
    execute(database, REGISTERED)
    assert rows(database, "SELECT id FROM ps_contacts") == []
