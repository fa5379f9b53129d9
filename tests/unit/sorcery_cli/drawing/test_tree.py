"""Graphs as trees."""

from __future__ import annotations

import io
from itertools import pairwise

import attrs
from rich.console import Console

from sorcery.relations.graph import Edge, Graph, Node
from sorcery_cli.drawing.tree import trees
from tests.unit.sorcery_cli.drawing.graphs import HOSTILE, PHONE


def printed(graph: Graph) -> list[str]:
    out = io.StringIO()
    for tree in trees(graph):
        Console(file=out, width=200, markup=False, highlight=False, emoji=False).print(tree)
    return out.getvalue().splitlines()


def test_an_object_is_the_root_of_what_surrounds_it() -> None:
    assert printed(PHONE) == [
        "endpoint alice",
        "├── aors → aor alice",
        "│   └── contact → contact alice;@1",
        "├── auth, outbound_auth → auth gone  does not exist",
        "├── acl → acl.conf office  not known here",
        "├── ← identify i  (endpoint)",
        "└── ← registration 7 more  (endpoint x7)",
    ]


def test_without_a_root_those_come_first_whom_nobody_refers_to() -> None:
    lines = printed(attrs.evolve(PHONE, root=None))
    assert [line for line in lines if line[0] not in "├│└ "] == ["identify i", "registration 7 more"]
    assert "└── endpoint → endpoint alice" in lines
    assert "└── endpoint x7 → endpoint alice  (elsewhere)" in lines


def test_a_circle_is_followed_once() -> None:
    a, b = Node("resource_list", "a"), Node("resource_list", "b")
    graph = Graph((a, b), (Edge(a, b, "list_item"), Edge(b, a, "list_item"), Edge(a, a, "list_item")))
    assert printed(graph) == [
        "resource_list a",
        "├── list_item → resource_list b",
        "└── list_item → resource_list a  (elsewhere)",
    ]


def test_a_contact_in_the_middle_has_its_aor_and_its_endpoint() -> None:
    lines = printed(attrs.evolve(PHONE, root=PHONE.nodes[3]))
    assert lines[0] == "contact alice;@1"
    assert "├── endpoint → endpoint alice" in lines
    assert "└── ← aor alice  (contact)" in lines


def test_many_objects_in_a_row_do_not_go_too_deep() -> None:
    nodes = tuple(Node("resource_list", f"{number}") for number in range(300))
    edges = tuple(Edge(one, two, "list_item") for one, two in pairwise(nodes))
    assert sum(1 for _ in trees(Graph(nodes, edges))) == 1


def test_an_id_can_do_nothing_to_the_terminal() -> None:
    text = "\n".join(printed(HOSTILE))
    assert "\x1b" not in text
    assert "\\x1b[2J" in text
