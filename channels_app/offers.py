"""Which templates can be sent in this conversation, where, and how is one sent?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from channels_app import template_filling, templates
from channels_app.template_filling import NotUsable, Piece, Slot
from channels_app.template_models import MessageTemplate
from conversations import capabilities, sessions
from conversations.models import Conversation, Session
from handover import desk
from handover.models import Agent


@dataclass(frozen=True, slots=True)
class Offered:
    """A template that can be sent: its places, and how it reads."""

    row: MessageTemplate
    slots: Sequence[Slot]
    preview: Sequence[tuple[str, Sequence[Piece]]]


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to answer, and what can be sent there; `is_needed`: nothing else can be sent there now."""

    session: Session
    is_needed: bool
    templates: Sequence[Offered]


def offers(conversation: Conversation) -> list[Offer]:
    """The sessions over which a template can go, those first where nothing else can. May ask a provider."""
    ways = [way for way in sessions.reply_options(conversation=conversation) if way.is_open or way.needs_template]
    ways = [way for way in ways if capabilities.of(way.session.kind).templates]
    keys = [way.session.channel for way in ways]
    templates.read_first(keys)
    rows = templates.approved(keys)
    found = [
        Offer(way.session, way.needs_template, _usable(rows, way.session.channel))
        for way in sorted(ways, key=lambda way: not way.needs_template)
    ]
    return [offer for offer in found if offer.templates]


def send(
    *,
    conversation: Conversation,
    agent: Agent,
    template: UUID,
    values: Mapping[str, str],
    client_id: str,
    session: UUID | None = None,
    seen_seq: int | None = None,
) -> None:
    """Fills an approved template and sends it as the agent's reply; `NotUsable`, `NotFilled` or the desk's refusals."""
    ways = conversation.sessions.filter(ended_at__isnull=True).order_by("-last_inbound_at")
    row = MessageTemplate.objects.filter(public_id=template, channel__key__in=ways.values("channel")).first()
    if row is None:
        raise NotUsable(_("This conversation has no channel with such a template."))
    way = ways.filter(channel=row.channel.key, **({"public_id": session} if session else {})).first()
    if way is None:
        raise NotUsable(_("This template belongs to another channel."))
    filled = template_filling.fill(
        name=row.name, language=row.language, status=row.status, components=row.components, values=values
    )
    content = replace(filled, category=row.category.upper())
    desk.reply(
        conversation_id=conversation.pk,
        agent=agent,
        content=content,
        client_id=client_id,
        session_id=way.pk,
        seen_seq=seen_seq,
    )


def _usable(rows: Sequence[MessageTemplate], channel: str) -> list[Offered]:
    return [
        Offered(row, template_filling.slots(row.components), template_filling.preview(row.components))
        for row in rows
        if row.channel.key == channel and not template_filling.obstacle(row.status, row.components)
    ]
