"""What does the provider say about what we sent? A lattice: a receipt never moves a delivery backwards."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from channels_app import aftermath, inbox, outcomes, stops
from channels_app.aftermath import Lesson
from channels_app.models import Channel
from channels_app.outcomes import Change
from channels_app.registry import DeliveryError, Preference, Receipt
from common import clock, outages
from customers import reachability
from customers.identity import Handle

log = logging.getLogger(__name__)

BELOW = {
    # `delivered` may follow `failed` on several devices: then it wins. Nothing else comes back from there.
    "sent": ("queued", "sending", "unknown"),
    "delivered": ("queued", "sending", "unknown", "sent", "failed"),
    "read": ("queued", "sending", "unknown", "sent", "delivered", "failed"),
    "played": ("queued", "sending", "unknown", "sent", "delivered", "read", "failed"),
    "failed": ("sending", "unknown", "sent"),
}
LOOKS = 5  # times that a receipt without a delivery is looked at
A_DAY = 86_400.0  # seconds: "not now" for this recipient means tomorrow at the earliest
A_MOMENT = timedelta(seconds=2)  # a provider's mark may be of its own clock and of whole seconds
TRIES = 8  # sends of one delivery that the provider failed afterwards

COLUMNS = (
    "d.id, d.public_id, d.external_id, d.channel, d.conversation_id, d.customer_id, d.message_id, d.attempts, "
    "d.identity_id, d.challenge_id IS NOT NULL"
)
MATCH = f"""
SELECT {COLUMNS} FROM conversations_delivery d WHERE d.public_id = ANY(%(refs)s)
UNION
SELECT {COLUMNS} FROM conversations_delivery d
WHERE d.channel = ANY(%(channels)s) AND d.external_id = ANY(%(ids)s) AND d.external_id <> ''
"""

# Everything that was sent to an address up to a moment, of its latest words: a provider that marks "read until" names
# no message. Whoever got more than these since the last mark has them marked by the next one.
UNTIL = f"""
SELECT {COLUMNS} FROM conversations_session s CROSS JOIN LATERAL (
    SELECT m.id FROM conversations_message m WHERE m.session_id = s.id AND m.author <> 'customer'
    ORDER BY m.occurred_at DESC, m.id DESC LIMIT 100
) m JOIN conversations_delivery d ON d.message_id = m.id
WHERE s.identity_id = %(identity)s AND s.channel = %(channel)s AND s.ended_at IS NULL
  AND d.state = ANY(%(below)s) AND d.sent_at <= %(until)s
