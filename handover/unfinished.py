"""Did somebody who is back leave something that is not open any more? Then it is offered, and begun anew."""

from __future__ import annotations

from conversations import recall, topics
from conversations.answers import talk
from conversations.journeys import progress, publishing, triggers
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.models import JourneyRun
from handover import following

Status = JourneyRun.Status
LEFT = (Status.EXPIRED, Status.FAILED)


def offer(scene: Scene) -> bool:
    """Offers the journey that was spoken about last, if it ended without an end and its customer can begin it here."""
    rows = JourneyRun.objects.filter(customer__root_id=scene.root.pk, purpose="journey", lane="foreground")
    rows = rows.filter(touched_at__gt=scene.now - recall.WITHIN).exclude(version__journey__key=MAIN_MENU)
    run = rows.select_related("session").order_by("-touched_at", "-pk").first()
    if run is None or run.status not in LEFT or not topics.may_name(run, scene):
        return False
    version = progress.version_of(run)
    if not _may_begin(scene, version.key):
        return False
    title = version.called(str(scene.attributes.get("language") or ""))
    talk.offer_to_go_on(scene, version.key, title)
    return True


def go_on(scene: Scene, journey: str) -> bool:
    """Begins it; what the customer has told us is not asked for again. False if it cannot be begun (any more)."""
    return _may_begin(scene, journey) and following.start(scene, journey)


def _may_begin(scene: Scene, journey: str) -> bool:
    is_theirs = journey in triggers.open_to_customers(publishing.table())
    return is_theirs and scene.admits(publishing.live().get(journey))
