"""Is this value anybody's at all? One that many customers give within a day (a shop's own address, a joke) proposes a
block: until a person has decided, it joins nobody.

What many only claim takes nothing from whoever has proven it: they go on, and their code is worth what it always was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common import clock
from customers import audit, conflicts, news, policy
from customers.handles import PROVING
from customers.models import Conflict, Identity

DAY = timedelta(days=1)
ALLOWED = "allowed"
Kind = Conflict.Kind.SHARED_VALUE


def look_at(row: Identity, *, at: datetime) -> Conflict | None:
    """After a value was written: do more customers have it since yesterday than one customer may have of its kind?

    One open proposal for a value, whoever gave it first; a value that a person allowed is not proposed again.
    """
    limit = policy.current().limits[row.namespace]
    rows = _of(row).filter(valid_from__gt=at - DAY)
    holders = rows.values_list("customer__root_id", flat=True).order_by().distinct()[: limit + 1]
    if len(holders) <= limit:
        return None
    known = Conflict.objects.filter(kind=Kind, subject=subject(row)).order_by("pk")
    if known.filter(status=Conflict.Status.RESOLVED, resolution=ALLOWED).exists():
        return None
    first = known.filter(status=Conflict.Status.OPEN).first()
    customer_id = first.customer_id if first else row.customer_id
    return conflicts.note(customer_id=customer_id, kind=Kind, subject=subject(row), candidates=[str(row.public_id)])


def proposed(rows: Iterable[Identity]) -> set[str]:
    """The subjects among these rows that wait for a decision."""
    subjects = {subject(row) for row in rows}
    found = Conflict.objects.filter(kind=Kind, subject__in=subjects, status=Conflict.Status.OPEN)
    return set(found.values_list("subject", flat=True))


def subject(row: Identity) -> str:
    """How conflicts name a value: by its digest."""
    return f"{row.namespace}:{row.key}"


@transaction.atomic
def block(*, conflict: Conflict, by: str) -> str:
    """It is nobody's: refused from now on, and taken from everybody who only claims it. Who has proven it keeps it.

    While somebody has proven it, it is theirs and is not refused; else they would be unknown with their next word.
    """
    row = _example(conflict)
    if row is None:
        _close(conflict, "gone", by)
        return _("Nobody has this value any more.")
    now, is_somebodys = clock.now(), _of(row).filter(routable=True, proof__in=PROVING).exists()
    if not is_somebodys:
        blocked = policy.current().blocked_keys
        policy.change(values={"blocked_keys": [*blocked, subject(row)]}, actor=by, reason="shared value")
    for held in _of(row).filter(routable=False):
        held.valid_to, held.retired_reason = max(now, held.valid_from + timedelta(microseconds=1)), "blocked"
        held.save(update_fields=["valid_to", "retired_reason"])
    _close(conflict, "claims_ended" if is_somebodys else "blocked", by)
    if is_somebodys:
        return _("Taken from everybody who only claimed it; it stays with whoever has proven it.")
    return _("Blocked: from now on this value identifies nobody.")


@transaction.atomic
def allow(*, conflict: Conflict, by: str) -> str:
    """It is a value like any other, and is not proposed again."""
    _close(conflict, ALLOWED, by)
    return _("Allowed: it will not be proposed again.")


def _of(row: Identity) -> QuerySet[Identity]:
    return Identity.objects.live().keyed(namespace=row.namespace, scope=row.scope, keys=[row.key])


def _example(conflict: Conflict) -> Identity | None:
    namespace, _colon, key = conflict.subject.partition(":")
    return Identity.objects.live().filter(namespace=namespace, key=key).order_by("routable", "pk").first()


def _close(conflict: Conflict, resolution: str, by: str) -> None:
    conflict.status, conflict.resolved_by, conflict.resolution = Conflict.Status.RESOLVED, by, resolution
    conflict.save(update_fields=["status", "resolved_by", "resolution"])
    audit.record(actor=by, action=f"conflict.{resolution}", object_id=str(conflict.public_id))
    news.tell(conflict.customer_id)
