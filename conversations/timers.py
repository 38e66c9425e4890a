"""Which deadlines are due? Rows swept with SKIP LOCKED; effect and deletion in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from common import clock
from conversations.models import Timer

Effect = Callable[[Timer], None]

_effects: dict[str, Effect] = {}


def on(kind: str, effect: Effect) -> None:
    """Registers what a kind of timer does; the effect checks the timer's guard itself and locks what it changes."""
    _effects[kind] = effect


def start(*, kind: str, object_id: int, due_at: datetime, guard: int = 0, customer_id: int | None = None) -> None:
    """Sets or moves the one timer of this kind for the object."""
    Timer.objects.update_or_create(
        kind=kind,
        object_id=object_id,
        defaults={"due_at": due_at, "guard": guard, "customer_id": customer_id},
    )


def stop(*, kind: str, object_id: int) -> None:
    """Removes the timer if it is there."""
    Timer.objects.filter(kind=kind, object_id=object_id).delete()


def sweep(*, limit: int = 100) -> int:
    """Fires what is due, one transaction each; returns how many fired. Several sweepers never fire one twice."""
    fired = 0
    while fired < limit and _fire_next():
        fired += 1
    return fired


def _fire_next() -> bool:
    with transaction.atomic():
        timer = (
            Timer.objects.select_for_update(skip_locked=True)
            .filter(due_at__lte=clock.database_now(), kind__in=list(_effects))
            .order_by("due_at")
            .first()
        )
        if timer is None:
            return False
        _effects[timer.kind](timer)
        Timer.objects.filter(pk=timer.pk, due_at=timer.due_at, guard=timer.guard).delete()
        return True
