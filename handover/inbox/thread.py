"""What stands around the timeline? Who speaks, what this agent may do, where to answer, who the customer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common import clock
from conversations import capabilities, sessions
from conversations.capabilities import Capabilities
from conversations.models import Conversation, Session
from customers.models import Attribute, Identity
from handover import sight
from handover.inbox import cards, naming, owners, rows
from handover.inbox.cards import Card
from handover.inbox.naming import Badge
from handover.inbox.owners import Owner
from handover.models import Agent, Note

PREVIOUS = 8
SOURCES = {
    "bot": "the bot's question",
    "agent": "an agent",
    "agent_verified": "an agent, verified",
    "otp": "the customer, verified by code",
    "site": "the site",
    "provider:whatsapp": "the WhatsApp profile",
    "inferred": "a guess",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer, as it stands in the picker."""

    session: Session
    label: str
    reason: str
    window_expires_at: datetime | None
    needs_template: bool = False

    @property
    def limits(self) -> Capabilities:
        """What the channel takes; the composer says so before anything is uploaded."""
        return capabilities.of(self.session.kind)


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of the thread shows one agent."""

    owner: Owner
    is_mine: bool
    can_claim: bool
    can_release: bool
    can_close: bool
    can_write: bool
    is_open: bool
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Known:
    """One fact about the customer and where it comes from."""

    key: str
    value: str
    source: str
    at: datetime
    has_conflict: bool


@dataclass(frozen=True, slots=True)
class Side:
    """The context side bar."""

    identities: Sequence[tuple[Identity, str, str, Badge]]  # identity, kind in words, address, proof
    attributes: Sequence[Known]
    previous: Sequence[rows.Row]


def head(conversation: Conversation, agent: Agent) -> Head:
    """Who speaks, and which verbs make sense now; the desk decides again when one is used."""
    owner = owners.of([conversation])[conversation.pk]
    is_open = conversation.state != Conversation.State.CLOSED
    is_mine = owner.kind == "agent" and conversation.owner_id == agent.pk
    is_free = is_open and owner.kind in ("bot", "queue")
    leads = is_open and not is_mine and _leads(conversation, agent)
    return Head(
        owner=owner,
        is_mine=is_mine,
        can_claim=is_free,
        can_release=(is_mine or leads) and owner.kind != "bot",
        can_close=(is_mine and is_open) or leads,
        can_write=is_open and (is_mine or is_free),
        is_open=is_open,
        is_silent=is_open and owner.kind != "bot",
    )


def card(conversation: Conversation) -> Card | None:
    """The newest handover card."""
    note = Note.objects.filter(conversation=conversation, kind="card").order_by("-id").first()
    return cards.read(note.card) if note else None


def choices(conversation: Conversation) -> list[Choice]:
    """The ways to answer, the default first; those that are closed say why."""
    found = sessions.reply_options(conversation=conversation)
    return [
        Choice(
            option.session,
            naming.label(option.session.identity),
            option.reason,
            option.window_expires_at,
            option.needs_template,
        )
        for option in found
    ]


def passed_over(ways: list[Choice]) -> Choice | None:
    """The way that the customer wrote on last, if it is closed and the reply goes by another one."""
    last = max(ways, key=lambda way: way.session.last_inbound_at or way.session.opened_at, default=None)
    return last if last is not None and last.reason and not ways[0].reason else None


def side(conversation: Conversation, agent: Agent) -> Side:
    """The side bar; at most seven queries."""
    root_id = conversation.customer.root_id
    now = clock.now()
    addresses = Identity.objects.filter(customer__root_id=root_id).order_by("valid_to", "namespace", "id")
    attributes = Attribute.objects.filter(root_id=root_id).select_related("observation").order_by("key")
    previous = sight.visible_to(agent).filter(customer__root_id=root_id).exclude(pk=conversation.pk)
    listed = rows.with_last_message(previous).order_by("-opened_at")[:PREVIOUS]
    return Side(
        identities=[
            (i, naming.WORDS.get(i.namespace, i.namespace), naming.label(i), naming.badge(i, now)) for i in addresses
        ],
        attributes=[_known(attribute) for attribute in attributes],
        previous=rows.of(list(listed)),
    )


def _leads(conversation: Conversation, agent: Agent) -> bool:
    if agent.user.is_superuser or conversation.queue_id is None:
        return agent.user.is_superuser
    return agent.memberships.filter(role="supervisor", queue_id=conversation.queue_id).exists()


def _address(identity: Identity, now: datetime) -> tuple[Identity, str, str, Badge]:
    kind = naming.WORDS.get(identity.namespace, identity.namespace)
    return identity, kind, naming.label(identity), naming.badge(identity, now)


def _known(attribute: Attribute) -> Known:
    seen = attribute.observation
    value = seen.value
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    source = SOURCES.get(seen.source, seen.source.replace("_", " ").replace(":", " "))
    return Known(attribute.key.replace("_", " "), text, source, seen.effective_at, attribute.has_conflict)
