"""What has a customer not been told of a job yet, who writes now? Its end, and its question, asked where they are."""

from __future__ import annotations

from conversations.journeys import progress, resume, stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Heard
from conversations.models import JourneyRun, RemoteTask
from handover import following, jobs


def hear(scene: Scene, said: Heard) -> list[JourneyRun]:
    """The customer is here: what could not be told before is said first, and what a job has asked elsewhere is asked
    here, once. Returns the runs that have asked now: these words were not meant for them."""
    _tell_ends(scene)
    asking = [run for run in scene.background if _asks_elsewhere(scene, run) and not _is_tapped(run, said)]
    for run in asking:
        following.move(scene=scene, run=run, given=Again())
    return asking


def _tell_ends(scene: Scene) -> None:
    waiting = [run for run in scene.background if (run.wait or {}).get("kind") == "task" and _may_show(run, scene)]
    if not waiting:
        return
    over = RemoteTask.objects.filter(run__in=waiting, is_settled=False, ended_at__isnull=False).order_by("pk")
    for pk in list(over.values_list("pk", flat=True)):
        jobs.put(scene, pk)


def _may_show(run: JourneyRun, scene: Scene) -> bool:
    return stack.is_seen(run, scene) and scene.admits(run.version_id)


def _asks_elsewhere(scene: Scene, run: JourneyRun) -> bool:
    """Is its menu open, and may it show here, where it was not shown (lately)?"""
    if (run.wait or {}).get("kind") != "input" or not stack.is_seen(run, scene):
        return False
    context = scene.context(run.version_id)
    found = resume.verdict(progress.version_of(run), progress.state_of(run), scene.now, context)
    return found in ("resume", "offer")


def _is_tapped(run: JourneyRun, said: Heard) -> bool:
    """A button carries its own run, wherever it is pressed."""
    return said.payload.partition(":")[0] == run.public_id.hex
