"""Who has just been asked about a conversation in vain, and is left in peace for a while?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from handover import capacity, limits

# Served by the index `reservation_answered`.
ASKED = f"""
SELECT d.conversation_id, d.agent_id FROM handover_reservation d
WHERE d.conversation_id = ANY(%(conversations)s) AND {capacity.DECLINED}
"""  # DECLINED is a constant


def of(conversation_ids: Collection[int], now: datetime) -> dict[int, set[int]]:
    """Agents by conversation who declined it or let it pass within ten minutes, and never took it since; one query."""
    found: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(ASKED, {"conversations": list(conversation_ids), "since": now - limits.lasts("DECLINE_EXCLUDE")})
        for conversation_id, agent_id in cursor.fetchall():
            found.setdefault(conversation_id, set()).add(agent_id)
    return found
