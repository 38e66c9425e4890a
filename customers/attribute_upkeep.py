"""Who is shown something new after a definition was changed? Everybody, in the background, some people at a time."""

from __future__ import annotations

import time
from datetime import timedelta

from common import clock
from customers import attributes, definitions
from customers.models import AttributeDefinition, Customer, Observation

CHUNK = 500  # people looked at between two notes of how far it got
# Every process has forgotten the earlier rules by then; what is said meanwhile is weighed anew with the rest.
SETTLED = timedelta(seconds=2 * definitions.REMEMBERED)


def apply_changes(*, seconds: float = 120) -> int:
    """Recomputes what people are shown by definitions that were changed; how many people. Goes on where it stopped."""
    until, count = time.monotonic() + seconds, 0
    definitions.forget()
    while time.monotonic() < until:
        row = AttributeDefinition.objects.due(clock.now() - SETTLED).order_by("pk").first()
        if row is None:
            break
        count += _apply_chunk(row)
    return count


def _apply_chunk(row: AttributeDefinition) -> int:
    """The next people by id; another worker at the same chunk does the same once more, and no harm."""
    everybody = Customer.objects.roots().filter(pk__gt=row.applied_to).order_by("pk")
    roots = list(everybody.values_list("pk", flat=True)[:CHUNK])
    said = Observation.objects.filter(customer__root_id__in=roots, key=row.key)
    concerned = sorted(set(said.values_list("customer__root_id", flat=True)))
    for root_id in concerned:
        attributes.resolve(root_id, [row.key])
    mine = AttributeDefinition.objects.filter(pk=row.pk, version=row.version)
    if len(roots) < CHUNK:
        mine.update(applied_version=row.version, applied_to=0)
    else:
        mine.update(applied_to=roots[-1])
    return len(concerned)
