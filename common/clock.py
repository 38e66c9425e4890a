"""What time is it? Aware UTC, plus the shift that the sandbox may ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

_provider: Callable[[], timedelta] = timedelta


def now() -> datetime:
    """The present moment of this process, shifted."""
    return datetime.now(UTC) + _provider()


def database_now() -> Combinable:
    """The database's moment plus the same shift: what a deadline is compared with in a query."""
    return ExpressionWrapper(Now() + Value(_provider(), DurationField()), output_field=DateTimeField())


def offset() -> timedelta:
    """The shift in force, for raw SQL."""
    return _provider()


def shift_by(provider: Callable[[], timedelta]) -> None:
    """Ask `provider` for the shift from now on, in this process (the sandbox's clock); `timedelta` itself ends it."""
    global _provider
    _provider = provider
