"""May a journey begin beneath another, and what becomes of those above when it ends?"""

from __future__ import annotations

from conversations.journeys import progress, stack
from conversations.journeys.effects import EndRun, StartRun
from conversations.journeys.progress import Wish
from conversations.journeys.rules_graph import MAX_DEPTH
from conversations.journeys.scene import Scene
from conversations.journeys.state import ENDED, ChildResult
from conversations.models import JourneyRun


def begin(scene: Scene, parent: JourneyRun, wish: StartRun) -> tuple[JourneyRun, list[Wish]] | None:
    """The journey begins with these values, and the run above waits for its end; None if it may not or is not live."""
    if len(stack.chain(parent, scene)) >= MAX_DEPTH:
        scene.alert("limit_depth", run=parent.pk, step=parent.step_id)
        return None
    return progress.start(scene=scene, journey=wish.journey, values=wish.values, parent=parent)


def refused(parent: JourneyRun) -> ChildResult:
    """What a journey that could not begin is for the run that wanted it."""
    return ChildResult("failed", token=int((parent.wait or {}).get("token", parent.seq)))


def above(scene: Scene, run: JourneyRun) -> JourneyRun | None:
    """The open run that waits for the end of this one."""
    return next(iter(stack.chain(run, scene)[1:]), None)


def result(above: JourneyRun, ended: EndRun) -> ChildResult:
    """The end of a run, as the one above hears it."""
    return ChildResult(ended.outcome, token=int((above.wait or {})["token"]), values=dict(ended.values))


def begin_again(scene: Scene, run: JourneyRun) -> tuple[JourneyRun, list[Wish]] | None:
    """The same journey from its beginning, with what it was given then, beneath the same run if there is one."""
    key, parent = stack.key_of(run), above(scene, run)
    return progress.start(scene=scene, journey=key, values=run.given, parent=parent)


def cut(scene: Scene, run: JourneyRun) -> None:
    """Too much has followed from one input: the run is over, and with it those that wait for its end."""
    parent = [one for one in scene.runs if run.purpose == "intake" and one.pk == run.parent_id]
    for one in (*stack.chain(run, scene), *parent):
        if one.status not in ENDED:
            stack.end(scene=scene, run=one, status=JourneyRun.Status.FAILED, reason="limit_moves")


def end_above(scene: Scene, run: JourneyRun, ended: EndRun) -> JourneyRun:
    """Nobody hears of this end any more: those above are over with it. Returns the uppermost."""
    runs = stack.chain(run, scene)
    for one in runs[1:]:
        stack.end(scene=scene, run=one, status=JourneyRun.Status(ended.outcome), reason=ended.reason or "child")
    return runs[-1]
