"""How is a journey drawn? SVG as a tree of elements, so that no author's words can become anything but words."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from conversations.journeys.footfall import Footfall
from conversations.journeys.graph import HEIGHT, WIDTH, Graph, Node, Point, Way

LETTERS = 24
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
    drawn: Counter[str] = Counter()
    for way in graph.ways:
        _way(root, way, drawn[way.source])
        drawn[way.source] += 1
    for node in graph.nodes.values():
        _node(root, node, (counts or {}).get(node.id))
    return Xml.tostring(root, encoding="unicode")


def _arrow(root: Xml.Element) -> None:
    about = {"id": MARKS, "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7", "markerHeight": "7"}
    mark = Xml.SubElement(Xml.SubElement(root, "defs"), "marker", {**about, "orient": "auto-start-reverse"})
    Xml.SubElement(mark, "path", {"d": "M0 0L8 4L0 8z", "class": "graph-arrow"})


def _way(root: Xml.Element, way: Way, before: int) -> None:
    """A way and its names; `before`: how many begin at the same step, so that names do not cover each other."""
    group = Xml.SubElement(root, "g", {"class": "graph-way is-back" if way.is_back else "graph-way"})
    path, label_at = _path(way, 0.24 + 0.17 * (before % 3))
    Xml.SubElement(group, "path", {"d": path, "marker-end": f"url(#{MARKS})"})
    label = ", ".join(label for label in way.labels if label != "next")
    if label:
        at = {"x": f"{label_at[0]:.0f}", "y": f"{label_at[1]:.0f}", "text-anchor": "middle"}
        _text(group, "text", _short(label), **at)


def _path(way: Way, part: float) -> tuple[str, Point]:
    """A curve from bottom to top, or the other way round; and where its label stands: past that part of it."""
    points = list(way.points)
    if way.source == way.target:
        x, y = points[0][0] + WIDTH / 2, points[0][1]
        return f"M{x:.0f} {y - 10:.0f}C{x + 40:.0f} {y - 30:.0f} {x + 40:.0f} {y + 30:.0f} {x:.0f} {y + 10:.0f}", (
            x + 22,
            y,
        )
    side = 1 if points[-1][1] >= points[0][1] else -1
    points[0] = (points[0][0], points[0][1] + side * HEIGHT / 2)
    points[-1] = (points[-1][0], points[-1][1] - side * HEIGHT / 2)
    drawn = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        middle = (y1 + y2) / 2
        drawn += f"C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    first, second = points[0], points[1]
    return drawn, (first[0] + (second[0] - first[0]) * part * 0.9, first[1] + (second[1] - first[1]) * part + 4)


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
