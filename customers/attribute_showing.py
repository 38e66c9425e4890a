"""What do people see of an attribute? The value, who said it and when, what disagrees; masked where they may not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from customers import definitions, masking, pages_words
from customers.attribute_rules import Definition
from customers.attribute_weighing import combined
from customers.models import Attribute, Customer, Observation


class Known(NamedTuple):
    """What holds, for programs: `value` as it is kept, or masked text where `masked` says so."""

    key: str
    label: str
    type: str
    value: Any
    source: str
    occurred_at: datetime
    recorded_at: datetime
    verified_by: str
    verified_until: datetime | None
    has_conflict: bool
    masked: bool


class Shown(NamedTuple):
    """What holds. `value` is text, masked where `masked` says so; `verifier` as the ledgers name them."""

    key: str
    label: str
    value: str
    source: str
    at: datetime
    verifier: str
    has_conflict: bool
    masked: bool


class Said(NamedTuple):
    """One word of an attribute's history; `holds`: it is what is shown now, or part of it."""

    value: str
    source: str
    at: datetime
    recorded_at: datetime
    verifier: str
    is_clear: bool
    is_pinned: bool
    time_quality: str
    holds: bool
    masked: bool


def values(root: Customer | int) -> dict[str, Any]:
    """What holds now, by key; cleared attributes are absent. One query, and one more if there are sets."""
    root_id = root if isinstance(root, int) else root.root_id
    held = Attribute.objects.filter(root_id=root_id, observation__is_clear=False).select_related("observation")
    return _values(list(held))


def known(root: Customer | int, *, reveals: bool = False) -> list[Known]:
    """What programs are told, in the order of the definitions; without what was cleared. Two queries."""
    root_id = root if isinstance(root, int) else root.root_id
    held = list(Attribute.objects.filter(root_id=root_id, observation__is_clear=False).select_related("observation"))
    by_key = _values(held)
    found = []
    for row in sorted(held, key=lambda row: (definitions.of(row.key).order, row.key)):
        definition, word = definitions.of(row.key), row.observation
        is_masked = definition.is_personal and not reveals
        found.append(
            Known(
                key=row.key,
                label=definition.title,
                type=definition.type if definition.is_defined else "",
                value=said(definition, by_key[row.key], reveals=False) if is_masked else by_key[row.key],
                source=word.source,
                occurred_at=word.occurred_at,
                recorded_at=word.recorded_at,
                verified_by=word.verified_by,
                verified_until=word.verified_until,
                has_conflict=row.has_conflict,
                masked=is_masked,
            )
        )
    return found


def shown(root: Customer | int, *, reveals: bool = False, rows: Iterable[Attribute] | None = None) -> list[Shown]:
    """What people are shown, in the order of the definitions; without what was cleared or archived. Two queries, one if
    the person's attributes were read with their words (`rows`).
    """
    root_id = root if isinstance(root, int) else root.root_id
    if rows is None:
        rows = Attribute.objects.filter(root_id=root_id, observation__is_clear=False).select_related("observation")
    held = [row for row in rows if not row.observation.is_clear]
    by_key, known = _values(held), {row.key: definitions.of(row.key) for row in held}
    listed = sorted(held, key=lambda row: (known[row.key].order, row.key))
    return [
        Shown(
            key=row.key,
            label=known[row.key].title,
            value=said(known[row.key], by_key[row.key], reveals=reveals),
            source=pages_words.source(row.observation.source),
            at=row.observation.effective_at,
            verifier=row.observation.verified_by,
            has_conflict=row.has_conflict,
            masked=known[row.key].is_personal and not reveals,
        )
        for row in listed
        if not known[row.key].is_archived
    ]


def history(root: Customer | int, key: str, *, reveals: bool = False, limit: int = 100) -> list[Said]:
    """Every word on one attribute, of all origins, the newest first. Two queries."""
    root_id, definition = (root if isinstance(root, int) else root.root_id), definitions.of(key)
    held = Attribute.objects.filter(root_id=root_id, key=key).first()
    holding = {held.observation_id, *(held.words or ())} if held else set()
    rows = Observation.objects.filter(customer__root_id=root_id, key=key).order_by("-effective_at", "-pk")[:limit]
    return [
        Said(
            value="" if row.is_clear else said(definition, row.value, reveals=reveals),
            source=pages_words.source(row.source),
            at=row.effective_at,
            recorded_at=row.recorded_at,
            verifier=row.verified_by,
            is_clear=row.is_clear,
            is_pinned=row.pinned,
            time_quality=row.time_quality,
            holds=row.pk in holding,
            masked=definition.is_personal and not reveals,
        )
        for row in rows
    ]


def said(definition: Definition, value: Any, *, reveals: bool) -> str:
    """A value as text, masked if it is personal and the reader may not see it whole."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else pages_words.value(value)
    if reveals or not definition.is_personal:
        return text
    return masking.masked("email" if definition.type == "email" else definition.key, text)


def _values(held: Iterable[Attribute]) -> dict[str, Any]:
    rows = list(held)
    sets = {number for row in rows for number in row.words or ()}
    parts = Observation.objects.in_bulk(sets) if sets else {}
    return {
        row.key: combined(parts[number].value for number in row.words if number in parts)
        if row.words
        else row.observation.value
        for row in rows
    }
