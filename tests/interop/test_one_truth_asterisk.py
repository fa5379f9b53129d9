"""One PostgreSQL that we made and filled, under an Asterisk over ODBC with caches in front, our stack, and our feed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sorcery_migrations
from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify
from sorcery_migrations import notices
from sorcery_sip import client
from tests.interop.asterisk import Asterisk
from tests.interop.call_scenario import Phone
from tests.interop.call_steps import ANSWERS, GONE
from tests.interop.calls_sipp import playing
from tests.interop.feed import RunningFeed
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database
from tests.interop.sipp import User, run_register
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

PASSWORD = "a^long^password"
FEED_SECRET = "geheim-geheim"
MANAGER = f"[feed]\nsecret={FEED_SECRET}\nwrite=system,command,config\n"
"""Who the feed is, with the rights that it needs and no more."""
SECONDS = 60
"""Until what a busy machine does at some time is given up."""
SORCERY_CONF = """\
[res_pjsip]
endpoint/cache = memory_cache,maximum_objects=1000
endpoint = realtime,ps_endpoints
auth/cache = memory_cache,name=auths,maximum_objects=1000
auth = realtime,ps_auths
aor/cache = memory_cache,maximum_objects=1000
aor = realtime,ps_aors
contact = realtime,ps_contacts
[res_pjsip_endpoint_identifier_ip]
identify/cache = memory_cache,full_backend_cache=yes
identify = realtime,ps_endpoint_id_ips
"""
UNCACHED = "".join(line for line in SORCERY_CONF.splitlines(keepends=True) if "/cache" not in line)
FAMILIES = ("ps_endpoints", "ps_auths", "ps_aors", "ps_contacts", "ps_endpoint_id_ips")
EXTCONFIG_CONF = "[settings]\n" + "".join(f"{family} => odbc,pbx\n" for family in FAMILIES)
ODBC_INI = """\
[pbx]
Driver = PostgreSQL Unicode
Servername = {database.host}
Port = {database.port}
Database = {database.name}
Username = {database.user}
Password = unused
"""
RES_ODBC_CONF = "[pbx]\nenabled => yes\ndsn => pbx\npre-connect => yes\n"
TRANSPORT = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{{port}}\n"


class System(NamedTuple):
    """The server, its port, and our own view of what lies below it."""

    asterisk: Asterisk
    port: int
    sorcery: Sorcery
    database: Database
    folder: Path
    """Of the test."""

    def feed(self) -> RunningFeed:
        """Feed the server's caches; positions are kept in a file of the test."""
        target = f"ami://feed:env:FEED_SECRET@{LOOPBACK}:{self.asterisk.ami_port}"
        words = ["--to", target, "--state", str(self.folder / "feed.json")]
        before = ["-C", str(self.asterisk.configuration)]
        return RunningFeed(before, words, {**os.environ, "FEED_SECRET": FEED_SECRET})

    def register(self, user: str) -> int:
        """Register a phone at the server and return the status that it gets."""
        return client.register((LOOPBACK, self.port), f"sip:{user}@{LOOPBACK}", username=user, password=PASSWORD).status

    def create(self, user: str) -> None:
        """Create a phone through our API."""
        with self.sorcery.transaction() as changes:
            changes.create(Auth(id=user, username=user, password=PASSWORD))
            changes.create(Aor(id=user, max_contacts=10))
            changes.create(Endpoint(id=user, context="internal", allow="!all,ulaw", auth=[user], aors=[user]))

    def delete(self, user: str) -> None:
        """Delete a phone with all that is its own through our API."""
        with self.sorcery.transaction() as changes:
            for cls in (Endpoint, Auth, Aor):
                obj = self.sorcery.retrieve_by_id(cls, user)
                assert obj is not None
                changes.delete(obj)

    def context_of(self, user: str) -> object:
        """Return the context of an endpoint as the server has it, None where it has none."""
        found = self.asterisk.ari_get("endpoint", user)
        return None if found is None else found["context"]


