"""Which of a person's open conversations goes on, and what comes over from the others? Who parts, leaves with what?

Sessions are pointed, never messages: what was said stays in the log of the conversation in which it was said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from common import clock
from conversations import capabilities, events, outbox, ownership, sessions, sql, threads
from conversations.models import Conversation, JourneyRun, Session
from customers.models import Customer

CAUSE = "united"  # of the move that closes one for another
MOVED = "sessions_moved"

Owner, State = Conversation.Owner, Conversation.State
RANKS = {Owner.AGENT: 0, Owner.EXTERNAL: 2, Owner.QUEUE: 4, Owner.BOT: 6}  # who keeps the floor


@dataclass(frozen=True, slots=True)
class Joined:
    """`other` is closed and goes on in `kept`; `agent_id` is on whose desk it was."""

    kept: Conversation
    other: Conversation
    agent_id: int | None


_followers: list[Callable[[Joined], None]] = []


def follow(then: Callable[[Joined], None]) -> None:
    """The apps above are told of every conversation that went into another, under the locks of both."""
    _followers.append(then)


def keep_one(root_id: int) -> Conversation | None:
    """Joins the person's open conversations into the one that ranks first; needs the root's lock."""
    ranked = sorted(sql.all_unclosed(root_id), key=_rank)
    for other in ranked[1:]:
        _join(ranked[0], other)
    return ranked[0] if ranked else None


def part(roots: Collection[int]) -> None:
    """They are several again: endpoints that stand in somebody else's conversation get one of their own, the bot's.

    What was said stays where it was said; an open run goes with who began it. Needs the roots' locks.
    """
    strangers = _strangers(roots)
    if not strangers:
        return
    rows = Conversation.objects.unclosed().filter(customer__root_id__in=roots).order_by("pk")
    held = {one.pk: one for one in rows.select_for_update(no_key=True, of=("self",)).select_related("customer")}
    own = {one.customer.root_id: one for one in held.values()}
    for (conversation_id, root_id), left in strangers.items():
        own[root_id] = own.get(root_id) or _begin(root_id, left)
        _point(left, held[conversation_id], own[root_id], why="parted")
        runs = JourneyRun.objects.filter(conversation_id=conversation_id, status__in=JourneyRun.OPEN)
        runs.filter(customer__root_id=root_id).update(conversation=own[root_id])


def goes_on(conversation: Conversation) -> Conversation | None:
    """Where a conversation that went into another goes on, if that is its person's still; None: it went into none."""
    found = conversation.events.filter(kind=MOVED, data__why=CAUSE, data__from=conversation.pk)
    went = found.order_by("-seq").first()
    if went is None:
        return None
    persons = Conversation.objects.of_person(conversation.customer.root_id).exclude(close_reason="joined")
    return persons.filter(pk=went.data["into"]).first() or persons.order_by("-opened_at").first()


def _rank(conversation: Conversation) -> tuple[int, float, int]:
    """An agent before a queue before the bot; then what is alive before what rests, and what is promised before what
    is not; then the latest."""
    kind, is_ticket = Owner(conversation.owner_kind), conversation.mode == "ticket"
    rests = {Owner.AGENT: conversation.state == State.PARKED, Owner.QUEUE: is_ticket, Owner.BOT: not is_ticket}
    return RANKS[kind] + rests.get(kind, False), -conversation.last_message_at.timestamp(), -conversation.pk


def _join(kept: Conversation, other: Conversation) -> None:
    before = other.owner_epoch
    agent_id = other.owner_id if other.owner_kind == Owner.AGENT else None
    _carry(kept, other)
    _point(other.sessions.filter(ended_at__isnull=True), other, kept, why=CAUSE)
    JourneyRun.objects.filter(conversation=other, status__in=JourneyRun.OPEN).update(conversation=kept)
    _close(other)
    if kept.owner_kind == Owner.BOT:
        outbox.refence(conversation=other, from_epoch=before)
    else:
        outbox.cancel_unsent(conversation=other)
    events.append(conversation=other, kind="closed", actor_kind="system", data={"reason": "joined"})
    for then in _followers:
        then(Joined(kept, other, agent_id))


