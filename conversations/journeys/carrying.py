"""What does a turn of the engine want, and how is it carried out? In order; what lies above this app is passed on."""

from __future__ import annotations

from collections.abc import Collection

from common import rows
from conversations import leads, timers
from conversations.journeys import remote, requests, stack, trials
from conversations.journeys.effects import (
    Alert,
    Await,
    Call,
    EndRun,
    Fork,
    HandOver,
    Lead,
    Prove,
    Record,
    Say,
    SetAttribute,
    SetTimer,
    StartRun,
    StartTask,
)
from conversations.journeys.scene import Scene
from conversations.journeys.state import Turn
from conversations.models import JourneyRun, StepLog
from customers import attributes

# A draft that is tried out has asked a system that is not pretended: nobody was asked.
NOT_IN_A_TRIAL = "not_in_a_trial"
Wish = HandOver | StartRun | EndRun | Prove | Fork | Await  # what only the caller can carry out


def carry_out(run: JourneyRun | None, turn: Turn, scene: Scene) -> list[Wish]:
    """Carries out the effects in order; what is above this app is returned. No run: nothing of one may show."""
    wishes: list[Wish] = []
    records: list[Record] = []
    for effect in turn.effects:
        if isinstance(effect, Say):
            scene.say(effect.content, run=run, step_id=effect.step_id)
        elif isinstance(effect, Record):
            records.append(effect)
        elif run is None:
            continue
        elif isinstance(effect, Lead):
            _lead(scene, run, effect)
        elif isinstance(effect, SetAttribute):
            _observe(scene, run, effect)
        elif isinstance(effect, SetTimer):
            _wind(scene, run, effect)
        elif isinstance(effect, Alert):
            _alert(scene, run, effect)
        elif isinstance(effect, Call | StartTask):
            records += _ask(scene, run, effect)
        else:
            _ended(scene, run, effect)
            wishes.append(effect)
    if run is not None:
        _log(run, records, scene)
    return wishes


def _ask(scene: Scene, run: JourneyRun, effect: Call | StartTask) -> list[Record]:
    """Another system is asked; what there is to note of it besides."""
    tamed = trials.tame(run, effect)
    if isinstance(tamed, Call):
        requests.put(run=run, call=tamed)
    else:
        remote.start(run=run, asked=tamed, at=scene.now)
    kind = "request" if isinstance(effect, Call) else "task"
    return [] if tamed is effect else [Record(effect.step_id, kind, NOT_IN_A_TRIAL)]


def _lead(scene: Scene, run: JourneyRun, effect: Lead) -> None:
    content = leads.invitation(session=scene.session, kinds=effect.kinds)
    if content is not None:
        scene.say(content, run=run, step_id=effect.step_id)


def _wind(scene: Scene, run: JourneyRun, effect: SetTimer) -> None:
    due = scene.now + effect.after
    timers.start(kind=effect.kind, object_id=run.pk, due_at=due, guard=effect.guard, customer_id=run.customer_id)


def _observe(scene: Scene, run: JourneyRun, effect: SetAttribute) -> None:
    """An answer that is not what the attribute takes stays the journey's; its operators are told which one."""
    try:
        attributes.observe(
            customer=scene.session.identity.customer,
            key=effect.key,
            value=effect.value,
            source="bot",
            occurred_at=scene.now,
            source_event_id=f"{run.public_id.hex}:{run.seq}:{effect.step_id}",
            identity=scene.session.identity,
        )
    except attributes.Refused:
        scene.alert("attribute_refused", attribute=effect.key, step=effect.step_id)


def _ended(scene: Scene, run: JourneyRun, effect: Wish) -> None:
    if not isinstance(effect, EndRun):
        return
    if effect.reason:
        run.end_reason = effect.reason[:32]
        run.save(update_fields=["end_reason"])
    remote.abandon(run=run, at=scene.now)
    stack.append(scene, "journey_ended", run, outcome=effect.outcome)


def _log(run: JourneyRun, records: Collection[Record], scene: Scene) -> None:
    steps = [
        StepLog(
            run=run,
            customer_id=run.customer_id,
            seq=run.seq,
            step_id=record.step_id,
            step_type=record.type,
            input=record.detail,
            outcome=record.outcome[:64],
            channel=scene.session.channel,
            at=scene.now,
        )
        for record in records
    ]
    rows.insert(*steps)


def _alert(scene: Scene, run: JourneyRun, effect: Alert) -> None:
    """Once per run and code; a turn that the scene has cut was told of already."""
    if scene.is_cut and effect.code == "limit_messages":
        return
    known = scene.conversation.events.filter(kind="alert", data__run=run.pk, data__code=effect.code)
    if not known.exists():
        scene.alert(effect.code, run=run.pk, step=run.step_id)
