"""Over which endpoint does a person speak, since when, and where may we answer?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from common import clock, rows
from conversations import capabilities, events, sql
from conversations.models import LAST_HEARD, Conversation, Session
from customers.models import Identity

TTL = events.TTL
CODE_HOLDS = timedelta(minutes=15)  # where the sender proves nothing: anybody may write in their name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came in: the endpoint, the channel, and what is proven there now."""

    identity: Identity  # endpoint head: the reply address
    channel: str
    kind: str
    proven: tuple[int, ...] = ()  # ids of the identities proven in this session
    assurance: str = "none"
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class ReplyOption:
    """One way to answer: `reason` says why not, '' if it can be used.

    `needs_template`: only what the provider approved beforehand can be sent here now.
    """

    session: Session
    label: str
    reason: str
    window_expires_at: datetime | None
    needs_template: bool = False

    @property
    def is_open(self) -> bool:
        return not self.reason


def current(*, conversation: Conversation, place: Place, at: datetime) -> Session:
    """The endpoint's session in this conversation, opened if need be; needs the conversation's row lock.

    An endpoint's older session in another conversation is ended; the new one goes on counting where it stopped.
    So is one in another kind of place: what is said in private must not be answered in public.
    """
    latest = sql.latest_session(place.identity.pk, place.channel)
    is_same_place = latest is not None and latest.is_public_place == place.is_public
    if latest and latest.conversation_id == conversation.pk and latest.ended_at is None and is_same_place:
        latest.identity = place.identity
        return latest
    if latest and latest.ended_at is None:
        end(session=latest)
    opened = Session(
        conversation=conversation,
        customer_id=place.identity.customer_id,
        identity=place.identity,
        channel=place.channel,
        kind=place.kind,
        proven=list(place.proven),
        assurance=place.assurance,
        is_public_place=place.is_public,
        seq=latest.seq if latest else 0,
        thread=latest.thread if latest and is_same_place else None,
        opened_at=at,
    )
    rows.insert(opened)
    return opened


def go_on(*, session: Session, conversation: Conversation, at: datetime) -> Session:
    """A session of the same place in another conversation, because we have something to say there.

    Its window is what it was; what a code had proven there is not proven any more. Needs the conversation's row lock.
    """
    kept = tuple(pk for pk in session.proven if pk not in session.coded)
    assurance = "none" if session.coded else session.assurance
    place = Place(session.identity, session.channel, session.kind, kept, assurance, session.is_public_place)
    opened = current(conversation=conversation, place=place, at=at)
    opened.last_inbound_at, opened.window_expires_at = session.last_inbound_at, session.window_expires_at
    opened.save(update_fields=["last_inbound_at", "window_expires_at"])
    return opened


def heard(*, session: Session, place: Place, at: datetime) -> None:
    """Notes an inbound message or gesture: the window opens anew (never backwards), the proof is as of now.

    Not saved: a message's event does that, or `keep`.
    """
    hours = capabilities.of(session.kind).window_hours
    session.last_inbound_at = max(filter(None, (session.last_inbound_at, at)))
    if hours is not None:
        session.window_expires_at = session.last_inbound_at + timedelta(hours=hours)
    session.proven, session.assurance = _proven(session, place)


def prove(*, session: Session, identity: Identity) -> None:
    """A code that was typed here has proven this address: until the session ends, it counts as proven in it.

    Where the sender proves nothing it counts for some minutes only, and brings back nothing that has lapsed.
    """
    session.coded = sorted({*(pk for pk in session.coded if pk in session.proven), identity.pk})
    session.coded_at = clock.now()
    session.proven, session.assurance = sorted({*session.proven, identity.pk}), "strong"
    session.save(update_fields=["coded", "coded_at", "proven", "assurance"])


def keep(*, session: Session) -> None:
    """Saves what `heard` noted, for a gesture that is no message."""
    session.save(update_fields=["last_inbound_at", "window_expires_at", "proven", "assurance"])


