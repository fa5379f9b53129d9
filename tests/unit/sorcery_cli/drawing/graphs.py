"""Graphs to draw."""

from __future__ import annotations

from sorcery.relations.graph import Edge, Graph, Node
from sorcery.relations.links import State

__all__ = ["HOSTILE", "PHONE"]

ALICE, AOR, AUTH = Node("endpoint", "alice"), Node("aor", "alice"), Node("auth", "gone", State.DANGLING)
CONTACT, ACL = Node("contact", "alice;@1"), Node("acl.conf", "office", State.OUTSIDE)
IDENTIFY, REST = Node("identify", "i"), Node("registration", count=7, beside=("endpoint", "alice"))
PHONE = Graph(
    (ALICE, AOR, AUTH, CONTACT, ACL, IDENTIFY, REST),
    (
        Edge(ALICE, AOR, "aors"),
        Edge(ALICE, AUTH, "auth, outbound_auth"),
        Edge(ALICE, ACL, "acl"),
        Edge(AOR, CONTACT, "contact", owns=True),
        Edge(CONTACT, ALICE, "endpoint"),
        Edge(IDENTIFY, ALICE, "endpoint"),
        Edge(REST, ALICE, "endpoint", 7),
    ),
    ALICE,
)
_BAD = Node("endpoint", '"]<script>&|{x}\x1b[2J\udcff;#--> 漢', State.UNREADABLE)
HOSTILE = Graph((_BAD, ALICE), (Edge(ALICE, _BAD, "a|b"), Edge(_BAD, _BAD, "list_item")))
"""An id that means something to every language that a graph is written in, and an edge from a node to itself."""
