"""A graph as an SVG picture, drawn without any other program."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

import attrs

from sorcery.relations.graph import Edge, Graph, Node
from sorcery.relations.links import State
from sorcery_cli.drawing.layered import Layout, Point, layered
from sorcery_cli.drawing.wording import heading, label, remark

__all__ = ["svg"]

BORDER, PADDING, GAP, MARGIN, APART = 28.0, 14.0, 56.0, 18.0, 36.0
CHAR, SMALL_CHAR = 7.6, 6.2
"""Pixels of a character of an id, and of the smaller texts."""
LONGEST = 34
"""Characters of an id that are drawn; all of them are in the tooltip."""
PORT = 9.0
"""Pixels between two edges at a side of a node, where it has room for them."""
SHAPE = 1.6
"""How much broader than high a picture of many parts is to be."""

COLOURS = {
    "endpoint": "#1565c0",
    "aor": "#2e7d32",
    "contact": "#558b2f",
    "auth": "#6a1b9a",
    "transport": "#00838f",
    "identify": "#ef6c00",
    "registration": "#ad1457",
    "outbound-publish": "#ad1457",
    "resource_list": "#4e342e",
    "domain_alias": "#9e7700",
}
OTHERS = "#455a64"
FAULTS = {State.DANGLING: "#c62828", State.UNREADABLE: "#e65100", State.OUTSIDE: "#8a8a8a"}

STYLE = """\
text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1b1f24; text-anchor: middle }
.type { font-size: 11px } .id { font-size: 13px; font-weight: 600 } .remark { font-size: 11px; font-style: italic }
.label { font-size: 10.5px; fill: #4b5560; paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
.edge { fill: none; stroke: #8793a0; stroke-width: 1.4 }"""


@attrs.frozen
class Part:
    """Nodes that hang together, laid out."""

    graph: Graph
    layout: Layout[Node]
    ports: dict[tuple[Edge, Node], Point]
    """Where an edge touches each of its nodes."""


def svg(graph: Graph, *, title: str) -> str:
    """Return the picture as one SVG document."""
    parts = [_laid_out(each) for each in _parts(graph)]
    corners = _packed([(part.layout.width, part.layout.height) for part in parts])
    width = max((x + part.layout.width for part, (x, _) in zip(parts, corners, strict=True)), default=0.0)
    height = max((y + part.layout.height for part, (_, y) in zip(parts, corners, strict=True)), default=0.0)
    lines = list(_opening(width + 2 * BORDER, height + 2 * BORDER, title))
    for part, (x, y) in zip(parts, corners, strict=True):
        lines.append(f'<g transform="translate({x + BORDER:.1f} {y + BORDER:.1f})">')
        lines += _drawn(part, graph.root)
        lines.append("</g>")
    return "\n".join([*lines, "</svg>"])


def _opening(width: float, height: float, title: str) -> Iterator[str]:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.1f} {height:.1f}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    yield f"<title>{escape(title)}</title>"
    yield f"<style>{STYLE}</style>"
    yield "<defs>"
    for name, colour in (("end", "#8793a0"), *((state.value, colour) for state, colour in FAULTS.items())):
        yield (
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0.5 8 4 0 7.5z" fill="{colour}"/></marker>'
        )
    yield "</defs>"
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'


def _parts(graph: Graph) -> list[Graph]:
    """Return the parts of a graph that hang together, the largest first; what stands alone comes last, as one."""
    beside: dict[Node, list[Node]] = {node: [] for node in graph.nodes}
    for edge in graph.edges:
        beside[edge.source].append(edge.target)
        beside[edge.target].append(edge.source)
    part: dict[Node, int] = {}
    for node in graph.nodes:
        number, waiting = len(part), [node] if beside[node] and node not in part else []
        while waiting:
            found = waiting.pop()
            if found not in part:
                part[found] = number
                waiting += beside[found]
    nodes: dict[int, list[Node]] = {}
    for node in graph.nodes:
        nodes.setdefault(part.get(node, -1), []).append(node)
    edges: dict[int, list[Edge]] = {}
    for edge in _joined(graph.edges):
        edges.setdefault(part[edge.source], []).append(edge)
    ordered = sorted(nodes, key=lambda number: (number == -1, -len(nodes[number])))
    return [Graph(tuple(nodes[number]), tuple(edges.get(number, ()))) for number in ordered]


def _joined(edges: Iterable[Edge]) -> Iterator[Edge]:
    """Yield one edge for all that lead from one node to another."""
    found: dict[tuple[Node, Node], list[Edge]] = {}
    for edge in edges:
        found.setdefault((edge.source, edge.target), []).append(edge)
    for (source, target), same in found.items():
        yield Edge(source, target, ", ".join(map(label, same)), owns=any(edge.owns for edge in same))


def _laid_out(graph: Graph) -> Part:
    sizes = {node: _size(node) for node in graph.nodes}
    if not graph.edges:
        return Part(graph, _grid(sizes), {})
    widest = max(len(label(edge)) for edge in graph.edges) * SMALL_CHAR
    pairs = [(edge.source, edge.target) for edge in graph.edges]
    layout = layered(sizes, pairs, gap=GAP + widest, margin=MARGIN, backwards=graph.owned())
    return Part(graph, layout, _ports(graph, layout))


def _ports(graph: Graph, layout: Layout[Node]) -> dict[tuple[Edge, Node], Point]:
    """Spread the edges over the sides of their nodes, in the order in which they come or go."""
    sides: dict[tuple[Node, int], list[tuple[float, int, Edge]]] = {}
    for number, (edge, route) in enumerate(zip(graph.edges, layout.routes, strict=True)):
        start, end = layout.points[edge.source], layout.points[edge.target]
        way = [start, *route, end]
        side = 1 if end[0] >= start[0] else -1
        sides.setdefault((edge.source, side), []).append((way[1][1], number, edge))
        sides.setdefault((edge.target, -side), []).append((way[-2][1], number, edge))
    ports: dict[tuple[Edge, Node], Point] = {}
    for (node, side), found in sides.items():
        (x, y), (width, height) = layout.points[node], _size(node)
        step = min(PORT, (height - 16) / max(1, len(found) - 1))
        for place, (_, _, edge) in enumerate(sorted(found, key=lambda each: each[:2])):
            ports[edge, node] = (x + side * width / 2, y + step * (place - (len(found) - 1) / 2))
    return ports


def _grid(sizes: dict[Node, tuple[float, float]]) -> Layout[Node]:
    corners = _packed(list(sizes.values()), apart=MARGIN)
    points = {
        node: (x + width / 2, y + height / 2)
        for (node, (width, height)), (x, y) in zip(sizes.items(), corners, strict=True)
    }
    right = max(x + sizes[node][0] / 2 for node, (x, _) in points.items())
    bottom = max(y + sizes[node][1] / 2 for node, (_, y) in points.items())
    return Layout(points, (), right, bottom)


def _packed(sizes: Sequence[tuple[float, float]], *, apart: float = APART) -> list[Point]:
    """Return where to put rectangles: in rows, so that the whole has about the wanted shape."""
    area = sum((width + apart) * (height + apart) for width, height in sizes)
    limit = max([(area * SHAPE) ** 0.5, *(width for width, _ in sizes)])
    corners: list[Point] = []
    x = y = deepest = 0.0
    for width, height in sizes:
        if x and x + width > limit:
            x, y, deepest = 0.0, y + deepest + apart, 0.0
        corners.append((x, y))
        x, deepest = x + width + apart, max(deepest, height)
    return corners


def _size(node: Node) -> tuple[float, float]:
    texts = [_columns(_short(heading(node))) * CHAR, len(node.type_name) * SMALL_CHAR, len(remark(node)) * SMALL_CHAR]
    return max(84.0, max(texts) + 2 * PADDING), 60.0 if remark(node) else 44.0


def _columns(text: str) -> int:
    """Return how many characters broad a text is: those of East Asia count twice."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 9]}\N{HORIZONTAL ELLIPSIS}{text[-8:]}"


def _drawn(part: Part, root: Node | None) -> Iterator[str]:
    points = part.layout.points
    degrees = Counter(end for edge in part.graph.edges for end in (edge.source, edge.target))
    for edge, route in zip(part.graph.edges, part.layout.routes, strict=True):
        if edge.source == edge.target:
            yield from _loop(edge, points[edge.source])
        else:
            ways = [part.ports[edge, edge.source], *route, part.ports[edge, edge.target]]
            leaving, arriving = degrees[edge.source], degrees[edge.target]
            yield from _edge(edge, ways, 0.3 if leaving < arriving else 0.7 if leaving > arriving else 0.5)
    for node in part.graph.nodes:
        yield from _node(node, points[node], is_root=node == root)


def _node(node: Node, point: Point, *, is_root: bool) -> Iterator[str]:
    (x, y), (width, height) = point, _size(node)
    colour = FAULTS.get(node.state) or COLOURS.get(node.type_name, OTHERS)
    left, top = x - width / 2, y - height / 2
    box = f'width="{width:.1f}" height="{height:.1f}" rx="7"'
    yield f"<g><title>{escape(f'{node.type_name} {heading(node)}')}</title>"
    if node.count > 1:
        yield f'<rect x="{left + 4:.1f}" y="{top + 4:.1f}" {box} fill="#ffffff" stroke="{colour}"/>'
    look = "" if node.state is State.FOUND else ' stroke-dasharray="5 4"'
    yield f'<rect x="{left:.1f}" y="{top:.1f}" {box} fill="#ffffff"/>'
    yield (
        f'<rect x="{left:.1f}" y="{top:.1f}" {box} fill="{colour}" fill-opacity="0.08" stroke="{colour}" '
        f'stroke-width="{3 if is_root else 1.5}"{look}/>'
    )
    texts = [("type", node.type_name, colour), ("id", _short(heading(node)), "")]
    texts += [("remark", remark(node), colour)] if remark(node) else []
    for number, (name, text, fill) in enumerate(texts):
        line = top + 18 + 16 * number
        style = f' style="fill: {fill}"' if fill else ""
        yield f'<text class="{name}" x="{x:.1f}" y="{line:.1f}"{style}>{escape(text)}</text>'
    yield "</g>"


def _edge(edge: Edge, ways: Sequence[Point], share: float) -> Iterator[str]:
    """Draw an edge, with its label after some share of the way through its first layer or its last."""
    yield _path(edge, f"M{_at(ways[0])}" + "".join(_bends(ways)))
    first, second = (ways[-2], ways[-1]) if share > 0.5 else (ways[0], ways[1])
    yield _label(edge, _on_the_way(first, second, share))


def _loop(edge: Edge, point: Point) -> Iterator[str]:
    """Draw an edge from a node to itself, around its upper right corner."""
    width, height = _size(edge.source)
    right, top = point[0] + width / 2, point[1] - height / 2
    end = (right + (4 if edge.source.count > 1 else 0), top + 16)
    bend = f"C{_at((right - 28, top - 28))} {_at((right + 44, top + 16))} {_at(end)}"
    yield _path(edge, f"M{_at((right - 28, top))}{bend}")
    yield _label(edge, (right + 4, top - 8))


def _path(edge: Edge, way: str) -> str:
    colour = FAULTS.get(edge.target.state)
    look = f' style="stroke: {colour}; stroke-dasharray: 5 4"' if colour else ""
    end = edge.target.state.value if colour else "end"
    return f'<path class="edge" d="{way}" marker-end="url(#{end})"{look}/>'


def _label(edge: Edge, point: Point) -> str:
    return f'<text class="label" x="{point[0]:.1f}" y="{point[1] - 4:.1f}">{escape(label(edge))}</text>'


def _bends(ways: Iterable[Point]) -> Iterator[str]:
    """Yield curves that leave and reach every point level."""
    last, *rest = ways
    for point in rest:
        middle = (last[0] + point[0]) / 2
        yield f"C{middle:.1f} {last[1]:.1f} {middle:.1f} {point[1]:.1f} {_at(point)}"
        last = point


def _on_the_way(start: Point, end: Point, share: float) -> Point:
    """Return a point of the curve between two others."""
    (x, y), (end_x, end_y) = start, end
    left = 1 - share
    bent = 3 * left * share * (x + end_x) / 2
    return left**3 * x + bent + share**3 * end_x, y + (end_y - y) * share * share * (3 - 2 * share)


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
