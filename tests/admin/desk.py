"""What stands on the desks of the back office's tests: one row of each table of the human side."""

from __future__ import annotations

from common import clock
from conversations.models import Session
from handover.models import (
    Agent,
    BulkAction,
    CannedReply,
    ContextLink,
    Disposition,
    EngineMark,
    Macro,
    Queue,
    Rating,
    ReferrerRule,
    Reservation,
    SavedView,
    SlaClock,
    SlaPolicy,
    Tag,
    WrapUp,
)

CANARY = "CANARY-7f3a"  # stands in every sealed value


def fill_one(number: int, session: Session, agent: Agent, queue: Queue) -> None:
    """What a customer wrote holds the canary."""
    now, conversation = clock.now(), session.conversation
    policy = SlaPolicy.objects.create(title=f"policy {number}", first_minutes=10)
    SlaClock.objects.create(
        conversation=conversation, queue=queue, policy=policy, kind="first", minutes=10, started_at=now, due_at=now
    )
    Reservation.objects.create(conversation=conversation, agent=agent, epoch=1, offered_at=now, expires_at=now)
    Rating.objects.create(
        conversation=conversation, customer_id=session.customer_id, session=session, comment=CANARY, asked_at=now,
        closes_at=now,
    )  # fmt: skip
    disposition = Disposition.objects.create(key=f"end-{number}", title="Solved")
    WrapUp.objects.create(conversation=conversation, agent=agent, disposition=disposition, started_at=now, ends_at=now)
    EngineMark.objects.create(conversation=conversation, source="crm", event_id="1", occurred_at=now)
    Tag.objects.create(key=f"tag-{number}", title="Refund")
    ReferrerRule.objects.create(pattern="shop.example/*", referrer="shop")
    CannedReply.objects.create(shortcut=f"hello-{number}", title="Hello", text="Hello")
    ContextLink.objects.create(title=f"Orders {number}", url="https://shop.example/orders?customer={public_id}")
    Macro.objects.create(title=f"macro {number}")
    SavedView.objects.create(title=f"view {number}")
    BulkAction.objects.create(agent=agent, verb="close", created_at=now)
