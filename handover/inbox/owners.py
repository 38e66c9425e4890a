"""Who speaks in a conversation now, in words that any viewer may read?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from conversations.models import Conversation
from handover.inbox import staff

Kind = Conversation.Owner


@dataclass(frozen=True, slots=True)
class Owner:
    """`wire` is what scripts compare: `bot`, `queue:<key>`, `agent:<ref>`; `label` is for people."""

    kind: str
    wire: str
    label: str


def of(conversations: Iterable[Conversation]) -> dict[int, Owner]:
    """The owners by conversation id; at most two queries."""
    return of_pairs({c.pk: (c.owner_kind, c.owner_id) for c in conversations})


def of_pairs(pairs: dict[int, tuple[str, int | None]]) -> dict[int, Owner]:
    """The owners of (kind, id) pairs under the caller's own keys; at most two queries."""
    agents = staff.names([pk for kind, pk in pairs.values() if kind == Kind.AGENT])
    queues = staff.queue_titles([pk for kind, pk in pairs.values() if kind == Kind.QUEUE])
    return {key: _owner(kind, pk, agents, queues) for key, (kind, pk) in pairs.items()}


def _owner(kind: str, pk: int | None, agents: dict[int, str], queues: dict[int, tuple[str, str]]) -> Owner:
    if kind == Kind.AGENT and pk is not None:
        return Owner(kind, f"agent:{staff.ref(pk)}", agents.get(pk, _("a former agent")))
    if kind == Kind.QUEUE and pk is not None:
        key, title = queues.get(pk, ("", _("a former queue")))
        return Owner(kind, f"queue:{key}", title)
    if kind == Kind.EXTERNAL:
        return Owner(kind, "external", _("another system"))
    return Owner(kind, "bot", _("the bot"))
