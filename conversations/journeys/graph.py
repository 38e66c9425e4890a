"""What does this journey look like? Its steps in layers and the ways between them, from the text alone.

No position is stored: who starts is at the top, every way leads down, except those that lead back. `drawing` makes the
picture of it, `footfall` the counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.journeys import edges

MOST = 300  # steps; above that nobody reads a picture
WIDTH, HEIGHT = 184, 62  # of a step, in the picture's units
BEND = 20  # what a long way takes between two steps
GAP, RISE = 26, 64
SWEEPS = 4
# What an author thinks of last: such a way leads back rather than that the way that is meant does.
ASIDE = {"on_invalid", "timeout", "error", "failed", "offline", "cancelled", "else"}
Point = tuple[float, float]


@dataclass(slots=True)
class Node:
    """One step; `x` and `y` are its middle, `line` where it stands in the text (0: unknown)."""

    id: str
    type: str
    title: str
    line: int = 0
    x: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class Way:
    """From a step to another, under the names that lead there; `points` from its begin to its end."""

    source: str
    target: str
    labels: list[str]
    is_back: bool = False
    points: list[Point] = field(default_factory=list)


@dataclass(slots=True)
class Graph:
    """A journey laid out in a picture of `width` by `height`."""

    nodes: dict[str, Node]
    ways: list[Way]
    width: float = 0.0
    height: float = 0.0


def of(data: Mapping[str, Any], lines: Mapping[tuple[str | int, ...], int] | None = None) -> Graph | None:
    """The graph of data that has the shape of a journey (errors or not); None if it is too large to be looked at."""
    steps: Sequence[Mapping[str, Any]] = data["steps"]
    if len(steps) > MOST:
        return None
    found = edges.graph(steps)
    nodes: dict[str, Node] = {}
    for number, step in enumerate(steps):
        title = str(step.get("title") or step["id"].replace("_", " ").capitalize())
        line = (lines or {}).get(("steps", number), 0)
        nodes.setdefault(step["id"], Node(step["id"], step["type"], title, line))
    graph = Graph(nodes, _ways(found))
    _Layout(graph).place()
    return graph


def _ways(found: Mapping[str, Sequence[edges.Edge]]) -> list[Way]:
    """One way for each pair of steps, however many names lead there."""
    ways: dict[tuple[str, str], Way] = {}
    for source, out in found.items():
        for edge in out:
            if edge.target in found:
                way = ways.setdefault((source, edge.target), Way(source, edge.target, []))
                way.labels += [edge.label] if edge.label not in way.labels else []
    return list(ways.values())


class _Layout:
    """Layers by the longest way from the top; long ways get a bend in every layer that they pass."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.down: dict[str, list[str]] = {step: [] for step in graph.nodes}
        self.layers: list[list[str]] = []
        self.at: dict[str, float] = {}
        self.level: dict[str, int] = {}
        self.chains: dict[int, list[str]] = {}

    def place(self) -> None:
        self._mark_back()
        for way in self.graph.ways:
            if way.source != way.target:
                upper, lower = (way.target, way.source) if way.is_back else (way.source, way.target)
                self.down[upper].append(lower)
        self._level()
        self._bend()
        self._order()
        self._spread()
        self._finish()

    def _mark_back(self) -> None:
        """A way back is one that a walk through the steps meets while it is still below the way's end."""
        ways: dict[str, list[Way]] = {step: [] for step in self.graph.nodes}
        for way in self.graph.ways:
            ways[way.source].append(way)
        for found in ways.values():
            found.sort(key=lambda way: set(way.labels) <= ASIDE)
        state: dict[str, int] = {}
        for start in self.graph.nodes:
            stack = [(start, iter(ways[start]))] if start not in state else []
            state.setdefault(start, 1)
            while stack:
                step, left = stack[-1]
                onward = next(left, None)
                if onward is None:
                    state[step] = 2
                    stack.pop()
                elif state.get(onward.target) == 1:
                    onward.is_back = True
                elif onward.target not in state:
                    state[onward.target] = 1
                    stack.append((onward.target, iter(ways[onward.target])))

    def _level(self) -> None:
        above = dict.fromkeys(self.down, 0)
        for below in self.down.values():
            for step in below:
                above[step] += 1
        ready = [step for step, count in above.items() if not count]
        self.level = dict.fromkeys(self.down, 0)
        while ready:
            step = ready.pop()
            for lower in self.down[step]:
                self.level[lower] = max(self.level[lower], self.level[step] + 1)
                above[lower] -= 1
                ready += [lower] if not above[lower] else []
        self.layers = [[] for _ in range(max(self.level.values(), default=0) + 1)]
        for step, level in self.level.items():
            self.layers[level].append(step)

    def _bend(self) -> None:
        self.near: dict[str, list[str]] = {step: [] for step in self.down}
        for number, way in enumerate(self.graph.ways):
            first, last = sorted((way.source, way.target), key=lambda step: self.level[step])
            chain = [first]
            for level in range(self.level[first] + 1, self.level[last]):
                bend = f"/{number}/{level}"
                self.layers[level].append(bend)
                self.near[bend] = []
                chain.append(bend)
            chain.append(last)
            self.chains[number] = chain
            for upper, lower in itertools.pairwise(chain):
                self.near[upper].append(lower)
                self.near[lower].append(upper)

    def _order(self) -> None:
        """Each layer in the order of the middles of what it hangs on, downwards and upwards in turn."""
        for sweep in range(SWEEPS):
            rows = self.layers if sweep % 2 == 0 else self.layers[::-1]
            for layer, before in zip(rows[1:], rows, strict=False):
                rank = {name: number for number, name in enumerate(before)}
                own = {name: number for number, name in enumerate(layer)}
                layer.sort(key=lambda name, rank=rank, own=own: _mean(self.near[name], rank, own[name]))  # type: ignore[misc]  # bound now

    def _spread(self) -> None:
        for layer in self.layers:
            edge = 0.0
            for name in layer:
                self.at[name] = edge + self._wide(name) / 2
                edge += self._wide(name) + GAP
        widest = max((self.at[layer[-1]] + self._wide(layer[-1]) / 2 for layer in self.layers if layer), default=0.0)
        for layer in self.layers:
            shift = (widest - self.at[layer[-1]] - self._wide(layer[-1]) / 2) / 2
            for name in layer:
                self.at[name] += shift
        for sweep in range(SWEEPS):
            for layer in self.layers if sweep % 2 == 0 else self.layers[::-1]:
                self._pull(layer)

    def _pull(self, layer: list[str]) -> None:
        """Towards what it hangs on, as far as the neighbours leave room: the mean of packing from both sides."""
        wanted = [_mean(self.near[name], self.at, self.at[name]) for name in layer]
        room = [(self._wide(one) + self._wide(other)) / 2 + GAP for one, other in itertools.pairwise(layer)]
        left, right = list(wanted), list(wanted)
        for number, gap in enumerate(room):
            left[number + 1] = max(left[number + 1], left[number] + gap)
        for number in range(len(room) - 1, -1, -1):
            right[number] = min(right[number], right[number + 1] - room[number])
        for name, one, other in zip(layer, left, right, strict=True):
            self.at[name] = (one + other) / 2

    def _finish(self) -> None:
        least = min((self.at[name] - self._wide(name) / 2 for name in self.at), default=0.0)
        for name, node in self.graph.nodes.items():
            node.x, node.y = self.at[name] - least + GAP, GAP + HEIGHT / 2 + self.level[name] * (HEIGHT + RISE)
        for number, way in enumerate(self.graph.ways):
            chain = self.chains[number]
            points = [self._point(name, least) for name in (chain[::-1] if chain[0] != way.source else chain)]
            way.points = points
        self.graph.width = (
            max((self.at[name] + self._wide(name) / 2 for name in self.at), default=0.0) - least + 2 * GAP
        )
        self.graph.height = len(self.layers) * (HEIGHT + RISE) - RISE + 2 * GAP

    def _point(self, name: str, least: float) -> Point:
        if name in self.graph.nodes:
            return self.graph.nodes[name].x, self.graph.nodes[name].y
        level = int(name.rsplit("/", 1)[1])
        return self.at[name] - least + GAP, GAP + HEIGHT / 2 + level * (HEIGHT + RISE)

    def _wide(self, name: str) -> float:
        return BEND if name.startswith("/") else WIDTH


def _mean(names: Sequence[str], places: Mapping[str, float], otherwise: float) -> float:
    known = [places[name] for name in names if name in places]
    return sum(known) / len(known) if known else otherwise
