"""Who speaks in a conversation? The one place that changes it: compare-and-set on epoch and state, plus its event."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import clock
from common.problems import Problem
from conversations import capabilities, events
from conversations.models import Conversation, Session

State = Conversation.State
Owner = Conversation.Owner


class OwnerMoved(Problem):
    """Somebody else changed the owner or the state first: read again, decide again."""

    code = "owner_moved"
    title = "Somebody else was faster: this conversation has changed its owner."
    status = 409


@dataclass(frozen=True, slots=True)
class Told:
    """Which system told of a change, by which event of its own, and when it happened there."""

    source: str = ""
    event_id: str = ""
    at: datetime | None = None


HERE = Told()


def move(
    *,
    conversation: Conversation,
    seen_epoch: int,
    to: Owner,
    owner_id: int | None = None,
    state: State = State.OPEN,
    allowed_states: Collection[State] = (State.OPEN, State.PARKED),
    allowed_owners: Collection[Owner] = tuple(Owner),
    cause: str,
    actor_kind: str = "",
    actor_id: int | None = None,
    told: Told = HERE,
    **changes: Any,
) -> None:
    """Moves the owner (and state) if epoch, state and present owner are as expected, else raises `OwnerMoved`.

    Needs a transaction. `changes` are further columns of the same row. Appends `owner_changed` with the new epoch;
    `told` is where it was heard of, if not here.
    """
    before = {"kind": conversation.owner_kind, "id": conversation.owner_id}
    values = {"owner_kind": to, "owner_id": owner_id, "owner_epoch": seen_epoch + 1, "state": state, **changes}
    if state == State.CLOSED:
        values.setdefault("closed_at", clock.now())
    moved = Conversation.objects.filter(
        pk=conversation.pk, owner_epoch=seen_epoch, state__in=allowed_states, owner_kind__in=allowed_owners
    ).update(**values)
    if not moved:
        raise OwnerMoved()
    for name, value in values.items():
        setattr(conversation, name, value)
    data = {"cause": cause, "from": before, "to": {"kind": str(to), "id": owner_id}, "state": str(state)}
    _note(conversation, told, actor_kind=actor_kind, actor_id=actor_id, data=data)


def _note(conversation: Conversation, told: Told, **more: Any) -> None:
    screen = _screen(conversation)
    events.append(
        conversation=conversation,
        kind="owner_changed",
        session=screen,
        is_for_endpoint=screen is not None,
        epoch=conversation.owner_epoch,
        source=told.source,
        source_event_id=told.event_id,
        occurred_at=told.at,
        **more,
    )


def _screen(conversation: Conversation) -> Session | None:
    """The customer's own page that says who speaks with them, if they have it open: a channel that is pulled from."""
    kinds = [one.kind for one in capabilities.all_registered() if one.pull]
    pages = conversation.sessions.filter(ended_at__isnull=True, kind__in=kinds)
    return pages.order_by("-last_inbound_at", "-pk").first() if kinds else None
