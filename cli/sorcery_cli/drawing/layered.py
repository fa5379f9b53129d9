"""Where the nodes of a graph lie: in layers from left to right, with few crossings and short ways.

The steps are those of Sugiyama: turn edges so that no circle is left, spread the nodes over layers, put a point into
each layer that an edge passes, order the layers so that few edges cross, and then move everything towards its
neighbours as far as the order allows.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

import attrs

__all__ = ["Layout", "Point", "layered"]

N = TypeVar("N", bound=Hashable)
Point = tuple[float, float]
Pair = tuple[int, int]
Span = tuple[float, float]

SWEEPS = 12


@attrs.frozen
class Layout(Generic[N]):
    """Where everything lies; a point is the middle of a node."""

    points: Mapping[N, Point]
    routes: Sequence[Sequence[Point]]
    """Per edge where it enters and leaves the layers that it passes, from its source's side to its target's."""
    width: float
    height: float


def layered(
    sizes: Mapping[N, tuple[float, float]],
    edges: Sequence[tuple[N, N]],
    *,
    gap: float,
    margin: float,
    backwards: Collection[N] = (),
) -> Layout[N]:
    """Return the layout of nodes of some (width, height); `gap` is kept between layers, `margin` between nodes.

    The edges of nodes in `backwards` lead to the left.
    """
    number = {name: position for position, name in enumerate(sizes)}
    pairs = [(number[source], number[target]) for source, target in edges]
    turned = {number[name] for name in backwards}
    drawing = _Drawing(list(sizes.values()), pairs, turned, gap, margin)
    points = {name: drawing.point(position) for name, position in number.items()}
    return Layout(points, [drawing.route(chain) for chain in drawing.chains], drawing.width, drawing.height)


class _Drawing:
    """The work on one graph; nodes are numbers, those behind the real ones are points on edges."""

    def __init__(
        self,
        sizes: Sequence[tuple[float, float]],
        edges: Sequence[Pair],
        turned: Collection[int],
        gap: float,
        margin: float,
    ) -> None:
        self._widths = [width for width, _ in sizes]
        self._heights = [height for _, height in sizes]
        self._margin = margin
        forward = _without_circles(len(sizes), [(t, s) if s in turned else (s, t) for s, t in edges])
        self._layer = _layers(len(sizes), forward)
        self.chains = [self._chain(pair) for pair in forward]
        self._before: list[list[int]] = [[] for _ in self._layer]
        self._behind: list[list[int]] = [[] for _ in self._layer]
        for chain in self.chains:
            for left, right in pairwise(chain) if chain[0] != chain[-1] else ():
                self._behind[left].append(right)
                self._before[right].append(left)
        for pair, chain in zip(edges, self.chains, strict=True):
            if chain[0] != pair[0]:
                chain.reverse()
        self._order()
        self._place(gap)

    def _chain(self, pair: Pair) -> list[int]:
        """Return the nodes of an edge, with a new point in each layer that it passes."""
        source, target = pair
        chain = [source]
        for layer in range(self._layer[source] + 1, self._layer[target]):
            chain.append(len(self._layer))
            self._layer.append(layer)
            self._widths.append(0.0)
            self._heights.append(0.0)
        return [*chain, target]

    def _order(self) -> None:
        """Order each layer by where its neighbours lie, to and fro, and keep the order with the fewest crossings."""
        self._rows: list[list[int]] = [[] for _ in range(max(self._layer, default=-1) + 1)]
        for node, layer in enumerate(self._layer):
            self._rows[layer].append(node)
        best, fewest = [row[:] for row in self._rows], self._crossings()
        for sweep in range(SWEEPS):
            neighbours = self._behind if sweep % 2 else self._before
            rank = {node: place for each in self._rows for place, node in enumerate(each)}
            for row in reversed(self._rows) if sweep % 2 else self._rows:
                keys = {node: _mean([rank[each] for each in neighbours[node]], rank[node]) for node in row}
                row.sort(key=keys.__getitem__)
                rank.update((node, place) for place, node in enumerate(row))
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [row[:] for row in self._rows], crossings
        self._rows = best

    def _crossings(self) -> int:
        total = 0
        for row, following in pairwise(self._rows):
            rank = {node: place for place, node in enumerate(following)}
            total += _inversions([place for node in row for place in sorted(rank[each] for each in self._behind[node])])
        return total

    def _place(self, gap: float) -> None:
        """Give every node its place: layers side by side, and in each layer the way to the neighbours short."""
        self._y = [0.0] * len(self._layer)
        for row in self._rows:
            self._settle(row, dict.fromkeys(row, 0.0))
        for sweep in range(2 * SWEEPS):
            neighbours = self._behind if sweep % 2 else self._before
            for row in reversed(self._rows) if sweep % 2 else self._rows:
                self._settle(row, {n: _mean([self._y[each] for each in neighbours[n]], self._y[n]) for n in row})
        top = min((self._y[n] - self._heights[n] / 2 for n in range(len(self._y))), default=0.0)
        self._y = [y - top for y in self._y]
        self._columns: list[Span] = []
        left = 0.0
        for row in self._rows:
            self._columns.append((left, left + max(self._widths[node] for node in row)))
            left = self._columns[-1][1] + gap
        self.width = max(0.0, left - gap)
        self.height = max((self._y[n] + self._heights[n] / 2 for n in range(len(self._y))), default=0.0)

    def _settle(self, row: Sequence[int], wished: Mapping[int, float]) -> None:
        """Put the nodes of a layer as near to their wishes as their order and their sizes allow (least squares)."""
        offsets, offset = [], 0.0
        for last, node in zip([None, *row], row, strict=False):
            if last is not None:
                offset += (self._heights[last] + self._heights[node]) / 2 + self._margin
            offsets.append(offset)
        for node, offset, y in zip(
            row, offsets, _rising([wished[n] - o for n, o in zip(row, offsets, strict=True)]), strict=True
        ):
            self._y[node] = y + offset

    def point(self, node: int) -> Point:
        left, right = self._columns[self._layer[node]]
        return (left + right) / 2, self._y[node]

    def route(self, chain: Sequence[int]) -> list[Point]:
        """Return where an edge goes: level through the layers between its nodes, so that it touches none in them."""
        way: list[Point] = []
        for node in chain[1:-1]:
            left, right = self._columns[self._layer[node]]
            ends = [(left, self._y[node]), (right, self._y[node])]
            way += ends if self._layer[chain[0]] < self._layer[chain[-1]] else reversed(ends)
        return way


def _without_circles(count: int, edges: Sequence[Pair]) -> list[Pair]:
    """Return the edges, those turned round that lead back to where one came from."""
    behind: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        behind[source].append(target)
    has_before = {target for source, target in edges if source != target}
    starts = [*(node for node in range(count) if node not in has_before), *range(count)]
    left: dict[int, int] = {}
    entered: dict[int, int] = {}
    for start in starts:
        waiting = [(start, False)]
        while waiting:
            node, is_done = waiting.pop()
            if is_done:
                left[node] = len(left)
            elif node not in entered:
                entered[node] = len(entered)
                waiting.append((node, True))
                waiting += [(each, False) for each in reversed(behind[node]) if each not in entered]
    # whoever is left before its target was entered from it: that edge leads back
    return [(t, s) if left[s] < left[t] else (s, t) for s, t in edges]


def _layers(count: int, edges: Sequence[Pair]) -> list[int]:
    """Return each node's layer: behind all that lead to it, and those that nothing leads to right before theirs."""
    behind: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for source, target in edges:
        if source != target:
            behind[source].append(target)
            missing[target] += 1
    starts = [node for node in range(count) if not missing[node]]
    layer, ready = [0] * count, list(starts)
    while ready:
        node = ready.pop()
        for each in behind[node]:
            layer[each] = max(layer[each], layer[node] + 1)
            missing[each] -= 1
            if not missing[each]:
                ready.append(each)
    for node in starts:
        if behind[node]:
            layer[node] = min(layer[each] for each in behind[node]) - 1
    return layer


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _inversions(values: Sequence[int]) -> int:
    """Count the pairs that stand in the wrong order, by merging."""
    if len(values) < 2:
        return 0
    half = len(values) // 2
    left, right = sorted(values[:half]), sorted(values[half:])
    total, place = _inversions(values[:half]) + _inversions(values[half:]), 0
    for value in right:
        while place < len(left) and left[place] <= value:
            place += 1
        total += len(left) - place
    return total


def _rising(values: Iterable[float]) -> list[float]:
    """Return the values that never fall and lie nearest to the given ones: neighbours that fall share their mean."""
    groups: list[tuple[float, int]] = []
    for value in values:
        groups.append((value, 1))
        while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
            (first, few), (second, many) = groups[-2:]
            groups[-2:] = [((first * few + second * many) / (few + many), few + many)]
    return [mean for mean, count in groups for _ in range(count)]
