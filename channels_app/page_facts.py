"""What does the page say about its visitor (`setAttributes`)? Kept under names of its own, for nobody has signed it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from channels_app import visits
from channels_app.models import Visit
from common import clock
from common.ids import uuid7
from common.problems import Problem
from customers import attributes
from customers.attribute_types import is_number
from customers.models import Identity

PREFIX = "page_"  # so that a page's word never passes for a name, an e-mail or a phone
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = 20
LONGEST = 200  # characters of a value


class FactsInvalid(Problem):
    code, title, status = "attributes_invalid", "Up to 20 plain names with short texts, numbers or yes/no.", 422


def note(*, visit: Visit, values: object) -> int:
    """Observes what is news, by the lowest of sources; returns how many. `FactsInvalid` when it is not plain."""
    if not isinstance(values, dict) or len(values) > MOST or not all(map(_is_plain, values.items())):
        raise FactsInvalid
    now = clock.now()
    head = visits.endpoint(visit, now)
    known = attributes.values(head.customer.root_id)
    news = {PREFIX + name: value for name, value in values.items() if known.get(PREFIX + name) != value}
    try:
        _observe(head, news, now)
    except attributes.Refused as refused:
        raise FactsInvalid(refused.detail) from refused
    return len(news)


@transaction.atomic
def _observe(head: Identity, news: dict[str, Any], now: datetime) -> None:
    """All of it, or nothing: a page's author finds out at once what an attribute does not take."""
    group = uuid7()
    for key, value in news.items():
        attributes.observe(
            customer=head.customer,
            identity=head,
            key=key,
            value=value,
            source="inferred:page",
            occurred_at=now,
            source_event_id=str(group),
            write_group=group,
        )


def _is_plain(fact: tuple[Any, Any]) -> bool:
    name, value = fact
    if isinstance(value, str):
        is_short = len(value) <= LONGEST and value.isprintable()
    else:
        is_short = isinstance(value, bool) or is_number(value)
    return is_short and isinstance(name, str) and bool(NAME.fullmatch(name))
