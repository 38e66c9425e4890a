"""What time is it? Aware UTC as the database has it, plus the shift that the sandbox may ask for.

A machine whose clock is wrong would call everybody absent and every deadline past: a process that sees its database at
another time goes by the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

MATTERS = timedelta(seconds=2)  # less is the way to the database, or nothing that a deadline feels

log = logging.getLogger(__name__)

_provider: Callable[[], timedelta] = timedelta
_wrong = timedelta()  # what this machine's clock lacks


def now() -> datetime:
    """The present moment, shifted."""
    return datetime.now(UTC) + _wrong + _provider()


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


def keep_to_database() -> None:
    """From now on each new connection says what time it is; called once, when Django is ready."""
    connection_created.connect(_compare, dispatch_uid="clock")


def _compare(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Past Django's cursor: no log counts it, and a transaction that begins is none of ours."""
    global _wrong
    before = datetime.now(UTC)
    found: datetime = connection.connection.execute("SELECT clock_timestamp()").fetchone()[0]
    lacks = found - before - (datetime.now(UTC) - before) / 2
    wrong = lacks if abs(lacks) > MATTERS else timedelta()
    if abs(wrong - _wrong) > MATTERS:
        log.warning("this machine's clock differs from the database's by %.0f s", lacks.total_seconds())
    _wrong = wrong
