"""What does the widget know to say before anybody has written? The card of a journey, the ways to elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from channels_app import leading, shared_devices, visits
from channels_app.models import Channel, Visit
from common import clock
from conversations import welcome as welcomes
from conversations.journeys import engine, progress, resume_cards
from conversations.journeys.state import Assurance, Context, place
from conversations.models import JourneyRun
from conversations.sessions import Place
from customers import identity

ASSURED: dict[str, Assurance] = {"none": "none", "attested": "verified", "strong": "strong"}
KINDS = {"whatsapp": "WhatsApp", "telegram": "Telegram", "discord": "Discord", "email": "e-mail", "web": "this chat"}


def resume_card(visit: Visit) -> dict[str, Any] | None:
    """The journey that this browser may go on with, in its own resume words; None if there is nothing it may know of.

    Its values were said by an address that the visit has proven; while a person of ours speaks, nothing is offered.
    """
    if shared_devices.is_kiosk(visit.channel):
        return None
    now = clock.now()
    proven, head = visits.proven(visit, now), visits.endpoint(visit, now)
    here = place(visit.channel.key, str(head.pk))
    assurance = ASSURED[visits.assurance(visit, now)]
    visible = set(identity.visible_to(proven=proven).values_list("pk", flat=True))
    card = resume_cards.resumable(root=head.customer.root, visible=visible, assurance=assurance, now=now, here=here)
    if card is None:
        return None
    return {
        "run": str(card.run),
        "title": card.title,
        "step": card.step,
        "text": _words(card.run, now, Context(place=here, assurance=assurance, language=card.language)),
        "channel": KINDS.get(card.kind, card.kind),
        "at": card.since.isoformat(),
    }


def welcome(visit: Visit) -> str:
    """What somebody who is signed in is told when they are back after a while; '' if nothing, or if they were told."""
    now = clock.now()
    if shared_devices.is_kiosk(visit.channel) or not visits.is_signed_in(visit, now):
        return ""
    head, channel = visits.endpoint(visit, now), visit.channel
    proven = tuple(row.pk for row in visits.proven(visit, now))
    place = Place(head, channel.key, channel.kind, proven, visits.assurance(visit, now))
    return welcomes.on_opening(place=place, root=head.customer.root, now=now)


def ways(channel: Channel) -> list[dict[str, str]]:
    """The other channels that a link can lead to from this widget; from a kiosk nobody takes a chat along."""
    if shared_devices.is_kiosk(channel):
        return []
    return [{"channel": way.channel, "title": way.title} for way in leading.ways(here=channel.key)]


def _words(public_id: UUID, now: datetime, context: Context) -> str:
    """Where we were, as the bot would say it here."""
    run = JourneyRun.objects.get(public_id=public_id)
    said = engine.prompt(progress.version_of(run), progress.state_of(run), now, context, resumed=True)
    return said[0].content.plain_text() if said else ""
