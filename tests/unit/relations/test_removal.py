"""Removing objects that others refer to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import Conflict, NotFound, NotWritable, Sorcery, StillReferred
from sorcery.pjsip import Aor, Auth, Contact, DomainAlias, Endpoint, InboundPublication, ResourceList, Transport
from tests.unit.relations.systems import PHONES, TRUNK, signs, store


@pytest.fixture
def system() -> Iterator[Sorcery]:
    with Sorcery.open("memory:") as system:
        store(system, *PHONES, *TRUNK)
        yield system


def test_what_nobody_refers_to_goes_alone(system: Sorcery) -> None:
    plan = system.plan_removal("inbound-publication", "mood")
    assert signs(plan) == ["- inbound-publication mood"]
    plan.apply()
    assert system.retrieve_by_id(InboundPublication, "mood") is None


def test_what_others_refer_to_stays_and_each_of_them_is_named(system: Sorcery) -> None:
    with pytest.raises(StillReferred) as caught:
        system.plan_removal(Aor, "desk")
    assert str(caught.value) == (
        "aor 'desk' cannot be removed while it is referred to by endpoint 'alice', option aors; "
        "endpoint 'bob', option aors; contact 'desk;@1', its id; change these first, or let the removal cascade"
    )
    assert [(each.referrer.id, each.option) for each in caught.value.links] == [
        ("alice", "aors"),
        ("bob", "aors"),
        ("desk;@1", "id"),
    ]
    assert system.retrieve_by_id(Aor, "desk")


def test_a_message_names_twenty_and_says_how_many_more_there_are(system: Sorcery) -> None:
    store(system, *(Endpoint(f"e{number:02}", transport="tls") for number in range(25)))
    with pytest.raises(StillReferred, match=r"'e19', option transport; 6 more; change these first") as caught:
        system.plan_removal(Transport, "tls")
    assert len(caught.value.links) == 26


def test_a_cascade_takes_what_belongs_to_an_endpoint_and_the_parts_that_it_alone_used(system: Sorcery) -> None:
    plan = system.plan_removal(Endpoint, "alice", cascade=True)
    assert signs(plan) == ["- contact alice;@1", "- endpoint alice", "- aor alice", "- auth alice"]
    plan.apply()
    assert [each.id for each in system.retrieve_all(Aor)] == ["desk", "trunk"]
    assert system.dangling() == []


def test_a_cascade_takes_identifies_and_registrations_along_and_leaves_transports(system: Sorcery) -> None:
    plan = system.plan_removal(Endpoint, "trunk", cascade=True)
    assert set(signs(plan)) == {
        *("- endpoint trunk", "- identify trunk", "- registration trunk", "- auth trunk", "- aor trunk")
    }
    plan.apply()
    assert system.dangling() == []


def test_a_name_is_taken_out_of_a_list_that_keeps_others(system: Sorcery) -> None:
    with pytest.raises(StillReferred, match=r"by endpoint 'bob', option aors; each of these would name nothing"):
        system.plan_removal(Aor, "desk", cascade=True)
    system.update(Endpoint("bob", auth="bob", aors="desk,alice"))
    plan = system.plan_removal(Aor, "desk", cascade=True)
    assert [each.obj.id for each in plan.changes] == ["alice", "bob", "desk;@1", "desk"]
    plan.apply()
    assert [tuple(each.aors) for each in system.retrieve_all(Endpoint)] == [("alice",), ("alice",), ("trunk",)]
    assert system.retrieve_by_id(Contact, "desk;@1") is None
    assert system.dangling() == []


def test_what_two_options_of_one_object_name_is_taken_out_of_both(system: Sorcery) -> None:
    store(system, Auth("x", username="x", password="p"), Endpoint("e", auth="x,bob,x", outbound_auth="alice,x"))
    system.plan_removal(Auth, "x", cascade=True).apply()
    assert system.retrieve_by_id(Endpoint, "e") == Endpoint("e", auth="bob", outbound_auth="alice")


def test_nothing_is_opened_to_everybody_by_a_removal(system: Sorcery) -> None:
    for type_name, id, referrer in (("auth", "bob", "endpoint"), ("endpoint", "bob", "inbound-publication")):
        with pytest.raises(StillReferred) as caught:
            system.plan_removal(type_name, id, cascade=True)
        assert [each.referrer.__sorcery__.name for each in caught.value.links] == [referrer]


def test_objects_that_refer_to_each_other_in_a_circle_can_go(system: Sorcery) -> None:
    lists = [ResourceList(id, event="e", list_item=f"{other},{id}") for id, other in (("a", "b"), ("b", "a"))]
    store(system, *lists, ResourceList("c", event="e", list_item="c,x"))
    system.plan_removal(ResourceList, "c").apply()
    plan = system.plan_removal(ResourceList, "a", cascade=True)
    assert signs(plan) == ["~ resource_list b", "- resource_list a"]


def test_a_domain_holds_nothing(system: Sorcery) -> None:
    store(system, Endpoint("u@example.com"), DomainAlias("alias", domain="example.com"))
    assert signs(system.plan_removal(Endpoint, "u@example.com")) == ["- endpoint u@example.com"]
    assert signs(system.plan_removal(DomainAlias, "alias", cascade=True)) == ["- domain_alias alias"]


def test_what_was_changed_since_the_plan_was_made_is_a_conflict(system: Sorcery) -> None:
    plan = system.plan_removal(Endpoint, "alice", cascade=True)
    system.update(Aor("alice", max_contacts=5))
    with pytest.raises(Conflict):
        plan.apply()
    assert system.retrieve_by_id(Endpoint, "alice")


def test_what_is_not_there_is_not_found(system: Sorcery) -> None:
    with pytest.raises(NotFound):
        system.plan_removal(Endpoint, "nobody", cascade=True)


def test_what_lies_in_a_file_that_may_not_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor=memory\n")
    (tmp_path / "pjsip.conf").write_text("[e]\ntype=endpoint\naors=x,y\n")
    with Sorcery.open(tmp_path) as system:
        store(system, Aor("x"), Aor("y"))
        with pytest.raises(NotWritable, match="endpoint cannot be written"):
            system.plan_removal(Aor, "x", cascade=True)
        with pytest.raises(NotWritable):
            system.plan_removal(Endpoint, "e")
        assert system.retrieve_by_id(Aor, "x")


def test_a_copy_that_would_stay_behind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor=memory\naor=config,pjsip.conf,criteria=type=aor\n")
    (tmp_path / "pjsip.conf").write_text("[x]\ntype=aor\n")
    with Sorcery.open(tmp_path) as system:
        system.create(Aor("y"))
        assert signs(system.plan_removal(Aor, "y")) == ["- aor y"]
        with pytest.raises(NotWritable, match="'x' cannot be written: it lies in config"):
            system.plan_removal(Aor, "x")
