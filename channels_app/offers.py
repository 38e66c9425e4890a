"""Which templates can be sent in this conversation, where, and how is one sent?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from channels_app import template_filling, templates
from channels_app.template_filling import NotUsable, Piece, Slot
from channels_app.template_models import MessageTemplate
from conversations import answerable, capabilities
from conversations.models import LAST_HEARD, Conversation, Session
from handover import desk
from handover.models import Agent

CODES = "authentication"  # a category whose templates carry a code: only what has made the code can send one


@dataclass(frozen=True, slots=True)
class Offered:
    """A template that can be sent: its places, and how it reads."""

    row: MessageTemplate
    slots: Sequence[Slot]
    preview: Sequence[tuple[str, Sequence[Piece]]]

    @property
    def title(self) -> str:
        """The provider's name for it, as words."""
        return self.row.name.replace("_", " ").strip().capitalize()

    @property
    def first_line(self) -> str:
        """How its text begins; each place that is still to be filled is a gap."""
        body = next((pieces for part, pieces in self.preview if part == "body"), ())
        said = "".join("…" if piece.slot else piece.text for piece in body)
        return next((line.strip() for line in said.splitlines() if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to answer, and what can be sent there; `is_needed`: nothing else can be sent there now."""

    session: Session
    is_needed: bool
    templates: Sequence[Offered]


def offers(conversation: Conversation) -> list[Offer]:
    """The places where a template can go, those first where nothing else can. May ask a provider."""
    found = answerable.everywhere(conversation=conversation)
    ways = [way for way in (*found.here, *found.others) if way.is_open or way.needs_template]
    ways = [way for way in ways if capabilities.of(way.session.kind).templates]
    keys = [way.session.channel for way in ways]
    templates.read_first(keys)
    rows = templates.approved(keys)
    offered = [
        Offer(way.session, way.needs_template, _usable(rows, way.session.channel))
        for way in sorted(ways, key=lambda way: (not way.needs_template, way.session.pk is None))
    ]
    return [offer for offer in offered if offer.templates]


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
    ways = _named(conversation, session)
    row = MessageTemplate.objects.filter(public_id=template, channel__key__in=[way.channel for way in ways]).first()
    if row is None:
        raise NotUsable(_("This conversation has no channel with such a template."))
    if row.category.lower() == CODES:
        raise NotUsable(_("It carries a code, which is sent by what has made it and not by hand."))
    way = next(way for way in ways if way.channel == row.channel.key)
    filled = template_filling.fill(
        name=row.name, language=row.language, status=row.status, components=row.components, values=values
    )
    content = replace(filled, category=row.category.upper())
    desk.reply(
        conversation_id=conversation.pk,
        agent=agent,
        content=content,
        client_id=client_id,
        way=way.public_id,
        seen_seq=seen_seq,
    )


def _named(conversation: Conversation, way: UUID | None) -> list[Session]:
    """The place with this id alone; without one the sessions of the conversation, the last heard first."""
    if way is None:
        return list(conversation.sessions.filter(ended_at__isnull=True).order_by(LAST_HEARD))
    try:
        return [answerable.find(conversation=conversation, way=way).session]
    except answerable.NoSuchWay:
        return []


def _usable(rows: Sequence[MessageTemplate], channel: str) -> list[Offered]:
    return [
        Offered(row, template_filling.slots(row.components), template_filling.preview(row.components))
        for row in rows
        if row.channel.key == channel
        and row.category.lower() != CODES
        and not template_filling.obstacle(row.status, row.components)
    ]
