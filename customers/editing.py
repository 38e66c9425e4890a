"""How does a member of staff put a fact right? By one more observation; nobody overwrites what they never saw.

Problem
+-- StaleValue  409 stale_value  somebody else changed it meanwhile; `seen` is what to base a second try on
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.ids import uuid7
from common.problems import Problem
from customers import attribute_showing, attribute_types, attributes, audit, definitions, pages_words
from customers.models import Attribute, Customer, Observation


class StaleValue(Problem):
    code, title, status = "stale_value", "This was changed meanwhile.", 409


def edit(*, customer: Customer, key: str, text: str, by: str, seen: int = 0, is_verified: bool = False) -> bool:
    """`text` as the attribute takes it, '' clears; False if it was noted but a verified value holds against it.

    `by`: `user:7`. `seen` is the observation that stood there, 0 for none. `is_verified`: it was checked with the
    customer, so that it holds against what is only said.
    """
    attribute_types.check_name(key)
    with transaction.atomic():
        # The row of the root first, as a merge does: what is edited is this person's, or the one they became.
        root = Customer.objects.select_for_update(no_key=True).get(members__pk=customer.pk)
        held = Attribute.objects.filter(root=root, key=key).select_related("observation").first()
        number = held.observation_id if held else 0
        if number != seen:
            now = (
                attribute_showing.said(definitions.of(key), held.observation.value, reveals=False)
                if held
                else _("nothing")
            )
            why = _("This was changed meanwhile: it is %(value)s now. Save again if yours is right.")
            raise StaleValue(why % {"value": now}, seen=number)
        like = held.observation.value if held else None
        value = pages_words.typed(text, like) if text else None
        said = _say(root, key, value, by, is_verified)
        audit.record(actor=by, action="customers.edit", object_id=str(root.public_id))
        after = Attribute.objects.filter(root=root, key=key).first()
    return said is not None and after is not None and said.pk in {after.observation_id, *(after.words or ())}


def _say(root: Customer, key: str, value: Any, by: str, is_verified: bool) -> Observation | None:
    """Of a set, of the earliest and the latest, it takes the place of what was said before."""
    if is_verified:
        return attributes.verify(customer=root, key=key, value=value, by=by)
    return attributes.observe(
        customer=root,
        key=key,
        value=value,
        source="agent",
        occurred_at=clock.now(),
        source_event_id=f"edit:{uuid7()}",
        verified_by=by,
        pinned=definitions.of(key).policy in ("min", "max", "union"),
    )
