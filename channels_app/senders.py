"""Who sent this, and where are they answered? Told by the provider's handles, or by our own door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from channels_app.inbox import Pending
from channels_app.registry import Endpoint, Inbound
from conversations import threads
from conversations.sessions import Place
from customers import attributes, identity, tombstones
from customers.models import Identity


def place_of(event: Pending, inbound: Inbound, at: datetime) -> Place | None:
    """Where a message came in; None when nothing that it names can be an identity.

    `tombstones.Erased`: its sender was erased after it was said.
    """
    return _known(event, inbound, inbound.endpoint) if inbound.endpoint else _resolved(event, inbound, at)


def _resolved(event: Pending, inbound: Inbound, at: datetime) -> Place | None:
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


def _introduce(event: Pending, handles: Sequence[identity.Handle], found: identity.Resolution, at: datetime) -> None:
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


def _known(event: Pending, inbound: Inbound, endpoint: Endpoint) -> Place:
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
