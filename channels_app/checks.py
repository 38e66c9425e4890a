"""Is every channel well, and does anything wait too long? Check-ups for `doctor`, and the channels' own `check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connection

from channels_app import condition, readiness, registry, stops
from channels_app.models import Channel, ChannelState
from channels_app.outcomes import redact
from channels_app.registry import DeliveryError, Finding
from common import checkups, clock
from common.crypto import CryptoError

INBOX_AGE = "SELECT extract(epoch FROM now() - min(received_at)) FROM channels_app_inboundevent WHERE state = 'pending'"
OUTBOX_AGE = """
SELECT extract(epoch FROM now() - min(oldest.at)) FROM channels_app_channel ch
LEFT JOIN channels_app_channelstate st ON st.channel_id = ch.id
CROSS JOIN LATERAL (
    SELECT min(next_attempt_at) AS at FROM conversations_delivery WHERE channel = ch.key AND state = 'queued'
) oldest WHERE ch.is_enabled AND ch.stopped_reason = '' AND st.open_until IS NULL
"""
TIMER_AGE = "SELECT extract(epoch FROM now() - min(due_at)) FROM conversations_timer"


_looks: dict[str, Callable[[Channel], Sequence[Finding]]] = {}


def look_also(kind: str, look: Callable[[Channel], Sequence[Finding]]) -> None:
    """From now on a check of this kind of channel also says what our own process for it knows."""
    _looks[kind] = look


def register() -> None:
    """Joins `doctor`; called when Django is ready."""
    checkups.register_backlog("inbox", lambda: _age(INBOX_AGE), warn=10, fail=60)
    checkups.register_backlog("outbox", lambda: _age(OUTBOX_AGE), warn=30, fail=300)
    checkups.register_backlog("timers", oldest_timer, warn=30, fail=300)
    checkups.register("quarantine", _quarantine)
    checkups.register("channels", _channels)


def check(channel: Channel) -> Sequence[Finding]:
    """Asks the provider, read-only, whether credentials and set-up hold, and keeps what it said.

    A stopped channel that is well goes on; one that is not is looked at again later. No transaction is open meanwhile.
    """
    findings = _ask(channel)
    said = [{"is_well": one.is_well, "text": redact(one.text)} for one in findings]
    ChannelState.objects.update_or_create(channel=channel, defaults={"checked_at": clock.now(), "findings": said})
    if channel.stopped_reason:
        if all(one.is_well for one in findings):
            stops.start(channel)
        else:
            stops.put_off(channel)
    return findings


def recheck() -> int:
    """Looks at the stopped channels whose time has come; returns how many run again."""
    due = Channel.objects.filter(is_enabled=True, state__recheck_at__lte=clock.now()).exclude(stopped_reason="")
    started = 0
    for channel in due.order_by("pk"):
        check(channel)
        started += not channel.stopped_reason
    return started


def oldest_timer() -> float | None:
    """Seconds since the oldest deadline that nobody has seen, None when none is due."""
    return _age(TIMER_AGE)


def _ask(channel: Channel) -> Sequence[Finding]:
    if names := readiness.missing(channel):
        return [Finding(False, f"{readiness.words(names).capitalize()}.")]
    try:
        said = registry.adapter(channel.kind).check(registry.account_of(channel))
        look = _looks.get(channel.kind)
        return [*said, *look(channel)] if look else said
    except DeliveryError as error:
        return [Finding(False, error.provider_text or error.reason)]
    except registry.UnknownKind:
        return [Finding(False, f"this version knows no channels of kind {channel.kind}")]
    except CryptoError as error:
        return [Finding(False, f"the credentials cannot be opened: {type(error).__name__}")]


def _age(query: str) -> float | None:
    """Seconds, None when nothing waits (or everything waits for a later moment)."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        (age,) = cursor.fetchone()
    return float(age) if age is not None and age > 0 else None


def _quarantine() -> checkups.Finding:
    count = sum(one.quarantined for one in condition.of_all())
    if not count:
        return checkups.Finding("OK", "no event is in quarantine")
    return checkups.Finding("WARN", f"{count} events are in quarantine", "Look at them in the admin and replay them.")


def _channels() -> checkups.Finding:
    """The worst of what is said of any channel; the same sentences stand on its health page."""
    found = condition.of_all()
    unknown = [one for one in found if one.kind not in registry.kinds()]
    # Quarantine has a line of its own.
    said = [
        (level, f"{one.title}: {text}") for one in found for level, text in one.troubles if "quarantine" not in text
    ]
    said += [("WARN", f"{one.title}: no adapter for {one.kind}") for one in unknown]
    if said:
        level: checkups.Level = "FAIL" if any(level == "FAIL" for level, _ in said) else "WARN"
        remedy = "See the channel's health page; put right what the provider says, then check the connection."
        return checkups.Finding(level, "; ".join(text for _, text in said), remedy)
    unsettled = sum(one.unsettled for one in found)
    return checkups.Finding("OK", f"{unsettled} messages wait for a receipt" if unsettled else "all are sending")
