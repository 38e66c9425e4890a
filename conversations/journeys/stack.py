"""Which of a person's open runs is in front, and what becomes of the others?

One foreground run takes the customer's words; what was set aside for it waits in a stack, each with what is above it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversations import events, sql
from conversations.journeys import publishing, remote
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import ENDED, Wait
from conversations.models import JourneyRun

Status = JourneyRun.Status
DEEP = 3  # suspended runs of a person
JOINED = "joined"  # why a run is set aside for which the customer has begun no other


def in_front(scene: Scene) -> JourneyRun | None:
    """The run that a message here may belong to: what this place may not see is as if it did not exist."""
    return next((run for run in scene.runs if is_free(run, scene) and is_seen(run, scene)), None)


def is_free(run: JourneyRun, scene: Scene) -> bool:
    """A parent goes on when its child has ended."""
    return run.status not in ENDED and not any(
        child.parent_id == run.pk and child.status not in ENDED for child in scene.runs
    )


def is_seen(run: JourneyRun, scene: Scene) -> bool:
    """Were the run's values said by an address, or beside a proof, that this place has too?"""
    if run.session_id == scene.session.pk and not scene.is_stale:
        return True
    return scene.sees(run.session.identity_id, *run.session.proven)


def set_aside(*, scene: Scene, but: JourneyRun | None = None, above: JourneyRun | None = None) -> None:
    """Whatever else is in front for this person is suspended; the oldest above three suspended ones are ended.

    `above`: the run that the next one will be beneath. With what is beneath them, runs count as one.
    """
    for run in scene.runs:
        if run is not but and run.status in (Status.ACTIVE, Status.WAITING):
            run.status = Status.SUSPENDED
            put_away(run, scene)
            run.save(update_fields=["status", "ended_at", "end_reason"])
    suspended = [run for run in scene.runs if run.status == Status.SUSPENDED and run is not but and run is not above]
    for run in [run for run in suspended if is_free(run, scene)][DEEP:]:
        for one in chain(run, scene):
            end(scene=scene, run=one, status=Status.CANCELLED, reason="stack")


def come_forward(*, scene: Scene, run: JourneyRun) -> None:
    """A run of the background is in front from now on; what was there has been set aside."""
    scene.background.remove(run)
    scene.runs.insert(0, run)


def chain(run: JourneyRun, scene: Scene) -> list[JourneyRun]:
    """The run, and the open ones above it that wait for its end, the nearest first."""
    found = [run]
    while above := next((other for other in scene.runs if other.pk == found[-1].parent_id and _awaits(other)), None):
        found.append(above)
    return found


def _awaits(run: JourneyRun) -> bool:
    return run.status not in ENDED and (run.wait or {}).get("kind") == "child"


def end(*, scene: Scene, run: JourneyRun, status: Status, reason: str) -> None:
    """Ends a run without a word; what was decided for it earlier is void."""
    run.status, run.end_reason, run.ended_at, run.wait, run.seq = status, reason, scene.now, None, run.seq + 1
    run.save(update_fields=["status", "end_reason", "ended_at", "wait", "seq"])
    remote.abandon(run=run, at=scene.now)
    append(scene, "journey_ended", run, outcome=str(status))


def unask(*, scene: Scene) -> None:
    """Somebody else spoke since: an open question was not put last, so the next words are not its answer."""
    for run in scene.runs:
        wait = Wait.from_json(run.wait)
        if wait and wait.kind == "input" and wait.rendered_on:
            run.wait = replace(wait, rendered_on=()).to_json()
            run.save(update_fields=["wait"])


def put_away(run: JourneyRun, scene: Scene) -> None:
    """A main menu that is left is over: nobody wants to come back to it."""
    if run.status == Status.SUSPENDED and key_of(run) == MAIN_MENU:
        run.status, run.end_reason, run.ended_at = Status.CANCELLED, "left", scene.now


def join(root_id: int) -> None:
    """Two people are one: of their runs the one that was touched last stays in front. Needs the root's lock."""
    asking = [run for run in _foreground(root_id) if run.status in (Status.ACTIVE, Status.WAITING)]
    for run in asking[1:]:
        run.status, run.end_reason = Status.SUSPENDED, JOINED
        run.save(update_fields=["status", "end_reason"])


def part(root_id: int) -> None:
    """They are two again: what was set aside when they were joined is in front again where nothing else is."""
    runs = _foreground(root_id)
    if any(run.status in (Status.ACTIVE, Status.WAITING) for run in runs):
        return
    left = next((run for run in runs if run.status == Status.SUSPENDED and run.end_reason == JOINED), None)
    if left is not None:
        left.status, left.end_reason = Status.WAITING, ""
        left.save(update_fields=["status", "end_reason"])


def _foreground(root_id: int) -> list[JourneyRun]:
    return [run for run in sql.open_runs(root_id) if run.lane == "foreground"]


def append(scene: Scene, kind: str, run: JourneyRun, **data: Any) -> None:
    """One event of a run: ids and words of ours only."""
    events.append(
        conversation=scene.conversation,
        session=scene.session,
        kind=kind,
        actor_kind="bot",
        data={"run": run.pk, "journey": key_of(run), "step": run.step_id, **data},
    )


def key_of(run: JourneyRun) -> str:
    """The key of the run's journey."""
    return publishing.definition(run.version_id).key
