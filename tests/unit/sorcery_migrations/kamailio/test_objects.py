"""What Kamailio needs: made once, removed whole, never in the way of what others made; the view and the mirror."""

from __future__ import annotations

from hashlib import md5, sha256
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.errors import ConfigurationError
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from sorcery_migrations import adopt, downgrade, kamailio, notices, upgrade
from tests.unit.sorcery_migrations.kamailio.shared import Shared

STACK = "sip:192.0.2.10:5080"


def test_it_is_made_once_and_removed_whole(database: Shared) -> None:
    before = database.names()
    planned = kamailio.lacking(database.url, [STACK])
    assert database.names() == before
    assert kamailio.create(database.url, [STACK]) == planned
    made = {"version", "subscriber", "subscriber_sha256", "location", "location_attrs", "dispatcher"}
    assert database.names() - before == made | {
        f"sorcery_kamailio_mirror{event}"
        for event in (("_insert", "_update", "_delete") if database.is_mariadb else ("",))
    }
    assert database.rows("SELECT setid, destination FROM dispatcher") == [(1, STACK)]
    assert kamailio.create(database.url, [STACK]) == []
    kamailio.remove(database.url)
    assert database.names() == before
    assert kamailio.remove(database.url) == []
    kamailio.create(database.url)


@pytest.mark.parametrize("is_first", [True, False])
def test_notices_tell_of_the_dispatcher_and_of_what_is_mirrored(database: Shared, is_first: bool) -> None:
    if is_first:
        notices.install(database.url)
    planned = kamailio.lacking(database.url, [STACK], both_ways=True)
    assert kamailio.create(database.url, [STACK], both_ways=True) == planned
    if not is_first:
        notices.install(database.url)
    assert notices.status(database.url).is_current
    kamailio.create(database.url, ["sip:192.0.2.11:5080"])
    told = "SELECT name, op FROM sorcery_changes WHERE id <> ''"
    assert ("dispatcher", "create") in database.rows(told)
    database.execute("INSERT INTO ps_aors (id) VALUES ('alice')", REGISTERED)
    assert ("ps_contacts", "create") in database.rows(told)
    database.execute("DELETE FROM location")
    assert ("ps_contacts", "delete") in database.rows(told)
    notices.remove(database.url)
    database.execute(REGISTERED)
    assert kamailio.status(database.url).is_on
    database.execute("DELETE FROM location")
    notices.install(database.url)
    kamailio.remove(database.url)
    assert notices.status(database.url).is_current


def test_asterisks_tables_stay_complete_beside_it(empty: Shared) -> None:
    upgrade(empty.url)
    kamailio.create(empty.url)
    assert adopt(empty.url) == []


@pytest.mark.parametrize("with_rows", [False, True])
def test_asterisks_tables_stay_as_long_as_it_needs_them(database: Shared, with_rows: bool) -> None:
    database.execute("CREATE TABLE sorcery_version_config (version_num varchar(32))")
    database.execute("INSERT INTO sorcery_version_config VALUES ('config_0002')")
    kamailio.create(database.url)
    before = database.names()
    with pytest.raises(ConfigurationError, match=r"ps_auths.*: subscriber, subscriber_sha256, .*db kamailio off"):
        downgrade(database.url, with_rows=with_rows)
    assert database.names() == before
    kamailio.remove(database.url)
    downgrade(database.url, with_rows=with_rows)
    assert database.names() == {"sorcery_version_config"}


def test_it_is_not_removed_without_the_tables_that_tell_whose_rows_are_whose(database: Shared) -> None:
    kamailio.create(database.url, both_ways=True)
    database.execute("DROP TABLE ps_contacts")
    before = database.names()
    with pytest.raises(ConfigurationError, match=r"ps_contacts does not exist.*db upgrade"):
        kamailio.remove(database.url)
    assert database.names() == before


