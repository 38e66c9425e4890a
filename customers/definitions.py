"""Which attributes are there, and by which rules? Rows that people edit, over what is built in; kept for seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db.models import F

from common import clock
from customers import policy
from customers.attribute_rules import BUILT_IN, Definition, undefined
from customers.models import AttributeDefinition

REMEMBERED = 5.0  # seconds: a change counts in every process after that

_remembered: tuple[float, Mapping[str, Definition]] | None = None


def of(key: str) -> Definition:
    """The definition of this attribute; what nobody has defined takes anything, and the newest holds."""
    return every().get(key) or undefined(key)


def every() -> Mapping[str, Definition]:
    """All that are defined, by key, as of a few seconds ago at most."""
    global _remembered
    if _remembered is None or time.monotonic() - _remembered[0] > REMEMBERED:
        rows = {row.key: _of(row) for row in AttributeDefinition.objects.all()}
        _remembered = (time.monotonic(), {**BUILT_IN, **rows})
    return _remembered[1]


def takes(definition: Definition, source: str) -> str:
    """`take`, `fill_empty` or `ignore`: what a word of this source counts for, by the attribute and the policy."""
    rules = policy.current()
    return definition.takes(source, by_default=rules.sync, names=rules.profile_names)


def changed(*keys: str) -> int:
    """Has what everybody is shown of these recomputed in the background (no key: of all); how many definitions."""
    rows = AttributeDefinition.objects.filter(key__in=keys) if keys else AttributeDefinition.objects.all()
    forget()
    return rows.update(version=F("version") + 1, applied_to=0, changed_at=clock.now())


def assume(found: Mapping[str, Definition] = BUILT_IN) -> None:
    """Takes these for what the rows say, for the usual seconds."""
    global _remembered
    _remembered = (time.monotonic(), found)


def forget() -> None:
    """The next look reads the rows."""
    global _remembered
    _remembered = None


def _of(row: AttributeDefinition) -> Definition:
    return Definition(
        key=row.key,
        label=row.label,
        type=row.type,
        choices=tuple(row.choices),
        policy=row.policy,
        on_disagreement=row.on_disagreement,
        is_personal=row.is_personal,
        is_bot_visible=row.is_bot_visible,
        description=row.description,
        order=row.order,
        is_archived=row.is_archived,
        sync=dict(row.sync),
    )
