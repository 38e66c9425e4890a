"""Where may the bot speak to somebody who is not writing right now? Where a window is open, in one thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from common import clock
from conversations import capabilities, expiry, outbox, reach, sessions, sql, threads
from conversations.journeys import progress, stack
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun, Session
from conversations.sessions import Place
from customers.models import Customer

RECENT = 20  # endpoints of a person that are looked at, the last heard first


def of_run(run: JourneyRun) -> Scene:
    """The person's conversation as it is, and the session that the run was spoken in last; locks root and conversation.

    If none is open, it is the one that the run belongs to.
    """
    root = threads.lock_root(customer_id=run.customer_id)
    return Scene(open_now(root) or threads.lock(conversation_id=run.conversation_id), run.session, root)


def open_now(root: Customer) -> Conversation | None:
    """The person's conversation that is not closed, locked; one that has fallen silent is closed first."""
    found = sql.unclosed(root.pk)
    if found is not None and expiry.is_due(found, clock.now()):
        expiry.expire(conversation=found)
        return None
    return found


def is_taken(conversation: Conversation | None) -> bool:
    """Does a human have the floor there?"""
    is_ours = conversation is None or conversation.owner_kind == Conversation.Owner.BOT
    return not is_ours or (conversation is not None and outbox.is_hushed(conversation))


def make_room(scene: Scene, *, breaking: bool) -> bool:
    """May something new come in front of what is open? False if that may not be interrupted; `breaking` ends it."""
    active = (JourneyRun.Status.ACTIVE, JourneyRun.Status.WAITING)
    open_runs = [run for run in scene.runs if run.status in active]
    for run in open_runs:
        if run.purpose == "intake" or not (progress.version_of(run).policy.interruptible or breaking):
            return False
    for run in open_runs if breaking else ():
        for one in stack.chain(run, scene):
            stack.end(scene=scene, run=one, status=JourneyRun.Status.CANCELLED, reason="replaced")
    return True


def go_on(scene: Scene, run: JourneyRun) -> Scene | None:
    """Where the run may go on unasked: at the endpoint where it was spoken last, else where its values may show too.

    A conversation is begun if none is open. None: nothing can be said anywhere now. Needs the run as it is locked.
    """
    own = run.session
    if own.pk == scene.session.pk:
        own.identity = scene.session.identity
        is_here = own.ended_at is None and own.conversation_id == scene.conversation.pk
        if is_here and _is_open(own, scene.now) and not reach.is_silenced(own):
            return scene
    for latest in _reachable(scene.root, first=own):
        there = Scene(scene.conversation, latest, scene.root, scene.now)
        if (latest.pk == run.session_id or stack.is_seen(run, there)) and not reach.is_silenced(latest):
            return _enter(there)
    return None


def begin(root: Customer) -> Scene | None:
    """Where something new may begin unasked: where the person wrote last among the open ones; needs the root's lock.

    None: nowhere, or they have asked us to stop there.
    """
    for latest in _reachable(root):
        if not reach.is_silenced(latest, is_new=True):
            return _enter(Scene(open_now(root) or latest.conversation, latest, root))
    return None


def _reachable(root: Customer, first: Session | None = None) -> Iterator[Session]:
    """The newest session of each endpoint that can be written to now; that of `first` comes first. A public place is
    only where somebody has spoken with the run before."""
    rows = Session.objects.filter(identity__customer__root_id=root.pk)
    newest = rows.order_by("identity_id", "channel", "-pk").distinct("identity_id", "channel")
    found = list(newest.select_related("identity__customer", "conversation"))
    heard = sorted(found, key=lambda row: (row.last_inbound_at or row.opened_at, row.pk), reverse=True)[:RECENT]
    own = (first.identity_id, first.channel, first.is_public_place) if first else None
    heard.sort(key=lambda row: (row.identity_id, row.channel, row.is_public_place) != own)
    now = clock.now()
    for row in heard:
        is_own = (row.identity_id, row.channel, row.is_public_place) == own
        if (is_own or not row.is_public_place) and _is_open(row, now):
            yield row


def _is_open(session: Session, now: datetime) -> bool:
    """May free text be written there? That a conversation is over closes no window."""
    closes_at = capabilities.closes_at(session.kind, session.window_expires_at, by_agent=False)
    address = session.identity
    return (closes_at is None or closes_at > now) and address.routable and address.valid_to is None


def _enter(scene: Scene) -> Scene:
    """The endpoint's session in the person's open conversation, begun if need be; the window is as it was."""
    latest = scene.session
    if latest.ended_at is None and latest.conversation_id == scene.conversation.pk:
        return scene
    origin = latest.identity.customer_id
    conversation, _ = threads.open_conversation(root=scene.root, origin_id=origin, at=scene.now)
    proven = tuple(latest.proven)
    place = Place(latest.identity, latest.channel, latest.kind, proven, latest.assurance, latest.is_public_place)
    session = sessions.current(conversation=conversation, place=place, at=scene.now)
    if session.pk != latest.pk:
        session.last_inbound_at, session.window_expires_at = latest.last_inbound_at, latest.window_expires_at
        session.save(update_fields=["last_inbound_at", "window_expires_at"])
    return Scene(conversation, session, scene.root, scene.now)
