"""Does anything get to this address? Providers say so when it is blocked, bounces, or writes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from customers.handles import Handle, usable
from customers.lookup import Owners
from customers.models import Identity


def mark(*, identity: Identity, is_reachable: bool, occurred_at: datetime, reason: str = "") -> bool:
    """Notes it on the whole address; False if it was known, or if something newer is. An inbound word clears it."""
    rows = Identity.objects.filter(Q(pk=identity.head_id) | Q(endpoint_id=identity.head_id))
    if is_reachable:
        lost = rows.filter(unreachable_at__lte=occurred_at)
        return bool(lost.update(unreachable_at=None, unreachable_reason=""))
    return bool(
        rows.filter(unreachable_at__isnull=True).update(unreachable_at=occurred_at, unreachable_reason=reason[:40])
    )


def of_handles(*, handles: Sequence[Handle], occurred_at: datetime) -> Identity | None:
    """The routable identity that the first known of these handles meant at that time; nobody is born."""
    named = [one for one in usable(handles) if one.routes]
    owners = Owners([one.key for one in named])
    return next((row for one in named if (row := owners.of(one.key, occurred_at)) is not None), None)
