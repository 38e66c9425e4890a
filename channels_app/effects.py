"""What follows from an event that is no new message of the customer? One small function for each word of an adapter.

Each returns the outcome that its InboundEvent keeps. What is about somebody or something unknown is an outcome too,
never an error: providers tell about more than we have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from channels_app import confirmations
from channels_app.inbox import Pending
from channels_app.registry import (
    Echo,
    Edit,
    Handles,
    Moved,
    Notice,
    Parsed,
    Preference,
    Reach,
    Reaction,
    Receipt,
    Removal,
    TemplateNews,
)
from common import clock, numbers
from conversations import amendments, echoes
from conversations.models import ConversationEvent, Delivery, Message
from conversations.sessions import Place
from customers import consent, identity, reachability, transfers
from customers.identity import Handle
from customers.models import Identity

HUSH_MINUTES = 240  # how long the bot keeps still after staff wrote from the provider's app: config `hush_minutes`
FUTURE = timedelta(minutes=5)  # a provider's clock may be ahead by this much; more is taken for now
UNKNOWN = "unknown_message"

# The raw copy of a message that its author took back goes with it, once the event is done.
FORGET = """
UPDATE channels_app_inboundevent SET body = NULL WHERE channel_id = %s AND key = %s AND state = 'done'
"""


def apply(event: Pending, item: Parsed) -> str:
    """The effect of one word; what has none is named by its kind."""
    effect = EFFECTS.get(type(item))
    if effect is not None:
        return effect(event, item)
    return item.kind if isinstance(item, Notice) else type(item).__name__.lower()


def _receipt(event: Pending, item: Receipt) -> str:
    return "receipt" if confirmations.confirm([(event.channel, item)])[0] else "unmatched"


def _echo(event: Pending, item: Echo) -> str:
    """Our own message come back is none; what staff wrote is shown as theirs, and the bot keeps still."""
    if item.external_id and Delivery.objects.filter(channel=event.channel, external_id=item.external_id).exists():
        return "own_echo"
    at = within(item.occurred_at)
    found = identity.resolve(handles=[Handle(*handle) for handle in item.handles], occurred_at=at)
    if found is None:
        return "no_identity"
    hush = numbers.within(event.setting("hush_minutes", HUSH_MINUTES), default=HUSH_MINUTES, most=numbers.YEAR_MINUTES)
    echoes.overhear(
        place=Place(identity=found.identity, channel=event.channel, kind=event.channel_kind),
        content=item.content,
        occurred_at=at,
        external_id=item.external_id,
        name=str(event.setting("staff_name", "Phone app")),
        hush=timedelta(minutes=hush),
        source_event_id=event.key,
        media=item.media,
    )
    return "echo"


def _edit(event: Pending, item: Edit) -> str:
    message = _theirs(event, item.external_id, item.handles, item.occurred_at)
    if message is None:
        return UNKNOWN
    source = {"source": event.channel, "source_event_id": event.key}
    return amendments.edit(message=message, content=item.content, occurred_at=within(item.occurred_at), **source)


def _removal(event: Pending, item: Removal) -> str:
    message = _theirs(event, item.external_id, item.handles, item.occurred_at)
    if message is None:
        return UNKNOWN
    outcome = amendments.remove(message=message, occurred_at=within(item.occurred_at))
    told = ConversationEvent.objects.filter(message=message, kind="message", source=event.channel)
    key = told.values_list("source_event_id", flat=True).first()
    if key:
        with connection.cursor() as cursor:
            cursor.execute(FORGET, [event.channel_id, key])
    return outcome


def _reaction(event: Pending, item: Reaction) -> str:
    """Whoever reacts need not have written the message, but it lies in a conversation of theirs."""
    message = amendments.find(channel=event.channel, external_id=item.external_id)
    who = _person(item.handles, item.occurred_at)
    if message is None or who is None or message.customer.root_id != who.customer.root_id:
        return UNKNOWN
    at = within(item.occurred_at)
    return amendments.react(message=message, customer=who.customer, emoji=item.emoji, occurred_at=at)


def _moved(event: Pending, item: Moved) -> str:
    before, now = ([Handle(*one) for one in handles] for handles in (item.before, item.now))
    at = within(item.occurred_at)
    if not now:
        return "suspected" if transfers.suspect(handles=before, occurred_at=at) else "unknown"
    return transfers.transfer(before=before, now=now, occurred_at=at, event=f"{event.channel}:{event.key}")


def _reach(event: Pending, item: Reach) -> str:
    who = _person(item.handles, item.occurred_at)
    if who is None:
        return "no_identity"
    reachability.mark(
        identity=who, is_reachable=item.is_reachable, occurred_at=within(item.occurred_at), reason=item.reason
    )
    return "reachable" if item.is_reachable else "unreachable"


def _preference(event: Pending, item: Preference) -> str:
    who = _recipient(event, item.delivery_ref) if item.delivery_ref else _person(item.handles, item.occurred_at)
    if who is None:
        return "unknown_delivery" if item.delivery_ref else "no_identity"
    evidence = {**item.evidence, "channel": event.channel, "event": event.key}
    at = within(item.occurred_at)
    consent.record(identity=who, purpose=item.purpose, state=item.state, occurred_at=at, evidence=evidence)
    return f"opted_{item.state}"


EFFECTS: dict[type, Callable[[Pending, Any], str]] = {
    Receipt: _receipt,
    Echo: _echo,
    Edit: _edit,
    Removal: _removal,
    Reaction: _reaction,
    Moved: _moved,
    Reach: _reach,
    Preference: _preference,
}


def on_template_news(effect: Callable[[Pending, TemplateNews], str]) -> None:
    """What follows when a provider has decided on a template; said once, when Django is ready."""
    EFFECTS[TemplateNews] = effect


def within(at: datetime) -> datetime:
    """A provider's time, or now if its clock runs ahead of ours."""
    now = clock.now()
    return at if at <= now + FUTURE else now


def _theirs(event: Pending, external_id: str, handles: Handles, at: datetime) -> Message | None:
    """The customer's message of that id, if it is by the person that the event names (some name nobody)."""
    message = amendments.find(channel=event.channel, external_id=external_id)
    if message is None or message.author != Message.Author.CUSTOMER:
        return None
    if not handles:
        return message
    who = _person(handles, at)
    return message if who is not None and who.customer.root_id == message.customer.root_id else None


def _recipient(event: Pending, ref: str) -> Identity | None:
    """To whom the delivery with our reference went, if this channel sent one."""
    try:
        known = Delivery.objects.filter(public_id=UUID(ref), channel=event.channel)
    except ValueError:
        return None
    found = known.select_related("identity").first()
    return found.identity if found else None


def _person(handles: Handles, at: datetime) -> Identity | None:
    """Whose these handles are; nobody is born of an event that is no message."""
    return reachability.of_handles(handles=[Handle(*handle) for handle in handles], occurred_at=within(at))
