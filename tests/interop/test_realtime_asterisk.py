"""A PostgreSQL database that our migrations made and our API filled, under a running Asterisk."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

import sorcery_migrations
from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify
from sorcery_sip import client
from tests.interop.asterisk import Asterisk
from tests.interop.objects import comparable, printed
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database

pytestmark = pytest.mark.interop

PASSWORD = "s;e^c\"r'et"
SORCERY_CONF = """\
[res_pjsip]
endpoint = realtime,ps_endpoints
auth = realtime,ps_auths
aor = realtime,ps_aors
contact = realtime,ps_contacts
[res_pjsip_endpoint_identifier_ip]
identify = realtime,ps_endpoint_id_ips
"""
EXTCONFIG_CONF = """\
[settings]
ps_endpoints => pgsql,pbx
ps_auths => pgsql,pbx
ps_aors => pgsql,pbx
ps_contacts => pgsql,pbx
ps_endpoint_id_ips => pgsql,pbx
"""
OBJECTS: tuple[Object, ...] = (
    Auth(id="alice", username="alice", password=PASSWORD, realm="a;b", nonce_lifetime=90),
    Auth(id="digest", username="d", md5_cred="0123456789abcdef0123456789abcdef"),
    Aor(
        id="alice",
        max_contacts=3,
        contact=["sip:a@127.0.0.1:9;transport=udp", "sip:b@127.0.0.1:9"],
        outbound_proxy="sip:127.0.0.1:5061;lr",
        minimum_expiration=90,
        remove_existing=True,
        qualify_timeout=2.5,
        mailboxes="1@default,2@default",
    ),
    Aor(id="bare"),
    Endpoint(
        id="alice",
        context="internal",
        allow="!all,g722,alaw,ulaw",
        auth=["alice"],
        aors=["alice", "bare"],
        set_var={"A": "1;2", "B": "x^3By", "C": '"quoted", with = and ;', "D": ""},
        callerid='"Alice; the ""first""" <200>',
        outbound_proxy="sip:127.0.0.1:5061;lr",
        direct_media=False,
        rewrite_contact=True,
        rtp_symmetric=True,
        force_rport=False,
        identify_by="ip,username",
        named_call_group="one,two",
        call_group="1,3-5",
        timers="required",
        dtmf_mode="info",
        mailboxes="1@default",
        device_state_busy_at=2,
    ),
    Endpoint.from_objectset("all", [("allow", "all,!ulaw"), ("100rel", "required")]),
    Endpoint(id="bare"),
    Endpoint(id="a;b^c", context="in;side", allow="ulaw"),
    Identify(id="gateway", endpoint="alice", match=["127.0.0.5", "10.0.0.0/8", "192.0.2.0/255.255.255.0"]),
    Identify(id="header", endpoint="bare", match_header="X-Trunk: a;b^c", srv_lookups=False),
)


@pytest.fixture
def database(postgresql: Database) -> Database:
    """Make a database whose tables are those of our migrations."""
    sorcery_migrations.upgrade(postgresql.url)
    return postgresql


@contextmanager
def asterisk_over(root: Path, database: Database, port: int | None = None) -> Iterator[Asterisk]:
    """Run an Asterisk whose objects and contacts lie in a database; its folder is one of ours as well."""
    files = {
        "sorcery.conf": SORCERY_CONF,
        "extconfig.conf": EXTCONFIG_CONF,
        "res_pgsql.conf": database.res_pgsql_conf,
        "databases.conf": f"[pbx]\nurl = {database.url}\n",
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port or free_port()}\n",
    }
    with Asterisk(root, files) as asterisk:
        yield asterisk


def create_all(sorcery: Sorcery) -> None:
    with sorcery.transaction() as transaction:
        for obj in OBJECTS:
            transaction.create(obj)


def check_agreement(asterisk: Asterisk, sorcery: Sorcery) -> None:
    """Every object is read back as it was created, and Asterisk prints it as we do."""
    for obj in OBJECTS:
        name = obj.__sorcery__.name
        found = sorcery.retrieve_by_id(name, obj.id)
        assert found == obj
        said = asterisk.ari_get(name, obj.id)
        assert said is not None, f"Asterisk has no {name} {obj.id}: {asterisk.logs()[-3000:]}"
        assert comparable(said) == comparable(printed(found))