"""


@dataclass(frozen=True, slots=True)
class Known:
    """The delivery that a receipt is about."""

    pk: int
    public_id: UUID
    external_id: str
    channel: str
    conversation_id: int
    customer_id: int
    message_id: int
    attempts: int
    identity_id: int
    is_code: bool


def confirm(receipts: Sequence[tuple[str, Receipt]]) -> list[bool]:
    """Applies (channel key, receipt) pairs, and says of each whether it is about a delivery of that channel.

    Matched by our reference, which settles a lost answer, else by the provider's id.
    """
    with transaction.atomic():
        found = _match(receipts)
        best: dict[int, Change] = {}
        for (channel, receipt), known in zip(receipts, found, strict=True):
            for one in known:
                best[one.pk] = _later(best.get(one.pk), _change(one, receipt))
            if known and receipt.error is not None and receipt.error.reason == "channel_down":
                stops.stop(channel, receipt.error.provider_text)
        outcomes.write(list(best.values()))
        if lessons := _lessons(receipts, found):
            transaction.on_commit(partial(aftermath.learn, lessons))
        return [bool(known) for known in found]


def drain(limit: int = 500) -> int:
    """Applies what receipts wait in the inbox, all in one transaction; returns how many rows were handled.

    A receipt of something we do not know (yet) is looked at again a few times: it may have overtaken our own commit.
    """
    with transaction.atomic():
        events = inbox.claim_receipts(limit)
        if not events:
            return 0
        try:
            with transaction.atomic():
                _apply(events)
        except Exception as error:  # noqa: BLE001 -- the quarantine: one bad receipt must not hold the others
            outages.raise_if_away(error)
            if len(events) == 1:
                inbox.failed(events[0], error)
            else:
                _one_by_one(events)
        return len(events)


def _one_by_one(events: Sequence[inbox.Pending]) -> None:
    for event in events:
        try:
            with transaction.atomic():
                _apply([event])
        except Exception as error:  # noqa: BLE001 -- the quarantine
            outages.raise_if_away(error)
            inbox.failed(event, error)


def _apply(events: Sequence[inbox.Pending]) -> None:
    given = [(event, event.parse()) for event in events]
    wishes = [event for event, items in given if any(isinstance(item, Preference) for item in items)]
    inbox.pass_on(wishes)
    events = [event for event in events if event not in wishes]
    read = [(event, item) for event, items in given if event not in wishes for item in items]
    pairs = [(event, item) for event, item in read if isinstance(item, Receipt)]
    known = confirm([(event.channel, receipt) for event, receipt in pairs])
    unmatched = {event.pk: event for (event, _), is_known in zip(pairs, known, strict=True) if not is_known}
    early = [event for event in unmatched.values() if event.attempts < LOOKS]
    waiting = {event.pk for event in early}
    inbox.wait(early)
    inbox.done([event for event in events if event.pk in unmatched and event.pk not in waiting], "unmatched")
    inbox.done([event for event in events if event.pk not in unmatched], "receipt")


def _match(receipts: Sequence[tuple[str, Receipt]]) -> list[list[Known]]:
    refs = [ref for _, receipt in receipts if (ref := _uuid(receipt.delivery_ref))]
    ids = [receipt.external_id for _, receipt in receipts if receipt.external_id]
    known = _known(MATCH, {"refs": refs, "ids": ids, "channels": list({channel for channel, _ in receipts})})
    by_ref = {(one.channel, one.public_id): one for one in known}
    by_id = {(one.channel, one.external_id): one for one in known if one.external_id}
    found = []
    for channel, receipt in receipts:
        one = by_ref.get((channel, _uuid(receipt.delivery_ref) or UUID(int=0)))
        one = one or by_id.get((channel, receipt.external_id))
        found.append([one] if one else _until(channel, receipt) if receipt.watermark else [])
    return found


def _until(channel: str, receipt: Receipt) -> list[Known]:
    """What a watermark covers: everything that was sent to that person until then and is not as far yet."""
    handles = [Handle(*handle) for handle in receipt.handles]
    who = reachability.of_handles(handles=handles, occurred_at=receipt.occurred_at)
    if who is None:
        return []
    below = [state for state in BELOW[receipt.status] if state in ("sent", "delivered", "read")]
    values = {"identity": who.head_id, "channel": channel, "below": below, "until": receipt.occurred_at + A_MOMENT}
    return _known(UNTIL, values)


def _known(query: str, values: dict[str, Any]) -> list[Known]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [Known(*row) for row in cursor.fetchall()]


def _lessons(receipts: Sequence[tuple[str, Receipt]], found: Sequence[list[Known]]) -> list[Lesson]:
    """What the receipts tell about the people whom they are about."""
    lessons = []
    for (channel, receipt), known in zip(receipts, found, strict=True):
        reason = receipt.error.reason if receipt.error and receipt.status == "failed" else ""
        if known and not receipt.watermark and aftermath.is_news(reason, receipt.handles):
            at, ref = min(receipt.occurred_at, clock.now()), str(known[0].public_id)
            kind = Channel.objects.values_list("kind", flat=True).get(key=channel) if reason else ""
            lessons.append(
                Lesson(known[0].identity_id, kind, channel, at, reason, receipt.handles, ref, known[0].is_code)
            )
    return lessons


def _change(known: Known, receipt: Receipt) -> Change:
    error = receipt.error
    state, reason, again = receipt.status, "", None
    if state == "failed":
        error = error or DeliveryError("rejected")
        reason = error.reason
        if not error.is_permanent and known.attempts < TRIES:
            state, again = "queued", later(error, known.attempts)
    return Change(
        delivery_id=known.pk,
        conversation_id=known.conversation_id,
        customer_id=known.customer_id,
        message_id=known.message_id,
        state=state,
        at=min(receipt.occurred_at, clock.now()),
        allowed=BELOW[receipt.status],
        reason=reason,
        provider_text=error.provider_text if error else "",
        external_id="" if state == "queued" else receipt.external_id,
        next_attempt_at=again,
    )


def _later(one: Change | None, other: Change) -> Change:
    """Of two receipts of one delivery the one that is further along; a failure only if nothing better is known."""
    return other if one is None or other.rank > one.rank else one


def later(error: DeliveryError, attempts: int) -> datetime:
    """When to try again: as told, else 1, 2, 4 ... 300 s, each made longer or shorter by up to a quarter."""
    if error.reason == "deferred":
        return clock.now() + timedelta(seconds=max(error.retry_after or 0.0, A_DAY))
    if error.retry_after is not None:
        return clock.now() + timedelta(seconds=error.retry_after)
    return clock.now() + timedelta(seconds=min(2.0 ** max(attempts - 1, 0), 300.0) * random.uniform(0.75, 1.25))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
