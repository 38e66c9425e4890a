"""Is a channel stopped? What the provider refuses for the whole account stops it, and holds its deliveries."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from channels_app import alarms
from channels_app.models import Channel, ChannelState
from channels_app.outcomes import redact
from common import clock
from conversations import realtime

FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)  # between two looks at a stopped channel; doubled each time


def stop(key: str, provider_text: str) -> None:
    """Stops the channel with a reason for the operator and rings; `checks` starts it again once all is well."""
    reason = redact(provider_text)[:200] or "the provider refuses this account"
    if not Channel.objects.filter(key=key, stopped_reason="").update(stopped_reason=reason):
        return
    state = _state(Channel.objects.get(key=key))
    state.stopped_at = clock.now()
    _look_again_later(state)
    transaction.on_commit(lambda: alarms.ring("stopped", key, reason))


def put_off(channel: Channel) -> None:
    """It is still not well: the next look comes later than the last one did."""
    _look_again_later(_state(channel))


def start(channel: Channel) -> None:
    """Lets a stopped channel send again. How often it was stopped is forgotten only once a message was accepted."""
    channel.stopped_reason = ""
    channel.save(update_fields=["stopped_reason"])
    ChannelState.objects.filter(channel=channel).update(stopped_at=None, recheck_at=None)
    realtime.hint("wake:outbox")
    alarms.ring("well_again", channel.key, "the provider accepts the account again")


def _state(channel: Channel) -> ChannelState:
    return ChannelState.objects.get_or_create(channel=channel)[0]


def _look_again_later(state: ChannelState) -> None:
    state.recheck_at = clock.now() + min(FIRST * 2 ** min(state.rechecks, 10), LONGEST)
    state.rechecks = min(state.rechecks + 1, 30)
    state.save(update_fields=["stopped_at", "recheck_at", "rechecks"])
