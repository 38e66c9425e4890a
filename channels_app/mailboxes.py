"""What waits for us outside, and is it fetched? Mailboxes that nobody posts to us, and mails behind a pointer.

poll        one mailbox: its new mails become rows of the inbox, together with the place where to go on
poll_all    all of them
collect     events that only point to a mail at the service: fetched, stored as events of their own
follow      waits for the mailbox to tell, or for the next round
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction

from channels_app import cursors, inbox_store, registry, stops
from channels_app.models import Channel, InboundEvent
from channels_app.registry import TO_COLLECT, DeliveryError, Pulling
from common import clock, outages
from common.safe_http import FetchError
from conversations import realtime

log = logging.getLogger(__name__)

MAILBOX = "mailbox"  # the name of the cursor
BATCH = 25  # mails of one transaction
ROUNDS = 40  # batches of one poll: a full mailbox is read on next time, and nobody waits for long
COLLECTED, GIVEN_UP = "collected", "not_collected"
TRIES = 8
LOOK_BACK = timedelta(days=7)
LOCK = "mailbox:"


def poll_all() -> int:
    """Polls every enabled mailbox and collects what is pointed to; returns how many mails were new to us."""
    count = 0
    for channel in _pulled():
        try:
            count += poll(channel)
        except DeliveryError as error:
            log.warning("mailbox of %s: %s %s", channel.key, error.reason, error.provider_text)
            if error.reason == "channel_down":
                stops.stop(channel.key, error.provider_text)
        except Exception as error:  # the intake's fall-back: the other mailboxes are read all the same
            outages.raise_if_away(error)
            log.exception("mailbox of %s", channel.key)
    return count + collect()


def poll(channel: Channel) -> int:
    """Reads one mailbox to its end; how many mails it gave. 0 while somebody else reads it. `DeliveryError`.

    The network is asked without a transaction; the session's advisory lock only keeps others from the same mailbox.
    """
    adapter, account = _pulling(channel), registry.account_of(channel)
    count = 0
    with _alone(f"{LOCK}{channel.key}") as is_mine:
        for _ in range(ROUNDS if is_mine else 0):
            found = adapter.pull(account, cursors.place(channel.pk, MAILBOX), BATCH)
            with transaction.atomic():
                inbox_store.put_now([inbox_store.row(channel.pk, event) for event in found.events])
                cursors.move(channel.pk, MAILBOX, dict(found.place))
            count += len(found.events)
            if not found.has_more:
                break
    if count:
        realtime.hint("wake:inbox")
    return count


def collect(limit: int = 50) -> int:
    """Fetches the mails that stored events point to; each becomes an event of its own. Returns how many."""
    with _alone(f"{LOCK}collect") as is_mine:
        pointers = _pointers(limit) if is_mine else []
        done = [_collect(event) for event in pointers]
    if any(done):
        realtime.hint("wake:inbox")
    return sum(done)


def follow(channel: Channel, seconds: float) -> None:
    """Returns when the mailbox tells of news or the time is up; a server that cannot tell costs only patience."""
    _pulling(channel).wait(registry.account_of(channel), seconds)


def _pulled() -> list[Channel]:
    channels = Channel.objects.filter(is_enabled=True, stopped_reason="", kind__in=registry.kinds()).order_by("pk")
    return [one for one in channels if is_pulled(one)]


def is_pulled(channel: Channel) -> bool:
    """Must we come for this channel's mail?"""
    adapter = registry.adapter(channel.kind)
    return isinstance(adapter, Pulling) and adapter.is_pulled(registry.account_of(channel))


def _pulling(channel: Channel) -> Pulling:
    adapter = registry.adapter(channel.kind)
    if not isinstance(adapter, Pulling):
        raise DeliveryError("rejected", provider_text="nothing waits for us on this kind of channel")
    return adapter


def _pointers(limit: int) -> list[InboundEvent]:
    waiting = InboundEvent.objects.filter(
        channel__is_enabled=True,
        outcome=TO_COLLECT,
        state=InboundEvent.State.DONE,
        received_at__gt=clock.now() - LOOK_BACK,
        next_attempt_at__lte=clock.now(),
    )
    return list(waiting.select_related("channel").order_by("received_at")[:limit])


def _collect(event: InboundEvent) -> bool:
    channel = event.channel
    try:
        found = _pulling(channel).collect(registry.account_of(channel), event.body or "")
    except (DeliveryError, FetchError) as error:
        _put_off(event, error)
        return False
    except Exception as error:  # the quarantine: the pointers behind it are followed all the same
        outages.raise_if_away(error)
        log.exception("mail behind event %s", event.public_id)
        _put_off(event, DeliveryError("rejected", provider_text=type(error).__name__))
        return False
    with transaction.atomic():
        inbox_store.put_now([inbox_store.row(channel.pk, found)])
        event.outcome = COLLECTED
        event.save(update_fields=["outcome"])
    return True


def _put_off(event: InboundEvent, error: DeliveryError | FetchError) -> None:
    """Tried again after 10, 20, 40 ... seconds; in the end it lies in quarantine, from where it can be replayed."""
    reason = error.reason if isinstance(error, DeliveryError) else type(error).__name__
    event.attempts += 1
    event.next_attempt_at = clock.now() + timedelta(seconds=min(5 * 2**event.attempts, 3600))
    event.error = f"not fetched from the service: {reason}"[:300]
    if event.attempts >= TRIES or (error.is_permanent and reason != "channel_down"):
        event.state, event.outcome = InboundEvent.State.QUARANTINED, GIVEN_UP
    event.save(update_fields=["attempts", "next_attempt_at", "error", "state", "outcome"])


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Is nobody else at this? A lock of the session: it is gone with the connection, and no row waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (is_mine,) = cursor.fetchone()
    try:
        yield bool(is_mine)
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def stored_event(channel: str, key: str) -> str | None:
    """The raw body of a stored event, None when it is no longer kept: where files lie that came inside of it."""
    found = (
        InboundEvent.objects.filter(channel__key=channel, key=key).exclude(body__isnull=True).order_by("-pk").first()
    )
    return found.body if found else None
