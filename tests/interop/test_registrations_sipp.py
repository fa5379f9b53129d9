"""Many phones register with our stack through sipp, whatever the users and contacts lie in."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import sorcery_migrations
from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database
from tests.interop.sipp import User, run_register
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

TRANSPORT = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{{port}}\n"
TEMPLATES = """\
[phone](!)
type=endpoint
context=internal
allow=!all,g722,alaw
[login](!)
type=auth
auth_type=userpass
[place](!)
type=aor
max_contacts=2
"""
USER = """\
[{name}](phone)
auth={name}
aors={name}
[{name}](login)
username={name}
password={password}
[{name}](place)
"""
REALTIME = """\
[res_pjsip]
endpoint = realtime,ps_endpoints
auth = realtime,ps_auths
aor = realtime,ps_aors
contact = realtime,ps_contacts
"""
CACHED = """\
[res_pjsip]
endpoint/cache = memory_cache,maximum_objects=1000
endpoint = realtime,ps_endpoints
auth/cache = memory_cache,maximum_objects=1000
auth = realtime,ps_auths
aor/cache = memory_cache,maximum_objects=1000
aor = realtime,ps_aors
contact = realtime,ps_contacts
"""
FAMILIES = ("ps_endpoints", "ps_auths", "ps_aors", "ps_contacts")


def users(number: int) -> list[User]:
    return [User(f"user{index}", f"secret{index}") for index in range(number)]


def objects(phones: Sequence[User]) -> list[Object]:
    return [
        obj
        for user in phones
        for obj in (
            Auth(id=user.name, username=user.name, password=user.password),
            Aor(id=user.name, max_contacts=2),
            Endpoint(id=user.name, context="internal", allow="!all,g722,alaw", auth=[user.name], aors=[user.name]),
        )
    ]


def fill(url: str, phones: Sequence[User]) -> None:
    sorcery_migrations.upgrade(url)
    with Sorcery.open(url) as sorcery, sorcery.transaction() as transaction:
        for obj in objects(phones):
            transaction.create(obj)


def configure(folder: Path, driver: str, url: str, sorcery_conf: str) -> int:
    """Write the files of a stack whose users and contacts lie in one database; return its port."""
    port = free_port()
    files = {
        "pjsip.conf": TRANSPORT.format(port=port),
        "sorcery.conf": sorcery_conf,
        "extconfig.conf": "[settings]\n" + "".join(f"{family} => {driver},pbx\n" for family in FAMILIES),
        "databases.conf": f"[pbx]\nurl = {url}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return port


def register_all(sipp: Path, folder: Path, port: int, phones: Sequence[User], rate: int) -> None:
    """Register every user with the stack over a folder; it has to stay up and end cleanly."""
    with SipStack(folder) as stack:
        stats = run_register(sipp, (LOOPBACK, port), phones, rate=rate)
        assert (stats.registered, stats.failed) == (len(phones), 0), stats.errors + stack.log()[-2000:]
    assert " ERROR " not in stack.log()


def check_contacts(contacts: Sequence[Contact], phones: Sequence[User]) -> None:
    assert sorted(contact.endpoint for contact in contacts) == sorted(user.name for user in phones)
    assert all(contact.uri.startswith(f"sip:{contact.endpoint}@{LOOPBACK}:") for contact in contacts)


def test_a_thousand_users_of_a_file_register_into_the_astdb(tmp_path: Path, sipp: Path) -> None:
    phones, port = users(1000), free_port()
    sections = "".join(USER.format(name=user.name, password=user.password) for user in phones)
    (tmp_path / "pjsip.conf").write_text(TRANSPORT.format(port=port) + TEMPLATES + sections, encoding="utf-8")
    register_all(sipp, tmp_path, port, phones, rate=200)
    with closing(sqlite3.connect(tmp_path / "astdb.sqlite3")) as connection:
        rows = connection.execute("SELECT key, value FROM astdb WHERE key LIKE '/registrar/contact/%'").fetchall()
    assert len(rows) == 1000
    assert {json.loads(value)["endpoint"] for _, value in rows} == {user.name for user in phones}
    with Sorcery.open(tmp_path) as sorcery:
        check_contacts(sorcery.retrieve_all(Contact), phones)


def test_users_of_sqlite_tables_register_into_them(tmp_path: Path, sipp: Path) -> None:
    phones, url = users(200), f"sqlite:///{tmp_path / 'pbx.db'}"
    fill(url, phones)
    port = configure(tmp_path, "sqlite3", url, REALTIME)
    register_all(sipp, tmp_path, port, phones, rate=100)
    with closing(sqlite3.connect(tmp_path / "pbx.db")) as connection:
        assert connection.execute("SELECT count(*) FROM ps_contacts").fetchone() == (200,)
    with Sorcery.open(tmp_path) as sorcery:
        check_contacts(sorcery.retrieve_all(Contact), phones)


def test_cached_users_of_postgresql_tables_register_into_them(tmp_path: Path, sipp: Path, postgresql: Database) -> None:
    phones = users(200)
    fill(postgresql.url, phones)
    port = configure(tmp_path, "pgsql", postgresql.url, CACHED)
    register_all(sipp, tmp_path, port, phones, rate=100)
    with psycopg.connect(postgresql.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM ps_contacts").fetchone() == (200,)
    with Sorcery.open(tmp_path) as sorcery:
        check_contacts(sorcery.retrieve_all(Contact), phones)