def _proven(session: Session, place: Place) -> tuple[list[int], str]:
    """What the place proves now, and what was proven by a code here and still holds."""
    if not session.coded:
        return list(place.proven), place.assurance
    now = clock.now()
    if not place.proven and (session.coded_at is None or now - session.coded_at > CODE_HOLDS):
        return [], place.assurance
    held = [row.pk for row in Identity.objects.filter(pk__in=session.coded) if row.is_fresh(now)]
    return sorted({*place.proven, *held}), "strong" if held else place.assurance


def follow(*, session: Session, thread: Mapping[str, Any]) -> None:
    """Keeps what an answer over this session has to carry, as the customer's last message said it."""
    if dict(thread) != session.thread:
        session.thread = dict(thread)
        session.save(update_fields=["thread"])


def reply_options(*, conversation: Conversation, now: datetime | None = None) -> Sequence[ReplyOption]:
    """The sessions of a conversation as ways to answer, the default first: last inbound among the open ones.

    The first answer after a handover goes over the channel that the journey's author chose for it, if that is open.
    """
    now = now or clock.now()
    found = conversation.sessions.select_related("identity").filter(ended_at__isnull=True).order_by(LAST_HEARD)
    options = [option(session, now) for session in found]
    start = _start(conversation)
    return sorted(options, key=lambda way: (not way.is_open, not _is(way.session, start)))


def option(session: Session, now: datetime) -> ReplyOption:
    """This session as a way for an agent to answer. No query if its identity was read."""
    return ReplyOption(
        session,
        session.identity.display or session.identity.raw,
        closed_reason(session, now, by_agent=True),
        capabilities.closes_at(session.kind, session.window_expires_at, by_agent=True),
        needs_template(session, now),
    )


def _start(conversation: Conversation) -> str:
    """The channel (or kind) that an agent shall begin on; '' without one, and once somebody has answered."""
    asked = conversation.handover or {}
    answered_at, start = conversation.last_agent_at, str(asked.get("starts_on") or "")
    if not start or (answered_at is not None and answered_at >= datetime.fromisoformat(asked["requested_at"])):
        return ""
    return start


def _is(session: Session, channel: str) -> bool:
    """Is this the channel (or the kind) in question, and a private place?"""
    return channel in (session.channel, session.kind) and not session.is_public_place


def closed_reason(session: Session, now: datetime, *, by_agent: bool = False) -> str:
    """Why free text cannot be sent to this session now, by the bot or by an agent; '' if it can."""
    if session.ended_at is not None:
        return _("This session has ended.")
    closes_at = capabilities.closes_at(session.kind, session.window_expires_at, by_agent=by_agent)
    if closes_at is not None and closes_at <= now:
        if closes_at == session.window_expires_at:
            return _("The 24-hour window is closed: the customer has to write first.")
        return _("The 7-day window is closed: the customer has to write first.")
    if not session.identity.routable or session.identity.valid_to is not None:
        return _("This address is not proven.")
    return ""


def needs_template(session: Session, now: datetime) -> bool:
    """Is the window shut, and nothing but that in the way of a message that the provider approved beforehand?"""
    is_shut = session.window_expires_at is not None and session.window_expires_at <= now
    is_reachable = session.ended_at is None and session.identity.routable and session.identity.valid_to is None
    return is_shut and is_reachable and capabilities.of(session.kind).templates


def end(*, session: Session) -> None:
    """The endpoint speaks elsewhere from now on."""
    session.ended_at = clock.now()
    session.save(update_fields=["ended_at"])


def end_all(*, conversation: Conversation) -> None:
    """The matter is closed: its sessions are over."""
    conversation.sessions.filter(ended_at__isnull=True).update(ended_at=clock.now())


def revive(*, conversation: Conversation) -> None:
    """The matter goes on: its sessions do too, but where the endpoint speaks elsewhere by now."""
    for session in conversation.sessions.filter(ended_at__isnull=False):
        latest = sql.latest_session(session.identity_id, session.channel)
        if latest is not None and latest.pk == session.pk:
            session.ended_at = None
            session.save(update_fields=["ended_at"])
