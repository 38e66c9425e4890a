"""Where can an agent answer a person: in this conversation, at their other addresses, and where not, and why?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from common import clock
from conversations import capabilities, doors, sessions, sql
from conversations.doors import Door
from conversations.models import Conversation, Session
from conversations.sessions import Place, ReplyOption
from customers import consent
from customers.consent import Purpose
from customers.models import Customer, Identity
from customers.namespaces import Namespace

WRITTEN_FIRST = frozenset({Namespace.PHONE, Namespace.EMAIL})  # elsewhere the provider lets nobody begin but them
Stops = Mapping[int, datetime]


class NoSuchWay(Exception):
    """Neither a session of the conversation nor another place of its person has this id."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The sessions of the conversation (the default first), other places of its person, and kinds of channel that work
    here and on which nothing of theirs is known. `doors` are the channels by key."""

    here: Sequence[ReplyOption]
    others: Sequence[ReplyOption]
    unlinked: Sequence[str]
    doors: Mapping[str, Door]


def here(*, conversation: Conversation) -> list[ReplyOption]:
    """The sessions of the conversation, the default first; those whose person asked us to stop say so."""
    return _here(conversation, _stops(_held(conversation)))


def everywhere(*, conversation: Conversation, held: Sequence[Identity] | None = None) -> Ways:
    """All of it. `held` are the addresses of its person if they were read, with those that are in force no more.

    At most four queries and one for `held`, however much there is. The session of another place is not stored: `opened`
    makes one of it once something is said there.
    """
    rows = {row.pk: row for row in (_held(conversation) if held is None else held) if row.valid_to is None}
    stops, working = _stops(list(rows.values())), {door.channel: door for door in doors.working()}
    near = _here(conversation, stops)
    far = [_judged(one, stops) for one in _others(conversation, rows, working, near)]
    known = {one.session.kind for one in (*near, *far)}
    unlinked = dict.fromkeys(door.kind for door in working.values() if door.kind not in known)
    return Ways(near, sorted(far, key=lambda one: not one.is_open), list(unlinked), working)


def find(*, conversation: Conversation, way: UUID) -> ReplyOption:
    """The session or other place with this id, `NoSuchWay` if there is none now."""
    found = everywhere(conversation=conversation)
    for one in (*found.here, *found.others):
        if way in (one.session.public_id, _id(one.session.identity, one.session.channel)):
            return one
    raise NoSuchWay


def opened(*, session: Session, conversation: Conversation) -> Session:
    """The session itself, or one begun at another place: nothing is proven there by our writing to it.

    Needs the row locks of the root and the conversation.
    """
    if session.pk:
        return session
    now, latest = clock.now(), sql.latest_session(session.identity_id, session.channel)
    if latest is not None:
        latest.identity = session.identity
        return sessions.go_on(session=latest, conversation=conversation, at=now)
    place = Place(session.identity, session.channel, session.kind)
    begun = sessions.current(conversation=conversation, place=place, at=now)
    if session.window_expires_at is not None:  # it opens with their answer, not with our template
        begun.window_expires_at = now
        begun.save(update_fields=["window_expires_at"])
    return begun


def _held(conversation: Conversation) -> list[Identity]:
    return list(Identity.objects.live().of_cluster(conversation.customer.root_id).order_by("namespace", "pk"))


def _stops(held: Sequence[Identity]) -> Stops:
    return consent.refusals(held, purpose=Purpose.SERVICE)


def _here(conversation: Conversation, stops: Stops) -> list[ReplyOption]:
    found = [_unless_stopped(one, stops) for one in sessions.reply_options(conversation=conversation)]
    return sorted(found, key=lambda one: not one.is_open)


def _others(
    conversation: Conversation, rows: Mapping[int, Identity], working: Mapping[str, Door], near: Sequence[ReplyOption]
) -> Iterator[ReplyOption]:
    """Where they were heard before, the last first; then where they never wrote."""
    now = clock.now()
    taken = {(one.session.identity_id, one.session.channel) for one in near}
    kinds = {(one.session.identity_id, one.session.kind) for one in near}
    for session in _newest(conversation, rows):
        place, door = (session.identity_id, session.channel), working.get(session.channel)
        if place in taken or door is None or session.is_public_place:
            continue
        is_page = capabilities.of(door.kind).pull
        if is_page and any(channel == door.channel for _, channel in taken):
            continue  # the customer's other browsers: the last one will do
        taken.add(place)
        kinds.add((place[0], door.kind))
        yield _before(conversation, session, rows[place[0]], now)
    for door in working.values():
        for row in _addresses(rows, door):
            if (row.pk, door.kind) not in kinds:
                kinds.add((row.pk, door.kind))
                yield _first(conversation, row, door, now)


def _newest(conversation: Conversation, rows: Mapping[int, Identity]) -> list[Session]:
    """The newest session of each place of the person whose address is in force."""
    found = Session.objects.filter(identity__in=list(rows)).select_related("conversation")
    newest = found.order_by("identity_id", "channel", "-pk").distinct("identity_id", "channel")
    return sorted(
        newest, key=lambda one: (one.last_inbound_at is None, -(one.last_inbound_at or one.opened_at).timestamp())
    )


def _addresses(rows: Mapping[int, Identity], door: Door) -> list[Identity]:
    """The heads of the addresses that this channel can be sent to; one that several have given counts once."""
    fitting = [row for row in rows.values() if door.namespace and row.namespace == door.namespace]
    by_key: dict[tuple[str, str], Identity] = {}
    for row in sorted(fitting, key=lambda row: not row.routable):
        by_key.setdefault((row.scope, row.key), row)
    return [rows[row.head_id] for row in by_key.values() if row.head_id in rows]


def _before(conversation: Conversation, session: Session, row: Identity, now: datetime) -> ReplyOption:
    found = sessions.option(_not_stored(conversation, row, session.channel, session.kind, like=session), now)
    if session.conversation.state == Conversation.State.CLOSED:
        return found
    if session.ended_at is None:
        return replace(found, reason=_("They speak there in another conversation."), needs_template=False)
    return replace(found, reason=_("This session has ended."), needs_template=False)


def _first(conversation: Conversation, row: Identity, door: Door, now: datetime) -> ReplyOption:
    found = sessions.option(_not_stored(conversation, row, door.channel, door.kind, now=now), now)
    if found.reason and not found.needs_template:
        return found
    reason = ""
    if row.namespace not in WRITTEN_FIRST:
        reason = _("The customer has to write there first.")
    elif row.shared:
        reason = _("Several people share this address.")
    return replace(found, reason=reason, needs_template=False) if reason else found


def _not_stored(
    conversation: Conversation,
    row: Identity,
    channel: str,
    kind: str,
    *,
    like: Session | None = None,
    now: datetime | None = None,
) -> Session:
    """A place as the session it would be: its window as it was, and shut where nobody ever wrote."""
    shut = now if capabilities.of(kind).window_hours is not None else None
    return Session(
        public_id=_id(row, channel),
        conversation=conversation,
        customer_id=row.customer_id,
        identity=row,
        channel=channel,
        kind=kind,
        last_inbound_at=like.last_inbound_at if like else None,
        window_expires_at=like.window_expires_at if like else shut,
    )


def _judged(option: ReplyOption, stops: Stops) -> ReplyOption:
    """What holds at a place that the conversation has not come to by itself."""
    session = option.session
    reason = ""
    if session.identity.unreachable_at is not None:
        reason = _("Nothing gets there: the provider says so.")
    elif session.conversation.customer.root.status == Customer.Status.SUPPRESSED:
        reason = _("This person is suppressed.")
    found = replace(option, reason=reason, needs_template=False) if reason else option
    return _unless_stopped(found, stops)


def _unless_stopped(option: ReplyOption, stops: Stops) -> ReplyOption:
    """Who wrote again after a STOP wants an answer; until then nothing is said there."""
    stopped_at, heard_at = stops.get(option.session.identity_id), option.session.last_inbound_at
    if stopped_at is None or (heard_at is not None and heard_at > stopped_at):
        return option
    return replace(option, reason=_("No consent: they asked us to stop."), needs_template=False)


def _id(identity: Identity, channel: str) -> UUID:
    """What a place is called while no session stands for it."""
    return uuid5(identity.public_id, channel)
