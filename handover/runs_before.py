"""Where did a person's journeys stand before one thing was done to many, and how do they stand there again?

Kept are the runs that moved with it, in plain values: what was answered in them stays where it is, in the runs. What a
journey has told another system meanwhile stays told, and what it has noted stays noted.
"""

from __future__ import annotations

from typing import Any

from conversations import sql
from conversations.journeys import remote, stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import ENDED
from conversations.models import Conversation, JourneyRun
from handover import abandoning, holding

Runs = dict[str, dict[str, Any]]  # by id
Status = JourneyRun.Status
ASKING = (Status.ACTIVE, Status.WAITING)
WHY = "undo"

PLAIN = ("status", "step_id", "wait", "lane", "end_reason", "session_id", "last_channel", "touched_at", "ended_at")


def of(conversation: Conversation) -> Runs:
    """Every open run of the person, locked; under the root's lock."""
    return {str(run.pk): _stands(run) for run in sql.open_runs(conversation.customer.root_id)}


def moved(conversation: Conversation, before: Runs) -> dict[str, Any]:
    """What stands elsewhere now: where it `was` (not if it was begun since), and how it was `left`."""
    now = of(conversation)
    gone = JourneyRun.objects.filter(pk__in=[int(pk) for pk in before if pk not in now])
    now |= {str(run.pk): _stands(run) for run in gone}
    changed = [pk for pk, stands in now.items() if stands != before.get(pk)]
    return {
        "was": {pk: before[pk] for pk in changed if pk in before},
        "left": {pk: [now[pk]["status"], now[pk]["seq"]] for pk in changed},
    }


def put_back(conversation: Conversation, moved: dict[str, Any]) -> None:
    """They wait again for what they waited for, and what began meanwhile is over.

    Where one of them has gone on since, or another journey stands in front, all stay where they are. Needs the locks
    of root and conversation.
    """
    was, left = moved["was"], moved["left"]
    if not left:
        return
    scene = holding.scene_of(conversation.pk)
    found = JourneyRun.objects.select_for_update(no_key=True).filter(pk__in=[int(pk) for pk in left])
    runs = {str(run.pk): run for run in found}
    if {pk: [run.status, run.seq] for pk, run in runs.items()} != left or _is_another_in_front(scene, left):
        return
    for pk, run in runs.items():
        if pk not in was and run.status not in ENDED:
            stack.end(scene=scene, run=run, status=Status.CANCELLED, reason=WHY)
    for pk in sorted(was, key=lambda pk: was[pk]["status"] in ASKING):  # one is in front at a time
        _again(scene, runs[pk], was[pk])


def _stands(run: JourneyRun) -> dict[str, Any]:
    values = {name: getattr(run, name) for name in PLAIN}
    times = {name: at and at.isoformat() for name, at in values.items() if name.endswith("_at")}
    return {**values, **times, "status": str(run.status), "seq": run.seq}


def _is_another_in_front(scene: Scene, left: dict[str, Any]) -> bool:
    return any(run.status in ASKING and str(run.pk) not in left for run in scene.runs)


def _again(scene: Scene, run: JourneyRun, was: dict[str, Any]) -> None:
    """What was decided for it meanwhile is void; what it waits for carries the number that it had."""
    has_ended = run.status in ENDED
    if (run.wait or {}).get("kind") == "task":
        remote.abandon(run=run, at=scene.now)
    for name in PLAIN:
        setattr(run, name, was[name])
    run.seq += 1
    run.save(update_fields=[*PLAIN, "seq"])
    run.refresh_from_db()
    if run.purpose == "intake":
        abandoning.watch(run, scene)
    if has_ended:
        stack.append(scene, "journey_step", run)
