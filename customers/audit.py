"""Who did or saw what, and why? Entries are chained, so that a changed or missing one shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from django.db import connection, transaction

from common.crypto import blind
from customers.models import AuditEntry

BEGINNING = "0" * 64
SCRUBBED = "(erased)"  # the only reason that another one may be changed to: somebody was erased
# One writer at a time, until its transaction ends: the chain has one order.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('customers_auditentry', 7))"


@transaction.atomic
def record(
    *,
    actor: str,
    action: str,
    object_id: str = "",
    reason: str = "",
    rows: int | None = None,
    ip: str = "",
    request_id: str = "",
) -> AuditEntry:
    """Append one act of `actor` (`user:7`, `system`); ids and counts only, never a personal value."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    entry = AuditEntry(
        actor=actor,
        action=action,
        object_id=object_id,
        reason=reason,
        rows=rows,
        ip_hash=blind("ip", value=ip) if ip else "",
        request_id=request_id,
        previous_hash=AuditEntry.objects.order_by("-pk").values_list("entry_hash", flat=True).first() or BEGINNING,
    )
    entry.entry_hash = digest(entry)
    entry.save(force_insert=True)
    return entry


def digest(entry: AuditEntry) -> str:
    """What the entry must hash to, its place in the chain included."""
    said = [
        str(entry.public_id),
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.object_id,
        entry.reason,
        entry.rows,
        entry.ip_hash,
        entry.request_id,
        entry.previous_hash,
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def broken() -> Iterator[AuditEntry]:
    """The entries that were changed, or that follow one that is missing.

    One whose reason went with an erased person cannot be hashed anew; a trigger keeps all but the reason.
    """
    previous = BEGINNING
    for entry in AuditEntry.objects.order_by("pk").iterator():
        is_changed = entry.reason != SCRUBBED and entry.entry_hash != digest(entry)
        if entry.previous_hash != previous or is_changed:
            yield entry
        previous = entry.entry_hash
