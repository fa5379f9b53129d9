"""An SQLite database that our migrations made and our API filled, under a running Asterisk with its driver sqlite3.

That driver neither divides nor escapes values, and where it reads many rows it takes NULL for an empty text.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery import Object, Sorcery
from sorcery.pjsip import Contact, Endpoint
from sorcery_sip import client
from tests.interop.ami import AmiError
from tests.interop.asterisk import Asterisk
from tests.interop.objects import comparable, printed
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.test_realtime_asterisk import EXTCONFIG_CONF, OBJECTS, PASSWORD, SORCERY_CONF

pytestmark = pytest.mark.interop

LISTS = {"endpoint": "PJSIPShowEndpoints", "auth": "PJSIPShowAuths", "aor": "PJSIPShowAors"}
"""Manager actions that read all rows at once."""


def one_lined(obj: Object) -> Object:
    """Leave an endpoint one variable: a column holds one value there."""
    return obj.evolve(set_var={"A": "1;2^3"}) if isinstance(obj, Endpoint) and obj.set_var else obj


@contextmanager
def asterisk_over_sqlite(root: Path, port: int) -> Iterator[tuple[Asterisk, Sorcery]]:
    """Run an Asterisk over a database in its own folder, and open that folder."""
    asterisk = Asterisk(root)
    database = asterisk.astdb.with_name("pbx.db")
    for name, text in {
        "sorcery.conf": SORCERY_CONF,
        "extconfig.conf": EXTCONFIG_CONF.replace("pgsql", "sqlite3"),
        "res_config_sqlite3.conf": f"[pbx]\ndbfile => /{database.relative_to(root)}\nbatch=0\nrequirements=warn\n",
        "databases.conf": f"[pbx]\nurl = sqlite:///{database}\n",
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n",
    }.items():
        asterisk.write(name, text)
    sorcery_migrations.upgrade(f"sqlite:///{database}")
    with asterisk, Sorcery.open(asterisk.configuration, compat=True) as sorcery:
        yield asterisk, sorcery
        assert sorcery_migrations.check(f"sqlite:///{database}") == []


def test_asterisk_reads_every_row_of_ours_alone_and_in_a_list(asterisk_root: Path) -> None:
    objects = [one_lined(obj) for obj in OBJECTS]
    with asterisk_over_sqlite(asterisk_root, free_port()) as (asterisk, sorcery):
        with sorcery.transaction() as transaction:
            for obj in objects:
                transaction.create(obj)
        for obj in objects:
            name = obj.__sorcery__.name
            assert sorcery.retrieve_by_id(name, obj.id) == obj
            said = asterisk.ari_get(name, obj.id)
            assert said is not None
            assert comparable(said) == comparable(printed(obj))
        for name, action in LISTS.items():
            *_, last = asterisk.ami(action)
            assert int(last["ListItems"]) == sum(obj.__sorcery__.name == name for obj in objects), asterisk.logs()


def test_a_row_with_nulls_is_missing_where_asterisk_reads_many_and_that_is_told(asterisk_root: Path) -> None:
    with asterisk_over_sqlite(asterisk_root, free_port()) as (asterisk, sorcery):
        with sqlite3.connect(sorcery.environment.databases["pbx"].removeprefix("sqlite:///")) as database:
            database.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('half', 1)")
        assert asterisk.ari_get("aor", "half") is not None
        with pytest.raises(AmiError, match="No AORs found"):
            asterisk.ami(LISTS["aor"])
        assert [(finding.rule, finding.id) for finding in sorcery.faults(["aor"])] == [("compat-null-column", "half")]


def test_we_read_the_contact_that_asterisk_wrote(asterisk_root: Path) -> None:
    port = free_port()
    with asterisk_over_sqlite(asterisk_root, port) as (asterisk, sorcery):
        for obj in OBJECTS:
            if obj.id == "alice":
                sorcery.create(one_lined(obj))
        answer = client.register((LOOPBACK, port), f"sip:alice@{LOOPBACK}", username="alice", password=PASSWORD)
        assert answer.status == 200
        (contact,) = sorcery.retrieve_all(Contact)
        assert contact.endpoint == "alice"
        assert asterisk.ari_get("contact", contact.id) == printed(contact)
