"""What stands around the timeline? Who speaks, what this agent may do, where to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations import capabilities, sessions
from conversations.capabilities import Capabilities
from conversations.models import Conversation, Session
from handover import holding, job_facts
from handover.inbox import cards, naming, owners, promises
from handover.inbox.cards import Card
from handover.inbox.owners import Owner
from handover.inbox.promises import Promise
from handover.models import Agent, Note


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
    promise: Promise | None


def head(conversation: Conversation, agent: Agent) -> Head:
    """Who speaks, and which verbs make sense now; the desk decides again when one is used."""
    owner = owners.of([conversation])[conversation.pk]
    is_open = conversation.state != Conversation.State.CLOSED
    is_mine = owner.kind == "agent" and conversation.owner_id == agent.pk
    is_free = is_open and owner.kind in ("bot", "queue", "external")
    leads = is_open and not is_mine and holding.leads(conversation, agent)
    return Head(
        owner=owner,
        is_mine=is_mine,
        can_claim=is_free,
        can_release=(is_mine or leads) and owner.kind != "bot",
        can_close=(is_mine and is_open) or leads,
        can_write=is_open and (is_mine or is_free),
        is_open=is_open,
        is_silent=is_open and owner.kind != "bot",
        promise=promises.of([conversation.pk]).get(conversation.pk),
    )


def card(conversation: Conversation) -> Card | None:
    """The newest handover card."""
    note = Note.objects.filter(conversation=conversation, kind="card").order_by("-id").first()
    if note is None:
        return None
    return cards.read({**note.card, "jobs": job_facts.renewed(note.card.get("jobs"))})


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
