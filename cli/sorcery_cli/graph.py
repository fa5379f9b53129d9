"""`sorcery graph`: what refers to what, drawn."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorcery import NotFound, Sorcery
from sorcery.plain import plain
from sorcery_cli.context import Json, existing, known_type, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.output import console, print_json

if TYPE_CHECKING:
    from sorcery.relations.graph import Graph, Node

__all__ = ["graph"]

MOST = 500
"""Nodes of a picture that anybody could look at."""


class Form(enum.StrEnum):
    """How a graph is drawn."""

    TREE = "tree"
    MERMAID = "mermaid"
    SVG = "svg"


def graph(
    context: typer.Context,
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The object in the middle; the whole system without it.")
    ] = None,
    type_name: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Its type; an endpoint if there is one of that id.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to draw it.")] = Form.TREE,
    depth: Annotated[int, typer.Option(min=0, help="How many references far to go.")] = 3,
    width: Annotated[int, typer.Option(min=1, help="How many to show of those that refer to one object alike.")] = 12,
    types: Annotated[bool, typer.Option("--types", help="One box per type, with the number of its objects.")] = False,
    json: Json = False,
) -> None:
    """Draw what refers to what: around one object, or all there is. References to nothing are drawn as such."""
    session = session_of(context, json)
    if type_name is not None and id is None:
        raise Misuse("--type says what ID is; name an ID, or leave it out for the whole system")
    with session.open() as s:
        found = s.graph() if id is None else s.graph(_type_of(s, id, type_name), id, depth=depth, width=width)
    drawn = found.by_type() if types else found
    if session.json:
        print_json(_data(drawn))
    elif form is Form.TREE:
        _print_trees(drawn)
    else:
        _require_few(drawn)
        title = f"What surrounds {found.root.type_name} {plain(found.root.id)}" if found.root else "What refers to what"
        typer.echo(_drawn(drawn, form, title))


def _type_of(s: Sorcery, id: str, type_name: str | None) -> str:
    """Return the type of the object that is meant; raises `NotFound`, and `Misuse` where it may be one of several."""
    if type_name is not None:
        known_type(s, type_name)
        return existing(s, type_name, id).__sorcery__.name
    if s.retrieve_by_id("endpoint", id) is not None:
        return "endpoint"
    found = [name for name in s.types if s.retrieve_by_id(name, id) is not None]
    if not found:
        raise NotFound("object", id)
    if len(found) > 1:
        raise Misuse(f"{id!r} is the id of {' and '.join(found)}; choose one with --type")
    return found[0]


def _require_few(graph: Graph) -> None:
    if len(graph.nodes) > MOST:
        raise Misuse(f"{len(graph.nodes)} objects make no picture; name an ID, or draw the types with --types")


def _drawn(graph: Graph, form: Form, title: str) -> str:
    from sorcery_cli.drawing.mermaid import mermaid
    from sorcery_cli.drawing.svg import svg

    return svg(graph, title=title) if form is Form.SVG else mermaid(graph)


def _print_trees(graph: Graph) -> None:
    from sorcery_cli.drawing.tree import trees

    terminal = console()
    for tree in trees(graph):
        terminal.print(tree)


def _data(graph: Graph) -> dict[str, Any]:
    numbers = {node: number for number, node in enumerate(graph.nodes)}
    edges = [
        {
            "from": numbers[edge.source],
            "to": numbers[edge.target],
            "options": edge.label.split(", "),
            "count": edge.count,
        }
        for edge in graph.edges
    ]
    root = None if graph.root is None else numbers.get(graph.root)
    return {"root": root, "nodes": [_node_data(node) for node in graph.nodes], "edges": edges}


def _node_data(node: Node) -> dict[str, Any]:
    return {"type": node.type_name, "id": node.id or None, "state": node.state.value, "count": node.count}
