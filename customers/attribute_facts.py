"""What does it depend on what clusters show? All of it in one look: words, links, and conflicts, open or settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from django.db.models.base import ModelState

from common import rows
from common.fields import Sealed
from customers import conflicts
from customers.models import Conflict, Observation

ABOUT_VALUES = ("value_disagrees", "tie", "two_verified")
# Of a word what the order looks at; the last three are read as what they are.
WORD = (
    "id", "public_id", "customer_id", "key", "is_clear", "source", "source_rank", "time_quality", "sequence",
    "source_event_id", "pinned", "value", "write_group", "effective_at", "verified_until",
)  # fmt: skip
CONFLICT = ("id", "customer_id", "kind", "subject", "status", "resolved_by", "resolution")
Row = TypeVar("Row", bound=Model)


def _listed(alias: str, names: Iterable[str]) -> str:
    return f"json_build_array({', '.join(f'{alias}.{name}' for name in names)})"


# OFFSET 0 keeps the look-ups by index: a plan made while the tables were small would go on reading them whole.
FACTS = f"""
SELECT r.id, (
    SELECT json_agg({_listed("o", WORD)}) FROM customers_customer c CROSS JOIN LATERAL (
        SELECT * FROM customers_observation f WHERE f.customer_id = c.id AND f.key IN {{keys}} OFFSET 0
    ) o WHERE c.root_id = r.id
), (
    SELECT json_agg(json_build_array(l.a_id, l.b_id, l.decided_at) ORDER BY l.decided_at, l.id)
    FROM customers_customer c CROSS JOIN LATERAL (
        SELECT * FROM customers_link f WHERE f.a_id = c.id AND f.revoked_at IS NULL OFFSET 0
    ) l WHERE c.root_id = r.id
), told.open, told.settled
FROM customers_customer r CROSS JOIN LATERAL (
    SELECT json_agg({_listed("f", CONFLICT)} ORDER BY f.id DESC)
        FILTER (WHERE f.status = 'open' AND f.kind IN {ABOUT_VALUES}) AS open,
        json_agg(json_build_array(f.subject, f.candidates))
        FILTER (WHERE f.status = 'resolved' AND f.resolved_by <> '{conflicts.SYSTEM}') AS settled
    FROM customers_customer c CROSS JOIN LATERAL (
        SELECT * FROM customers_conflict f WHERE f.customer_id = c.id OFFSET 0
    ) f WHERE c.root_id = r.id
) told WHERE r.id IN {{roots}}
"""

Subject = tuple[str, str]
Found = list[Any] | None
Known = dict[Subject, Conflict]


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one cluster: the words by attribute, the open conflicts about values (the first of each kind and subject),
    what the settled ones were about and between, and which two origins were joined when, the first first.
    """

    said: dict[str, list[Observation]] = field(default_factory=lambda: defaultdict(list))
    conflicts: Known = field(default_factory=dict)
    settled: Sequence[tuple[str, list[str]]] = ()
    links: Sequence[tuple[int, int, datetime]] = ()


def of(wanted: Mapping[int, Iterable[str]]) -> dict[int, Facts]:
    """The facts about these keys of each of these roots; the words know only what the order looks at."""
    keys = sorted({key for names in wanted.values() for key in names})
    if not keys:
        return {root: Facts() for root in wanted}
    (of_keys, names), (of_roots, roots) = rows.listed(keys), rows.listed(list(wanted))
    found = rows.fetch(FACTS.format(keys=of_keys, roots=of_roots), [*names, *roots])
    return {root: _read(*values) for root, *values in found}


def _read(said: Found, links: Found, open_now: Found, settled: Found) -> Facts:
    facts = Facts(
        conflicts={(row.kind, row.subject): row for row in (_made(Conflict, CONFLICT, one) for one in open_now or ())},
        settled=settled or (),
        links=[(a, b, datetime.fromisoformat(at)) for a, b, at in links or ()],
    )
    for values in said or ():
        word = _word(values)
        facts.said[word.key].append(word)
    return facts


def _word(values: list[Any]) -> Observation:
    *plain, value, group, at, until = values
    read = [
        None if value is None else Sealed(value),
        None if group is None else UUID(group),
        datetime.fromisoformat(at),
        None if until is None else datetime.fromisoformat(until),
    ]
    return _made(Observation, WORD, [*plain, *read])


def _made(model: type[Row], names: Sequence[str], values: Sequence[Any]) -> Row:
    """A stored row of which only these fields are known."""
    row = model.__new__(model)
    row._state = ModelState()
    rows.is_stored(row)
    row.__dict__.update(zip(names, values, strict=True))
    return row
