"""What did the customer last order, or leave in the cart? The newest event of each, as another system told us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conversations.journeys.scene import Scene
from conversations.models import LastEvent
from customers.models import Customer, Identity

SUBJECTS = ("order", "cart")
LONGEST = 120
TITLES = ("line", "title", "name", "product")
LISTS = ("items", "lines", "products")


def note(*, customer: Customer, name: str, data: Mapping[str, Any], occurred_at: datetime) -> None:
    """Keeps `order.*` and `cart.*`; an event that is older than what is known changes nothing."""
    subject = name.partition(".")[0]
    if subject not in SUBJECTS:
        return
    known = LastEvent.objects.filter(customer=customer, subject=subject).first()
    if known is not None and known.occurred_at > occurred_at:
        return
    row = known or LastEvent(customer=customer, subject=subject)
    row.name, row.line, row.occurred_at = name, line(data), occurred_at
    if known is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=["name", "line", "occurred_at"])


def line(data: Mapping[str, Any]) -> str:
    """What it is about, in the words of the shop: `Ergo task chair and 2 more`; '' if it names nothing."""
    found = _title(data)
    parts: list[Any] = next((data[name] for name in LISTS if isinstance(data.get(name), list)), [])
    titles = [title for title in (_title(part) for part in parts) if title]
    if not found and titles:
        found = titles[0] if len(titles) == 1 else f"{titles[0][:90]} and {len(titles) - 1} more"
    return " ".join(found.split())[:LONGEST]


def latest(root: int, scene: Scene | None = None) -> LastEvent | None:
    """The person's newest one; in a scene only of an origin that the session has proven."""
    rows = LastEvent.objects.filter(customer__root_id=root)
    if scene is not None:
        if scene.assurance == "none" or not scene.is_private:
            return None
        rows = rows.filter(customer__in=Identity.objects.filter(pk__in=scene.reach).values("customer"))
    return rows.order_by("-occurred_at", "-pk").first()


def words(event: LastEvent | None) -> str:
    """`Order paid on 2026-11-20: Ergo task chair`."""
    if event is None:
        return ""
    named = event.name.replace(".", " ").replace("_", " ").capitalize()
    return f"{named} on {event.occurred_at:%Y-%m-%d}" + (f": {event.line}" if event.line else "")


def _title(data: Any) -> str:
    if isinstance(data, str):
        return data
    if not isinstance(data, Mapping):
        return ""
    return next((str(data[name]) for name in TITLES if isinstance(data.get(name), str) and data[name].strip()), "")
