"""A graph as a tree for a terminal: what an object refers to below it, and who refers to it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from rich.tree import Tree

from sorcery.relations.graph import Edge, Graph, Node
from sorcery.relations.links import State
from sorcery_cli.drawing.wording import heading, label, remark

__all__ = ["trees"]

STYLES = {State.FOUND: "", State.DANGLING: "red", State.UNREADABLE: "yellow", State.OUTSIDE: "dim"}


def trees(graph: Graph) -> Iterator[Tree]:
    """Yield the tree of the object that was asked for, or one for each object that nobody refers to.

    Each object is followed once; where it comes again, that is said. What is owned stands with its owner, as a leaf.
    """
    forest = _Forest(graph)
    if graph.root is not None:
        yield forest.grown(graph.root, onwards=True, backwards=True)
        return
    owned = graph.owned()
    targets = {edge.target for edge in graph.edges if edge.source != edge.target and edge.source not in owned}
    for node in (*(node for node in graph.nodes if node not in targets), *graph.nodes):
        if node not in forest.seen:  # of a circle the first one
            yield forest.grown(node, onwards=True, backwards=False)


class _Forest:
    def __init__(self, graph: Graph) -> None:
        self.seen: set[Node] = set()
        self._onwards: dict[Node, list[Edge]] = {}
        self._backwards: dict[Node, list[Edge]] = {}
        leaves = graph.owned() - {graph.root}
        for edge in (edge for edge in graph.edges if edge.source not in leaves):
            self._onwards.setdefault(edge.source, []).append(edge)
            self._backwards.setdefault(edge.target, []).append(edge)

    def grown(self, node: Node, *, onwards: bool, backwards: bool) -> Tree:
        """Return the tree of a node, with the edges that lead on from it, and those that lead to it."""
        tree = Tree(_words(node))
        waiting = [(tree, node, onwards, backwards, node)]
        self.seen.add(node)
        while waiting:
            branch, node, onwards, backwards, parent = waiting.pop()
            found: list[tuple[Tree, Node, bool, bool, Node]] = []
            for edge, other, is_onwards in self._neighbours(node, onwards=onwards, backwards=backwards, parent=parent):
                words = _words(other, edge, is_onwards=is_onwards)
                if other in self.seen and self._onwards.get(other):
                    branch.add(words.append("  (elsewhere)", "dim"))
                    continue
                grown = branch.add(words)
                if other not in self.seen:
                    self.seen.add(other)
                    found.append((grown, other, is_onwards or onwards != backwards, not is_onwards, node))
            waiting += reversed(found)
        return tree

    def _neighbours(
        self, node: Node, *, onwards: bool, backwards: bool, parent: Node
    ) -> Iterator[tuple[Edge, Node, bool]]:
        for edge in self._onwards.get(node, ()) if onwards else ():
            if edge.target != parent or parent == node:
                yield edge, edge.target, True
        for edge in self._backwards.get(node, ()) if backwards else ():
            if edge.source not in (parent, node):
                yield edge, edge.source, False


def _words(node: Node, edge: Edge | None = None, *, is_onwards: bool = True) -> Text:
    text = Text()
    if edge is not None:
        text.append(f"{label(edge)} \N{RIGHTWARDS ARROW} " if is_onwards else "\N{LEFTWARDS ARROW} ", "dim")
    text.append(f"{node.type_name} ", STYLES[node.state] or "cyan")
    text.append(heading(node), STYLES[node.state] or "bold")
    if edge is not None and not is_onwards:
        text.append(f"  ({label(edge)})", "dim")
    if wrong := remark(node):
        text.append(f"  {wrong}", STYLES[node.state])
    return text
