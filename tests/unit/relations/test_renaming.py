"""Giving objects other ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import AlreadyExists, InvalidObject, NotFound, NotWritable, Sorcery, Unavailable
from sorcery.pjsip import Aor, Auth, Contact, DomainAlias, Endpoint, Identify, Phoneprov, ResourceList
from tests.unit.relations.systems import PHONES, TRUNK, signs, store


@pytest.fixture
def system() -> Iterator[Sorcery]:
    with Sorcery.open("memory:") as system:
        store(system, *PHONES, *TRUNK)
        yield system


def test_an_aor_takes_its_contacts_and_its_places_in_lists_along(system: Sorcery) -> None:
    plan = system.plan_rename(Aor, "desk", "reception")
    assert signs(plan) == [
        "+ aor reception",
        "~ endpoint alice",
        "~ endpoint bob",
        "+ contact reception;@1",
        "- contact desk;@1",
        "- aor desk",
    ]
    plan.apply()
    assert system.retrieve_all(Aor)[1] == Aor("reception", max_contacts=2)
    assert [tuple(each.aors) for each in system.retrieve_all(Endpoint)][:2] == [("alice", "reception"), ("reception",)]
    assert system.retrieve_all(Contact)[1] == Contact("reception;@1", uri="sip:desk@192.0.2.2", endpoint="bob")
    assert system.dangling() == []


def test_an_endpoint_is_renamed_wherever_it_is_named(system: Sorcery) -> None:
    store(system, Phoneprov("p", variables={"MAC": "1", "endpoint": "bob"}))
    system.plan_rename(Endpoint, "bob", "robert").apply()
    assert system.retrieve_by_id(Endpoint, "bob") is None
    assert {each.referrer.id for each in system.referrers(Endpoint, "robert")} == {"desk;@1", "mood", "p"}
    assert system.retrieve_by_id(Phoneprov, "p") == Phoneprov("p", variables={"MAC": "1", "endpoint": "robert"})
    assert system.retrieve_by_id(Auth, "bob")  # only what has the id that was named


def test_a_secret_is_kept_and_not_shown(system: Sorcery) -> None:
    plan = system.plan_rename(Auth, "alice", "al")
    assert "geheim" not in str(plan)
    plan.apply()
    assert system.retrieve_by_id(Auth, "al") == Auth("al", username="alice", password="geheim")


def test_an_object_that_names_itself_follows_itself(system: Sorcery) -> None:
    store(system, ResourceList("a", event="e", list_item="a,b"), ResourceList("b", event="e", list_item="x"))
    system.plan_rename(ResourceList, "a", "z").apply()
    assert system.retrieve_by_id(ResourceList, "z") == ResourceList("z", event="e", list_item="z,b")


def test_a_domain_alias_names_no_endpoint(system: Sorcery) -> None:
    store(system, Endpoint("u@example.com"), DomainAlias("alias", domain="example.com"))
    assert signs(system.plan_rename(Endpoint, "u@example.com", "v")) == ["+ endpoint v", "- endpoint u@example.com"]


def test_an_id_that_is_the_same_changes_nothing(system: Sorcery) -> None:
    assert not system.plan_rename(Aor, "desk", "desk")


def test_an_id_that_is_taken_is_refused(system: Sorcery) -> None:
    with pytest.raises(AlreadyExists, match="aor 'alice' exists already"):
        system.plan_rename(Aor, "desk", "alice")
    store(system, Contact("free;@1", uri="sip:x"))
    with pytest.raises(AlreadyExists, match="contact 'free;@1' exists already"):
        system.plan_rename(Aor, "desk", "free")


@pytest.mark.parametrize(("new", "message"), [("a,b", "endpoint 'alice', option aors='a,b'"), ("", "to an empty id")])
def test_an_id_that_nobody_could_name_is_refused(system: Sorcery, new: str, message: str) -> None:
    with pytest.raises(InvalidObject, match=message):
        system.plan_rename(Aor, "desk", new)


def test_what_is_not_there_is_not_found(system: Sorcery) -> None:
    with pytest.raises(NotFound):
        system.plan_rename(Endpoint, "nobody", "somebody")


def test_a_referrer_in_a_file_that_may_not_be_written_keeps_the_name(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\nendpoint=memory\n")
    (tmp_path / "pjsip.conf").write_text("[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n")
    with Sorcery.open(tmp_path) as system:
        system.create(Endpoint("e"))
        with pytest.raises(NotWritable, match="identify cannot be written"):
            system.plan_rename(Endpoint, "e", "f")
        assert system.retrieve_by_id(Endpoint, "e")


def test_all_stores_change_together(database: str, tmp_path: Path) -> None:
    with Sorcery.open(database, astdb=tmp_path / "astdb.sqlite3") as system:
        system.map("contact", "astdb", "registrar", position=0)
        system.unmap("contact", "astdb")
        system.map("identify", "memory")
        identify = Identify("i", endpoint="alice", match="192.0.2.1")
        store(system, *(each for each in PHONES if not isinstance(each, Contact)), identify)
        system.plan_rename(Endpoint, "alice", "al").apply()
        assert system.retrieve_by_id(Identify, "i") == identify.evolve(endpoint="al")
        assert system.retrieve_by_id(Endpoint, "al")
        assert system.retrieve_by_id(Endpoint, "alice") is None


def test_a_store_that_is_silent_keeps_everything_as_it_is(system: Sorcery) -> None:
    plan = system.plan_rename(Aor, "desk", "reception")
    system.close()
    with pytest.raises(Unavailable):
        system.plan_rename(Aor, "desk", "reception")
    with pytest.raises(Unavailable):
        plan.apply()
