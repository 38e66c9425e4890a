"""What does a process need of the sandbox when it starts? Its clock, where drafts are played, whom they may ask."""

from __future__ import annotations

from django.conf import settings

from channels_app.sandbox import backends, clock, emulators
from conversations.journeys import trials


def begin() -> None:
    """Nothing at all outside of the sandbox."""
    if getattr(settings, "SANDBOX_CLOCK", settings.SANDBOX):
        clock.install()
    if settings.SANDBOX:
        trials.played_on(emulators.is_pretended)
        trials.answered_by(backends.is_pretended)
