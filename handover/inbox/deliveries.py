"""How far did a message get? One state for all its parts, in words, with the provider's reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from conversations.models import Delivery

State = Delivery.State

# What one bubble shows for several parts: the worst news first, then the part that lags behind.
WORST_FIRST = [
    State.FAILED,
    State.CANCELLED,
    State.UNKNOWN,
    State.QUEUED,
    State.SENDING,
    State.SENT,
    State.DELIVERED,
    State.READ,
    State.PLAYED,
]
WORDS = {
    State.QUEUED: ("○", "waiting to be sent"),
    State.SENDING: ("○", "sending"),
    State.UNKNOWN: ("?", "sent, outcome unknown"),
    State.SENT: ("✓", "sent"),
    State.DELIVERED: ("✓✓", "delivered"),
    State.READ: ("✓✓", "read"),
    State.PLAYED: ("✓✓", "played"),
    State.FAILED: ("!", "not delivered"),
    State.CANCELLED: ("×", "not sent"),
}
REASONS = {
    "taken_over": "An agent took over before it was sent.",
    "outside_window": "The 24-hour window of the channel is closed.",
    "opted_out": "The customer does not want messages from us.",
    "unreachable": "The address cannot be reached.",
    "rejected": "The provider refused the message.",
    "rate_limited": "The provider limits how much we may send.",
    "provider_down": "The provider does not answer.",
    "channel_down": "The provider refuses the whole channel.",
    "deferred": "The provider asked us to wait.",
    "lost": "The line broke before the provider answered.",
}
RETRY = "delivery-retry"  # the URL name that the app above serves; without it there is no button


@dataclass(frozen=True, slots=True)
class Progress:
    """What the bubble says about its delivery."""

    state: str
    icon: str
    words: str
    reason: str = ""
    provider_text: str = ""

    @property
    def is_bad(self) -> bool:
        return self.state in (State.FAILED, State.UNKNOWN)


def of(message_ids: Collection[int]) -> dict[int, Progress]:
    """The progress by message id, for those that have deliveries. One query."""
    parts: dict[int, list[Delivery]] = {}
    # A note that there is an answer is no part of the answer.
    told = Delivery.objects.filter(message_id__in=message_ids).exclude(challenge__kind="note")
    for part in told if message_ids else ():
        parts.setdefault(part.message_id, []).append(part)
    return {message_id: _progress(found) for message_id, found in parts.items()}


def retry_url(public_id: str) -> str:
    """Where a failed message may be tried again; '' while nobody serves that."""
    try:
        return reverse(RETRY, args=[public_id])
    except NoReverseMatch:
        return ""


def _progress(parts: list[Delivery]) -> Progress:
    part = min(parts, key=lambda part: WORST_FIRST.index(State(part.state)))
    icon, words = WORDS[State(part.state)]
    reason = REASONS.get(part.reason, part.reason.replace("_", " "))
    return Progress(part.state, icon, words, reason, part.provider_text)
