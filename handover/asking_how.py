"""When is a customer asked how it was? Half a minute after the close, when nobody takes it back any more.

Only where an agent has answered, and where the customer has not begun something else meanwhile.
"""

from __future__ import annotations

from django.db.models import Q

from common import clock
from conversations import reach, sql, threads, timers
from conversations.journeys import stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Wait
from conversations.models import LAST_HEARD, Conversation, ConversationEvent, Session, Timer
from customers.models import Customer
from handover import holding, limits, ratings
from handover.models import Agent, BulkAction, Queue, Rating

TIMER = "rating"

Owner, State = Conversation.Owner, Conversation.State


def wind(scene: Scene) -> bool:
    """It was just closed: will the customer be asked?"""
    conversation = scene.conversation
    if conversation.last_agent_at is None or reach.is_mute(scene.session, scene.now):
        return False
    if not _may_ask(scene, conversation, _queue_of(conversation)):
        return False
    _wind(conversation)
    return True


def came_due(timer: Timer) -> None:
    """The timer's effect: asks, unless the conversation is open again."""
    customer_id = Conversation.objects.filter(pk=timer.object_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        return
    root = threads.lock_root(customer_id=customer_id)
    conversation = threads.lock(conversation_id=timer.object_id)
    if conversation.state != State.CLOSED or conversation.owner_epoch != timer.guard:
        return
    agent = Agent.objects.filter(pk=_closing(conversation).actor_id or 0).first()
    if agent is not None and _may_be_taken_back(conversation, agent):
        _wind(conversation)
        return
    scene, queue = _scene(conversation, root), _queue_of(conversation)
    if agent is not None and scene is not None and _may_ask(scene, conversation, queue):
        ratings.ask(scene, conversation, agent, queue)


def _wind(conversation: Conversation) -> None:
    timers.start(
        kind=TIMER,
        object_id=conversation.pk,
        due_at=clock.now() + limits.lasts("RATING_AFTER"),
        guard=conversation.owner_epoch,
        customer_id=conversation.customer_id,
    )


def _may_be_taken_back(conversation: Conversation, agent: Agent) -> bool:
    """Was it closed as one of many that are not all done yet, or only just?"""
    among = BulkAction.objects.filter(agent=agent, verb="close", before__has_key=str(conversation.public_id))
    is_fresh = Q(done_at__gt=clock.now() - limits.lasts("RATING_AFTER"))
    return among.filter(Q(status=BulkAction.Status.PENDING) | is_fresh).exists()


def _may_ask(scene: Scene, about: Conversation, queue: Queue | None) -> bool:
    """Does the queue that had it want it, and is nothing else asked here? Once a conversation."""
    if queue is None or not queue.asks_rating or about.close_reason != "resolved" or not scene.is_private:
        return False
    return not _is_asked_otherwise(scene) and not Rating.objects.filter(conversation=about).exists()


def _is_asked_otherwise(scene: Scene) -> bool:
    """Has the journey that went on put a question of its own? Two at once would take each other's answers."""
    run = stack.in_front(scene)
    wait = Wait.from_json(run.wait) if run is not None else None
    return wait is not None and wait.kind == "input" and bool(wait.rendered_on)


def _scene(conversation: Conversation, root: Customer) -> Scene | None:
    """Where they were heard last, if that is the same place still and nothing but thanks was said since."""
    here = conversation.sessions.order_by(LAST_HEARD, "-pk").first()
    way = next(reach.ways(root=root, now=clock.now()), None)
    if here is None or way is None or way.is_shut or _place(way.session) != _place(here):
        return None
    present = sql.unclosed(root.pk) or conversation
    if present.pk != way.session.conversation_id or not (present == conversation or threads.is_aside(present)):
        return None
    return Scene(present, way.session, root)


def _place(session: Session) -> tuple[int, str]:
    return session.identity_id, session.channel


def _queue_of(conversation: Conversation) -> Queue | None:
    """That had it; None where nobody of ours has had it."""
    had = _closing(conversation).data["from"]
    had_by = had["id"] if had["kind"] == Owner.AGENT else None
    return holding.home(conversation, had_by) if had_by or conversation.queue_id else None


def _closing(conversation: Conversation) -> ConversationEvent:
    return conversation.events.get(kind="owner_changed", epoch=conversation.owner_epoch)