def eventually(holds: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, said()
        time.sleep(0.02)


@pytest.fixture
def system(
    asterisk_root: Path, postgresql: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[System]:
    """Run an Asterisk over ODBC on a database of ours, which tells of its changes."""
    if not list(asterisk_root.glob("usr/lib/*/odbc/psqlodbcw.so")):
        pytest.skip("no odbc-postgresql beside Asterisk: run tests/interop/install as root on Debian 12")
    sorcery_migrations.upgrade(postgresql.url)
    notices.install(postgresql.url)
    port = free_port()
    asterisk = Asterisk(
        asterisk_root,
        {
            "sorcery.conf": SORCERY_CONF,
            "extconfig.conf": EXTCONFIG_CONF,
            "res_odbc.conf": RES_ODBC_CONF,
            "odbc.ini": ODBC_INI.format(database=postgresql),
            "databases.conf": f"[pbx]\nurl = {postgresql.url}\n",
            "pjsip.conf": TRANSPORT.format(port=port),
        },
    )
    asterisk.write("manager.conf", (asterisk.configuration / "manager.conf").read_text() + MANAGER)
    monkeypatch.setenv("ODBCINI", f"/{(asterisk.configuration / 'odbc.ini').relative_to(asterisk_root)}")
    with Sorcery.open(postgresql.url) as sorcery, asterisk:
        yield System(asterisk, port, sorcery, postgresql, tmp_path)


def test_asterisk_registers_a_phone_of_ours_and_we_see_its_contact(system: System, sipp: Path) -> None:
    system.create("alice")
    assert "alice" in system.asterisk.cli("pjsip show endpoints")
    assert system.context_of("alice") == "internal"
    done = run_register(sipp, (LOOPBACK, system.port), [User("alice", PASSWORD)])
    assert (done.registered, done.failed) == (1, 0), done.errors + system.asterisk.logs()[-3000:]
    (contact,) = system.sorcery.retrieve_all(Contact)
    assert (contact.endpoint, contact.user_agent) == ("alice", "sipp")


def test_asterisk_calls_a_phone_that_registered_at_our_stack(system: System, sipp: Path) -> None:
    system.create("bob")
    stack, at = system.folder / "stack", free_port()
    stack.mkdir()
    for name, text in {
        "sorcery.conf": UNCACHED,
        "extconfig.conf": EXTCONFIG_CONF,
        "databases.conf": f"[pbx]\nurl = {system.database.url}\n",
        "pjsip.conf": TRANSPORT.format(port=at),
    }.items():
        (stack / name).write_text(text, encoding="utf-8")
    phone = Phone("bob", "s", free_port(), free_port())
    with SipStack(stack):
        done = run_register(sipp, (LOOPBACK, at), [User("bob", PASSWORD)], port=phone.port)
        assert (done.registered, done.failed) == (1, 0), done.errors
    assert f"sip:bob@{LOOPBACK}:{phone.port}" in system.asterisk.cli("pjsip show contacts")
    with playing(sipp, phone, [*ANSWERS, *GONE], (LOOPBACK, system.port)) as answering:
        system.asterisk.cli("channel originate PJSIP/bob application Wait 1")
        answering.finish(SECONDS)


def test_what_we_delete_asterisk_refuses_as_soon_as_the_feed_tells_its_caches(system: System) -> None:
    for user in ("alice", "bob", "carol"):
        system.create(user)
    with system.feed() as feed:
        for user in ("alice", "bob", "carol"):
            assert system.register(user) == 200, system.asterisk.logs()[-3000:]
        system.delete("alice")
        eventually(lambda: system.context_of("alice") is None, feed.said)
        eventually(lambda: system.register("alice") == 401, feed.said)
        carol = system.sorcery.retrieve_by_id(Endpoint, "carol")
        assert carol is not None
        system.sorcery.update(carol.evolve(context="sales"))
        eventually(lambda: system.context_of("carol") == "sales", feed.said)
        # four caches when it began, perhaps after the phones had registered, and four rows
        eventually(lambda: feed.figure("sorcery_feed_lag_seconds_count") >= 8, feed.said)
        assert feed.figure("sorcery_feed_up") == 1
        assert feed.figure("sorcery_feed_refused_total") == 0
        assert system.register("bob") == 200
    assert FEED_SECRET not in feed.said()

    system.delete("bob")  # and nobody feeds
    assert system.register("bob") == 200
    assert system.context_of("bob") == "internal"
    with system.feed() as feed:
        eventually(lambda: system.register("bob") == 401, feed.said)
        assert system.context_of("bob") is None
        assert feed.figure("sorcery_feed_gaps_total") == 0  # it went on where it had ended
        assert system.register("carol") == 200


def test_a_cache_of_everything_is_read_anew(system: System) -> None:
    system.create("alice")
    with system.feed() as feed:
        assert "gateway" not in system.asterisk.cli("pjsip show identifies")
        system.sorcery.create(Identify(id="gateway", endpoint="alice", match=["192.0.2.1"]))
        eventually(lambda: "gateway" in system.asterisk.cli("pjsip show identifies"), feed.said)


def test_an_asterisk_that_restarts_is_fed_again(system: System) -> None:
    system.create("alice")
    with system.feed() as feed:
        assert system.register("alice") == 200
        system.asterisk.stop()
        system.asterisk.start()
        assert system.context_of("alice") == "internal"
        system.delete("alice")
        eventually(lambda: system.context_of("alice") is None, feed.said)
