"""What follows when something has happened to a customer elsewhere, or another system wants a journey for them?

Problem
+-- NotStartable   422 not_startable  the journey is not live, or has no such trigger
+-- WrongValue     422 wrong_value    a value that the journey does not know, or of another type
+-- NotNow         409                nothing has begun, and nothing was said
    +-- HumanSpeaks    human_speaks   a person of the team has the floor
    +-- Busy           busy           a journey that may not be interrupted is open
    +-- Unreachable    unreachable    nowhere a window is open, or they have asked us to stop
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from common.problems import Problem
from conversations import events, shopping, sql, threads
from conversations.journeys import progress, publishing
from conversations.journeys.definition import Definition
from conversations.journeys.given import Happened, Triggered
from conversations.models import JourneyRun
from customers.models import Customer
from handover import following, standing, turns

TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,), "number": (int, float), "boolean": (bool,), "date": (str,), "location": (dict,), "file": (dict,),
    "list": (list,), "object": (dict,),
}  # fmt: skip


class NotStartable(Problem):
    code, title, status = "not_startable", "This journey cannot be started from here.", 422


class WrongValue(Problem):
    code, title, status = "wrong_value", "The journey does not take this value.", 422


class NotNow(Problem):
    code, title, status = "not_now", "The journey cannot begin now.", 409


class HumanSpeaks(NotNow):
    code, title = "human_speaks", "A person of the team is speaking with this customer."


class Busy(NotNow):
    code, title = "busy", "A journey that may not be interrupted is open."


class Unreachable(NotNow):
    code, title = "unreachable", "The customer cannot be written to on any channel now."


@dataclass(frozen=True, slots=True)
class Followed:
    """The runs that waited for it; the run it began, or why it began none (empty: no journey begins with it)."""

    woken: list[JourneyRun] = field(default_factory=list)
    started: JourneyRun | None = None
    reason: str = ""


@transaction.atomic
def happened(*, customer: Customer, name: str, data: Mapping[str, Any], occurred_at: datetime) -> Followed:
    """Wakes the runs that wait for the event, and begins the journey that is triggered by it.

    What happened before a run began is not what it waits for. `tombstones.Erased` for who was erased.
    """
    root = threads.lock_root(customer_id=customer.pk)
    shopping.note(customer=customer, name=name, data=data, occurred_at=occurred_at)
    woken = [run for run in sql.open_runs(root.pk) if run.started_at <= occurred_at and _is_for(run, name, data)]
    found = standing.open_now(root)
    if found is not None:
        events.append(
            conversation=found, kind="happened", actor_kind="system", data={"event": name}, occurred_at=occurred_at
        )
    wanted = publishing.table().events.get(name)
    if wanted is None:
        return Followed(woken)
    try:
        values = fitting(publishing.definition(publishing.live()[wanted.journey]), data)
        return Followed(woken, _begin(root, wanted, values))
    except NotNow as refused:
        return Followed(woken, reason=refused.code)


@transaction.atomic
def begin(*, customer: Customer, journey: str, values: Mapping[str, Any]) -> JourneyRun:
    """Begins a journey that has the trigger `api`, with these values, where the customer can be written to.

    Raises NotStartable, WrongValue, NotNow; `tombstones.Erased` for who was erased.
    """
    wanted = publishing.table().api.get(journey)
    if wanted is None:
        raise NotStartable(f"no live journey {journey} has the trigger `api`")
    version = publishing.definition(publishing.live()[journey])
    if unknown := sorted(set(values) - set(fitting(version, values))):
        raise WrongValue(f"{journey} does not take {', '.join(unknown)} like that", fields=unknown)
    return _begin(threads.lock_root(customer_id=customer.pk), wanted, values)


def fitting(version: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of these values those that the journey declares, of the type that it declares."""
    asked = {step.var for step in version.steps.values() if step.var}
    return {
        name: value
        for name, value in values.items()
        if (name in version.vars or name in asked) and _fits(version.vars.get(name, {}).get("type", "text"), value)
    }


def _fits(kind: str, value: Any) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _is_for(run: JourneyRun, name: str, data: Mapping[str, Any]) -> bool:
    """Does the run wait for this event? Then it is put to it, or kept for it."""
    step = progress.version_of(run).steps.get(run.step_id)
    wait = run.wait or {}
    if wait.get("kind") != "timer" or step is None or step.data.get("event") != name:
        return False
    return turns.advance(run=run, result=Happened(name, token=wait["token"], data=dict(data)))


def _begin(root: Customer, wanted: Triggered, values: Mapping[str, Any]) -> JourneyRun:
    """In front of what is open, unless that may not be interrupted; never while a human has the floor."""
    if standing.is_taken(standing.open_now(root)):
        raise HumanSpeaks()
    scene = standing.begin(root)
    if scene is None:
        raise Unreachable()
    if not standing.make_room(scene, breaking=wanted.breaking):
        raise Busy()
    before = {run.pk for run in scene.runs}
    if not following.start(scene, wanted.journey, values, is_anew=True):
        raise NotStartable(f"{wanted.journey} is not live")
    return next(run for run in scene.runs if run.pk not in before and run.parent_id is None)
