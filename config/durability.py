"""May the database forget what it has acknowledged? Then Throughline does not start on it."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

UNSAFE = {"synchronous_commit": ("off", "local"), "fsync": ("off",), "full_page_writes": ("off",)}


class UnsafeDatabase(Exception):
    """The message names the setting of PostgreSQL and its value."""


def unsafe_settings() -> list[str]:
    """The settings, as `name=value`, under which an acknowledged message could be lost. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [list(UNSAFE)])
        return [f"{name}={value}" for name, value in cursor.fetchall() if value in UNSAFE[name]]


def refuse_unsafe() -> None:
    """Raises `UnsafeDatabase` unless the database keeps what it acknowledges, or the operator of a test allows it."""
    if settings.ALLOW_UNSAFE_DATABASE:
        return
    found = unsafe_settings()
    if found:
        raise UnsafeDatabase(
            f"PostgreSQL runs with {', '.join(found)}: an acknowledged message could be lost. Set it to on."
        )
