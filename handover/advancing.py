"""Does a run get the result that it waits for now, later, or not at all?"""

from __future__ import annotations

from django.db import transaction

from conversations import outbox, reach
from conversations.journeys import stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Given, Timeout
from conversations.models import Conversation, JourneyRun
from handover import following, keeping, standing

Owner = Conversation.Owner


def advance(*, run: JourneyRun, result: Given) -> bool:
    """Puts what a run waits for to it, under its own locks; False if it does not wait for just this (any more).

    True: it went on, or the result is kept until the bot can speak again (a human has the floor, another question
    stands in front, nowhere a window is open). The same result twice counts once.
    """
    with transaction.atomic():
        scene = standing.of_run(run)
        found = next((known for known in (*scene.runs, *scene.background) if known.pk == run.pk), None)
        if found is None or not keeping.is_awaited(found, result):
            return False
        if isinstance(result, Timeout) and (found.wait or {})["kind"] == "input":
            return _time_is_up(scene, found, result)
        there = standing.go_on(scene, found) if keeping.may_come(scene, found) else None
        if there is None:
            keeping.keep(scene, found, result)
            return True
        found = next(known for known in (*there.runs, *there.background) if known.pk == run.pk)
        following.move(scene=there, run=found, given=result)
        return True


def _time_is_up(scene: Scene, run: JourneyRun, result: Timeout) -> bool:
    """Nobody answered in time. A question that was set aside meanwhile has its time again when it comes back.

    Where nothing may be written any more the run goes on without a word, and asks again when the customer writes.
    """
    is_aside = run.status == JourneyRun.Status.SUSPENDED
    if scene.conversation.owner_kind != Owner.BOT or outbox.is_hushed(scene.conversation) or is_aside:
        return False
    scene.is_cut = reach.is_mute(run.session, scene.now)
    following.move(scene=scene, run=run, given=result)
    if scene.is_cut:
        stack.unask(scene=scene)
    return True
