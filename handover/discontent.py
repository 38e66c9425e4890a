"""Who hears why a customer was not content? People of the matter's queue, in the conversation where it was said."""

from __future__ import annotations

from conversations.journeys.scene import Scene
from handover import holding, queueing, routing, verdicts
from handover.models import Queue, Rating

REASON = "rating"


def heard(scene: Scene, rating: Rating) -> bool:
    """The conversation waits for people if the rating was bad; needs a turn's locks. False: nobody needs to hear it."""
    if rating.score is None or rating.score > verdicts.LOW or routing.is_blocked(scene.root.pk):
        return False
    kept = Queue.objects.filter(is_archived=False)
    queue = kept.filter(pk=rating.queue_id or 0).first() or kept.filter(is_default=True).first()
    if queue is None:
        return False
    holding.brief(scene.conversation, reason=REASON)
    queueing.wait_in(scene, queue, scene.now, REASON, actor_kind="customer")
    return True
