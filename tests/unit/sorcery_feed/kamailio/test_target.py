"""What a Kamailio is told, and what its answers mean; they are those of a real one of release 5.6."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from sorcery.errors import Unavailable
from sorcery_feed import Command, KamailioTarget, RpcAddress, TellingRefused
from tests.unit.sorcery_feed.fakes import entry
from tests.unit.sorcery_feed.kamailio.peer import Peer, Refusal, running_datagrams

CONTACT = "sip:alice@192.0.2.1:5060;ob"
ROW = f"alice^3B@{hashlib.md5(CONTACT.encode()).hexdigest()}"
GONE = Command("ul.rm_contact", "location", ROW)


class Registrar:
    """Answers as a Kamailio with a few contacts does."""

    def __init__(self) -> None:
        self.contacts = ["sip:other@192.0.2.1", CONTACT]
        self.refusal = ""

    def __call__(self, method: str, parameters: list[str]) -> Any:
        if self.refusal:
            raise Refusal(self.refusal)
        if method != "ul.lookup":
            return {}
        return {"AoR": "alice", "Contacts": [{"Contact": {"Address": each}} for each in self.contacts]}


@pytest.fixture
def registrar() -> Registrar:
    return Registrar()


@pytest.fixture
def peer(registrar: Registrar) -> Iterator[Peer]:
    with running_datagrams() as made:
        made.answer = registrar
        yield made


@pytest.fixture
def rows() -> set[str]:
    """The ids in the table of contacts."""
    return set()


@pytest.fixture
def target(peer: Peer, rows: set[str]) -> Iterator[KamailioTarget]:
    made = KamailioTarget(
        RpcAddress.parse(peer.address),
        is_there=lambda table, id: id in rows,
        htables={"ps_auths": "auths"},
        patience=60,
    )
    yield made
    made.close()


@pytest.mark.parametrize(
    ("table", "id", "op", "expected"),
    [
        ("dispatcher", "1", "update", ["dispatcher.reload"]),
        ("public.dispatcher", "", "delete", ["dispatcher.reload"]),
        ("ps_contacts", ROW, "delete", [f"ul.rm_contact location {ROW}"]),
        ("ps_contacts", ROW, "create", []),
        ("ps_contacts", ROW, "update", []),
        ("ps_contacts", "", "delete", []),
        ("location", "1", "delete", []),
        ("ps_auths", "a^3Bb", "update", ["htable.delete auths a;b"]),
        ("ps_auths", "", "delete", ["htable.flush auths"]),
        ("ps_endpoints", "alice", "update", []),
    ],
)
def test_a_change_is_told_to_what_keeps_it(
    target: KamailioTarget, table: str, id: str, op: str, expected: list[str]
) -> None:
    assert [str(each) for each in target.commands(entry(id, table=table, op=op))] == expected


def test_where_nobody_knows_what_changed_all_is_read_anew(target: KamailioTarget) -> None:
    assert [str(each) for each in target.everything()] == ["dispatcher.reload", "htable.flush auths"]


def test_a_contact_whose_row_is_gone_is_found_and_removed(target: KamailioTarget, peer: Peer) -> None:
    target.carry_out(GONE)
    assert peer.heard == [
        ("ul.lookup", ["location", "alice"]),
        ("ul.rm_contact", ["location", "alice", CONTACT]),
    ]


def test_a_contact_that_has_come_again_stays(target: KamailioTarget, peer: Peer, rows: set[str]) -> None:
    rows.add(ROW)
    target.carry_out(GONE)
    assert peer.heard == []


def test_a_contact_of_another_registrar_is_none_of_its(
    target: KamailioTarget, peer: Peer, registrar: Registrar
) -> None:
    registrar.contacts.remove(CONTACT)
    target.carry_out(GONE)
    assert peer.heard == [("ul.lookup", ["location", "alice"])]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (GONE, "AOR not found in location table"),
        (Command("htable.delete", "auths", "a"), "Key not found in htable."),
    ],
)
def test_what_is_not_there_needs_not_be_told(
    target: KamailioTarget, registrar: Registrar, command: Command, refusal: str
) -> None:
    registrar.refusal = refusal
    target.carry_out(command)


def test_a_module_that_is_not_loaded_keeps_nothing_and_is_told_once(
    target: KamailioTarget, registrar: Registrar, caplog: pytest.LogCaptureFixture
) -> None:
    registrar.refusal = "Method Not Found"
    for _ in range(2):
        target.carry_out(Command("dispatcher.reload"))
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "it has no dispatcher.reload, so its module is not loaded"
    ]


@pytest.mark.parametrize("refusal", ["Ongoing reload", "Reload Failed", "No such htable"])
def test_any_other_refusal_is_one(target: KamailioTarget, registrar: Registrar, refusal: str) -> None:
    registrar.refusal = refusal
    with pytest.raises(TellingRefused, match=f"dispatcher.reload: {refusal}"):
        target.carry_out(Command("dispatcher.reload"))


def test_one_that_is_not_there_is_unavailable(peer: Peer) -> None:
    peer.answer = None
    target = KamailioTarget(RpcAddress.parse(peer.address), is_there=lambda table, id: False, patience=0.1)
    with pytest.raises(Unavailable, match="said nothing"):
        target.connect()
