"""What was it about? The subject of the last words with a person, as its author called it.

In this order: the open journey and its step; the article that answered last; the last order or cart; the journey that
was last spoken about.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from conversations.journeys import progress, stack
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun

SPOKEN = ("journey_started", "journey_step")  # a run goes along into the next conversation; its events stay
LOOKED_AT = 5  # how many may be passed over because they may not be named here


def of_scene(scene: Scene, since: datetime) -> str:
    """The newest subject that this session may know of, since then; '' if there is nothing to name."""
    opened = next((run for run in scene.runs if is_journey(run) and may_name(run, scene)), None)
    if opened is not None:
        return of_open(opened, str(scene.attributes.get("language") or ""))
    return of_journeys(JourneyRun.objects.filter(customer__root_id=scene.root.pk, touched_at__gt=since), scene)


def of_open(run: JourneyRun, language: str = "") -> str:
    """An open journey's title, and where in it."""
    version = progress.version_of(run)
    return f"{version.title} ({version.label(run.step_id, language)})"


def of_conversation(conversation: Conversation, scene: Scene | None = None) -> str:
    """What one conversation was about; '' if nothing tells, or nothing that may be named in this scene."""
    told = conversation.events.filter(kind__in=SPOKEN).order_by("-seq").values_list("data", flat=True)
    ids = {data.get("run") for data in told[:LOOKED_AT]}
    return of_journeys(JourneyRun.objects.filter(pk__in=ids), scene)


def of_journeys(runs: QuerySet[JourneyRun], scene: Scene | None = None) -> str:
    """The title of the journey among these that was last spoken about."""
    found = runs.filter(purpose="journey").exclude(version__journey__key=MAIN_MENU)
    for run in found.select_related("session").order_by("-touched_at", "-pk")[:LOOKED_AT]:
        if scene is None or may_name(run, scene):
            return progress.version_of(run).title
    return ""


def is_journey(run: JourneyRun) -> bool:
    """A journey of its own: no main menu, no pre-chat questions."""
    return run.purpose == "journey" and progress.version_of(run).key != MAIN_MENU


def may_name(run: JourneyRun, scene: Scene) -> bool:
    """May this session know that the journey was begun? It was said where it looks, and asks for no more proof."""
    return stack.is_seen(run, scene) and progress.version_of(run).policy.requires == "none"
