"""Who has just been asked about a conversation in vain, and is left in peace for a while?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from handover import limits
from handover.models import Reservation

Status = Reservation.Status


def of(conversation_ids: Collection[int], now: datetime) -> dict[int, set[int]]:
    """Agents by conversation who declined it, or let it pass, within ten minutes; one query."""
    since = now - limits.lasts("DECLINE_EXCLUDE")
    asked = Reservation.objects.filter(conversation_id__in=conversation_ids, answered_at__gt=since)
    found: dict[int, set[int]] = {}
    rows = asked.filter(status__in=(Status.DECLINED, Status.TIMED_OUT))
    for conversation_id, agent_id in rows.values_list("conversation_id", "agent_id"):
        found.setdefault(conversation_id, set()).add(agent_id)
    return found
