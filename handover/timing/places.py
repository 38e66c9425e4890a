"""How many wait before this one, and for about how long?"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, F
from django.db.models.functions import Coalesce

from common import clock
from conversations.models import Conversation
from handover.models import SlaClock

RECENT = timedelta(hours=24)
ENOUGH = 3  # answers, below which an estimate would be a guess


def place(conversation: Conversation) -> int:
    """1 for who is next in the queue; tickets wait on their own."""
    mine = conversation.ranked_at or conversation.queued_at
    waiting = Conversation.objects.queued().filter(owner_id=conversation.owner_id, mode="live", state="open")
    before = waiting.annotate(rank=Coalesce("ranked_at", "queued_at")).filter(rank__lt=mine)
    return before.count() + 1


def minutes(queue_id: int) -> int | None:
    """How long first answers took in this queue within a day, rounded up to 5; None where too few are known."""
    kept = SlaClock.objects.filter(
        queue_id=queue_id, kind=SlaClock.Kind.FIRST, met_at__isnull=False, started_at__gte=clock.now() - RECENT
    )
    found: dict[str, Any] = kept.aggregate(number=Count("pk"), took=Avg(F("met_at") - F("started_at")))
    if found["number"] < ENOUGH:
        return None
    took: timedelta = found["took"]
    return max(5, math.ceil(took.total_seconds() / 300) * 5)
