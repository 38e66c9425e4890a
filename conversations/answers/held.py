"""What do unanswered questions hold of a person, and how does it go? The asking; and the question with its last one."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from conversations.models import Miss, MissAsking
from customers.privacy import Person, Rows, moment
from customers.privacy_rows import drop


def erase(person: Person, limit: int) -> int:
    """What somebody else has asked, too, stays without them."""
    found = drop(MissAsking, "t.customer_id = ANY(%s)", [list(person.members)], limit)
    drop_unasked()
    return found


def drop_unasked() -> None:
    """What nobody has asked (any more). One that somebody asks just now is locked by them, and stays."""
    unasked = ~Exists(MissAsking.objects.filter(miss=OuterRef("pk")))
    with transaction.atomic():
        held = list(Miss.objects.filter(unasked).select_for_update(skip_locked=True).values_list("pk", flat=True))
        # Asked again: what was asked between the look and the lock shows only to a second statement.
        Miss.objects.filter(unasked, pk__in=held).delete()


def said(person: Person) -> Rows:
    """The questions that nobody could answer, as they were kept."""
    rows = MissAsking.objects.filter(customer_id__in=person.members).select_related("miss").order_by("pk")
    for row in rows.iterator(500):
        yield {"question": row.miss.question, "channel": row.channel, "asked_at": moment(row.asked_at)}
