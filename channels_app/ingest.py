"""What does a stored event do? Drains the inbox: one handle at a time, in event order, each event one transaction."""

from __future__ import annotations

import itertools
import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from channels_app import confirmations, effects, hearing, inbox, senders, unsplit
from channels_app.models import InboundKey
from channels_app.registry import Inbound, Parsed, safe_key
from common import outages
from conversations.threads import Heard
from customers import tombstones

log = logging.getLogger(__name__)

MESSAGE = "message"  # the outcome of nearly all
LAST_OF_A_SECOND = timedelta(milliseconds=999)


def drain(limit: int = 100) -> int:
    """Handles what waits, receipts first (they are cheap); returns how many events were processed or put off."""
    handled = confirmations.drain()
    for channel_id, handle, count in inbox.due_handles(limit):
        handled += sum(itertools.takewhile(bool, (_next(channel_id, handle) for _ in range(count))))
    return handled


def _next(channel_id: int, handle: str) -> bool:
    """The handle's next event, whatever becomes of it; False when there is none, or somebody else is at it."""
    event = None
    try:
        with transaction.atomic():
            event = inbox.take(channel_id, handle, MESSAGE)
            if event is None:
                return False
            outcome = _apply(event)
            if outcome != MESSAGE:
                inbox.name(event, outcome)
    except tombstones.Erased as gone:
        assert event is not None  # nothing is asked about anybody before there is an event
        with transaction.atomic():
            # Newer than the erasure: the person comes anew, and is looked up anew.
            inbox.bury(event) if gone.covers(event.occurred_at) else inbox.failed(event, gone)
            tombstones.count(gone)
    except Exception as error:
        outages.raise_if_away(error)
        if event is None:
            raise
        log.warning("inbound event %s failed: %s", event.public_id, type(error).__name__)
        with transaction.atomic():
            inbox.failed(event, error)
        return False
    return True


def _apply(event: inbox.Pending) -> str:
    """The event's effect, and the word for it; all of it or nothing is committed."""
    if event.kind == "other":
        return unsplit.again(event) if unsplit.is_kept(event) else "unsupported"
    words = [_effect(event, item) for item in event.parse()]
    return words[0] if words else "unsupported"


def _effect(event: inbox.Pending, item: Parsed) -> str:
    return _hear(event, item) if isinstance(item, Inbound) else effects.apply(event, item)


def _hear(event: inbox.Pending, inbound: Inbound) -> str:
    said = effects.within(inbound.occurred_at)
    at = _moment(said, event.received_at) if said == inbound.occurred_at else said
    place = senders.place_of(event, inbound, at)
    if place is None:
        return "no_identity"
    heard = Heard(
        content=inbound.content,
        occurred_at=at,
        text=inbound.text,
        payload=inbound.payload,
        action=inbound.action,
        external_id=inbound.external_id,
        client_id=inbound.client_id,
        source=event.channel,
        source_event_id=event.key,
        media=inbound.media,
        thread=inbound.thread,
        reply_to=str(inbound.context.get("id") or "")[:255],
        is_automatic=inbound.is_automatic,
        ip=inbound.endpoint.ip if inbound.endpoint else "",
        language=inbound.language,
        page=inbound.page,
    )
    hearing.hear(place=place, inbound=inbound, heard=heard, is_part=partial(_continues_album, event, inbound))
    return "automatic" if inbound.is_automatic else MESSAGE


def _continues_album(event: inbox.Pending, inbound: Inbound) -> bool:
    """Several pictures sent at once come as several messages: all are kept, and the first one has the turn."""
    album = str(inbound.context.get("album") or "")
    if not album:
        return False
    key = safe_key(f"album:{event.handle}:{album}")
    _, is_first = InboundKey.objects.get_or_create(
        channel_id=event.channel_id, key=key, defaults={"seen_at": event.received_at}
    )
    return not is_first


def _moment(said: datetime, received_at: datetime) -> datetime:
    """A clock of whole seconds leaves open when in it: as late as we heard of it, so that channels keep their order."""
    if said.microsecond or received_at <= said:
        return said
    return said + min(received_at - said, LAST_OF_A_SECOND)
