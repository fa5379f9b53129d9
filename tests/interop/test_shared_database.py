"""One PostgreSQL under an Asterisk and our stack: a phone is one contact, whichever of the two it talks to."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sorcery_migrations
from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from tests.interop.asterisk import Asterisk
from tests.interop.exchange import PASSWORD, Ask, put
from tests.interop.phone import Phone
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database
from tests.interop.stack import SipStack
from tests.interop.test_realtime_asterisk import EXTCONFIG_CONF, SORCERY_CONF

pytestmark = pytest.mark.interop

CONTACTS = (
    "<sip:alice@127.0.0.1:5999>",
    "<sip:al%69ce@127.0.0.1:5999;rinstance=0a1b;Transport=UDP>",
    "<sip:a%5eb%3b@127.0.0.1:5999;x=%41;ob>",
)
TRANSPORT = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{{port}}\n"


class Pair(NamedTuple):
    """The ports of the two, and what lies below them."""

    asterisk: int
    stack: int
    sorcery: Sorcery

    def register(self, port: int, contact: str, expires: int) -> tuple[int, int]:
        """Register with one of the two; return the status, and the number of Contacts in the answer."""
        with Phone((LOOPBACK, port)) as phone:
            outcome = put(phone, "alice", Ask([contact], expires))
        return outcome.status, len(outcome.contacts)


@pytest.fixture
def pair(asterisk_root: Path, postgresql: Database, tmp_path: Path) -> Iterator[Pair]:
    """Run both over one database, in which alice may have one contact."""
    sorcery_migrations.upgrade(postgresql.url)
    ports = free_port(), free_port()
    files = {
        "sorcery.conf": SORCERY_CONF,
        "extconfig.conf": EXTCONFIG_CONF,
        "res_pgsql.conf": postgresql.res_pgsql_conf,
    }
    ours = files | {"databases.conf": f"[pbx]\nurl = {postgresql.url}\n", "pjsip.conf": TRANSPORT.format(port=ports[1])}
    for name, text in ours.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Sorcery.open(postgresql.url) as sorcery:
        sorcery.create(Auth(id="alice", username="alice", password=PASSWORD))
        sorcery.create(Aor(id="alice", max_contacts=1))
        sorcery.create(Endpoint(id="alice", aors=["alice"], auth=["alice"], allow="ulaw"))
        theirs = files | {"pjsip.conf": TRANSPORT.format(port=ports[0])}
        with Asterisk(asterisk_root, theirs), SipStack(tmp_path):
            yield Pair(*ports, sorcery)


@pytest.mark.parametrize("contact", CONTACTS)
@pytest.mark.parametrize("first", ["asterisk", "stack"])
def test_a_phone_of_one_is_refreshed_and_removed_by_the_other(pair: Pair, first: str, contact: str) -> None:
    one, other = (pair.asterisk, pair.stack) if first == "asterisk" else (pair.stack, pair.asterisk)
    assert pair.register(one, contact, 600) == (200, 1)
    (made,) = pair.sorcery.retrieve_all(Contact)
    assert pair.register(other, contact, 900) == (200, 1)
    (refreshed,) = pair.sorcery.retrieve_all(Contact)
    assert refreshed.expiration_time - made.expiration_time in range(299, 305)
    assert refreshed == made.evolve(expiration_time=refreshed.expiration_time)
    assert pair.register(one, "<sip:more@127.0.0.1:5999>", 600) == (403, 0)
    assert pair.register(other, contact, 0) == (200, 0)
    assert pair.sorcery.retrieve_all(Contact) == []
    assert pair.register(other, contact, 600) == (200, 1)
    (again,) = pair.sorcery.retrieve_all(Contact)
    assert (again.id, again.uri) == (made.id, made.uri)
