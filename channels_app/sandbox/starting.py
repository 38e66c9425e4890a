"""What does a process need of the sandbox when it starts? Its clock, where drafts are played, whom they may ask."""

from __future__ import annotations

from django.conf import settings

from channels_app.sandbox import backends, clock, emulators
from channels_app.shop import logins
from conversations.journeys import trials


def begin() -> None:
    """Nothing at all outside of the sandbox."""
    if getattr(settings, "SANDBOX_CLOCK", settings.SANDBOX):
        clock.install()
    if settings.SANDBOX:
        trials.played_on(is_played)
        trials.answered_by(backends.is_pretended)


def is_played(channel: str) -> bool:
    """Is a draft played there: on a pretended provider's channel, or in the chat of the demo shop?"""
    return channel == logins.CHANNEL or emulators.is_pretended(channel)
