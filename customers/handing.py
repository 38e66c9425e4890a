"""What was added to a person while they were two in one, and to which of the two does it go when they part?

Nothing moves, not even then: what is handed over ends in one place and begins anew in the other (ID-I5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from common import clock
from common.ids import earliest
from customers import attributes, merge_sql
from customers.models import Customer, Identity, Link, MergeEvent, Observation

# What somebody added to the profile as it was shown; what a channel told belongs to the address it came from.
BY_HAND = ("claimed", "imported", "agent")
SOURCES = ("agent", "agent_verified", "import")
COPIED = ("namespace", "scope", "key", "key_version", "raw", "display", "proof", "routable", "shared", "phone_tail")


@dataclass(frozen=True, slots=True)
class Later:
    """One row of the ambiguous kind, as the preview of a split lists it."""

    row: Identity | Observation
    at: datetime

    @property
    def name(self) -> str:
        """What it is, without its value: the kind of address, or the attribute."""
        return self.row.namespace if isinstance(self.row, Identity) else self.row.key


@dataclass(frozen=True, slots=True)
class Handed:
    """A row that goes to another piece, whose origin `to` takes it."""

    row: Identity | Observation
    to: Customer


def since(links: Sequence[Link], members: Iterable[Customer]) -> list[Later]:
    """What people and imports wrote on these origins since the first of the links was made, the newest first."""
    start = min(link.decided_at for link in links)
    ids, oldest = [member.pk for member in members], earliest(start)
    held = Identity.objects.live().filter(customer_id__in=ids, proof__in=BY_HAND, public_id__gte=oldest)
    said = Observation.objects.filter(customer_id__in=ids, recorded_at__gte=start)
    chosen = {link.public_id for link in links}  # those end with the link
    found = [Later(row, row.valid_from) for row in held.filter(endpoint=None)]
    left = [row for row in said if row.write_group not in chosen]
    found += [Later(row, row.recorded_at) for row in left if row.source.partition(":")[0] in SOURCES]
    return sorted(found, key=lambda later: later.at, reverse=True)


def over(handed: Sequence[Handed], *, actor: str, request_id: str) -> None:
    """Carries it out, in the split's transaction; each is an entry of the ledger."""
    for number, one in enumerate(handed):
        from_root = Customer.objects.get(members__pk=one.row.customer_id)
        to_root = Customer.objects.get(members__pk=one.to.pk)
        if isinstance(one.row, Identity):
            _address(one.row, one.to)
            merge_sql.tell_kinds([from_root.pk, to_root.pk])
        else:
            _word(one.row, one.to, actor, f"{request_id}:{number}")
        MergeEvent.objects.create(
            kind=MergeEvent.Kind.TRANSFER,
            request_id=f"{request_id}:{number}"[:100],
            root_before=[from_root.pk],
            root_after=[to_root.pk],
            actor=actor,
            reason="handed over after a split",
            version=to_root.version,
        )


def _address(row: Identity, to: Customer) -> Identity | None:
    """Ends on the one, begins on the other; None if the other has it already."""
    now = clock.now()
    row.valid_to, row.retired_reason = now, "handed_over"
    row.save(update_fields=["valid_to", "retired_reason"])
    fields = {name: getattr(row, name) for name in (*COPIED, "email_local")}
    try:
        with transaction.atomic():
            return Identity.objects.create(customer=to, valid_from=now, **fields)
    except IntegrityError:
        return None


def _word(row: Observation, to: Customer, actor: str, event: str) -> None:
    """Said again about the other; of the one what was known without it is said again, with the same weight."""
    attributes.observe(
        customer=to,
        key=row.key,
        value=row.value,
        source=row.source,
        occurred_at=row.effective_at,
        source_event_id=f"handed:{event}",
        verified_by=row.verified_by,
        pinned=row.pinned,
    )
    origin = Customer.objects.get(pk=row.customer_id)
    others = Observation.objects.filter(customer__root_id=origin.root_id, key=row.key).exclude(pk=row.pk)
    before = list(others)
    best = attributes.best(row.key, before) if before else None
    attributes.observe(
        customer=origin,
        key=row.key,
        value=best.value if best else None,
        source=row.source,
        occurred_at=clock.now(),
        source_event_id=f"handed-back:{event}",
        verified_by=actor,
        pinned=row.pinned,
    )
