"""Contacts in their store: expiry, what dies with a run, deleted AORs."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Contact
from sorcery_sip.modules.contacts import Contacts, contact_id


def contact(aor: str, uri: str, expires: int = 100, **options: Any) -> Contact:
    return Contact(id=contact_id(aor, uri), uri=uri, expiration_time=expires, **options)


@pytest.fixture
def contacts(sorcery: Sorcery) -> Contacts:
    return Contacts(sorcery)


def test_the_id_is_that_of_asterisk() -> None:
    assert contact_id("bob", "sip:bob@127.0.0.1:56661") == "bob;@23c20854dbeb8c553966e33e7810af6e"
    uri = "sip:al%5eice;@127.0.0.1:56661;transport=udp;x=a;ob"
    assert contact_id("alice", uri) == "alice;@bdbd0a55b8aa961a1c1db3877a264853"


def test_only_the_aor_s_own_contacts_are_its(sorcery: Sorcery, contacts: Contacts) -> None:
    own, old = contact("al", "sip:a@h"), contact("al", "sip:b@h", 50)
    for each in (own, old, contact("alice", "sip:c@h")):
        sorcery.create(each)
    assert contacts.of("al", 50) == ([own], [old])


def test_a_sweep_deletes_what_has_expired(sorcery: Sorcery, contacts: Contacts) -> None:
    gone, kept = contact("a", "sip:a@h", 50), contact("a", "sip:b@h", 51)
    sorcery.create(gone)
    sorcery.create(kept)
    assert contacts.sweep(50.9) == [gone.id]
    assert sorcery.retrieve_all(Contact) == [kept]


def test_a_sweep_spares_what_was_refreshed_meanwhile(
    sorcery: Sorcery, contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = contact("a", "sip:a@h", 50)
    sorcery.create(old.evolve(expiration_time=500))
    monkeypatch.setattr(sorcery, "retrieve_by_fields", lambda *args, **fields: [old])
    assert contacts.sweep(100) == []
    assert len(sorcery.retrieve_all(Contact)) == 1


def test_a_sweep_spares_what_another_server_refreshes_at_that_moment(
    sorcery: Sorcery, contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = contact("a", "sip:a@h", 50)
    renewed = old.evolve(expiration_time=500)
    sorcery.create(renewed)
    monkeypatch.setattr(sorcery, "retrieve_by_fields", lambda *args, **fields: [old])
    monkeypatch.setattr(sorcery, "retrieve_by_id", lambda *args: old)  # it is refreshed after this question
    assert contacts.sweep(100) == []
    assert sorcery.retrieve_all(Contact) == [renewed]


def test_a_contact_that_another_run_has_taken_over_is_not_pruned(
    sorcery: Sorcery, contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = contact("a", "sip:a@h", prune_on_boot=True, reg_server="one")
    sorcery.create(old.evolve(reg_server="two"))
    monkeypatch.setattr(sorcery, "retrieve_by_fields", lambda *args, **fields: [old])
    assert contacts.prune("one") == []
    assert len(sorcery.retrieve_all(Contact)) == 1


def test_looking_at_an_aor_deletes_nothing(sorcery: Sorcery, contacts: Contacts) -> None:
    old = contact("al", "sip:b@h", 50)
    sorcery.create(old)
    assert contacts.of("al", 100) == ([], [old])
    assert sorcery.retrieve_all(Contact) == [old]


def test_what_another_server_deleted_first_is_no_error(
    sorcery: Sorcery, contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = contact("a", "sip:a@h", 50)
    monkeypatch.setattr(sorcery, "retrieve_by_fields", lambda *args, **fields: [old])
    assert contacts.sweep(100) == []
    monkeypatch.setattr(sorcery, "retrieve_by_id", lambda *args: old)  # and deleted it between question and deletion
    assert contacts.sweep(100) == []


def test_contacts_of_dead_connections_go_at_the_start_if_they_are_ours(sorcery: Sorcery, contacts: Contacts) -> None:
    ours = contact("a", "sip:a@h", prune_on_boot=True, reg_server="one")
    theirs = contact("a", "sip:b@h", prune_on_boot=True, reg_server="two")
    lasting = contact("a", "sip:c@h", reg_server="one")
    for each in (ours, theirs, lasting):
        sorcery.create(each)
    assert contacts.prune("one") == [ours.id]
    assert len(sorcery.retrieve_all(Contact)) == 2


def test_the_contacts_of_an_aor_are_forgotten_only_if_it_is_gone(sorcery: Sorcery, contacts: Contacts) -> None:
    own, other = contact("al", "sip:a@h"), contact("alice", "sip:a@h")
    sorcery.create(own)
    sorcery.create(other)
    sorcery.create(Aor(id="al"))
    assert contacts.forget("al") == []
    sorcery.delete(Aor(id="al"))
    assert contacts.forget("al") == [own.id]
    assert sorcery.retrieve_all(Contact) == [other]


def test_contacts_whose_aor_is_gone_are_orphans(sorcery: Sorcery, contacts: Contacts) -> None:
    own, orphan = contact("al", "sip:a@h"), contact("bo", "sip:a@h")
    for each in (Aor(id="al"), own, orphan):
        sorcery.create(each)
    assert contacts.orphans() == [orphan.id]
    assert sorcery.retrieve_all(Contact) == [own]
