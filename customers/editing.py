"""How does a member of staff put a fact right? By one more observation; nobody overwrites what they never saw.

Problem
+-- StaleValue  409 stale_value  somebody else changed it meanwhile; `seen` is what to base a second try on
"""

from __future__ import annotations

from django.db import transaction

from common.problems import Problem
from customers import attributes, audit, pages_words
from customers.models import Attribute, Customer


class StaleValue(Problem):
    code, title, status = "stale_value", "This was changed meanwhile.", 409


def edit(*, customer: Customer, key: str, text: str, by: str, seen: int = 0, is_verified: bool = False) -> bool:
    """`text` as the attribute takes it, '' clears; False if it was noted but a verified value holds against it.

    `by`: `user:7`. `seen` is the observation that stood there, 0 for none. `is_verified`: it was checked with the
    customer, so that it holds against what is only said.
    """
    with transaction.atomic():
        # The row of the root first, as a merge does: what is edited is this person's, or the one they became.
        root = Customer.objects.select_for_update(no_key=True).get(members__pk=customer.pk)
        held = Attribute.objects.filter(root=root, key=key).select_related("observation").first()
        number = held.observation_id if held else 0
        if number != seen:
            now = pages_words.value(held.observation.value) if held else "nothing"
            raise StaleValue(f"This was changed meanwhile: it is {now} now. Save again if yours is right.", seen=number)
        like = held.observation.value if held else None
        value = pages_words.typed(text, like) if text else None
        done = attributes.edit(customer=root, key=key, value=value, by=by, is_checked=is_verified)
        audit.record(actor=by, action="customers.edit", object_id=str(root.public_id))
    return done.holds
