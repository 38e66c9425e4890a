"""What is known about a customer? Sources are heard in any order; what holds is computed from all of them.

UnknownSource   a source without a rank (raised by `observe`)
Refused         a value that the attribute does not take (raised by whatever writes one)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from common import clock, rows
from common.ids import uuid7
from customers import (
    attribute_projection,
    attribute_showing,
    attribute_types,
    attribute_weighing,
    conflicts,
    definitions,
    news,
    policy,
    sources,
    tallies,
)
from customers.attribute_projection import MATCHED
from customers.attribute_types import Refused
from customers.models import Conflict, Customer, Identity, Observation
from customers.sources import UnknownSource

__all__ = [
    "MATCHED", "Refused", "UnknownSource", "best", "history", "known", "observe", "resolve", "settle", "shown",
    "values", "verify",
]  # fmt: skip

AHEAD = timedelta(minutes=5)
# Before there were channels: a device that lost its clock.
EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)
# Of these a person's word takes the place of what was said before: else nobody could remove a tag.
REPLACED = ("min", "max", "union")
Quality = Observation.TimeQuality
history, known = attribute_showing.history, attribute_showing.known
shown, values = attribute_showing.shown, attribute_showing.values


def observe(
    *,
    customer: Customer,
    key: str,
    value: Any,
    source: str,
    occurred_at: datetime,
    source_event_id: str,
    identity: Identity | None = None,
    write_group: UUID | None = None,
    sequence: int = 0,
    verified_by: str = "",
    pinned: bool = False,
) -> Observation | None:
    """Append what `source` said and recompute what holds; None when it said nothing that counts: a repetition, a blank
    cell, a source that is ignored here. `Refused` when the value is not of the attribute's type. `value` None clears.
    `source` is one of `sources.RANKS`, with a detail after a colon if wanted. `write_group` joins
    what one write said (first and last name): a tie between two writes is won by one of them as a whole.
    """
    rank, definition = sources.rank(source), definitions.of(key)
    if _is_no_opinion(source, value) or definitions.takes(definition, source) == "ignore":
        return None
    value = attribute_types.read(definition, value)
    row = Observation(
        customer=customer,
        identity=identity,
        key=key,
        value=value,
        is_clear=value is None,
        source=source,
        source_rank=rank,
        occurred_at=occurred_at,
        sequence=sequence,
        write_group=write_group,
        source_event_id=source_event_id,
        verified_by=verified_by,
        pinned=pinned or (source.startswith("agent") and definition.policy in REPLACED),
    )
    _judge(row)
    return _append(row)


def verify(*, customer: Customer, key: str, value: Any, by: str) -> Observation | None:
    """A named person (`by`) checked the value: it holds against everything below for two years."""
    return observe(
        customer=customer,
        key=key,
        value=value,
        source="agent_verified",
        occurred_at=clock.now(),
        source_event_id=f"verify:{uuid7()}",
        verified_by=by,
    )


def settle(*, conflict: Conflict, value: Any, by: str) -> Observation | None:
    """A person decided an open conflict about an attribute: a pinned observation, so that it survives every rebuild."""
    with transaction.atomic():
        conflicts.close(conflict=conflict, by=by, resolution="pinned")
        return observe(
            customer=conflict.customer,
            key=conflict.subject.partition(":")[0],
            value=value,
            source="agent_verified",
            occurred_at=clock.now(),
            source_event_id=f"conflict:{conflict.public_id}",
            verified_by=by,
            pinned=True,
        )


def best(key: str, rows: Sequence[Observation]) -> Observation:
    """Of these words on one attribute the one that holds; the first if all are of sources that count for nothing."""
    by_id, definition = {row.pk: row for row in rows}, definitions.of(key)
    found = attribute_weighing.weigh(definition, attribute_projection.words(definition, rows), clock.now()).best
    return by_id[found.id] if found else rows[0]


def resolve(root: Customer | int, keys: Iterable[str], *, is_locked: bool = False) -> None:
    """Recompute the attributes of a cluster from its observations, and open or close the conflicts about them.

    The result depends on nothing but the observations, the links in force, what people have settled, and the time.
    `is_locked`: the caller has the lock on what the cluster shows.
    """
    resolve_all({root if isinstance(root, int) else root.root_id: keys}, is_locked=is_locked)


@transaction.atomic(savepoint=False)
def resolve_all(wanted: Mapping[int, Iterable[str]], *, is_locked: bool = False) -> None:
    """The same for several roots at once; those that lose something (after a split) before those that gain it."""
    attribute_projection.resolve(wanted, is_locked=is_locked)


def _is_no_opinion(source: str, value: Any) -> bool:
    """A blank cell of a file."""
    return source.startswith("import") and isinstance(value, str) and not value.strip()


def _judge(row: Observation) -> None:
    """The time that counts, and how good it is: a value from 2099 could otherwise never be overwritten."""
    row.effective_at, row.time_quality = row.recorded_at, Quality.EXACT
    if row.occurred_at > row.recorded_at + AHEAD:
        row.time_quality = Quality.CLAMPED
    elif row.occurred_at < EARLIEST:
        row.time_quality = Quality.RECEIVED
    else:
        row.effective_at = row.occurred_at
        if row.source.startswith("provider") and row.occurred_at.microsecond == 0:
            row.time_quality = Quality.SECOND
    if row.source_rank in sources.VERIFIED:
        row.verified_until = row.effective_at + timedelta(days=policy.current().verified_days)


@transaction.atomic(savepoint=False)
def _append(row: Observation) -> Observation | None:
    if not rows.insert(row, ignore_conflicts=True):
        return None
    if row.time_quality == Quality.CLAMPED:
        candidates = [f"observation:{row.pk}"]
        kind = Conflict.Kind.CLAMPED_TIME
        conflicts.note(customer_id=row.customer_id, kind=kind, subject=row.key, candidates=candidates)
        tallies.add(tallies.CLAMPED)
    attribute_projection.heard(row)
    news.tell(row.customer_id)
    return row
