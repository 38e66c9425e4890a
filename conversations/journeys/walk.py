"""What is being gathered while one turn is worked out?

A Walk is the only mutable thing in the engine: it begins with a run, collects effects, and ends as a Turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conversations.content import Content, Text
from conversations.journeys import expressions, templates
from conversations.journeys.definition import Definition, Step
from conversations.journeys.effects import Alert, Effect, EndRun, Record, Say, SetAttribute
from conversations.journeys.sentences import sentence
from conversations.journeys.state import Context, RunState, Status, Tries, Turn, Wait

MAX_STEPS = 50
MAX_TURNS = 500
MAX_MESSAGES = 5
SAME_STEP = 5
SAME_STEP_SECONDS = 600.0
MAX_CHILDREN = 20
TASK_ATTEMPTS = 3
PASSED = "~"  # before a step's id in `answered`: its value was known, nothing was asked
# Where a run keeps the roots `task`, `event` and `link`: no author's var begins with `_`.
TASK, EVENT, LINK = "_task", "_event", "_link"


class Walk:
    """One turn in the making; see the module's sentence."""

    __slots__ = (
        "answered",
        "chosen",
        "context",
        "customer",
        "cut",
        "effects",
        "entered",
        "event",
        "forced",
        "lane",
        "language",
        "left",
        "link",
        "now",
        "once",
        "refused",
        "run",
        "said",
        "seq",
        "since",
        "started",
        "status",
        "step_id",
        "steps",
        "tapped",
        "task",
        "touched",
        "vars",
        "version",
        "wait",
    )

    def __init__(self, version: Definition, run: RunState, now: datetime, context: Context) -> None:
        self.version, self.run, self.now, self.context = version, run, now, context
        self.language = spoken_language(version, context)
        self.vars: dict[str, Any] = dict(run.vars)
        self.customer: dict[str, Any] = dict(context.customer)
        self.task: Mapping[str, Any] = context.task or self.vars.get(TASK) or {}
        self.event: Mapping[str, Any] = self.vars.get(EVENT) or {}
        self.link: Mapping[str, Any] = context.link or self.vars.get(LINK) or {}
        for root in (TASK, EVENT, LINK):
            self.vars.pop(root, None)
        self.effects: list[Effect] = []
        self.refused, self.answered, self.once = run.tries.refused, run.tries.answered, run.tries.once
        self.entered, self.since, self.tapped = dict(run.tries.entered), run.tries.since, run.tries.tapped
        self.seq, self.step_id, self.status, self.wait = run.seq, run.step_id, run.status, run.wait
        self.started, self.lane = run.tries.started, run.lane
        self.steps = self.said = 0
        self.cut = ""
        self.forced = ""
        self.left = ""  # the step that the customer left by asking for a human
        self.touched = True
        self.chosen = False  # has the customer answered in this turn?

    @property
    def step(self) -> Step:
        return self.version.steps[self.step_id]

    def scope(self) -> dict[str, Mapping[str, Any]]:
        return {
            "vars": self.vars,
            "customer": self.customer,
            "session": self.context.session,
            "context": self.context.context,
            "task": self.task,
            "event": self.event,
            "link": self.link,
        }

    def holds(self, condition: str) -> bool:
        return bool(expressions.evaluate(condition, self.scope(), self.now))

    def value(self, raw: Any) -> Any:
        """An authored value: `= expression`, a template, or a literal."""
        if not isinstance(raw, str):
            return raw
        return expressions.evaluate(raw[1:], self.scope(), self.now) if raw.startswith("=") else self.fill(raw)

    def fill(self, text: str, *, spoken: bool = False) -> str:
        """A template filled in; `spoken` to a customer it says labels where the vars hold option ids, in their way."""
        if "{{" not in text:
            return text
        scope = self.scope()
        if spoken:
            chosen = templates.named(text, "vars") & self.version.choosers.keys() & self.vars.keys()
            if chosen:
                labels = {name: self.version.spoken(name, self.vars[name], self.language) for name in chosen}
                scope["vars"] = self.vars | labels
        filled = templates.fill(text, scope, language=self.language if spoken else "")
        for path in filled.missing:
            self.effects.append(Alert("template_empty", f"{self.step_id}: {path}"))
        return filled.text

    def text(self, step: Step, prop: str, base: Any = None) -> str:
        """One text of a step in the language of the turn, filled in; empty if it has none."""
        raw = self.translated(step, prop, base)
        return self.fill(str(raw), spoken=True).strip() if raw else ""

    def translated(self, step: Step, prop: str, base: Any = None) -> Any:
        """One text of a step in the language of the turn as the author wrote it; None if it has none."""
        return self.version.translations.get(self.language, {}).get(f"{step.id}.{prop}") or base or step.data.get(prop)

    def sentence(self, key: str, **values: object) -> str:
        return sentence(key, self.language, **values)

    def say(self, content: Content | str, step_id: str = "") -> None:
        if isinstance(content, str):
            content = Text(content)
        if isinstance(content, Text) and not content.text.strip():
            return
        if self.said >= MAX_MESSAGES:
            self.cut = "messages"
            return
        self.said += 1
        self.effects.append(Say(content, step_id=step_id or self.step_id))

    def record(self, outcome: str, detail: Any = "", step: Step | None = None) -> None:
        step = step or self.version.steps.get(self.step_id)
        self.effects.append(
            Record(step.id if step else self.step_id, step.type if step else "", outcome, templates.spoken(detail))
        )

    def private(self, step: Step) -> bool:
        return bool(step.data.get("pii") or self.version.vars.get(step.var, {}).get("pii"))

    def store(self, step: Step, value: Any, outcome: str) -> None:
        """Keep an answer: var, customer attribute (`save_to`), log line; the try counters begin anew."""
        if self.vars.get(step.var) != value:
            self.entered = {}
        self.vars[step.var] = value
        self.refused = ()
        saved = self.version.vars.get(step.var, {}).get("save_to", "")
        if saved.startswith("customer.") and outcome != "known":
            self.attribute(saved.removeprefix("customer."), value)
        self.record(outcome, "•••" if self.private(step) else value, step)

    def assign(self, target: str, value: Any) -> None:
        """Write to `vars.x` or `customer.y`; None clears a var and withdraws an attribute."""
        root, _, name = target.partition(".")
        if root == "customer":
            self.attribute(name, value)
        elif value is None:
            self.vars.pop(name, None)
        else:
            self.vars[name] = value

    def attribute(self, key: str, value: Any) -> None:
        self.customer[key] = value
        self.effects.append(SetAttribute(key, value, self.step_id))

    def forget(self, var: str) -> None:
        """Clear a var and everything that was derived from it."""
        for name in (var, *self.version.derived.get(var, ())):
            self.vars.pop(name, None)

    def passed(self, step: Step) -> None:
        """A question whose answer is known lies on the way: it can be changed, but "back" does not stop there."""
        if step.id not in self.answered and PASSED + step.id not in self.answered:
            self.answered = (*self.answered, PASSED + step.id)

    def come_forward(self) -> None:
        """What now needs the customer's words or a human is no longer in the background."""
        self.lane = "foreground"

    def move(self) -> None:
        """The run leaves its wait: everything decided on the old `seq` is void from here on."""
        self.seq += 1
        self.wait = None
        self.status = "active"

    def finish(self, outcome: str, reason: str = "") -> Turn:
        status: Status = outcome  # type: ignore[assignment]  # the four outcomes of EndRun are statuses
        self.seq += 1
        self.status, self.wait = status, None
        self.effects.append(EndRun(outcome, reason, dict(self.vars)))  # type: ignore[arg-type]  # as above
        return self.turn()

    def waiting(self, wait: Wait) -> None:
        self.wait, self.status = wait, "waiting"

    def turn(self) -> Turn:
        tries = Tries(self.refused, self.answered[-50:], self.once, self.entered, self.since, self.tapped, self.started)
        run = RunState(
            id=self.run.id,
            step_id=self.step_id,
            seq=self.seq,
            status=self.status,
            wait=self.wait,
            vars=self._kept(),
            tries=tries,
            steps_total=self.run.steps_total + self.steps,
            touched_at=self.now if self.touched else self.run.touched_at,
            lane=self.lane,
            given=self.run.given,
        )
        return Turn(run, tuple(self.effects))

    def handed_on(self) -> dict[str, Any]:
        """What a run that is forked knows from the beginning: everything but the report of a task."""
        if not (self.event or self.link):
            return dict(self.vars)
        return self.vars | {name: dict(told) for name, told in ((EVENT, self.event), (LINK, self.link)) if told}

    def _kept(self) -> dict[str, Any]:
        return self.handed_on() | ({TASK: dict(self.task)} if self.task else {})


def spoken_language(version: Definition, context: Context) -> str:
    """The customer's language, else the channel's, else the journey's first: the first that the journey speaks."""
    for wished in (context.language, context.channel_language):
        if wished[:2].lower() in version.languages:
            return wished[:2].lower()
    return version.languages[0]
