"""What surrounds an object, or all there is, as nodes and edges: what pictures are made of. It holds no secret."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator

import attrs

from sorcery.objects import Object
from sorcery.relations.links import Key, Link, Relations, State, Tie, key_of

__all__ = ["Edge", "Graph", "Node", "around", "whole"]


@attrs.frozen(slots=True, cache_hash=True)
class Node:
    """One object of a picture, or several objects of one type."""

    type_name: str
    id: str = ""
    """The object's id; empty for several."""
    state: State = State.FOUND
    count: int = 1
    """How many objects it stands for."""
    beside: Key | None = None
    """Of several that were left out: the object that they refer to."""


@attrs.frozen(slots=True)
class Edge:
    """A reference of a picture, from who refers to what is referred to; an owner refers to what it owns."""

    source: Node
    target: Node
    label: str
    """The options that say so."""
    count: int = 1
    """How many references it stands for."""
    owns: bool = False
    """The source owns the target, as an AOR its contacts."""


@attrs.frozen(slots=True)
class Graph:
    """A picture of objects and their references."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    root: Node | None = None
    """The object that was asked for; None for everything."""

    def by_type(self) -> Graph:
        """Return the same with one node for all objects of a type in one state, and one edge for all references."""
        nodes: Counter[tuple[str, State]] = Counter()
        for node in self.nodes:
            nodes[node.type_name, node.state] += node.count
        merged = {key: Node(key[0], state=key[1], count=count) for key, count in nodes.items()}
        edges: Counter[Edge] = Counter()
        for edge in self.edges:
            source, target = (merged[end.type_name, end.state] for end in (edge.source, edge.target))
            edges[Edge(source, target, edge.label, owns=edge.owns)] += edge.count
        return Graph(tuple(merged.values()), tuple(attrs.evolve(edge, count=count) for edge, count in edges.items()))

    def owned(self) -> frozenset[Node]:
        """Return the nodes that another one owns."""
        return frozenset(edge.target for edge in self.edges if edge.owns)


def around(relations: Relations, obj: Object, *, depth: int, width: int) -> Graph:
    """Return the picture of an object: what it refers to, what that does, and likewise who refers to it.

    It goes `depth` references far. Of those that refer to one object by one option, or belong to it, it shows `width`,
    and says how many more there are.
    """
    walk = _Walk(relations, width)
    walk.go(obj, depth)
    nodes = {key_of(each): Node(*key_of(each)) for each in walk.seen.values()}
    links = (link for each in walk.seen.values() for link in relations.references(each))
    edges = _edges(links, nodes, everything=False)
    rest = walk.rest()
    more = [_edge_of_rest(node, label, nodes) for node, label in rest]
    return Graph((*nodes.values(), *dict.fromkeys(node for node, _ in rest)), (*edges, *more), nodes[key_of(obj)])


class _Walk:
    """Goes from object to object: onwards from what is referred to, backwards from who refers."""

    def __init__(self, relations: Relations, width: int) -> None:
        self._relations, self._width = relations, width
        self.seen: dict[Key, Object] = {}
        self._left: list[tuple[Key, str, str, list[Key]]] = []
        """Those that were passed over: beside whom, their type, the option by which they refer, and who they are."""

    def go(self, obj: Object, depth: int) -> None:
        waiting = deque([(obj, 0, True, True)])
        self.seen[key_of(obj)] = obj
        while waiting:
            obj, distance, onwards, backwards = waiting.popleft()
            if distance < depth:
                for found, on, back in self._neighbours(obj, onwards=onwards, backwards=backwards):
                    if key_of(found) not in self.seen:
                        self.seen[key_of(found)] = found
                        waiting.append((found, distance + 1, on, back))

    def _neighbours(self, obj: Object, *, onwards: bool, backwards: bool) -> Iterator[tuple[Object, bool, bool]]:
        """Yield the objects beside one, and whether it goes onwards and backwards from them.

        What an object owns lies onwards of it, and there it ends: a contact's endpoint may be another phone.
        """
        for link in self._relations.references(obj):
            is_onwards = link.tie is not Tie.OWNER
            if link.target is not None and (onwards if is_onwards else backwards):
                yield link.target, is_onwards, not is_onwards
        kinds: dict[tuple[str, str], list[Link]] = {}
        for link in self._relations.referrers(*key_of(obj)):
            if onwards if link.tie is Tie.OWNER else backwards:
                kinds.setdefault((link.referrer.__sorcery__.name, link.option), []).append(link)
        for (type_name, option), links in kinds.items():
            for link in links[: self._width]:
                yield link.referrer, False, link.tie is not Tie.OWNER
            left = [key_of(link.referrer) for link in links[self._width :]]
            label = type_name if links[0].tie is Tie.OWNER else option
            self._left.append((key_of(obj), type_name, label, left))

    def rest(self) -> list[tuple[Node, str]]:
        """Return the nodes for those that were left out, with the option by which they refer."""
        found: list[tuple[Node, str]] = []
        for beside, type_name, label, keys in self._left:
            if count := sum(key not in self.seen for key in keys):
                found.append((Node(type_name, count=count, beside=beside), label))
        return found


def _edge_of_rest(node: Node, label: str, nodes: dict[Key, Node]) -> Edge:
    beside = nodes[node.beside] if node.beside else node
    is_owned = label == node.type_name
    source, target = (beside, node) if is_owned else (node, beside)
    return Edge(source, target, label, node.count, is_owned)


def whole(relations: Relations, objects: Iterable[Object]) -> Graph:
    """Return the picture of objects, of types that can refer or be referred to, and of all that they refer to."""
    related = _related(relations)
    shown = [obj for obj in objects if obj.__sorcery__.name in related]
    nodes = {key_of(obj): Node(*key_of(obj)) for obj in shown}
    edges = _edges((link for obj in shown for link in relations.references(obj)), nodes, everything=True)
    return Graph(tuple(nodes.values()), tuple(edges))


def _related(relations: Relations) -> set[str]:
    """Return the names of the types that can refer to others or be referred to."""
    found: set[str] = set()
    for name, binding in relations.bindings.items():
        options = binding.object_type.options.values()
        targets = {option.refers_to or option.may_refer_to or option.domain_of for option in options}
        targets = (targets | {binding.object_type.owner}) - {""}
        found |= targets | ({name} if targets else set())
    return found


def _edges(links: Iterable[Link], nodes: dict[Key, Node], *, everything: bool) -> list[Edge]:
    """Return the edges between nodes, one for all options that join the same two.

    What does not exist, or lies outside, is added to the nodes, and with `everything` what was found too.
    """
    found: dict[tuple[Node, Node, bool], list[str]] = {}
    for link in links:
        target = nodes.get((link.type_name, link.id))
        if target is None and (everything or link.state is not State.FOUND):
            target = nodes[link.type_name, link.id] = Node(link.type_name, link.id, link.state)
        if target is not None:
            own = nodes[key_of(link.referrer)]
            if link.tie is Tie.OWNER:
                found[target, own, True] = [own.type_name]
            else:
                labels = found.setdefault((own, target, False), [])
                labels += [link.option] if link.option not in labels else []
    return [Edge(own, other, ", ".join(labels), owns=owns) for (own, other, owns), labels in found.items()]
