"""Has an address changed hands? Numbers are given to new people, and nobody tells us: these are the signs.

Another device behind it, a letter that nobody takes, another name after a long silence: from then on the address opens
nothing of its owner's until it is proven anew, and a person of ours looks at it. Messages still land.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from common import clock
from common.ids import uuid7
from customers import audit, conflicts, news, policy
from customers.models import Conflict, Customer, Identity, MergeEvent
from customers.namespaces import Namespace

SIGN = "sign:"  # before a sign among the candidates
INSTANT = timedelta(microseconds=1)
GIVEN_ANEW = frozenset({Namespace.PHONE, Namespace.EMAIL})  # a provider's own id is never another person's
LastHeard = Callable[[Identity], datetime | None]


def _never(row: Identity) -> datetime | None:
    return None


_last_heard: LastHeard = _never


def heard_by(find: LastHeard) -> None:
    """`find(identity)` says when somebody wrote from there last; told by the app above when Django is ready."""
    global _last_heard
    _last_heard = find


def is_current(owner: Identity, at: datetime) -> bool:
    """Has the owner proven it, and been heard of, there too, within the time in which numbers change hands?"""
    since = at - policy.current().silence
    used = _last_heard(owner) or owner.proven_at or owner.valid_from
    return owner.is_fresh(at) and used > since and _seen_at(owner) > since


def is_other_name(row: Identity, name: str, at: datetime) -> bool:
    """Does the provider show another name than before, after a silence in which the number may have changed hands?"""
    if row.namespace not in GIVEN_ANEW or not row.is_proven or _plain(name) == _plain(row.display):
        return False
    return bool(row.display) and _seen_at(row) <= at - policy.current().silence


def suspect(row: Identity, *, at: datetime, sign: str = "number_change") -> Conflict:
    """Its proof is over; people look at the sign of it. Said again, it only counts."""
    if row.proof_expires_at is None or row.proof_expires_at > at:
        row.proof_expires_at = at
        row.save(update_fields=["proof_expires_at"])
    return conflicts.note(
        customer_id=row.customer_id,
        kind=Conflict.Kind.SUSPECTED_RECYCLE,
        subject=f"{row.namespace}:{row.key}",
        candidates=[str(row.public_id), f"{SIGN}{sign}"],
    )


def bounced(row: Identity, *, at: datetime) -> Conflict | None:
    """Nothing gets there any more: whoever writes from there next may be somebody else."""
    is_meant = row.namespace in GIVEN_ANEW and row.is_proven and row.valid_to is None
    return suspect(row, at=at, sign="bounced") if is_meant else None


def addresses(conflict: Conflict) -> list[str]:
    """The public ids of the addresses it is about."""
    return [str(one) for one in conflict.candidates if not str(one).startswith(SIGN)]


def signs(conflict: Conflict) -> list[str]:
    """What raised it: `other_device`, `other_name`, `number_change`, `bounced`."""
    return [str(one).removeprefix(SIGN) for one in conflict.candidates if str(one).startswith(SIGN)]


def same_person(*, conflict: Conflict, by: str) -> str:
    """A person of ours knows that it is still theirs: a named user vouches for it, for as long as a code would."""
    row, now = _row(conflict), clock.now()
    if row is not None:
        row.proof_expires_at = now + policy.current().proof_lasts
        row.proven_at = now
        row.save(update_fields=["proof_expires_at", "proven_at"])
    _close(conflict, "same_person", by)
    return _("It is theirs: what they said before is theirs to see again.")


def new_person(*, conflict: Conflict, by: str) -> str:
    """Somebody else has it now: the row is closed, and the next word from there begins a customer of its own."""
    row, now = _row(conflict), clock.now()
    if row is not None:
        row.valid_to, row.retired_reason = max(now, row.valid_from + INSTANT), "new_person"
        row.save(update_fields=["valid_to", "retired_reason"])
        MergeEvent.objects.create(
            kind=MergeEvent.Kind.TRANSFER,
            request_id=f"transfer:{uuid7()}",
            root_before=[row.customer.root_id],
            root_after=[],
            actor=by,
            reason="new_person",
            version=row.customer.version,
        )
    _close(conflict, "new_person", by)
    return _("The address is closed here: the next word from there begins a new customer, with nothing of this one's.")


def _row(conflict: Conflict) -> Identity | None:
    rows = Identity.objects.live().select_related("customer").filter(customer__root_id=conflict.customer.root_id)
    return rows.filter(public_id__in=addresses(conflict)).first()


def _close(conflict: Conflict, resolution: str, by: str) -> None:
    conflict.status, conflict.resolved_by, conflict.resolution = Conflict.Status.RESOLVED, by, resolution
    conflict.save(update_fields=["status", "resolved_by", "resolution"])
    audit.record(actor=by, action=f"conflict.{resolution}", object_id=str(conflict.public_id))
    news.tell(conflict.customer_id)


def _seen_at(row: Identity) -> datetime:
    """When we heard of the person last, anywhere: the root knows."""
    return Customer.objects.values_list("last_seen_at", flat=True).get(pk=row.customer.root_id)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
