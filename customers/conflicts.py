"""Where is a disagreement noted for a person to settle?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from common import clock, rows
from common.ids import uuid7
from customers import news
from customers.models import Conflict

SYSTEM = "system"  # who closes what nobody has to settle any more
AT_MERGE = "chosen_at_merge"  # the resolution of what opened with a merge and was decided in the same breath
# One open record per customer, kind and subject: a repetition only counts, a new candidate is appended.
NOTE = f"""
INSERT INTO customers_conflict AS c
  (public_id, customer_id, kind, subject, candidates, count, status, opened_at, resolved_by, resolution)
VALUES (%s, %s, %s, %s, %s::jsonb, 1, 'open', %s, '', '')
ON CONFLICT (customer_id, kind, subject) WHERE status = 'open' DO UPDATE SET
  count = c.count + 1,
  candidates = CASE WHEN c.candidates @> excluded.candidates THEN c.candidates
                    ELSE c.candidates || excluded.candidates END
RETURNING {rows.columns(Conflict, "c")}
"""


def note(*, customer_id: int, kind: str, subject: str, candidates: Sequence[str]) -> Conflict:
    """Open the conflict, or count one more on the open one; `candidates` are ids, never values."""
    values: list[str | int | datetime] = [
        str(uuid7()),
        customer_id,
        kind,
        subject,
        json.dumps(list(candidates)),
        clock.now(),
    ]
    (found,) = rows.read(Conflict, NOTE, values)
    news.tell(customer_id)
    return found


def close(*, conflict: Conflict, by: str, resolution: str) -> None:
    """Nobody has to look at it any more; what it was about stays as it is."""
    conflict.status, conflict.resolved_by, conflict.resolution = Conflict.Status.RESOLVED, by, resolution
    conflict.save(update_fields=["status", "resolved_by", "resolution"])
    news.tell(conflict.customer_id)
