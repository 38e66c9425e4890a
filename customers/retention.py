"""Who is nobody, and has been for long? Browsers that never said a word and never named anybody are forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from common import clock
from common.ids import uuid7
from customers import facts, policy, privacy_erasing
from customers.models import Customer, Erasure, Identity
from customers.namespaces import Namespace

BATCH = 200  # customers of one erasure, which are gone in one go
ROUNDS = 50  # batches of one run; the next day has more


def sweep() -> int:
    """Erases, as everybody else, visitors who were not seen for the policy's days; returns how many.

    One who wrote something stays: that follows the channel.
    """
    found, after = 0, 0
    for _ in range(ROUNDS):
        due = _due(after)
        if not due:
            break
        after = due[-1]
        silent = [pk for pk in due if not facts.written([pk])]
        found += _erase(silent) if silent else 0
    return found


def _due(after: int) -> list[int]:
    """Anonymous customers, joined with nobody, of whom only browsers are known."""
    before = clock.now() - timedelta(days=policy.current().anonymous_days)
    others = Identity.objects.filter(customer=OuterRef("pk")).exclude(namespace=Namespace.VISITOR)
    members = Customer.objects.filter(root=OuterRef("pk")).exclude(pk=OuterRef("pk"))
    rows = Customer.objects.roots().kept().filter(kind=Customer.Kind.ANONYMOUS, last_seen_at__lt=before, pk__gt=after)
    rows = rows.exclude(Exists(others)).exclude(Exists(members))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _erase(ids: list[int]) -> int:
    """Those of them who are still what they were, under their locks."""
    before = clock.now() - timedelta(days=policy.current().anonymous_days)
    with transaction.atomic():
        rows = Customer.objects.roots().kept().filter(pk__in=ids, last_seen_at__lt=before)
        members = list(rows.select_for_update(no_key=True).order_by("pk"))
        if not members:
            return 0
        made = Erasure(request_id=f"retention:{uuid7()}", requested_by="system", cause=Erasure.Cause.RETENTION)
        privacy_erasing.cut(members, made)
    return len(members)
