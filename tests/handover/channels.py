"""Which channels work in these tests? The demo's own, with all their settings."""

from __future__ import annotations

from channels_app.models import Channel
from channels_app.sandbox import emulators


def connect(*kinds: str) -> None:
    """The demo's channel of each kind."""
    for kind in kinds:
        emulator = emulators.find(kind)
        assert emulator is not None
        Channel.objects.create(**emulators.demo_fields(emulator))
