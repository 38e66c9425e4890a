"""What did one write say? All of its words or none; they are joined, so that a tie is won by one write as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from common.ids import uuid7
from customers import attribute_types, attributes, definitions
from customers.models import Customer


@transaction.atomic
def say(
    *, customer: Customer, values: Mapping[str, Any], source: str, occurred_at: datetime, event_id: str
) -> list[str]:
    """All of these words or none; returns the keys of those that counted for nothing. Each type is checked first."""
    for key, value in values.items():
        attribute_types.read(definitions.of(key), value)
    group, ignored = uuid7(), []
    for key, value in values.items():
        row = attributes.observe(
            customer=customer,
            key=key,
            value=value,
            source=source,
            occurred_at=occurred_at,
            source_event_id=event_id,
            write_group=group,
        )
        ignored += [] if row else [key]
    return ignored
