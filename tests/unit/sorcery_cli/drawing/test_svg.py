"""Graphs as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import attrs

from sorcery.relations.graph import Edge, Graph, Node
from sorcery_cli.drawing.svg import svg
from tests.unit.sorcery_cli.drawing.graphs import HOSTILE, PHONE

NAME = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(picture).iter(f"{NAME}text")]


def test_every_node_and_edge_is_in_the_picture() -> None:
    picture = ElementTree.fromstring(svg(PHONE, title="alice"))
    found = texts(svg(PHONE, title="alice"))
    assert {"endpoint", "alice", "alice;@1", "gone", "does not exist", "not known here", "7 more"} <= set(found)
    assert {"aors", "auth, outbound_auth", "endpoint x7"} <= set(found)
    assert len(picture.findall(f".//{NAME}path[@class='edge']")) == len(PHONE.edges)
    assert picture.findtext(f"{NAME}title") == "alice"


def test_what_is_missing_is_dashed_and_the_root_stands_out() -> None:
    picture = svg(PHONE, title="x")
    assert picture.count('stroke-dasharray="5 4"') == 2
    assert picture.count("url(#dangling)") == picture.count("url(#outside)") == 1
    assert picture.count('stroke-width="3"') == 1
    assert 'stroke-width="3"' not in svg(attrs.evolve(PHONE, root=None), title="x")


def test_an_id_can_do_nothing_to_the_picture() -> None:
    picture = svg(HOSTILE, title="<&>")
    assert "<script" not in picture
    assert '"]<script>&|{x}\\x1b[2J\\u…;#--> 漢'[:20] in " ".join(texts(picture))
    picture.encode("utf-8")
    assert "\x1b" not in picture


def test_a_long_id_is_shortened_and_whole_in_its_tooltip() -> None:
    long = "x" * 50 + "end"
    picture = svg(Graph((Node("aor", long),), ()), title="x")
    assert [text for text in texts(picture) if text.startswith("x")] == ["x" * 25 + "…xxxxxend"]
    assert f"aor {long}" in [each.text for each in ElementTree.fromstring(picture).iter(f"{NAME}title")]


def test_edges_between_the_same_two_are_drawn_as_one() -> None:
    first, second = PHONE.nodes[:2]
    graph = Graph((first, second), (Edge(first, second, "auth", 3), Edge(first, second, "outbound_auth")))
    assert "auth x3, outbound_auth" in texts(svg(graph, title="x"))
    assert svg(graph, title="x").count('class="edge"') == 1


def test_everything_lies_inside_the_picture() -> None:
    lone = tuple(Node("auth", f"a{number}") for number in range(40))
    graph = Graph((*PHONE.nodes, *HOSTILE.nodes[:1], *lone), (*PHONE.edges, HOSTILE.edges[1]))
    picture = ElementTree.fromstring(svg(graph, title="x"))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    assert 0.8 < width / height < 3
    corners: list[tuple[float, float]] = []
    for group in picture.findall(f"{NAME}g"):
        x, y = map(float, group.attrib["transform"].removeprefix("translate(").removesuffix(")").split())
        for box in group.iter(f"{NAME}rect"):
            left, top = x + float(box.attrib["x"]), y + float(box.attrib["y"])
            assert left >= 0 <= top
            assert left + float(box.attrib["width"]) <= width
            assert top + float(box.attrib["height"]) <= height
            corners.append((left, top))
    assert len(corners) >= 2 * len(graph.nodes)


def test_nothing_is_an_empty_picture() -> None:
    assert ElementTree.fromstring(svg(Graph((), ()), title="x")).tag == f"{NAME}svg"
