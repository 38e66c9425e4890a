"""What does an open conversation show beside its items? Its head, where to answer, who the customer is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.validators import slug_re
from django.http import HttpRequest

from conversations import attachments
from conversations.models import Conversation
from customers.models import Identity
from handover import holding, seeing
from handover.inbox import board, naming, person, phrases, thread, timeline, verbs
from handover.inbox.forms import LONGEST
from handover.models import Agent
from handover.routing import explaining


def named(found: Conversation, at_hand: Collection[int]) -> dict[str, Any]:
    """The conversation and what its customer is called: for want of a name, whole, by an address of those at hand."""
    name = naming.names([found.customer.root_id], at_hand=at_hand)[found.customer.root_id]
    return {"conversation": found, "name": name}


def head(found: Conversation, agent: Agent, held: Sequence[Identity] | None = None) -> dict[str, Any]:
    """What depends on the owner, and where to answer; `held` are the customer's addresses, if they were read."""
    ways, shown = thread.picker(found, held), thread.head(found, agent)
    return {
        **named(found, {way.session.identity_id for way in ways.here}),
        "head": shown,
        "verbs": verbs.of(found, agent, shown),
        "why": explaining.why(found, agent, leads=holding.leads(found, agent)),
        "ways": ways,
        "passed_over": thread.passed_over(ways),
        "card": thread.card(found),
    }


def whole(request: HttpRequest, found: Conversation, agent: Agent) -> dict[str, Any]:
    """The two panes of a thread; `?at=` is the message or the note that is looked for."""
    at = _uuid(request.GET.get("at", ""))
    known = person.held(found)
    stretch = timeline.around(found, at, viewer=agent)
    return {
        **head(found, agent, known.rows),
        "stretch": stretch,
        "unseen": seeing.unread(agent, found) if stretch.at else [],
        "side": person.side(found, agent, known),
        "is_watching": board.is_watching(request, agent, found),
        "back": _list(request.GET.get("view", "")),
        "longest": LONGEST,
        "upload_max": attachments.UPLOAD_MAX,
        "client_id": uuid4(),
        "phrases": phrases.composer(found, agent),
    }


def _list(key: str) -> str:
    """Where one goes back to: *Mine*, unless it can be the name of a list."""
    return key if slug_re.match(key) else "mine"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
