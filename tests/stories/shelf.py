"""How do hundreds of tests have the library's journeys cheaply? They are published once, then laid down as rows."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model

from common import clock
from conversations.journeys import publishing
from conversations.models import Connection, Journey, JourneyVersion
from customers import definitions

Rows = list[dict[str, Any]]

_kept: dict[Any, tuple[Rows, Rows]] = {}


def load() -> None:
    """As `publishing.load_library` does; what it wrote into an empty table serves every test that begins alike.

    The rows keep their keys: a sequence never gives one twice, and versions of one key are compiled once.
    """
    if Journey.objects.exists():
        publishing.load_library()
        return
    begun = _beginning()
    if begun not in _kept:
        publishing.load_library()
        _kept[begun] = (_rows(JourneyVersion), _rows(Journey))
        return
    now = clock.now()
    versions, journeys = _kept[begun]
    with transaction.atomic():
        Journey.objects.bulk_create([Journey(**{**row, "draft_at": row["draft_at"] and now}) for row in journeys])
        JourneyVersion.objects.bulk_create([JourneyVersion(**{**row, "published_at": now}) for row in versions])
    publishing.forget()


def _beginning() -> Any:
    """All that decides what the linter says of the library, and so which of it goes live."""
    named = [(kind, frozenset(names())) for kind, names in sorted(publishing._names.items())]
    connected = [(row.key, *sorted(row.methods)) for row in Connection.objects.filter(is_enabled=True).order_by("key")]
    personal = frozenset(key for key, found in definitions.every().items() if found.is_personal)
    return (tuple(named), tuple(connected), personal)


def _rows(model: type[Model]) -> Rows:
    columns = [field.attname for field in model._meta.concrete_fields]
    return list(model._default_manager.order_by("pk").values(*columns))
