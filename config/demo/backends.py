"""Which back ends is the demo connected to? Those that the sandbox pretends; the addresses follow PUBLIC_URL."""

from __future__ import annotations

from django.conf import settings

from channels_app.sandbox import backends
from channels_app.sandbox.backends import answering
from conversations.models import Connection

TITLES = {"demo_shop": "Nordic Chairs order system", "telco": "Telephone company"}


def seed() -> None:
    """A connection for each pretended back end; of one that is there only the address is brought up to date."""
    for key, word in backends.KEYS.items():
        base_url = f"{settings.PUBLIC_URL}/sandbox/{word}"
        defaults = {
            "title": TITLES[key],
            "base_url": base_url,
            "headers": {"Authorization": f"Bearer {answering.token(key)}"},
            "health_path": "/health",
            "cancel_path": "/jobs/{id}/cancel" if key == "telco" else "",
        }
        connection, is_new = Connection.objects.get_or_create(key=key, defaults=defaults)
        if not is_new and "/sandbox/" in connection.base_url and connection.base_url != base_url:
            connection.base_url = base_url
            connection.save(update_fields=["base_url", "updated_at"])


def purge() -> None:
    """Takes the demo's connections away; one that was pointed elsewhere is somebody's own."""
    Connection.objects.filter(key__in=backends.KEYS, base_url__contains="/sandbox/").delete()
