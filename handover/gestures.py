"""What does a press on a button mean? The widget's own: resume, begin again, begin this; and one pressed twice."""

from __future__ import annotations

from uuid import UUID

from conversations.journeys import progress, publishing, resume, stack, triggers
from conversations.journeys.interpret import is_second
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Command, Expire, Given, Resume, Tries
from conversations.models import JourneyRun
from handover import following, opened

Meaning = tuple[JourneyRun, Given] | str | None


def act(scene: Scene, action: str, payload: str) -> None:
    """Does what the widget's own button means; one that names a run which may not be seen here means nothing."""
    wanted = meaning(scene, action, payload)
    if isinstance(wanted, str):
        following.start(scene, wanted)
    elif wanted is not None:
        following.move(scene=scene, run=wanted[0], given=wanted[1])


def meaning(scene: Scene, action: str, payload: str) -> Meaning:
    """An input for a run, the key of a journey to begin, or None: what names a run unseen here means nothing.

    `open` (somebody new has opened the chat) · `resume` (payload: the run's public id) · `restart` ·
    `start:<journey key, or the word of its link>`. A page begins what a customer could begin by a word.
    """
    verb, _, word = action.partition(":")
    table = publishing.table()
    key = table.links[word].journey if word in table.links else word
    if verb == "start" and key not in triggers.open_to_customers(table):
        return None
    front = stack.in_front(scene)
    if verb == opened.ACTION:
        return (opened.journey(scene.session.channel) or None) if front is None else None
    if verb == "resume":
        return _resume(scene, payload.replace("-", ""))
    if verb == "restart" and front is not None:
        return front, Command("restart")
    if verb == "start" and front is not None and not progress.version_of(front).policy.interruptible:
        return front, Again()
    return key if verb == "start" else None


def is_second_tap(scene: Scene, payload: str) -> bool:
    """Was this option taken just now by a run that is not in front any more? What is in front sees to its own taps."""
    run_id, _, rest = payload.partition(":")
    front = stack.in_front(scene)
    if not rest or len(run_id) != 32 or (front is not None and front.public_id.hex == run_id):
        return False
    try:
        found = JourneyRun.objects.filter(public_id=UUID(run_id), customer__root_id=scene.root.pk).first()
    except ValueError:
        return False
    return found is not None and is_second(rest, Tries.from_json(found.tries), found.touched_at, scene.now)


def _resume(scene: Scene, run_id: str) -> Meaning:
    """Once: a run whose open question stands here already needs no word."""
    run = next((run for run in scene.runs if run.public_id.hex == run_id), None)
    if run is None or not stack.is_free(run, scene) or not stack.is_seen(run, scene):
        return None
    context = scene.context(run.version_id)
    verdict = resume.verdict(progress.version_of(run), progress.state_of(run), scene.now, context)
    if verdict == "expire":
        return run, Expire()
    return (run, Resume()) if verdict in ("resume", "offer") else None
