"""Who helped this customer last? Written when an agent answers or closes, or by an outside CRM; the newer fact wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from common import clock
from conversations import events, threads
from conversations.models import Conversation
from customers.models import Customer
from handover import limits
from handover.models import Affinity, Agent, Queue

# Per origin and skill: over merged customers the newest counts when it is read, and a split gives each their own back.
WRITE = """
INSERT INTO handover_affinity AS a (customer_id, scope, agent_id, queue_id, conversation_id, handled_at, source)
VALUES (%(customer)s, %(scope)s, %(agent)s, %(queue)s::bigint, %(conversation)s::bigint, %(at)s, %(source)s)
ON CONFLICT (customer_id, scope) DO UPDATE SET
    agent_id = excluded.agent_id, queue_id = excluded.queue_id, conversation_id = excluded.conversation_id,
    handled_at = excluded.handled_at, source = excluded.source
WHERE excluded.handled_at > a.handled_at
RETURNING id
"""

KEPT = ("agent_id", "queue_id", "conversation_id", "source")


def write(*, conversation: Conversation, agent: Agent, at: datetime, source: str = "") -> bool:
    """Remembers agent and queue for the customer and the conversation's skill; False if something newer is known."""
    return _write(
        customer=conversation.customer_id,
        scope=conversation.skill,
        agent=agent.pk,
        queue=conversation.queue_id,
        conversation=conversation.pk,
        at=at,
        source=source,
    )


@transaction.atomic
def tell(
    *, customer: Customer, scope: str, agent: Agent | None, queue: Queue | None, handled_at: datetime, source: str
) -> bool:
    """An outside CRM says who helped last, and when (its own clock, at most five minutes ahead of ours).

    False if something as new is known of the person in this skill: nothing changes. Event `affinity_changed` on the
    person's newest conversation.
    """
    root, at = threads.lock_root(customer_id=customer.pk), clamped(handled_at)
    if of_person(root=root).filter(scope=scope, handled_at__gte=at).exists():
        return False
    is_newer = _write(
        customer=customer.pk,
        scope=scope,
        agent=agent.pk if agent else None,
        queue=queue.pk if queue else None,
        conversation=None,
        at=at,
        source=source,
    )
    newest = Conversation.objects.of_person(root.pk).order_by("-opened_at", "-pk").first()
    if is_newer and newest is not None:
        data = {"scope": scope, "agent": agent.pk if agent else None, "queue": queue.pk if queue else None}
        locked = threads.lock(conversation_id=newest.pk)
        events.append(conversation=locked, kind="affinity_changed", actor_kind="external", data={**data, "by": source})
    return is_newer


def of_person(*, root: Customer) -> QuerySet[Affinity]:
    """What is known over all origins of the person, the newest first."""
    found = Affinity.objects.filter(customer__root_id=root.pk).select_related("agent__user", "queue")
    return found.order_by("-handled_at")


def kept(conversation: Conversation) -> dict[str, Any] | None:
    """What is known of its customer in its skill, in plain values; None if nothing is."""
    row = _row(conversation).values(*KEPT, "handled_at").first()
    return row and {**row, "handled_at": row["handled_at"].isoformat()}


def put_back(conversation: Conversation, before: dict[str, Any] | None, *, if_at: str) -> None:
    """What was known before, if what is known is still what was written at `if_at`."""
    written = _row(conversation).filter(handled_at=datetime.fromisoformat(if_at))
    if before is None:
        written.delete()
    else:
        written.update(**{**before, "handled_at": datetime.fromisoformat(before["handled_at"])})


def _row(conversation: Conversation) -> QuerySet[Affinity]:
    return Affinity.objects.filter(customer=conversation.customer_id, scope=conversation.skill)


def clamped(at: datetime) -> datetime:
    """A foreign clock may run ahead a little; what it dates further in the future happened now."""
    now = clock.now()
    return at if at - now <= limits.lasts("FUTURE_CLAMP") else now


def _write(**values: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        return cursor.fetchone() is not None
