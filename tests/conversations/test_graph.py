"""Is every step of a journey drawn once, above what it leads to, and nothing that an author wrote but words?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from conversations.journeys import drawing, graph, publishing, reading
from conversations.journeys.footfall import Footfall
from conversations.journeys.graph import HEIGHT, WIDTH, Graph

SVG = "{http://www.w3.org/2000/svg}"
LIBRARY = sorted(publishing.LIBRARY.glob("*.yaml"))


def step(step_id: str, kind: str = "message", **more: Any) -> dict[str, Any]:
    return {"id": step_id, "type": kind, "text": "x", **more}


def drawn(*steps: dict[str, Any]) -> Graph:
    found = graph.of({"journey": "j", "title": "J", "steps": list(steps)})
    assert found is not None
    return found


def test_a_step_stands_below_the_one_that_leads_to_it() -> None:
    found = drawn(step("one"), step("two"), step("three", "end"))
    tops = [found.nodes[name].y for name in ("one", "two", "three")]
    assert tops == sorted(tops) and len(set(tops)) == 3


def test_a_way_back_is_marked_and_the_way_that_is_meant_is_not() -> None:
    question = step("ask", "ask", expect={"kind": "text"}, on_invalid="help")
    found = drawn(question, step("go", "end"), step("help", next="ask"))
    assert {(way.source, way.target) for way in found.ways if way.is_back} == {("help", "ask")}


def test_several_names_for_one_way_are_one_way() -> None:
    menu = step("menu", "menu", options=[{"id": name, "label": name, "next": "bye"} for name in ("a", "b")])
    (way,) = drawn(menu, step("bye", "end")).ways
    assert way.labels == ["a", "b"]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_no_two_steps_of_the_library_overlap(path: Any) -> None:
    loaded = reading.shaped(path.read_text())
    assert loaded is not None
    found = graph.of(loaded.data, loaded.lines)
    assert found is not None
    places = [(node.x, node.y) for node in found.nodes.values()]
    for number, (x, y) in enumerate(places):
        assert all(abs(x - a) >= WIDTH or abs(y - b) >= HEIGHT for a, b in places[:number])
    assert all(WIDTH / 2 <= x <= found.width - WIDTH / 2 for x, _ in places)


def test_a_circle_of_steps_is_drawn_and_one_that_leads_to_itself() -> None:
    found = drawn(step("a"), step("b", next="a"), step("c", next="c"))
    assert len(found.ways) == 3
    Xml.fromstring(drawing.svg(found, "Round"))


@pytest.mark.scenario("T-38")
def test_an_authors_words_stay_words_in_the_picture() -> None:
    evil = '</text><script>alert(1)</script>\x07"'
    text = drawing.svg(drawn(step("a", title=evil), step("b", "end")), evil, {"a": Footfall(3, 2, 1)})
    root = Xml.fromstring(text)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        "svg", "title", "desc", "defs", "marker", "path", "g", "a", "rect", "text",
    }  # fmt: skip
    assert "3 in · 2 waiting · 1 left" in text


def test_two_hundred_steps_are_laid_out_in_no_time_and_too_many_not_at_all() -> None:
    steps = [
        step(f"s{n}", "menu", options=[{"id": "x", "label": "x", "next": f"s{(n * 7) % 200}"}]) for n in range(200)
    ]
    began = time.perf_counter()
    drawing.svg(drawn(*steps), "Many")
    assert time.perf_counter() - began < 2
    assert graph.of({"journey": "j", "title": "J", "steps": [step(f"s{n}") for n in range(301)]}) is None


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_no_two_names_of_ways_lie_on_each_other(path: Path) -> None:
    loaded = reading.shaped(path.read_text(encoding="utf-8"))
    assert loaded is not None
    found = graph.of(loaded.data, loaded.lines)
    assert found is not None
    root = Xml.fromstring(drawing.svg(found, "x"))
    named = root.findall(f".//{SVG}g/{SVG}text")
    boxes = [(float(one.get("x", 0)), float(one.get("y", 0)), len(one.text or "") * 5.4 / 2) for one in named]
    assert not [
        (a, b)
        for number, a in enumerate(boxes)
        for b in boxes[:number]
        if abs(a[1] - b[1]) < 11 and abs(a[0] - b[0]) < a[2] + b[2]
    ]
