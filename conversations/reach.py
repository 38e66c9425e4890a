"""Where can a person be told something that they wait for? The place they wrote from last comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from conversations import capabilities, sessions
from conversations.models import Conversation, Session
from customers import attributes, consent
from customers.consent import Purpose
from customers.models import Customer

PREFERRED = "preferred_channel"  # an attribute that holds a kind of channel


@dataclass(frozen=True, slots=True)
class Way:
    """A place where the person was heard; `is_shut`: only what the provider approved beforehand reaches it now."""

    session: Session
    is_shut: bool


def ways(*, root: Customer, now: datetime) -> Iterator[Way]:
    """The private places of a person that take words now: that of the last message, the preferred one, any other."""
    for session in _in_order(root):
        if session.ended_at is not None and session.conversation.state != Conversation.State.CLOSED:
            continue  # they have left that place by themselves
        if not session.identity.routable or session.identity.valid_to is not None or is_silenced(session):
            continue
        closes_at = session.window_expires_at
        is_shut = closes_at is not None and closes_at <= now
        if not is_shut or capabilities.of(session.kind).templates:
            yield Way(session, is_shut)


def is_silenced(session: Session, *, is_new: bool = False) -> bool:
    """Did they ask us to stop there, so that nothing unasked is said? Asked wherever the bot speaks by itself.

    What they have begun goes on once they write again; what we would begin (`is_new`) waits for their START.
    """
    if is_new:
        return consent.refused_at(identity=session.identity, purpose=Purpose.ALL) is not None
    stopped_at = consent.refused_at(identity=session.identity, purpose=Purpose.SERVICE)
    heard_at = session.last_inbound_at
    return stopped_at is not None and (heard_at is None or heard_at <= stopped_at)


def is_mute(session: Session, now: datetime) -> bool:
    """May the bot say nothing there by itself: no window is open, or they asked us to stop?"""
    return bool(sessions.closed_reason(session, now)) or is_silenced(session)


def take(*, way: Way, conversation: Conversation, now: datetime) -> Session:
    """The place's session in this conversation, begun if its last one is over. Needs the conversation's row lock."""
    session = way.session
    if session.conversation_id == conversation.pk and session.ended_at is None:
        return session
    return sessions.go_on(session=session, conversation=conversation, at=now)


def _in_order(root: Customer) -> list[Session]:
    """The newest session of each place, the last heard first, then those of the preferred kind."""
    rows = Session.objects.filter(customer__root_id=root.pk).select_related("identity", "conversation")
    newest = rows.order_by("identity_id", "channel", "-pk").distinct("identity_id", "channel")
    found = [one for one in newest if not one.is_public_place]
    found.sort(key=lambda one: (one.last_inbound_at is not None, one.last_inbound_at or one.opened_at), reverse=True)
    preferred = attributes.values(root.pk).get(PREFERRED)
    return found[:1] + sorted(found[1:], key=lambda one: one.kind != preferred)
