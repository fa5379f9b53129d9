"""What all pictures say of a node or an edge; ids of others go through `plain`."""

from __future__ import annotations

from sorcery.plain import plain
from sorcery.relations.graph import Edge, Node
from sorcery.relations.links import State

__all__ = ["heading", "label", "remark"]

REMARKS = {
    State.FOUND: "",
    State.DANGLING: "does not exist",
    State.UNREADABLE: "cannot be read",
    State.OUTSIDE: "not known here",
}


def heading(node: Node) -> str:
    """Return the id, or how many objects the node stands for."""
    if node.id:
        return plain(node.id)
    return f"{node.count} more" if node.beside else f"{node.count} object{'' if node.count == 1 else 's'}"


def remark(node: Node) -> str:
    """Return what is wrong with the object, or nothing."""
    return REMARKS[node.state]


def label(edge: Edge) -> str:
    """Return the options of an edge, and how many references it stands for."""
    return plain(edge.label) if edge.count == 1 else f"{plain(edge.label)} x{edge.count}"
