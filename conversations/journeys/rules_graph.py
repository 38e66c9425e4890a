"""Does every step lead somewhere good? Rules L1-L6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conversations.journeys import edges
from conversations.journeys.findings import Path, Problem, Subject
from conversations.journeys.matching import normal

MAX_DEPTH = 3  # journeys one beneath the other, the first included


def problems(subject: Subject) -> Iterator[Problem]:
    """Ids, targets, reachability, ways out, circles, recursion; the later ones only on a graph that is whole."""
    broken = [*_ids(subject), *_targets(subject)]
    yield from broken
    yield from _answers(subject)
    yield from _recursion(subject)
    if not broken:
        yield from _reach(subject)
        yield from _circles(subject)
        yield from _succession(subject)
        yield from _questions(subject)


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
    graph = subject.graph
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
        message = f"{', '.join(circle[:6])} can go round without ever waiting for anything"
        remedy = "Put a menu in between, or give the question `ask: always`."
        yield Problem("L5", message, remedy, ("steps", number))


def _recursion(subject: Subject) -> Iterator[Problem]:
    own, known = subject.data["journey"], subject.known.runs
    beneath = frozenset(step["run"] for step in subject.steps if step["type"] == "journey")
    chains = {**known, own: beneath}
    for number, step in subject.numbered():
        for field in ("intake", "then"):
            if step.get(field) == own:
                message = f"'{step['id']}' names this very journey as its {field}"
                yield Problem("L6", message, "Name another journey.", ("steps", number, field))
        if step["type"] != "journey":
            continue
        chain = _deepest(step["run"], chains, (own,))
        if chain[-1] in chain[:-1]:
            message = f"'{step['id']}' comes round to a journey that is open already: {', '.join(chain)}"
            yield Problem("L6", message, "Run another journey, or end this one with `then:`.", ("steps", number, "run"))
        elif len(chain) > MAX_DEPTH:
            message = f"'{step['id']}' opens more than {MAX_DEPTH} journeys one beneath the other: {', '.join(chain)}"
            yield Problem("L6", message, "Put two of them together.", ("steps", number, "run"))


def _succession(subject: Subject) -> Iterator[Problem]:
    """Journeys that follow each other (`then`) and come round without a question would never end."""
    own = subject.data["journey"]
    follows = {**subject.known.follows, own: edges.followers(subject.steps, subject.vars)}
    for number, step in subject.numbered():
        first = step.get("then", own)
        if first == own or first not in follows[own]:
            continue
        seen, waiting = {first}, [first]
        while waiting:
            fresh = follows.get(waiting.pop(), frozenset()) - seen
            seen |= fresh
            waiting += sorted(fresh)
        if own in seen:
            message = f"after '{step['id']}' comes '{first}', and that comes round to here without a question"
            yield Problem("L6", message, "Ask something on the way, or end one of them.", ("steps", number, "then"))


def _deepest(key: str, chains: Mapping[str, frozenset[str]], above: tuple[str, ...]) -> tuple[str, ...]:
    """The longest chain of journeys from here, or the first that comes round or is too long."""
    chain = (*above, key)
    if key in above or len(chain) > MAX_DEPTH:
        return chain
    longer = [_deepest(child, chains, chain) for child in sorted(chains.get(key, ()))]
    round_about = [found for found in longer if found[-1] in found[:-1]]
    return round_about[0] if round_about else max(longer, key=len, default=chain)


def _questions(subject: Subject) -> Iterator[Problem]:
    """A job in the background may offer a menu when it is over; it may not begin to ask into another conversation."""
    ways = subject.graph
    kinds = {step["id"]: step["type"] for step in subject.steps}
    for number, step in subject.numbered():
        if step["type"] != "task" or not step.get("background"):
            continue
        for name, target in step.get("on", {}).items():
            asked = _asked_unbidden(target, ways, kinds)
            if asked:
                message = f"the end of '{step['id']}' in the background leads to the question '{asked}' unbidden"
                remedy = "Put a menu before the question, so that the customer chooses to answer."
                yield Problem("L14", message, remedy, ("steps", number, "on", name))


def _asked_unbidden(start: str, ways: Mapping[str, Sequence[edges.Edge]], kinds: Mapping[str, str]) -> str:
    """The first `ask` that can be reached from a step without a choice of the customer; empty if there is none."""
    seen, waiting = set(), [start]
    while waiting:
        step = waiting.pop()
        if kinds.get(step) == "ask":
            return step
        if step not in seen and kinds.get(step) != "menu":
            seen.add(step)
            waiting += [edge.target for edge in ways.get(step, ())]
    return ""
