"""Where nodes lie."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery_cli.drawing.layered import Layout, layered

GAP, MARGIN = 50.0, 10.0
SIZES = st.lists(st.tuples(st.floats(1, 99), st.floats(1, 99)), min_size=1, max_size=9).map(
    lambda found: dict(enumerate(found))
)


def laid_out(edges: list[tuple[str, str]], backwards: tuple[str, ...] = ()) -> Layout[str]:
    names = dict.fromkeys(name for edge in edges for name in edge)
    return layered(dict.fromkeys(names, (20.0, 10.0)), edges, gap=GAP, margin=MARGIN, backwards=backwards)


@settings(deadline=None)
@given(SIZES, st.data())
def test_no_two_nodes_touch_and_all_lie_inside(sizes: dict[int, tuple[float, float]], data: st.DataObject) -> None:
    ends = st.sampled_from(list(sizes))
    edges = data.draw(st.lists(st.tuples(ends, ends), max_size=20))
    layout = layered(sizes, edges, gap=GAP, margin=MARGIN)
    assert layout.points.keys() == sizes.keys()
    boxes = [(*layout.points[name], *size) for name, size in sizes.items()]
    for number, (x, y, width, height) in enumerate(boxes):
        assert width / 2 - 1e-6 <= x <= layout.width - width / 2 + 1e-6
        assert height / 2 - 1e-6 <= y <= layout.height - height / 2 + 1e-6
        for other_x, other_y, other_width, other_height in boxes[:number]:
            apart_x = abs(x - other_x) - (width + other_width) / 2
            apart_y = abs(y - other_y) - (height + other_height) / 2
            assert apart_x >= -1e-6 or apart_y >= MARGIN - 1e-6


def test_what_is_referred_to_lies_to_the_right() -> None:
    points = laid_out([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")]).points
    assert points["a"][0] < points["b"][0] < points["c"][0]
    assert points["d"][0] == points["b"][0]  # right before what it refers to


def test_a_circle_is_cut_once() -> None:
    points = laid_out([("a", "b"), ("b", "c"), ("c", "a")]).points
    assert points["a"][0] < points["b"][0] < points["c"][0]


def test_edges_of_some_nodes_lead_back() -> None:
    points = laid_out([("contact", "endpoint"), ("endpoint", "aor"), ("aor", "contact")], ("contact",)).points
    assert points["endpoint"][0] < points["aor"][0] < points["contact"][0]


def test_an_edge_passes_between_the_nodes_of_a_layer() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c")]
    layout = laid_out(edges)
    assert [len(route) for route in layout.routes] == [0, 0, 2]
    (left, y), (right, same) = layout.routes[2]
    assert (left, right, y) == (layout.points["b"][0] - 10, layout.points["b"][0] + 10, same)
    assert abs(y - layout.points["b"][1]) >= 5 + MARGIN - 1e-6
    (turned,) = layered({"a": (1, 1), "b": (1, 1), "c": (1, 1)}, [("c", "a")], gap=1, margin=1, backwards="c").routes
    assert turned == []


def test_edges_that_need_not_cross_do_not() -> None:
    edges = [("a", "3"), ("b", "1"), ("c", "2"), ("a", "4"), ("c", "5")]
    points = laid_out(edges).points
    for first, second in ((one, two) for one in edges for two in edges):
        before = points[first[0]][1] - points[second[0]][1]
        assert before * (points[first[1]][1] - points[second[1]][1]) >= 0


def test_a_lone_chain_is_straight() -> None:
    points = laid_out(list(pairwise("abcdef"))).points
    assert {y for _, y in points.values()} == {5.0}


def test_nothing_is_laid_out_as_nothing() -> None:
    layout: Layout[str] = layered({}, [], gap=GAP, margin=MARGIN)
    assert (layout.points, layout.width, layout.height) == ({}, 0.0, 0.0)
