"""Who else sits at this browser? A widget on a shared device (a kiosk) forgets a person as soon as they have left."""

from __future__ import annotations

from datetime import timedelta

from channels_app.models import Channel
from common import numbers

IDLE = timedelta(days=30)  # a browser that stays away longer begins anew
KIOSK_MINUTES = 5  # without a word, then the next person gets a visitor of their own


def is_kiosk(channel: Channel) -> bool:
    """Does this widget stand where many people use it? Then nobody is linked, and nothing is offered to go on with."""
    return channel.config.get("kiosk") is True


def idle(channel: Channel) -> timedelta:
    """How long a visit may be silent: the widget's `idle_minutes`, else five minutes at a kiosk, a month elsewhere."""
    default = KIOSK_MINUTES if is_kiosk(channel) else round(IDLE / timedelta(minutes=1))
    minutes = numbers.within(channel.config.get("idle_minutes"), default=default, most=numbers.YEAR_MINUTES)
    return timedelta(minutes=max(minutes, 1))