def test_asterisk_reads_what_we_wrote_by_address(asterisk_root: Path, database: Database) -> None:
    with Sorcery.open(database.url, compat=True) as sorcery:
        create_all(sorcery)
        with asterisk_over(asterisk_root, database) as asterisk:
            check_agreement(asterisk, sorcery)
    assert sorcery_migrations.check(database.url) == []


def test_asterisk_reads_what_we_wrote_through_its_own_folder(asterisk_root: Path, database: Database) -> None:
    with (
        asterisk_over(asterisk_root, database) as asterisk,
        Sorcery.open(asterisk.configuration, compat=True) as sorcery,
    ):
        assert not sorcery.report.errors
        create_all(sorcery)
        check_agreement(asterisk, sorcery)
    assert sorcery_migrations.check(database.url) == []


def test_asterisk_sees_changes_and_deletions_at_once(asterisk_root: Path, database: Database) -> None:
    with (
        Sorcery.open(database.url, compat=True) as sorcery,
        asterisk_over(asterisk_root, database) as asterisk,
    ):
        create_all(sorcery)
        alice = sorcery.retrieve_by_id(Endpoint, "alice")
        assert alice is not None
        bare = Endpoint(id="alice", allow="opus")
        for changed in (alice.evolve(set_var={"D": ";"}, allow="alaw,ulaw", direct_media=True), bare):
            sorcery.update(changed)
            said = asterisk.ari_get("endpoint", "alice")
            assert said is not None
            assert comparable(said) == comparable(printed(changed))
        sorcery.delete(bare)
        assert asterisk.ari_get("endpoint", "alice") is None


def test_a_phone_registers_from_our_rows_and_we_read_asterisks_contact(asterisk_root: Path, database: Database) -> None:
    port, uri = free_port(), f"sip:al%5eice@{LOOPBACK}:5999;transport=udp;ob"
    with (
        Sorcery.open(database.url, compat=True) as sorcery,
        asterisk_over(asterisk_root, database, port) as asterisk,
    ):
        create_all(sorcery)
        # The realm of the challenge is the auth's own: `a;b`.
        answer = client.register(
            (LOOPBACK, port),
            f"sip:alice@{LOOPBACK}",
            username="alice",
            password=PASSWORD,
            contact=uri,
            expires=600,
        )
        assert answer.status == 200, asterisk.logs()[-3000:]
        (contact,) = sorcery.retrieve_all(Contact)
        assert contact.id.startswith("alice;@")
        assert (contact.endpoint, contact.qualify_timeout) == ("alice", 2.5)
        assert 500 < contact.expiration_time - time.time() <= 600
        said = asterisk.ari_get("contact", contact.id)
        assert said is not None
        assert said == printed(contact)
        with psycopg.connect(database.dsn) as connection:
            ((stored,),) = connection.execute("SELECT id FROM ps_contacts").fetchall()
        assert stored == contact.id.replace(";", "^3B")
    assert sorcery_migrations.check(database.url) == []


def test_a_contact_that_we_write_is_one_of_asterisks(asterisk_root: Path, database: Database) -> None:
    uri = f"sip:alice@{LOOPBACK}:5999;x=a^b"
    contact = Contact(
        id=f"alice;@{hashlib.md5(uri.encode()).hexdigest()}",
        uri=uri,
        expiration_time=int(time.time()) + 600,
        endpoint="alice",
        user_agent="a phone; with ^",
        path=f"<sip:{LOOPBACK}:9;lr>",
        qualify_timeout=2.5,
        via_addr=LOOPBACK,
        via_port=5999,
        call_id="1;2",
    )
    with (
        Sorcery.open(database.url, compat=True) as sorcery,
        asterisk_over(asterisk_root, database) as asterisk,
    ):
        create_all(sorcery)
        sorcery.create(contact)
        assert uri in asterisk.cli("pjsip show contacts")
        assert asterisk.ari_get("contact", contact.id) == printed(contact)
        assert sorcery.retrieve_by_id(Contact, contact.id) == contact
