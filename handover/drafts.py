"""What has an agent begun to write and not sent? Kept per conversation and kind, for every screen of theirs."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from common import clock
from conversations import realtime
from conversations.models import Conversation
from handover import sight
from handover.models import Agent, Draft

KINDS = ("reply", "note")
MOST = 500  # drafts whose conversations are marked in lists: the newest


@transaction.atomic
def keep(
    *, conversation: Conversation, agent: Agent, kind: str, text: str, session_id: int | None = None, screen: str = ""
) -> int:
    """The newest words win, whichever window they come from; returns their revision, 0 when none are left.

    `screen` names the window that wrote: the agent's other windows are told, it is not.
    """
    if not text.strip():
        drop(conversation=conversation, agent=agent, kind=kind, screen=screen)
        return 0
    # The agent's own lock: two windows may begin the same draft in the same moment.
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    draft = Draft.objects.filter(conversation=conversation, agent=agent, kind=kind).first()
    if draft is None:
        draft = Draft(conversation=conversation, agent=agent, kind=kind, revision=0)
    draft.text, draft.session_id = text, session_id
    draft.revision, draft.updated_at = draft.revision + 1, clock.now()
    draft.save(update_fields=["text", "session", "revision", "updated_at"] if draft.pk else None)
    _tell(conversation, agent, kind, draft.revision, screen)
    return draft.revision


@transaction.atomic
def drop(*, conversation: Conversation, agent: Agent, kind: str, revision: int | None = None, screen: str = "") -> None:
    """It was sent, or wiped. With `revision` only what the window knew: words that another one wrote since stay."""
    found = Draft.objects.filter(conversation=conversation, agent=agent, kind=kind)
    if revision is not None:
        found = found.filter(revision=revision)
    if found.delete()[0]:
        _tell(conversation, agent, kind, 0, screen)


def of(conversation: Conversation, agent: Agent) -> dict[str, Draft]:
    """What this agent has begun here, by kind."""
    found = Draft.objects.filter(conversation=conversation, agent=agent).select_related("session")
    return {draft.kind: draft for draft in found}


def told(draft: Draft) -> dict[str, Any]:
    """A draft as its own agent's window takes it."""
    session = str(draft.session.public_id) if draft.session else ""
    return {"text": draft.text, "session": session, "revision": draft.revision}


def begun(agent: Agent) -> Collection[UUID]:
    """The conversations in which this agent has begun something lately, as far as they may still see them."""
    mine = Draft.objects.filter(agent=agent).order_by("-updated_at", "-pk").values("conversation_id")[:MOST]
    return set(sight.visible_to(agent).filter(pk__in=mine).values_list("public_id", flat=True))


def _tell(conversation: Conversation, agent: Agent, kind: str, revision: int, screen: str) -> None:
    """No words travel: a window that shows this draft asks for them."""
    data: dict[str, Any] = {"conversation": str(conversation.public_id), "kind": kind, "revision": revision}
    told = {"type": "draft", "data": {**data, "screen": screen}}
    transaction.on_commit(partial(realtime.tell, f"agent:{agent.pk}", told))
