"""Does every step lead somewhere good? Rules L1-L6."""

from __future__ import annotations

from collections.abc import Iterator

from conversations.journeys import edges
from conversations.journeys.findings import Path, Problem, Subject
from conversations.journeys.matching import normal


def problems(subject: Subject) -> Iterator[Problem]:
    """Ids, targets, reachability, ways out, circles, recursion; the later ones only on a graph that is whole."""
    broken = [*_ids(subject), *_targets(subject)]
    yield from broken
    yield from _answers(subject)
    yield from _recursion(subject)
    if not broken:
        yield from _reach(subject)
        yield from _circles(subject)


def _ids(subject: Subject) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, step in subject.numbered():
        if step["id"] in seen:
            yield Problem("L1", f"the id '{step['id']}' is used twice", "Give each step its own id.", ("steps", number))
        seen.add(step["id"])
        _, path, options = subject.options(step)
        taken: set[str] = set()
        for index, option in enumerate(options):
            if option["id"] in taken:
                where: Path = ("steps", number, *path, index)
                yield Problem(
                    "L1", f"the option '{option['id']}' is there twice", "Give each option its own id.", where
                )
            taken.add(option["id"])


def _answers(subject: Subject) -> Iterator[Problem]:
    """Two options that answer to the same word could not be told apart."""
    for number, step in subject.numbered():
        _, path, options = subject.options(step)
        taken: dict[str, str] = {str(index): option["id"] for index, option in enumerate(options, start=1)}
        for index, option in enumerate(options):
            for word in {normal(str(word)) for word in (option["label"], *option.get("aliases", ()))}:
                if taken.setdefault(word, option["id"]) != option["id"]:
                    message = f"'{word}' means both '{taken[word]}' and '{option['id']}'"
                    yield Problem("L1", message, "Change a label or an alias.", ("steps", number, *path, index))


def _targets(subject: Subject) -> Iterator[Problem]:
    for number, step in subject.numbered():
        for edge in edges.edges(step, None):
            if edge.target not in subject.ids:
                message = f"'{edge.label}' of '{step['id']}' leads to '{edge.target}', which is not a step"
                yield Problem("L2", message, "Add that step or correct the name.", ("steps", number, *edge.path))


def _reach(subject: Subject) -> Iterator[Problem]:
    graph = edges.graph(subject.steps)
    seen = edges.reachable(graph, [subject.steps[0]["id"]])
    ends = [step["id"] for step in subject.steps if step["type"] in edges.ENDS]
    safe = edges.reachable(edges.backwards(graph), ends)
    for number, step in subject.numbered():
        if step["id"] not in seen:
            message, remedy = f"no way leads to '{step['id']}'", "Lead to it from another step, or delete it."
            yield Problem("L3", message, remedy, ("steps", number))
        if step["id"] not in safe:
            message = f"from '{step['id']}' no way leads to an end or a handover"
            yield Problem("L4", message, "Lead on to a step of type end or handover.", ("steps", number))


def _circles(subject: Subject) -> Iterator[Problem]:
    circle = edges.waitless_cycle(subject.steps)
    if circle:
        number = next(number for number, step in subject.numbered() if step["id"] == circle[0])
        message = f"{', '.join(circle[:6])} can go round without ever waiting for an answer"
        remedy = "Put a menu in between, or give the question `ask: always`."
        yield Problem("L5", message, remedy, ("steps", number))


def _recursion(subject: Subject) -> Iterator[Problem]:
    for number, step in subject.numbered():
        for field in ("intake", "then"):
            if step.get(field) == subject.data["journey"]:
                message = f"'{step['id']}' names this very journey as its {field}"
                yield Problem("L6", message, "Name another journey.", ("steps", number, field))
