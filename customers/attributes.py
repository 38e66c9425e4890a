"""What is known about a customer? Sources are heard in any order; what holds is computed from all of them.

UnknownSource   a source without a rank (raised by `observe`)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from common import clock, rows
from common.crypto import blind
from common.ids import uuid7
from customers import conflicts, news, policy, sources, sql
from customers.models import Attribute, Conflict, Customer, Identity, Observation
from customers.sources import UnknownSource, Word

__all__ = ["UnknownSource", "best", "observe", "resolve", "settle", "values", "verify"]

AHEAD = timedelta(minutes=5)
MATCHED = ("name", "city")  # suggestions look for these, by digest
# Before there were channels: a device that lost its clock.
EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)
Quality = Observation.TimeQuality


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
    """Append what `source` said and recompute what holds; None when it said nothing new (a repetition, a blank cell).

    `value` None clears. `source` is one of `sources.RANKS`, with a detail after a colon if wanted. `write_group` joins
    what one write said (first and last name): a tie between two writes is won by one of them as a whole.
    """
    if source.startswith("import") and isinstance(value, str) and not value.strip():
        return None
    row = Observation(
        customer=customer,
        identity=identity,
        key=key,
        value=value,
        is_clear=value is None,
        source=source,
        source_rank=sources.rank(source),
        occurred_at=occurred_at,
        sequence=sequence,
        write_group=write_group,
        source_event_id=source_event_id,
        verified_by=verified_by,
        pinned=pinned,
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
        key = conflict.subject.partition(":")[0]
        row = observe(
            customer=conflict.customer,
            key=key,
            value=value,
            source="agent_verified",
            occurred_at=clock.now(),
            source_event_id=f"conflict:{conflict.public_id}",
            verified_by=by,
            pinned=True,
        )
        conflict.status, conflict.resolved_by, conflict.resolution = Conflict.Status.RESOLVED, by, "pinned"
        conflict.save(update_fields=["status", "resolved_by", "resolution"])
    return row


def values(root: Customer | int) -> dict[str, Any]:
    """What holds now, by key; cleared attributes are absent. One query."""
    root_id = root if isinstance(root, int) else root.root_id
    held = Attribute.objects.filter(root_id=root_id, observation__is_clear=False).select_related("observation")
    return {row.key: row.observation.value for row in held}


def best(key: str, rows: Sequence[Observation]) -> Observation:
    """Of these words on one attribute the one that holds."""
    by_id = {row.pk: row for row in rows}
    return by_id[sources.ordered(key, [_word(row) for row in rows], clock.now())[0].id]


def resolve(root: Customer | int, keys: Iterable[str]) -> None:
    """Recompute the attributes of a cluster from its observations; the result depends on nothing else but the time."""
    root_id = root if isinstance(root, int) else root.root_id
    with transaction.atomic():
        for key in sorted(set(keys)):
            _project(root_id, key)


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
        _note(row, Conflict.Kind.CLAMPED_TIME, row.key, [row.pk])
    words = _project(row.customer.root_id, row.key)
    _note_disagreement(row, words)
    news.tell(row.customer_id)
    return row


def _project(root_id: int, key: str) -> list[Word]:
    """Under the cluster's lock: the words on `key`, best first, and the row that shows the best one."""
    sql.lock_attributes(root_id)
    now = clock.now()
    words = sources.ordered(key, [_word(row) for row in sql.observations(root_id, key)], now)
    if not words:
        Attribute.objects.filter(root_id=root_id, key=key).delete()
        return words
    sql.show(
        root_id=root_id,
        key=key,
        observation_id=words[0].id,
        has_conflict=_is_disputed(key, words, now),
        match_key=_match_key(key, words[0]),
    )
    return words


def _is_disputed(key: str, words: list[Word], now: datetime) -> bool:
    """Is there a newer word that lost to one that sticks, an older one whose verification ran out, or a tie?"""
    return any(_dispute(key, words[0], other, now) for other in words[1:])


def _dispute(key: str, best: Word, other: Word, now: datetime) -> str:
    """The kind of the disagreement between what holds and another word, or nothing."""
    if not best.disagrees(other):
        return ""
    if best.sticks(key, now) and other.effective_at > best.effective_at:
        return Conflict.Kind.VALUE_DISAGREES
    if key in sources.STICKY and not best.sticks(key, now) and other.is_expired(now):
        return "verification_expired"
    return Conflict.Kind.TIE if sources.is_tie(best, other) else ""


def _note_disagreement(row: Observation, words: list[Word]) -> None:
    """The word that was just heard lost, or won by a tie or an expired verification: a person should know."""
    best, now = words[0], clock.now()
    for other in words[1:]:
        if row.pk not in (best.id, other.id):
            continue
        kind = _dispute(row.key, best, other, now)
        if kind == "verification_expired":
            _note(row, Conflict.Kind.VALUE_DISAGREES, f"{row.key}:{kind}", [best.id, other.id])
        elif kind:
            _note(row, kind, row.key, [best.id, other.id])


def _note(row: Observation, kind: str, subject: str, observations: list[int]) -> None:
    candidates = [f"observation:{number}" for number in observations]
    conflicts.note(customer_id=row.customer_id, kind=kind, subject=subject, candidates=candidates)


def _match_key(key: str, word: Word) -> str:
    if key not in MATCHED or not isinstance(word.value, str):
        return ""
    plain = sources.name_key(word.value)
    return blind(key, value=plain) if plain else ""


def _word(row: Observation) -> Word:
    return Word(
        id=row.pk,
        customer_id=row.customer_id,
        value=row.value,
        is_clear=row.is_clear,
        rank=row.source_rank,
        effective_at=row.effective_at,
        whole_second=row.time_quality == Quality.SECOND,
        sequence=row.sequence,
        source_event_id=row.source_event_id,
        write_group=row.write_group,
        verified_until=row.verified_until,
        pinned=row.pinned,
    )