def test_what_a_kamailio_made_itself_stays(database: Shared) -> None:
    database.execute("CREATE TABLE version (table_name varchar(32) UNIQUE, table_version int)")
    database.execute("INSERT INTO version VALUES ('version', 1), ('dispatcher', 5)")
    database.execute("CREATE TABLE dispatcher (setid int, destination varchar(192), description varchar(64))")
    kamailio.create(database.url, [STACK])
    assert dict(database.rows("SELECT table_name, table_version FROM version"))["location"] == 9
    kamailio.remove(database.url)
    assert {"version", "dispatcher"} <= database.names()
    assert sorted(database.rows("SELECT table_name, table_version FROM version")) == [
        ("dispatcher", 5),
        ("version", 1),
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TABLE subscriber (username text)", "users of Kamailio's own"),
        ("CREATE VIEW subscriber AS SELECT 1 AS username", "users of Kamailio's own"),
        ("CREATE TABLE location (expires timestamp NOT NULL)", "without a time zone"),
        ("DROP TABLE ps_aors", "the table ps_aors does not exist"),
        ("ALTER TABLE ps_auths DROP COLUMN password_digest", "the table ps_auths lacks password_digest"),
    ],
)
def test_tables_that_do_not_fit_are_named_and_nothing_is_made(database: Shared, statement: str, said: str) -> None:
    database.execute(statement)
    before = database.names()
    with pytest.raises(ConfigurationError, match=said):
        kamailio.create(database.url, [STACK])
    assert database.names() == before


def test_another_kind_of_database_is_refused(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    upgrade(url)
    with pytest.raises(ConfigurationError, match="PostgreSQL or MariaDB only"):
        kamailio.create(url)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO location (ruid, username) VALUES ('r', 'a')",
        "INSERT INTO dispatcher (setid, destination) VALUES (1, 'sip:other')",
    ],
)
def test_rows_of_others_are_not_removed(database: Shared, statement: str) -> None:
    kamailio.create(database.url, [STACK])
    before = database.names()
    database.execute(statement)
    with pytest.raises(ConfigurationError, match="holds rows"):
        kamailio.remove(database.url)
    assert database.names() == before
    assert kamailio.create(database.url) == []


def test_what_will_be_lacking_is_known_before_asterisks_tables_are_there(empty: Shared) -> None:
    planned = kamailio.lacking(empty.url, [STACK], is_upgraded=False)
    empty.make_tables()
    assert kamailio.create(empty.url, [STACK]) == planned


def digest(*parts: str) -> str:
    return md5(":".join(parts).encode()).hexdigest()


def test_the_users_are_those_who_can_be_known_in_the_realm(database: Shared) -> None:
    kamailio.create(database.url)
    stored = digest("d", "example.org", "secret")
    with Sorcery.open(database.url) as s:
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
    database.execute("UPDATE ps_auths SET password = 'env:NOBODY' WHERE id = 'nobody'")
    assert sorted(database.rows("SELECT astid, username, domain, ha1 FROM subscriber")) == [
        ("both", "b", "r", stored),
        ("digest", "d", "example.org", stored),
        ("elsewhere", "e", "asterisk", digest("e", "asterisk", "x")),
        ("plain", "p", "asterisk", digest("p", "asterisk", "a;b^c")),
    ]


def test_a_digest_for_a_name_with_a_domain_is_never_that_of_an_empty_password(database: Shared) -> None:
    """Kamailio reads `ha1b` for a phone that says it is d@asterisk, and knows of the domain itself."""
    kamailio.create(database.url)
    stored = digest("d", "asterisk", "secret")
    with Sorcery.open(database.url) as s:
        s.create(Auth(id="plain", username="p", password="x"))
        s.create(Auth(id="digest", username="d", md5_cred=stored))
    assert sorted(database.rows("SELECT username, ha1b FROM subscriber")) == [
        ("d", stored),
        ("p", digest("p@asterisk", "asterisk", "x")),
    ]


def test_for_sha_256_there_is_a_view_of_its_own_and_nobody_has_an_empty_digest(database: Shared) -> None:
    kamailio.create(database.url)
    made = sha256(b"p:asterisk:a;b^c").hexdigest()
    with Sorcery.open(database.url) as s:
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
    assert sorted(database.rows("SELECT astid, username, domain, ha1 FROM subscriber_sha256")) == [
        ("new", "n", "asterisk", "1" * 64),
        ("plain", "p", "asterisk", made),
    ]
    assert {astid for (astid,) in database.rows("SELECT astid FROM subscriber")} == {"plain", "old"}


