"""What do the channels hold of a person? Raw events, browsers, tries to send; in a demo, the pretended providers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q

from channels_app.gateway.models import DirectPlace
from channels_app.models import Attempt, InboundEvent, RecipientPace, SpentToken, Visit
from channels_app.registry import safe_key
from channels_app.sandbox import held as sandbox
from common import clock
from common.crypto import blind_all
from conversations.models import ConversationEvent
from customers.privacy import Person, Rows, Store, exempt, moment, register
from customers.privacy_rows import drop

State = InboundEvent.State
UNSPLIT = 500  # calls that wait in quarantine whole, looked through at a time
SHORTEST = 5  # characters of an address that is looked for in such a call

# The raw copies of their words, found by the events that tell of these, and everything from the same senders. One scan:
# bodies live for days, so no index pays for itself on every webhook.
FORGET = """
WITH told AS (
    SELECT DISTINCT ch.id AS channel_id, e.source_event_id AS key
    FROM conversations_conversationevent e JOIN channels_app_channel ch ON ch.key = e.source
    WHERE e.customer_id = ANY(%(members)s) AND e.source <> '' AND e.source_event_id <> ''
), theirs AS (
    SELECT i.id, i.handle FROM channels_app_inboundevent i JOIN told t ON t.channel_id = i.channel_id AND t.key = i.key
), known AS (
    SELECT handle FROM theirs UNION SELECT unnest(%(handles)s::text[])
)
UPDATE channels_app_inboundevent i SET body = NULL, error = '',
    state = CASE WHEN i.state = 'quarantined' THEN 'done' ELSE i.state END,
    outcome = CASE WHEN i.state = 'quarantined' THEN 'erased' ELSE i.outcome END
WHERE i.body IS NOT NULL AND i.state <> 'pending' AND (
    i.id IN (SELECT id FROM theirs) OR (i.handle IN (SELECT handle FROM known) AND i.occurred_at <= %(until)s))
"""


def ready() -> None:
    """Called once, when Django is ready."""
    stores = [
        Store("raw events", {InboundEvent: {}}, _raw, _said_raw),
        Store("tries to send", {Attempt: {}, RecipientPace: {}}, _attempts),
        Store("browsers", {Visit: {}, SpentToken: {}, DirectPlace: {}}, _visits, _said_visits),
    ]
    register("channels_app", [*stores, *sandbox.stores()], cut=_cut)
    exempt("channels_app.InboundKey", "a provider's id of an event, kept so that nothing is heard twice")


def _cut(person: Person) -> None:
    """Browsers are signed out at once; their sockets notice within seconds."""
    _of(person).filter(ended_at__isnull=True).update(ended_at=clock.now())


def _of(person: Person) -> Any:
    return Visit.objects.filter(Q(visitor_id__in=person.identities) | Q(person_id__in=person.identities))


def _raw(person: Person, limit: int) -> int:
    values: dict[str, Any] = {"members": list(person.members), "handles": _handles(person), "until": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(FORGET, values)
        found = int(cursor.rowcount)
    return found + _unsplit(person)


def _handles(person: Person) -> list[str]:
    """The digests by which the inbox orders their events: providers name people in one of these ways."""
    ways = {str(pk) for pk in person.identities}
    for raw in person.addresses:
        ways |= {raw, raw.lstrip("+"), raw.lower(), f"+{raw.lstrip('+')}"}
    return [digest for way in ways for digest in blind_all("handle", value=safe_key(way))]


def _unsplit(person: Person) -> int:
    """A call that nobody could read is kept whole, of whomever: one that names an address of theirs goes."""
    named = [raw.lstrip("+").lower() for raw in person.addresses if len(raw) >= SHORTEST]
    rows = InboundEvent.objects.filter(state=State.QUARANTINED, body__isnull=False).order_by("-pk")[:UNSPLIT]
    hit = [row.pk for row in rows if _names(row.body or "", named)]
    done = {"body": None, "error": "", "state": State.DONE, "outcome": "erased"}
    return InboundEvent.objects.filter(pk__in=hit).update(**done)


def _names(body: str, named: Iterable[str]) -> bool:
    text = body.lower()
    return any(one in text for one in named)


def _attempts(person: Person, limit: int) -> int:
    sent = "t.delivery_id IN (SELECT id FROM conversations_delivery d WHERE d.customer_id = ANY(%s)"
    sent += " OR d.identity_id = ANY(%s))"
    held = list(person.identities)
    tries = drop(Attempt, sent, [list(person.members), held], limit)
    return tries + drop(RecipientPace, "t.identity_id = ANY(%s)", [held], limit)


def _visits(person: Person, limit: int) -> int:
    visits = list(_of(person).values_list("pk", flat=True)[:limit])
    found = SpentToken.objects.filter(visit_id__in=visits).delete()[0]
    found += drop(Visit, "t.id = ANY(%s)", [visits], limit)
    return found + drop(DirectPlace, "t.handle = ANY(%s)", [_handles(person)], limit)


def _said_visits(person: Person) -> Rows:
    for row in _of(person).order_by("pk").iterator(500):
        yield {"channel": row.channel_id, "from": moment(row.created_at), "last_seen_at": moment(row.last_seen_at)}


def _said_raw(person: Person) -> Rows:
    """What providers said of them, as long as it is kept; the words are among the messages."""
    told = ConversationEvent.objects.filter(customer__in=person.members).exclude(source="")
    for source, key, at in told.order_by("pk").values_list("source", "source_event_id", "occurred_at").iterator(500):
        yield {"channel": source, "event": key, "occurred_at": moment(at)}