def _carry(kept: Conversation, other: Conversation) -> None:
    """What one of them knows of the person holds in the one that goes on: who waits, and since when."""
    changes: dict[str, Any] = {"last_message_at": max(kept.last_message_at, other.last_message_at)}
    for name in ("last_customer_at", "last_agent_at", "expires_at"):
        changes[name] = max(filter(None, (getattr(kept, name), getattr(other, name))), default=None)
    if other.owner_kind != Owner.BOT and other.waiting_on == "us":
        changes["waiting_on"] = "us"
    if kept.owner_kind == Owner.BOT:
        changes["handover"] = kept.handover or other.handover  # pre-chat questions may be open there
    if (kept.owner_kind, kept.owner_id) == (other.owner_kind, other.owner_id) and kept.owner_kind == Owner.QUEUE:
        for name in ("queued_at", "ranked_at"):
            changes[name] = min(filter(None, (getattr(kept, name), getattr(other, name))), default=None)
    for name, value in changes.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(changes))


def _close(other: Conversation) -> None:
    ownership.move(
        conversation=other,
        seen_epoch=other.owner_epoch,
        to=Owner.BOT,
        state=State.CLOSED,
        cause=CAUSE,
        actor_kind="system",
        close_reason="joined",
        mode="live",
        queued_at=None,
        parked_until=None,
        park_reason="",
    )


def _point(found: Iterable[Session], one: Conversation, other: Conversation, *, why: str) -> None:
    """From one to the other; the log of each leads to the other, and the customer's page learns who speaks there."""
    moved = sorted(found, key=lambda session: session.pk)
    Session.objects.filter(pk__in=[session.pk for session in moved]).update(conversation=other)
    screen = next((session for session in reversed(moved) if capabilities.of(session.kind).pull), None)
    data = {
        "why": why,
        "sessions": [session.pk for session in moved],
        "from": one.pk,
        "into": other.pk,
        "to": {"kind": str(other.owner_kind), "id": other.owner_id},
    }
    there, here = data | {"conversation": str(other.public_id)}, data | {"conversation": str(one.public_id)}
    events.append(conversation=one, kind=MOVED, actor_kind="system", data=there)
    is_seen = screen is not None
    events.append(
        conversation=other, kind=MOVED, session=screen, is_for_endpoint=is_seen, actor_kind="system", data=here
    )


def _strangers(roots: Collection[int]) -> dict[tuple[int, int], list[Session]]:
    """The open sessions at endpoints of other people than whose matter it is, by conversation and their root.

    One whose endpoint was handed to somebody else is ended: it goes on where that one writes.
    """
    rows = Session.objects.filter(ended_at__isnull=True, conversation__customer__root_id__in=roots)
    rows = rows.exclude(conversation__customer__root_id=F("identity__customer__root_id"))
    found: dict[tuple[int, int], list[Session]] = {}
    for session in rows.exclude(conversation__state=State.CLOSED).select_related("identity__customer", "customer"):
        root_id = session.identity.customer.root_id
        if session.customer.root_id != root_id:
            sessions.end(session=session)
        else:
            found.setdefault((session.conversation_id, root_id), []).append(session)
    return found


def _begin(root_id: int, left: Collection[Session]) -> Conversation:
    """The bot's, as of the last word that was heard there."""
    heard = max(left, key=lambda session: (session.last_inbound_at or session.opened_at, session.pk))
    root = Customer.objects.get(pk=root_id)
    begun, _ = threads.begin(root=root, origin_id=heard.customer_id, at=clock.now())
    begun.last_customer_at = heard.last_inbound_at
    begun.save(update_fields=["last_customer_at"])
    return begun