def test_another_realm_makes_the_view_anew(database: Shared) -> None:
    database.execute("INSERT INTO ps_auths (id, username, password) VALUES ('a', 'a', 'x')")
    kamailio.create(database.url)
    assert all(" VIEW " in each for each in kamailio.create(database.url, realm="it's"))
    assert kamailio.create(database.url) == []  # the realm stays
    assert database.rows("SELECT domain, ha1 FROM subscriber") == [("it's", digest("a", "it's", "x"))]


REGISTERED = """
INSERT INTO location (ruid, username, contact, expires, socket, received, user_agent, callid)
VALUES ('r', 'alice', 'sip:a^b@192.0.2.1;ob', 2000000000, 'udp:192.0.2.9:5060', 'sip:198.51.100.1:1024;transport=udp',
    'a phone; with ^', 'call')
"""


def test_a_registration_is_a_contact_as_long_as_it_lasts(database: Shared) -> None:
    kamailio.create(database.url)
    with Sorcery.open(database.url) as s:
        s.create(Aor(id="alice", support_path=True, qualify_frequency=60))
        s.create(Endpoint(id="alice", aors=["alice"]))
        s.create(Contact(id="alice;@other", uri="sip:other@192.0.2.2", expiration_time=2_000_000_000))
        database.execute(REGISTERED)
        mirrored = next(each for each in s.retrieve_all(Contact) if each.reg_server == "kamailio")
        assert mirrored.id == f"alice;@{digest('sip:a^b@192.0.2.1;ob')}"
        assert (mirrored.uri, mirrored.expiration_time, mirrored.endpoint, mirrored.qualify_frequency) == (
            *("sip:a^b@192.0.2.1;ob", 2_000_000_000, "alice"),
            60,
        )
        hop = "<sip:192.0.2.9:5060;transport=udp;lr;received=sip:198.51.100.1:1024%3Btransport=udp>"
        assert (mirrored.path, mirrored.user_agent) == (hop, "a phone; with ^")
        database.execute("UPDATE location SET expires = 2000000060, path = '<sip:edge;lr>'")
        again = s.retrieve_by_id(Contact, mirrored.id)
        assert again is not None
        assert (again.expiration_time, again.path) == (2_000_000_060, f"{hop},<sip:edge;lr>")
        database.execute("UPDATE location SET contact = 'sip:new@192.0.2.1'")
        assert sorted(each.uri for each in s.retrieve_all(Contact)) == ["sip:new@192.0.2.1", "sip:other@192.0.2.2"]
        database.execute("DELETE FROM location")
        assert [each.uri for each in s.retrieve_all(Contact)] == ["sip:other@192.0.2.2"]


@pytest.mark.parametrize(("path", "expected"), [("NULL", ""), ("'<sip:edge;lr>'", "<sip:edge;lr>")])
def test_a_registration_without_a_socket_has_no_hop_of_kamailio(database: Shared, path: str, expected: str) -> None:
    kamailio.create(database.url)
    with Sorcery.open(database.url) as s:
        s.create(Aor(id="alice", support_path=True))
        row = f"'r', 'alice', 'sip:a@192.0.2.1', 2000000000, '', 'call', {path}"
        database.execute(
            f"INSERT INTO location (ruid, username, contact, expires, socket, callid, path) VALUES ({row})"
        )
        assert [each.path for each in s.retrieve_all(Contact)] == [expected]
        database.execute("UPDATE location SET socket = NULL, received = 'sip:198.51.100.1:1024'")
        assert [each.path for each in s.retrieve_all(Contact)] == [expected]


def test_a_long_user_agent_keeps_no_phone_from_registering(database: Shared) -> None:
    kamailio.create(database.url)
    database.execute("INSERT INTO ps_aors (id) VALUES ('alice')")
    database.execute(REGISTERED.replace("a phone; with ^", "a;" * 127))
    ((stored,),) = database.rows("SELECT user_agent FROM ps_contacts")
    assert len(stored) == 255
    with Sorcery.open(database.url) as s:
        (contact,) = s.retrieve_all(Contact)
        assert contact.user_agent.startswith("a;a;a;")


def test_who_has_no_aor_is_not_mirrored(database: Shared) -> None:
    kamailio.create(database.url)
    database.execute(REGISTERED)
    assert database.rows("SELECT id FROM ps_contacts") == []
