"""A graph in the language of Mermaid, which many viewers of Markdown draw."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.relations.graph import Graph, Node
from sorcery.relations.links import State
from sorcery_cli.drawing.wording import heading, label, remark

__all__ = ["mermaid"]

STYLES = {
    "root": "stroke-width:3px",
    State.DANGLING.value: "stroke:#c62828,color:#c62828,stroke-dasharray:5 4",
    State.UNREADABLE.value: "stroke:#e65100,color:#e65100,stroke-dasharray:5 4",
    State.OUTSIDE.value: "stroke:#777777,color:#777777,stroke-dasharray:5 4",
}


def mermaid(graph: Graph) -> str:
    """Return the flow chart, from left to right."""
    return "\n".join(_lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    names = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    used: dict[str, None] = {}
    yield "flowchart LR"
    for node, name in names.items():
        style = "root" if node == graph.root else "" if node.state is State.FOUND else node.state.value
        used |= {style: None} if style else {}
        yield f'    {name}["{_text(node)}"]' + (f":::{style}" if style else "")
    for edge in graph.edges:
        arrow = "-->" if edge.target.state is State.FOUND else "-.->"
        yield f'    {names[edge.source]} {arrow}|"{_escaped(label(edge))}"| {names[edge.target]}'
    for style in used:
        yield f"    classDef {style} {STYLES[style]}"


def _text(node: Node) -> str:
    lines = [f"<small>{_escaped(node.type_name)}</small>", f"<b>{_escaped(heading(node))}</b>"]
    if wrong := remark(node):
        lines.append(f"<i>{wrong}</i>")
    return "<br/>".join(lines)


def _escaped(text: str) -> str:
    """Write what could mean something to Mermaid, or to the Markdown and HTML inside, as a character code."""
    return "".join(char if char.isalnum() or char in " -" else f"#{ord(char)};" for char in text)
