"""Which journeys, and which inputs to them, can there be at all? Strategies for Hypothesis, all eleven types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from conversations.journeys import definition, lint
from conversations.journeys.given import (
    Again,
    Answer,
    Aside,
    ChildResult,
    Chosen,
    Command,
    Expire,
    Given,
    HandoverResult,
    Happened,
    Hidden,
    Invalid,
    Offer,
    Page,
    Proven,
    Proving,
    Rang,
    RequestResult,
    Resume,
    Stale,
    TaskResult,
    Timeout,
    Triggered,
    Waiting,
)
from conversations.journeys.state import RunState
from tests.conversations.playing import PHONE, WEB

IDS = [f"s{n}" for n in range(6)]
TARGET = st.sampled_from(IDS)
TYPES = ["message", "ask", "menu", "set", "branch", "request", "task", "job", "wait", "journey", "handover", "end"]
KINDS = st.sampled_from(["text", "number", "date", "boolean", "email", "phone"])
SMS = "sms/+34600000001"


def some(draw: Any, **fields: Any) -> dict[str, Any]:
    """A few of these fields."""
    return {name: value for name, value in fields.items() if draw(st.booleans())}


@st.composite
def steps(draw: Any, step_id: str, types: list[str] = TYPES) -> dict[str, Any]:
    """Any step at all, its ways out leading anywhere: wilder than the linter would allow."""
    kind = draw(st.sampled_from(types))
    step: dict[str, Any] = {"id": step_id, "type": "task" if kind == "job" else kind}
    step |= _errand(draw, kind) if kind in ("request", "task", "job", "wait", "journey") else _talk(draw, kind)
    common = {"if": "vars.s2", "once": True, "requires": draw(st.sampled_from(["verified", "strong"]))}
    return step | (some(draw, next=draw(TARGET), **common) if draw(st.integers(0, 3)) == 0 else {})


def _talk(draw: Any, kind: str) -> dict[str, Any]:
    """The fields of what speaks, asks, or decides by itself."""
    there, elsewhere = draw(TARGET), draw(TARGET)
    asked = {"on_invalid": there, "timeout": {"after": "5m", "next": elsewhere}, "reprompt": ["Again"]}
    third = {"id": "c", "label": "{{ vars.s0 }}", "if": "vars.s0"}
    options = [{"id": "a", "label": "A", "next": there}, {"id": "b", "label": "B"}, third]
    match kind:
        case "message":
            return {"text": "Hi {{ vars.s1 }} {{ task.text }} {{ link.x|default('') }}", "next": there}
        case "ask":
            return {"text": "?", "expect": {"kind": draw(KINDS)}} | some(draw, ask="confirm", pii=True, **asked)
        case "menu":
            return {"text": "?", "options": options} | some(draw, **asked)
        case "set":
            value = draw(st.sampled_from(["= vars.s2", None, "x", 3, "= task.data"]))
            return {"set": {"vars.s1": value}, "next": there}
        case "branch":
            return {"cases": [{"if": "vars.s1 == 'a' or task.step > 2", "next": there}], "else": elsewhere}
        case "handover":
            return {"on": some(draw, offline=there, failed=elsewhere, closed=there)}
    return {"text": "Bye"} | some(draw, then="other")


def _errand(draw: Any, kind: str) -> dict[str, Any]:
    """The fields of what waits for somebody else."""
    there, elsewhere = draw(TARGET), draw(TARGET)
    if kind == "request":
        path = draw(st.sampled_from(["/a", "/{{ vars.s1 }}", "/b"]))
        send = {"method": "GET", "path": path, "query": {"q": "= vars.s0"}}
        kept = {"vars.s1": "$.a", "customer.x": "$.b[0]"}
        return {"send": send, "map": kept, "on": some(draw, **{"error": there, "404": elsewhere, "200": there})}
    if kind == "wait":
        waits = draw(st.sampled_from([{"for": "5m"}, {"until": "business_hours"}, {"event": "e", "max": "1h"}]))
        return {**waits, "on": some(draw, timeout=there)}
    if kind == "journey":
        given = {"run": "other", "with": {"x": "= vars.s1"}, "returns": {"vars.s1": "x"}}
        return {**given, "on": some(draw, done=there, failed=elsewhere)}
    send = {"method": "POST", "path": "/j", "body": {"x": "= vars.s1"}}
    on = some(draw, done=there, failed=elsewhere, timeout=there, cancelled=elsewhere)
    more = some(draw, deadline="5m", progress="{{ task.step }}", cancel={"path": "/j"})
    return {"send": send, "on": on, "background": kind == "job", **more}


@st.composite
def journeys(draw: Any) -> definition.Definition:
    """What compiles, though no linter would let it pass."""
    chosen = [draw(steps(step_id)) for step_id in IDS]
    if draw(st.booleans()):  # a job behind from the beginning, whose failure is a menu
        chosen[0] = draw(steps("s0", ["job"])) | {"on": {"failed": "s5", "timeout": "s5"}}
        chosen[5] = draw(steps("s5", ["menu"]))
    requires = draw(st.sampled_from(["none", "none", "none", "verified", "strong"]))
    policy = {"interruptible": draw(st.booleans()), "requires": requires}
    vars_ = {"s0": {"save_to": "customer.x"}, "s2": {"default": 1}}
    return definition.compile({"journey": "j", "title": "J", "steps": chosen, "policy": policy, "vars": vars_})


@st.composite
def sound_journeys(draw: Any) -> definition.Definition:
    """What the linter lets pass, but for much in one breath: every type, each way out leading onwards."""
    count = draw(st.integers(1, 6))
    inner = [_sound_step(draw, f"s{n}", [f"s{m}" for m in range(n + 1, count)] + ["bye"]) for n in range(count)]
    texts = {"title": "J", "languages": ["en"], "vars": {"s0": {"type": "text", "default": "none"}}}
    data = {"journey": "j", **texts, "steps": [*inner, {"id": "bye", "type": "end", "text": "Bye"}]}
    errors = [found for found in lint.lint(data) if found.level == "error" and found.rule not in ("L3", "L12", "L14")]
    assert not errors, errors
    return definition.compile(data)


def _sound_step(draw: Any, step_id: str, onwards: list[str]) -> dict[str, Any]:
    to = lambda: draw(st.sampled_from(onwards))  # noqa: E731 -- a short name for what is said twenty times
    kind = draw(st.sampled_from([name for name in TYPES if name != "end"]))
    send = {"method": "GET", "path": "/{{ vars.s0 }}"}
    fields: dict[str, dict[str, Any]] = {
        "message": {"text": "Hi {{ vars.s0 }}"},
        "ask": {"text": "?", "var": "s0", "resume": "We were here.", "on_invalid": to()},
        "menu": {"text": "?", "resume": "We were here.", "options": [{"id": "a", "label": "Retry", "next": to()}]},
        "set": {"set": {"vars.s0": "= vars.s0"}},
        "branch": {"cases": [{"if": "vars.s0 == 'a'", "next": to()}], "else": to()},
        "request": {"connection": "c", "send": send, "map": {"vars.s0": "$.a"}, "on": {"error": to()}},
        "task": {"connection": "c", "send": send, "deadline": "5m", "on": {"failed": to(), "timeout": to()}},
        "wait": {"event": "e", "max": "1h", "on": {"timeout": to()}},
        "journey": {"run": "other", "returns": {"vars.s0": "x"}, "on": {"failed": to()}},
        "handover": {"intake": "prechat", "on": {"offline": to(), "failed": to(), "closed": to()}},
    }
    if kind == "job":
        return {"id": step_id, "type": "task"} | fields["task"] | {"background": True}
    return {"id": step_id, "type": kind} | fields[kind]


WORDS = st.sampled_from(
    ["1", "2", "0", "a", "B", "R", "#a", "#R", "Retry", "yes", "back", "cancel", "agent", "menu", "help", "restart",
     "change s1", "modem", "fire", "400", "me@example.com", ""]
) | st.text(max_size=12)  # fmt: skip
TAPS = st.builds(
    "{}:{}:{}".format,
    st.sampled_from(["r1", "b1", "b2", "zz"]),
    st.integers(0, 6),
    st.sampled_from(["a", "b", "_continue", "_page2", "#1", ""]),
)
TOKEN = st.integers(0, 12)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    max_leaves=4,
)
COMMANDS = st.sampled_from(["agent", "menu", "cancel", "back", "restart", "help", "change"])
GIVEN = st.one_of(
    st.builds(Answer, DATA),
    st.builds(Chosen, st.sampled_from(["a", "b", "c", "zz"])),
    st.builds(Invalid, st.text(max_size=5)),
    st.builds(Command, COMMANDS, st.text(max_size=4)),
    st.builds(Aside, st.sampled_from(["continue", "restart", "other", "cancel_yes", "cancel_no", "agent", "zz"])),
    st.builds(Page, st.integers(-3, 9)),
    st.builds(Triggered, st.just("other"), st.booleans()),
    st.sampled_from([Stale(), Stale(True), Again(), Resume(), Offer(), Expire(), Hidden(), Waiting(), Proving()]),
    st.builds(RequestResult, TOKEN, st.sampled_from([0, 200, 404]), DATA),
    st.builds(TaskResult, st.sampled_from(["done", "failed"]), TOKEN, DATA),
    st.builds(ChildResult, st.sampled_from(["completed", "failed"]), TOKEN, DATA),
    st.builds(Timeout, TOKEN),
    st.builds(Rang, TOKEN),
    st.builds(Happened, st.just("e"), TOKEN),
    st.builds(HandoverResult, st.sampled_from(["offline", "closed"]), TOKEN),
    st.builds(Proven, TOKEN),
)


@dataclass(frozen=True)
class Words:
    """Something that a customer says or taps, so many hours after the last input."""

    text: str
    payload: str
    place: str
    hours: int


@dataclass(frozen=True)
class Due:
    """What one of the runs (counted from the front) waits for has come; `number` picks how it came out."""

    run: int
    number: int
    data: Any

    def result(self, version: definition.Definition, run: RunState) -> Given:
        """The input that answers the wait of a run."""
        if run.wait is None:
            return Timeout(0)
        token, n = run.wait.token, self.number
        happened = str(version.steps[run.step_id].data.get("event", "e"))
        errors = ("", "", "", "timeout", "not_json")
        fitting: dict[str, tuple[Given, ...]] = {
            "input": (Chosen("a"), Answer("x"), Timeout(token)),
            "request": tuple(RequestResult(token, (200, 404, 500)[n % 3], self.data, error) for error in errors),
            "task": tuple(TaskResult(outcome, token, self.data) for outcome in OUTCOMES),
            "timer": (Timeout(token), Rang(token), Happened(happened, token, self.data)),
            "child": tuple(ChildResult(outcome, token, self.data) for outcome in ENDINGS),
            "handover": tuple(HandoverResult(outcome, token) for outcome in HANDOVERS),
            "proof": (Proven(token),),
        }
        return fitting[run.wait.kind][n % len(fitting[run.wait.kind])]


OUTCOMES: tuple[Any, ...] = ("failed", "done", "timeout", "cancelled")
ENDINGS: tuple[Any, ...] = ("completed", "cancelled", "expired", "failed")
HANDOVERS: tuple[Any, ...] = ("offline", "failed", "closed")
PLACES = st.sampled_from([SMS, SMS, PHONE, WEB])
HEARD = st.builds(Words, WORDS, st.just("") | TAPS, PLACES, st.sampled_from([0, 0, 1, 30, 200]))
DUE = st.builds(Due, st.integers(0, 2), st.integers(0, 9), DATA)
INPUTS = st.lists(DUE | HEARD | GIVEN, min_size=3, max_size=14)
