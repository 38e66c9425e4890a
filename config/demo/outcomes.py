"""What are the demo's conversations about, and what came of them?"""

from __future__ import annotations

from handover.models import ConversationTag, Disposition, Tag, WrapUp

TOPICS = {
    "delivery": "Delivery",
    "advice": "Advice",
    "invoice": "Invoice",
    "complaint": "Complaint",
    "return": "Return",
}
OUTCOMES = {"solved": "Solved", "sold": "Sold", "passed-on": "Passed on", "duplicate": "Duplicate"}


def seed() -> None:
    """Topics and outcomes to choose from; those that exist already stay as they are."""
    for key, title in TOPICS.items():
        Tag.objects.get_or_create(key=key, defaults={"title": title})
    for key, title in OUTCOMES.items():
        Disposition.objects.get_or_create(key=key, defaults={"title": title})


def purge() -> None:
    """Takes away those that no conversation has."""
    used = ConversationTag.objects.values("tag")
    Tag.objects.filter(key__in=TOPICS).exclude(pk__in=used).delete()
    chosen = WrapUp.objects.filter(disposition__isnull=False).values("disposition")
    Disposition.objects.filter(key__in=OUTCOMES).exclude(pk__in=chosen).delete()
