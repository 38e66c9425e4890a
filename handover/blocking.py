"""Whom do we keep from people? Whoever has the attribute `blocked`: the bot goes on, and no queue fills with them."""

from __future__ import annotations

from customers.models import Attribute

KEY = "blocked"
YES = ("true", "yes", "1")


def is_blocked(root_id: int) -> bool:
    """Has staff, or a system of ours, said so of this person? One query."""
    held = Attribute.objects.filter(root_id=root_id, key=KEY, observation__is_clear=False)
    return any(str(value).lower() in YES for value in held.values_list("observation__value", flat=True))
