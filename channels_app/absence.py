"""Does somebody wait for an answer who has left the page? A mail says that there is one, and no word of it.

The address is one that they only typed: whoever reads it may be somebody else. So it is told where to look, never what
was said; once a day for an address, once until the visitor has written again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from channels_app import letters, shared_devices
from channels_app.models import Channel
from common import clock
from common.crypto import blind
from common.ids import uuid7
from conversations import outbox
from conversations.models import Conversation, Delivery, Message, Session
from customers.models import Challenge, Identity
from customers.namespaces import Namespace

PURPOSE = "answered"
AWAY = timedelta(minutes=5)  # an answer that no browser has fetched for so long was given to somebody who has left
DAY = timedelta(hours=24)


def tell() -> int:
    """Mails to those who have not seen an agent's answer; returns how many were told."""
    now = clock.now()
    return sum(_tell(session, now) for session in _left(now))


def _left(now: datetime) -> Iterator[Session]:
    """Sessions of a widget in conversations that an agent has answered within the day, and not just now."""
    answered = Q(last_agent_at__gt=now - DAY, last_agent_at__lt=now - AWAY)
    going = Conversation.objects.unclosed().filter(answered)
    closed = Conversation.objects.filter(answered, state="closed", closed_at__gt=now - DAY)
    ids = [*going.values_list("pk", flat=True), *closed.values_list("pk", flat=True)]
    rows = Session.objects.filter(conversation__in=ids, kind="web", last_inbound_at__isnull=False)
    yield from rows.select_related("conversation", "identity")


@transaction.atomic
def _tell(session: Session, now: datetime) -> bool:
    message = _unseen(session, now)
    address = _address(session) if message is not None else None
    way = next(iter(_ways(session)), "") if address is not None else ""
    if message is None or address is None or not way:
        return False
    reached = blind("code_target", address.namespace, address.scope, value=address.key)
    if _was_told(session, reached, now):
        return False
    note = Challenge.objects.create(
        kind=Challenge.Kind.NOTE,
        digest=blind("note", value=str(uuid7())),
        purpose=PURPOSE,
        target=reached,
        session_ref=_ref(session),
        opener=session.identity,
        opener_channel=session.channel,
        arrival=address,
        arrival_channel=way,
        created_at=now,
        expires_at=now + DAY,
    )
    outbox.enclose(message=message, identity=address, channel=way, challenge=note)
    return True


def _unseen(session: Session, now: datetime) -> Message | None:
    """The agent's newest answer there, if no browser has it and the visitor has not written since."""
    rows = session.messages.filter(author=Message.Author.AGENT, recorded_at__lt=now - AWAY).order_by("-pk")
    message = rows.first()
    if message is None or (session.last_inbound_at or now) > message.recorded_at:
        return None
    return message if message.deliveries.filter(part=0, state=Delivery.State.SENT).exists() else None


def _address(session: Session) -> Identity | None:
    """The mail address that they gave last, on this very origin: nothing of others in the cluster."""
    rows = Identity.objects.live().filter(customer_id=session.customer_id, namespace=Namespace.EMAIL, shared=False)
    return rows.filter(unreachable_at__isnull=True).order_by("-pk").first()


def _ways(session: Session) -> list[str]:
    channel = Channel.objects.filter(key=session.channel).first()
    if channel is None or shared_devices.is_kiosk(channel):
        return []
    return [way.channel for way in letters.ways(session.channel) if way.namespace == Namespace.EMAIL]


def _was_told(session: Session, reached: str, now: datetime) -> bool:
    told = Challenge.objects.filter(kind=Challenge.Kind.NOTE)
    since = session.last_inbound_at or session.opened_at
    is_known = told.filter(session_ref=_ref(session), created_at__gt=since).exists()
    return is_known or told.filter(target=reached, created_at__gt=now - DAY).exists()


def _ref(session: Session) -> str:
    return f"endpoint:{session.identity.public_id.hex}"
