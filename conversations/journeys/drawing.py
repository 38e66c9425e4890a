"""How is a journey drawn? SVG as a tree of elements, so that no author's words can become anything but words."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from conversations.journeys.footfall import Footfall
from conversations.journeys.graph import HEIGHT, WIDTH, Graph, Node, Point, Way

LETTERS = 24
LETTER, LINE = 5.8, 13.0  # of a way's name: how wide a letter is, how high a line
FIRST, ROWS, ASIDE = 14.0, 4, 34.0
CORNER = 10
MARKS = "journey-arrow"


def svg(graph: Graph, title: str, counts: Mapping[str, Footfall] | None = None) -> str:
    """The picture; each step is a link to its line (`data-line`), with its counts where there are any."""
    size = f"0 0 {graph.width:.0f} {graph.height:.0f}"
    about = {"role": "group", "aria-labelledby": "graph-title graph-words", "viewBox": size, "class": "graph"}
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "width": f"{graph.width:.0f}", **about})
    _text(root, "title", f"The steps of {title}", id="graph-title")
    words = f"{len(graph.nodes)} steps and {len(graph.ways)} ways between them; the same stands in the list below."
    _text(root, "desc", words, id="graph-words")
    _arrow(root)
    labels = _Labels()
    for way in graph.ways:
        _way(root, way, labels)
    root.extend(labels.drawn)  # above every way, so that none strikes a name through
    for node in graph.nodes.values():
        _node(root, node, (counts or {}).get(node.id))
    return Xml.tostring(root, encoding="unicode")


def _arrow(root: Xml.Element) -> None:
    about = {"id": MARKS, "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7", "markerHeight": "7"}
    mark = Xml.SubElement(Xml.SubElement(root, "defs"), "marker", {**about, "orient": "auto-start-reverse"})
    Xml.SubElement(mark, "path", {"d": "M0 0L8 4L0 8z", "class": "graph-arrow"})


class _Labels:
    """Where names of ways stand already, so that no two cover each other."""

    def __init__(self) -> None:
        self.taken: dict[int, list[tuple[float, float, float]]] = {}
        self.drawn: list[Xml.Element] = []

    def place(self, label: str, spots: Sequence[Point]) -> Point:
        """The first of these spots with room for the label; where there is none, the one with the least in its way."""
        half = len(label) * LETTER / 2 + 4
        x, y = min(spots, key=lambda spot: self._covered(spot, half))
        self.taken.setdefault(int(y // LINE), []).append((x - half, x + half, y))
        return x, y

    def _covered(self, spot: Point, half: float) -> float:
        x, y = spot
        rows = range(int(y // LINE) - 1, int(y // LINE) + 2)
        near = (one for row in rows for one in self.taken.get(row, ()) if abs(one[2] - y) < LINE)
        return sum(max(0.0, min(x + half, right) - max(x - half, left)) for left, right, _ in near)


def _way(root: Xml.Element, way: Way, labels: _Labels) -> None:
    """A way and its names, which stand near its begin."""
    group = Xml.SubElement(root, "g", {"class": "graph-way is-back" if way.is_back else "graph-way"})
    path, spots = _path(way)
    Xml.SubElement(group, "path", {"d": path, "marker-end": f"url(#{MARKS})"})
    label = ", ".join(label for label in way.labels if label != "next")
    if label:
        label = _short(label)
        label_at = labels.place(label, spots)
        at = {"x": f"{label_at[0]:.0f}", "y": f"{label_at[1]:.0f}", "text-anchor": "middle"}
        above = Xml.Element("g", {"class": "graph-way"})
        _text(above, "text", label, **at)
        labels.drawn.append(above)


def _path(way: Way) -> tuple[str, list[Point]]:
    """A curve from bottom to top, or the other way round; and where its label may stand, the best place first."""
    points = list(way.points)
    if way.source == way.target:
        x, y = points[0][0] + WIDTH / 2, points[0][1]
        return f"M{x:.0f} {y - 10:.0f}C{x + 40:.0f} {y - 30:.0f} {x + 40:.0f} {y + 30:.0f} {x:.0f} {y + 10:.0f}", [
            (x + 22, y + down) for down in (0, LINE, -LINE)
        ]
    side = 1 if points[-1][1] >= points[0][1] else -1
    points[0] = (points[0][0], points[0][1] + side * HEIGHT / 2)
    points[-1] = (points[-1][0], points[-1][1] - side * HEIGHT / 2)
    drawn = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        middle = (y1 + y2) / 2
        drawn += f"C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return drawn, _spots(points[0], points[1], side)


def _spots(first: Point, second: Point, side: int) -> list[Point]:
    """On the first bow of a way, between the layers: its lines from the begin on, then a little beside the bow."""
    at = [first[1] + side * (FIRST + LINE * number) for number in range(ROWS)]
    bow = [(_across(first, second, y), y + 4) for y in at]
    return [(x + aside, y) for aside in (0, -ASIDE, ASIDE) for x, y in bow]


def _across(first: Point, second: Point, y: float) -> float:
    """Where the bow is at this height."""
    part = min(1.0, max(0.0, (y - first[1]) / (second[1] - first[1] or 1.0)))
    low, high = 0.0, 1.0
    for _ in range(12):  # the bow's height only rises with t
        t = (low + high) / 2
        height = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t**3
        low, high = (t, high) if height < part else (low, t)
    return first[0] + (second[0] - first[0]) * (3 * t * t - 2 * t**3)


def _node(root: Xml.Element, node: Node, count: Footfall | None) -> None:
    about = {"href": f"#line-{node.line}", "data-line": str(node.line), "data-step": node.id}
    link = Xml.SubElement(root, "a", {**about, "class": f"graph-step is-{node.type}"})
    said = f": {count.words}" if count else ""
    link.set("aria-label", _clean(f"{node.title}, {node.type}, line {node.line}{said}"))
    _text(link, "title", f"{node.id} ({node.type}){said}")
    left, top = node.x - WIDTH / 2, node.y - HEIGHT / 2
    box = {"x": f"{left:.0f}", "y": f"{top:.0f}", "width": str(WIDTH), "height": str(HEIGHT), "rx": str(CORNER)}
    Xml.SubElement(link, "rect", box)
    _text(link, "text", node.type, x=f"{left + 12:.0f}", y=f"{top + 17:.0f}", **{"class": "graph-type"})
    _text(link, "text", _short(node.title), x=f"{left + 12:.0f}", y=f"{top + 35:.0f}", **{"class": "graph-name"})
    if count:
        at = {"x": f"{left + 12:.0f}", "y": f"{top + 52:.0f}"}
        _text(link, "text", count.words, **at, **{"class": "graph-count is-busy" if count.waiting else "graph-count"})


def _text(parent: Xml.Element, tag: str, words: str, **about: str) -> None:
    Xml.SubElement(parent, tag, about).text = _clean(words)


def _short(words: str) -> str:
    return words if len(words) <= LETTERS else words[: LETTERS - 1] + "…"


def _clean(words: str) -> str:
    """Without what no XML may hold."""
    return "".join(sign for sign in words if sign.isprintable())


def listed(graph: Graph, counts: Mapping[str, Footfall] | None = None) -> Sequence[dict[str, object]]:
    """The same as words: each step with its ways, for a list beside the picture."""
    ways: dict[str, list[str]] = {step: [] for step in graph.nodes}
    for way in graph.ways:
        names = ", ".join(way.labels)
        ways[way.source].append(f"{names} → {way.target}" if names != "next" else f"→ {way.target}")
    return [
        {
            "id": node.id,
            "type": node.type,
            "title": node.title,
            "line": node.line,
            "ways": ways[node.id],
            "count": (counts or {}).get(node.id),
        }
        for node in graph.nodes.values()
    ]
