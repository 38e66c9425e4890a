"""Which deadlines are due? Rows swept with SKIP LOCKED; claimed by a lease, effect and deletion in one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from common import clock, outages
from conversations.models import Timer

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
AT_ONCE = 20  # timers of one claim: a crowd that is due in one second costs few claims, and two workers share it
HOLDS = LEASE.total_seconds() / 2  # from then on what is left of a claim is left to the next one

CLAIM = """
UPDATE conversations_timer SET due_at = clock_timestamp() + %(shift)s::interval + %(lease)s::interval
WHERE id IN (
    SELECT id FROM conversations_timer
    WHERE due_at <= clock_timestamp() + %(shift)s::interval AND kind = ANY(%(kinds)s)
    ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING *
"""

START = """
INSERT INTO conversations_timer (kind, object_id, due_at, guard, customer_id)
VALUES (%(kind)s, %(object)s, clock_timestamp() + %(after)s::interval, %(guard)s, %(customer)s)
ON CONFLICT (kind, object_id) DO UPDATE
SET due_at = excluded.due_at, guard = excluded.guard, customer_id = excluded.customer_id
"""

Effect = Callable[[Timer], None]

_effects: dict[str, Effect] = {}


def on(kind: str, effect: Effect) -> None:
    """Registers what a kind of timer does; the effect checks the timer's guard itself and locks what it changes."""
    _effects[kind] = effect


def start(*, kind: str, object_id: int, due_at: datetime, guard: int = 0, customer_id: int | None = None) -> None:
    """Sets or moves the one timer of this kind for the object; `due_at` by `common.clock`.

    Kept by the database's clock, which the sweep asks: a machine whose own clock is wrong sets no wrong deadline.
    """
    after = due_at - clock.now() + clock.offset()
    values: dict[str, Any] = {
        "kind": kind,
        "object": object_id,
        "after": after,
        "guard": guard,
        "customer": customer_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(START, values)


def stop(*, kind: str, object_id: int) -> None:
    """Removes the timer if it is there."""
    Timer.objects.filter(kind=kind, object_id=object_id).delete()


def is_running(*, kind: str, object_id: int) -> bool:
    """Is there one of this kind for the object?"""
    return Timer.objects.filter(kind=kind, object_id=object_id).exists()


def sweep(*, limit: int = 100) -> int:
    """Fires what is due, one transaction each; returns how many fired. Several sweepers never fire one twice.

    A timer is claimed by moving its own deadline: no row stays locked while the effect takes its locks, and one whose
    effect raises is tried again later without holding up the others.
    """
    fired = 0
    while fired < limit and (claimed := _claim(min(AT_ONCE, limit - fired))):
        began = time.monotonic()
        for timer in claimed:
            if time.monotonic() - began > HOLDS:
                return fired
            fired += 1
            _try(timer)
    return fired


def _try(timer: Timer) -> None:
    try:
        _fire(timer)
    except Exception as error:  # noqa: BLE001 -- the quarantine of a timer: its lease puts it off, the others go on
        outages.raise_if_away(error)
        log.error("timer %s of %s failed: %s", timer.kind, timer.object_id, type(error).__name__)


@transaction.atomic
def _fire(timer: Timer) -> None:
    _effects[timer.kind](timer)
    Timer.objects.filter(pk=timer.pk, due_at=timer.due_at, guard=timer.guard).delete()


def _claim(most: int) -> list[Timer]:
    kinds, shift = list(_effects), clock.offset()
    claimed = Timer.objects.raw(CLAIM, {"kinds": kinds, "shift": shift, "lease": LEASE, "most": most})
    return sorted(claimed, key=lambda timer: timer.pk)
