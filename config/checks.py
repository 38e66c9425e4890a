"""Is this deployment wired safely? System checks for what Django's own `check --deploy` does not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import OperationalError, connection

from config import csp, durability


def register_all() -> None:
    """Joins Django's checks; the database check runs with `migrate` and `check --database default`."""
    checks.register(database_keeps_its_word, checks.Tags.database)
    checks.register(policies_are_set, checks.Tags.security)
    checks.register(public_url_is_safe, checks.Tags.security, deploy=True)


def database_keeps_its_word(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """E001: the database may lose acknowledged rows."""
    if settings.ALLOW_UNSAFE_DATABASE or "default" not in (databases or ()) or connection.vendor != "postgresql":
        return []
    try:
        found = durability.unsafe_settings()
    except OperationalError:
        return []  # the command that needs the database says so better
    hint = "Set it to on in postgresql.conf, or for the role: ALTER ROLE ... SET ..."
    return [checks.Error(f"PostgreSQL runs with {item}.", hint=hint, id="throughline.E001") for item in found]


def policies_are_set(**_: Any) -> list[checks.CheckMessage]:
    """E002-E004: content security policy, denying API default, JSON-only broker."""
    found: list[checks.CheckMessage] = []
    scripts = [str(source) for source in csp.STRICT["script-src"]]
    if not scripts or any("unsafe" in source for source in scripts):
        found.append(checks.Error("The default policy allows inline scripts or eval.", id="throughline.E002"))
    if "rest_framework.permissions.AllowAny" in str(settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"]):
        found.append(checks.Error("The API is open by default.", id="throughline.E003"))
    if "daphne" in settings.INSTALLED_APPS:
        found.append(checks.Error("Daphne cuts requests when it stops: serve with uvicorn.", id="throughline.E004"))
    return found


def public_url_is_safe(**_: Any) -> list[checks.CheckMessage]:
    """W001-W002: what only a public installation must have."""
    found: list[checks.CheckMessage] = []
    if not settings.PUBLIC_URL.startswith("https://"):
        found.append(checks.Warning("PUBLIC_URL is not https.", id="throughline.W001"))
    if settings.SANDBOX:
        found.append(checks.Warning("SANDBOX is on: anybody may play a customer.", id="throughline.W002"))
    return found
