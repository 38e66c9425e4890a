"""What became of an erasure? How many rows went from which store, what is held elsewhere, and until when in backups."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from customers.models import Erasure
from customers.privacy import moment


def of(work: Erasure) -> dict[str, Any]:
    """The receipt in plain values; it names nobody."""
    ended = work.finished_at or work.erased_at
    return {
        "id": str(work.public_id),
        "state": work.state,
        "cause": work.cause,
        "customers": [str(one) for one in work.customers],
        "erased_at": moment(work.erased_at),
        "finished_at": moment(work.finished_at),
        "stores": [{"store": name, "rows": rows} for name, rows in sorted(work.stores.items())],
        "rows": work.total,
        "held_elsewhere": list(work.held_elsewhere),
        "last_backup_ends_at": moment(ended + timedelta(days=settings.BACKUP_DAYS)),
    }
