"""Pictures of objects and their references, as data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sorcery import Object, Sorcery
from sorcery.pjsip import Auth, Contact, DomainAlias, Endpoint, Identify, Registration, ResourceList, Transport
from sorcery.relations.graph import Graph, Node
from sorcery.relations.links import Relations, State
from tests.unit.relations.systems import PHONES, TRUNK


@pytest.fixture
def system() -> Iterator[Sorcery]:
    with Sorcery.open("memory:") as system:
        store(system, *PHONES, *TRUNK)
        yield system


def store(system: Sorcery, *objects: Object) -> None:
    with system.transaction() as transaction:
        for obj in objects:
            transaction.create(obj)


def name(node: Node) -> str:
    return f"{node.type_name} {node.id}" if node.id else f"{node.count} {node.type_name}"


def arrows(graph: Graph) -> set[str]:
    return {f"{name(edge.source)} -{edge.label}> {name(edge.target)}" for edge in graph.edges}


def test_an_endpoint_is_seen_with_what_it_refers_to_and_with_who_refers_to_it(system: Sorcery) -> None:
    graph = system.graph(Endpoint, "trunk")
    assert graph.root == Node("endpoint", "trunk")
    assert arrows(graph) == {
        "endpoint trunk -transport> transport tls",
        "endpoint trunk -outbound_auth> auth trunk",
        "endpoint trunk -aors> aor trunk",
        "identify trunk -endpoint> endpoint trunk",
        "registration trunk -outbound_auth> auth trunk",
        "registration trunk -endpoint> endpoint trunk",
    }


def test_a_picture_of_everything_asks_no_store_for_the_endpoints_of_each_domain(
    system: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    aliases = [DomainAlias(each, domain=each) for each in ("a.example", "b.example")]
    store(system, *aliases, *map(Endpoint, ("v@a.example", "u@a.example", "a.example", "u@c.example")))
    monkeypatch.setattr(Relations, "_search", pytest.fail)
    assert [arrow for arrow in sorted(arrows(system.graph())) if arrow.startswith("domain_alias")] == [
        "domain_alias a.example -domain> endpoint u@a.example",
        "domain_alias a.example -domain> endpoint v@a.example",
    ]


def test_who_else_refers_to_what_an_object_refers_to_is_no_part_of_its_picture(system: Sorcery) -> None:
    graph = system.graph(Endpoint, "alice")
    assert Node("endpoint", "bob") not in graph.nodes
    assert "aor desk -contact> contact desk;@1" in arrows(graph)
    assert "contact alice;@1 -endpoint> endpoint alice" in arrows(graph)


def test_from_a_transport_everything_is_seen_that_needs_it(system: Sorcery) -> None:
    assert {name(node) for node in system.graph(Transport, "tls").nodes} == {
        *("transport tls", "endpoint trunk", "identify trunk", "registration trunk")
    }
    assert {name(node) for node in system.graph(Transport, "tls", depth=1).nodes} == {"transport tls", "endpoint trunk"}
    assert system.graph(Transport, "tls", depth=0).nodes == (Node("transport", "tls"),)


def test_of_many_who_refer_alike_some_are_shown_and_the_others_counted(system: Sorcery) -> None:
    store(system, *(Endpoint(f"e{number}", transport="tls") for number in range(9)))
    graph = system.graph(Transport, "tls", width=3)
    assert "7 endpoint -transport> transport tls" in arrows(graph)
    assert sum(node.count for node in graph.nodes if node.type_name == "endpoint") == 10
    store(system, *(Contact(f"alice;@{number}", uri="sip:x") for number in range(2, 9)))
    assert "aor alice -contact> 6 contact" in arrows(system.graph("aor", "alice", width=2))


def test_who_is_shown_by_another_way_is_not_counted_among_those_left_out() -> None:
    def registration(number: int) -> Registration:
        id, endpoint = f"r{2 - number}", f"e{number}"
        return Registration(id, server_uri="sip:x", client_uri="sip:y", endpoint=endpoint, line=True, outbound_auth="z")

    with Sorcery.open("memory:") as system:
        store(system, Auth("z", username="z", password="z"))
        store(system, *(Endpoint(f"e{number}", outbound_auth="z") for number in range(3)), *map(registration, range(3)))
        assert {name(node) for node in system.graph("auth", "z", width=2).nodes if not node.id} == {"1 endpoint"}


def test_those_left_out_are_told_by_each_option() -> None:
    with Sorcery.open("memory:") as system:
        store(system, Auth("z", username="z", password="z"))
        store(system, *(Endpoint(f"e{number}", auth="z", outbound_auth="z") for number in range(2)))
        store(system, *(Endpoint(f"f{number}", auth="z") for number in range(2)))
        store(system, *(Endpoint(f"g{number}", outbound_auth="z") for number in range(2)))
        more = {arrow for arrow in arrows(system.graph("auth", "z", width=2)) if arrow.startswith("2 ")}
        assert more == {"2 endpoint -auth> auth z", "2 endpoint -outbound_auth> auth z"}


def test_a_reference_to_nothing_is_seen_as_such(system: Sorcery) -> None:
    store(system, Identify("lost", endpoint="gone", match="192.0.2.1"), Endpoint("e", acl="office", aors="gone"))
    assert Node("endpoint", "gone", State.DANGLING) in system.graph(Identify, "lost").nodes
    assert {node for node in system.graph(Endpoint, "e").nodes if node.state is not State.FOUND} == {
        Node("aor", "gone", State.DANGLING),
        Node("acl.conf", "office", State.OUTSIDE),
    }


def test_several_options_that_join_the_same_two_are_one_edge(system: Sorcery) -> None:
    store(system, Endpoint("e", auth="bob", outbound_auth="bob"))
    assert arrows(system.graph(Endpoint, "e")) == {"endpoint e -auth, outbound_auth> auth bob"}


def test_a_circle_ends(system: Sorcery) -> None:
    store(system, *(ResourceList(a, event="e", list_item=f"{a},{b}") for a, b in (("a", "b"), ("b", "a"))))
    assert len(system.graph(ResourceList, "a", depth=99).edges) == 4


def test_everything_is_seen_at_once(system: Sorcery) -> None:
    graph = system.graph()
    assert graph.root is None
    assert {node.id for node in graph.nodes if node.type_name == "contact"} == {"alice;@1", "desk;@1"}
    assert len(graph.nodes) == len(PHONES) + len(TRUNK)
    assert len(graph.edges) == 16


def test_the_picture_of_the_types_counts(system: Sorcery) -> None:
    store(system, Identify("lost", endpoint="gone", match="192.0.2.1"))
    graph = system.graph().by_type()
    assert {name(node) for node in graph.nodes if node.state is State.FOUND} == {
        *("3 endpoint", "3 auth", "3 aor", "2 contact", "2 identify", "1 registration", "1 transport"),
        "1 inbound-publication",
    }
    counted = {f"{edge.source.type_name} {edge.label} {edge.target.state.value}": edge.count for edge in graph.edges}
    assert counted["endpoint aors found"] == 4
    assert counted["identify endpoint dangling"] == 1


def test_no_secret_is_in_a_picture(system: Sorcery) -> None:
    assert "geheim" not in repr(system.graph())
