"""What does a stored event do? Drains the inbox: one handle at a time, in event order, each event one transaction."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from channels_app import confirmations, effects, inbox, switching, unsplit
from channels_app.models import InboundKey
from channels_app.registry import Endpoint, Inbound, Parsed, safe_key
from common import outages
from conversations import threads
from conversations.sessions import Place
from conversations.threads import Heard
from customers import attributes, identity, tombstones
from customers.models import Identity
from handover import proofs, turns

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
    place = _known(event, inbound, inbound.endpoint) if inbound.endpoint else _resolved(event, inbound, at)
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
    )
    step = switching.heard(place=place, inbound=inbound)  # before a lock is taken: it may make two people one
    checked = proofs.check(place=place, text=inbound.text) if step is None else None  # so may a code
    received = threads.receive(place=place, heard=heard)
    if checked is not None:
        turns.prove(received=received, heard=heard, checked=checked)
    elif step is None and not _continues_album(event, inbound):
        turns.take(received=received, heard=heard)
    elif step is not None and not received.is_repeat:
        step.go_on()
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


def _resolved(event: inbox.Pending, inbound: Inbound, at: datetime) -> Place | None:
    """Who the provider says it is; None when nothing it names can be an identity."""
    handles: Sequence[identity.Handle] = [identity.Handle(*one, device=inbound.device) for one in inbound.handles]
    found = identity.resolve(handles=handles, occurred_at=at)
    if found is None:
        return None
    if found.created or found.renamed:
        _introduce(event, handles, found, at)
    return Place(
        identity=found.identity,
        channel=event.channel,
        kind=event.channel_kind,
        proven=tuple(one.identity.pk for one in found.proven),
        assurance=identity.assurance(proven=found.proven).name.lower(),
        is_public=inbound.is_public,
    )


def _introduce(
    event: inbox.Pending, handles: Sequence[identity.Handle], found: identity.Resolution, at: datetime
) -> None:
    """The name in the sender's profile is what a provider says of them: any better source outweighs it."""
    name = next((handle.display for handle in handles if handle.display), None)
    if name:
        # The person before what is known of them, as every turn does: two of them at once would wait for each other.
        threads.lock_root(customer_id=found.origin.pk)
        attributes.observe(
            customer=found.origin,
            identity=found.identity,
            key="name",
            value=name,
            source=f"provider:{event.channel_kind}",
            occurred_at=at,
            source_event_id=f"{event.channel}:{event.key}",
        )


def _known(event: inbox.Pending, inbound: Inbound, endpoint: Endpoint) -> Place:
    """Whom our own door has identified already; somebody whose address is gone was erased meanwhile."""
    head = Identity.objects.filter(pk=endpoint.identity_id).first()
    if head is None:
        raise tombstones.Erased(event.occurred_at)
    return Place(
        identity=head,
        channel=event.channel,
        kind=event.channel_kind,
        proven=endpoint.proven,
        assurance=endpoint.assurance,
        is_public=inbound.is_public,
    )
