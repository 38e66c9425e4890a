"""May we hand over now, and what do we ask first? Any failure leaves the conversation to the bot."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from django.db import transaction

from conversations import events, outbox
from conversations.journeys import progress, publishing, stack
from conversations.journeys.effects import EndRun, HandOver
from conversations.journeys.progress import Wish
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun, JourneyVersion
from handover import abandoning, cards, notices, owning, presence, routing
from handover.models import Queue

log = logging.getLogger(__name__)

WILL_WAIT = "wait_for_agent"  # a pre-chat answer: rather wait for the agent of last time than take another

Outcome = Literal["asking", "queued", "offline", "failed", "closed"]
Staffed = Callable[[Queue], bool]
Owner, Status = Conversation.Owner, JourneyRun.Status


@dataclass(frozen=True, slots=True)
class Opening:
    """How a handover began; `run` is the pre-chat journey whose wishes are to be carried out."""

    outcome: Outcome
    run: JourneyRun | None = None
    wishes: list[Wish] = field(default_factory=list)


def begin(*, scene: Scene, parent: JourneyRun | None, asked: HandOver, is_staffed: Staffed | None = None) -> Opening:
    """A run or the customer asks for a human: who is there is looked up, and the pre-chat questions are asked.

    Needs the locks of root and conversation, and the bot as owner. An earlier handover that got stuck gives way.
    """
    try:
        with transaction.atomic():
            drop(scene=scene, reason="superseded")
            return _begin(scene, parent, asked, is_staffed)
    except Exception as error:  # noqa: BLE001  # whatever breaks here must not take the conversation from the bot
        return Opening(_failed(scene, error))


def may_ask(scene: Scene, asked: HandOver) -> bool:
    """May the pre-chat questions be put here? A message that is only left needs none."""
    if scene.is_private or asked.mode == "ticket":
        return True
    return scene.admits(publishing.live().get(_journey(asked, _queue(scene, asked, asked.referrer))))


def ended(*, scene: Scene, run: JourneyRun, ended: EndRun, is_staffed: Staffed | None = None) -> Outcome:
    """The pre-chat questions are answered (or given up): hand over, offline branch, or back to the journey."""
    abandoning.stop(run)
    if ended.outcome != "completed":
        _note_end(scene, "handover_failed", reason=f"intake_{ended.outcome}")
        return "closed" if ended.outcome == "cancelled" else "failed"
    try:
        with transaction.atomic():
            return _complete(scene, run, is_staffed)
    except Exception as error:  # noqa: BLE001  # as above
        return _failed(scene, error)


def again(*, scene: Scene, run: JourneyRun) -> tuple[JourneyRun, list[Wish]]:
    """The pre-chat journey from its beginning, for the same handover."""
    parent = next((other for other in scene.runs if other.pk == run.parent_id), None)
    started = progress.start(
        scene=scene, journey=progress.version_of(run).key, parent=parent, purpose="intake", extra=context(scene, run)
    )
    if started is None:
        return run, [EndRun("failed")]
    _keep(scene, intake_run=started[0].pk)
    abandoning.watch(started[0], scene)
    return started


def context(scene: Scene, run: JourneyRun) -> Mapping[str, Any]:
    """What a pre-chat journey may branch on."""
    if run.purpose != "intake":
        return {}
    return {"agent_status": (scene.conversation.handover or {}).get("agent_status", "offline")}


def waiting_run(scene: Scene) -> JourneyRun | None:
    """The open run that waits for a handover to come out."""
    open_runs = (run for run in scene.runs if run.ended_at is None)
    return next((run for run in open_runs if (run.wait or {}).get("kind") == "handover"), None)


def drop(*, scene: Scene, reason: str) -> None:
    """The pre-chat questions are not needed any more (an agent has taken over)."""
    for run in scene.runs:
        if run.purpose == "intake" and run.ended_at is None:
            stack.end(scene=scene, run=run, status=Status.CANCELLED, reason=reason)
            abandoning.stop(run)


def _begin(scene: Scene, parent: JourneyRun | None, asked: HandOver, is_staffed: Staffed | None) -> Opening:
    if routing.is_blocked(scene.root.pk):
        _note_end(scene, "handover_failed", reason="blocked")
        return Opening("failed")
    referrer = asked.referrer or routing.referrer_of(scene.page, scene.link and f"link:{scene.link}")
    queue = _queue(scene, asked, referrer)
    status = presence.status(queue, is_staffed or partial(routing.can_serve, skill=asked.skill))
    scene.conversation.handover = {
        "reason": asked.reason,
        "run": parent.pk if parent else None,
        "step": asked.step_id,
        "from_step": asked.from_step,
        "skill": asked.skill,
        "referrer": referrer,
        "agent": asked.agent,
        "is_named": bool(asked.queue or asked.agent),
        "channel": asked.channel or scene.session.channel,
        "starts_on": asked.channel,
        "priority": asked.priority,
        "attempts": list(asked.attempts),
        "queue": queue.key if queue else "",
        "epoch": scene.conversation.owner_epoch,
        "requested_at": scene.now.isoformat(),
        "agent_status": status,
        "intake_run": None,
    }
    scene.conversation.save(update_fields=["handover"])
    data = {"run": parent.pk if parent else None, "step": asked.step_id, "queue": queue.key if queue else ""}
    events.append(conversation=scene.conversation, session=scene.session, kind="handover_requested", data=data)
    if asked.mode == "ticket":
        return Opening(_leave_ticket(scene, queue))
    journey = _journey(asked, queue)
    version_id = publishing.live().get(journey)
    if version_id is None:
        _note_end(scene, "handover_failed", reason="no_intake")
        return Opening("failed")
    if status == "offline" and not _speaks_for_itself(version_id):
        _note_offline(scene, queue, asked.skill)
        return Opening("offline")
    return _ask(scene, journey, version_id, parent, status)


def _queue(scene: Scene, asked: HandOver, referrer: str) -> Queue | None:
    """By name; of an agent who is named; by skill, referrer or language, else the default one of the channel."""
    language = str(scene.attributes.get("language") or "")
    way = f"{scene.session.channel} {scene.session.kind}"
    wanted = {"name": asked.queue, "agent": asked.agent, "skill": asked.skill, "referrer": referrer}
    return routing.queue_for(**wanted, language=language, channel=way)


def _journey(asked: HandOver, queue: Queue | None) -> str:
    return asked.intake or (queue.intake if queue else "")


def _ask(scene: Scene, journey: str, version_id: int, parent: JourneyRun | None, status: str) -> Opening:
    declared = set(publishing.definition(version_id).vars)
    declared |= {step.var for step in publishing.definition(version_id).steps.values() if step.var}
    known = {name: value for name, value in (parent.vars if parent else {}).items() if name in declared}
    started = progress.start(
        scene=scene,
        journey=journey,
        values=known,
        parent=parent,
        purpose="intake",
        extra={"agent_status": status},
    )
    if started is None:
        return Opening("failed")
    _keep(scene, intake_run=started[0].pk)
    abandoning.watch(started[0], scene)
    return Opening("asking", *started)


def _complete(scene: Scene, run: JourneyRun, is_staffed: Staffed | None) -> Outcome:
    conversation = scene.conversation
    asked: dict[str, Any] = conversation.handover or {}
    skill = asked.get("skill", "")
    queue = routing.queue_for(name=asked.get("queue", ""), skill=skill)
    plan = routing.Plan(15)
    is_staffed = is_staffed or partial(routing.can_serve, skill=skill)
    if queue is not None and presence.status(queue, is_staffed) == "online":
        conversation.referrer = asked.get("referrer", "")
        facts = routing.facts_for(
            conversation=conversation,
            root=scene.root,
            queue=queue,
            skill=skill,
            agent=asked.get("agent", ""),
            is_explicit=asked.get("is_named", False),
            will_wait=run.vars.get(WILL_WAIT) in (True, "yes", "true"),
        )
        plan = routing.plan(facts, scene.now)
    if plan.queue_id is None:
        _note_offline(scene, queue, skill)
        return "offline"
    _into_queue(scene, plan, run)
    return "queued"


def _leave_ticket(scene: Scene, queue: Queue | None) -> Outcome:
    """A message that waits for the team: in the queue without anybody being there, and without pre-chat questions."""
    if queue is None:
        _note_end(scene, "handover_failed", reason="no_queue")
        return "failed"
    _into_queue(scene, routing.Plan(15, (routing.Target(f"queue:{queue.pk}"),)), None, mode="ticket")
    notices.tell_opening(scene)
    return "queued"


def _into_queue(scene: Scene, plan: routing.Plan, intake: JourneyRun | None, mode: str = "live") -> None:
    """Owner, card, the customer's notice and, if the plan says so and there is room, the agent: all or nothing."""
    conversation = scene.conversation
    asked: dict[str, Any] = conversation.handover or {}
    from_epoch, priority = conversation.owner_epoch, asked.get("priority", 0) + plan.priority
    since = conversation.queued_at or scene.now  # kept while the quiet journey has it
    owning.move(
        conversation=conversation,
        seen_epoch=from_epoch,
        to=Owner.QUEUE,
        owner_id=plan.queue_id,
        allowed_states=(Conversation.State.OPEN,),
        allowed_owners=(Owner.BOT,),
        cause="handover",
        actor_kind="customer",
        mode=mode,
        queue_id=plan.queue_id,
        skill=asked.get("skill", ""),
        referrer=asked.get("referrer", ""),
        priority=priority,
        queued_at=since,
        ranked_at=routing.rank(since, priority),
        routing_plan=plan.to_json(),
        plan_step=0,
    )
    cards.write(scene=scene, intake=intake, plan=plan)
    outbox.refence(conversation=conversation, from_epoch=from_epoch)
    if mode == "live":
        notices.tell(scene, "passing")
        routing.begin(conversation)


def _speaks_for_itself(version_id: int) -> bool:
    """An intake that reads `agent_status` knows what to say when nobody is there; any other need not ask then."""
    return "agent_status" in JourneyVersion.objects.values_list("source", flat=True).get(pk=version_id)


def _keep(scene: Scene, **changes: Any) -> None:
    scene.conversation.handover = {**(scene.conversation.handover or {}), **changes}
    scene.conversation.save(update_fields=["handover"])


def _note_end(scene: Scene, kind: str, **data: Any) -> None:
    scene.conversation.handover = None
    scene.conversation.save(update_fields=["handover"])
    events.append(conversation=scene.conversation, session=scene.session, kind=kind, data=data)


def _note_offline(scene: Scene, queue: Queue | None, skill: str) -> None:
    """With the skill that nobody had who was there, if one was asked for."""
    _note_end(scene, "handover_offline", queue=queue.key if queue else "", **({"skill": skill} if skill else {}))


def _failed(scene: Scene, error: Exception) -> Outcome:
    log.exception("handover failed", exc_info=error)
    scene.read_again()
    _note_end(scene, "handover_failed", reason=type(error).__name__)
    return "failed"
