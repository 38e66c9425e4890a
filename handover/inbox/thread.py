"""What stands around the timeline? Who speaks, what this agent may do, where to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations import answerable, capabilities
from conversations.answerable import Ways
from conversations.capabilities import Capabilities
from conversations.models import Conversation, Session
from conversations.sessions import ReplyOption
from customers.models import Identity
from handover import holding, job_facts
from handover.inbox import cards, naming, owners, promises
from handover.inbox.cards import Card
from handover.inbox.owners import Owner
from handover.inbox.promises import Promise
from handover.models import Agent, Note


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer, as it stands in the picker. `line` names its channel where two of one kind work."""

    session: Session
    label: str
    reason: str
    window_expires_at: datetime | None
    needs_template: bool = False
    line: str = ""

    @property
    def limits(self) -> Capabilities:
        """What the channel takes; the composer says so before anything is uploaded."""
        return capabilities.of(self.session.kind)


@dataclass(frozen=True, slots=True)
class Picker:
    """Where to answer: the sessions of the conversation, the default first; other places of the person; and the kinds
    of channel on which they are not known."""

    here: Sequence[Choice]
    others: Sequence[Choice]
    unlinked: Sequence[str]

    @property
    def first(self) -> Choice | None:
        """What is chosen before anybody chooses: never a place that the customer has not brought up here."""
        return next((one for one in self.here if not one.reason), None)

    @property
    def is_open(self) -> bool:
        """Is there anything to choose?"""
        return any(not one.reason for one in (*self.here, *self.others))

    @property
    def asks_template(self) -> bool:
        """Is a template what is left for the conversation, so that it is offered beside the picker?"""
        shut = any(one.needs_template for one in self.others)
        return any(one.needs_template for one in self.here) or (shut and self.first is None)

    @property
    def has_templates(self) -> bool:
        """Is there another place that only a template gets to?"""
        return any(one.needs_template for one in self.others)


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


def picker(conversation: Conversation, held: Sequence[Identity] | None = None) -> Picker:
    """The ways to answer, the default first; those that are closed say why. `held`: the person's addresses, if read."""
    found = answerable.everywhere(conversation=conversation, held=held)
    here, others = ([_choice(one, found) for one in ways] for ways in (found.here, found.others))
    return Picker(here, others, found.unlinked)


def passed_over(ways: Picker) -> Choice | None:
    """The way that the customer wrote on last, if it is closed while another one is open."""
    last = max(ways.here, key=lambda way: way.session.last_inbound_at or way.session.opened_at, default=None)
    return last if last is not None and last.reason and ways.is_open else None


def _choice(option: ReplyOption, ways: Ways) -> Choice:
    session, door = option.session, ways.doors.get(option.session.channel)
    return Choice(
        session,
        naming.way(session),
        option.reason,
        option.window_expires_at,
        option.needs_template,
        door.title if door else "",
    )
