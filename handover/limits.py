"""How long, how often? Every number of the human side, in seconds where a name says no unit; read from the settings."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings


def lasts(name: str) -> timedelta:
    """A stretch of time by its name, such as `OFFER_FOR`."""
    return timedelta(seconds=settings.HANDOVER[name])


def number(name: str) -> int:
    """A plain number by its name, such as `FALLBACK_DEPTH`."""
    found: int = settings.HANDOVER[name]
    return found
