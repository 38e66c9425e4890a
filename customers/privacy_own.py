"""What does this app hold of a person, besides their name on the blank row that stays?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model, Q, QuerySet

from common import checkups, clock
from customers import attributes, mapping_kept, tombstone_log
from customers.audit import SCRUBBED
from customers.models import (
    Attribute,
    AuditEntry,
    Challenge,
    Conflict,
    Consent,
    Customer,
    Distinct,
    Erasure,
    Identity,
    Link,
    MatchSuggestion,
    MergeEvent,
    Observation,
)
from customers.privacy import ORIGIN, PROJECTION, Person, Rows, Store, exempt, moment, register
from customers.privacy_rows import blank, drop

PAIR = "(t.a_id = ANY(%s) OR t.b_id = ANY(%s))"
# The raw tables of imports have no models; they are not indexed by address, for they live for minutes.
STAGED = """
WITH mine AS (SELECT DISTINCT import_id, row FROM customers_importkey WHERE key = ANY(%s)),
keys AS (DELETE FROM customers_importkey t USING mine WHERE (t.import_id, t.row) = (mine.import_id, mine.row)
         RETURNING 1),
said AS (DELETE FROM customers_importvalue t USING mine WHERE (t.import_id, t.row) = (mine.import_id, mine.row)
         RETURNING 1),
gone AS (DELETE FROM customers_importrow t USING mine WHERE (t.import_id, t.row) = (mine.import_id, mine.row)
         RETURNING 1)
SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM said) + (SELECT count(*) FROM gone)
"""


def ready() -> None:
    """Called once, when Django is ready."""
    register("customers", _stores())
    checkups.register("erasures", _known)
    checkups.register_backlog("erasing", _oldest, warn=900.0, fail=86_400.0)
    exempt("customers.MergeEvent", "ids of blank rows; what somebody wrote goes with the evidence of the links")


def _known() -> checkups.Finding:
    """Has a backup been restored that is older than an erasure?"""
    if missing := tombstone_log.missing():
        text = f"{len(missing)} erasures are newer than this database"
        return checkups.Finding("FAIL", text, "Run `manage.py replay_tombstones`.")
    return checkups.Finding("OK", "whoever was erased is unknown here")


def _oldest() -> float | None:
    begun = Erasure.objects.filter(state=Erasure.State.RUNNING).order_by("pk").values_list("created_at", flat=True)
    first = begun.first()
    return (clock.now() - first).total_seconds() if first else None


def _stores() -> list[Store]:
    pair = {"a": ORIGIN, "b": ORIGIN}
    return [
        Store("codes and links", {Challenge: {}}, _challenges),
        Store("suggestions", {MatchSuggestion: pair, Distinct: pair}, _pairs),
        Store("conflicts", {Conflict: {"customer": ORIGIN}}, _conflicts, _said_conflicts),
        Store("evidence of links", {Link: pair}, _evidence, _said_links),
        Store("reasons in the audit", {AuditEntry: {}}, _reasons),
        Store("rows of imports", {}, _staged),
        Store("consent", {Consent: {}}, _consent, _said_consent),
        Store("attributes", {Attribute: {"root": PROJECTION}}, _attributes),
        Store("observations", {Observation: {"customer": ORIGIN}}, _observations, _said_observations),
        Store("identities", {Identity: {"customer": ORIGIN}, Customer: {"root": PROJECTION}}, _identities, _addresses),
    ]


# --- erase ------------------------------------------------------------------------------------------------------------


def _challenges(person: Person, limit: int) -> int:
    held = list(person.identities)
    return drop(Challenge, "(t.opener_id = ANY(%s) OR t.arrival_id = ANY(%s))", [held, held], limit)


def _pairs(person: Person, limit: int) -> int:
    mine = list(person.members)
    return drop(MatchSuggestion, PAIR, [mine, mine], limit) + drop(Distinct, PAIR, [mine, mine], limit)


def _conflicts(person: Person, limit: int) -> int:
    """Theirs, and others' that name them as a candidate."""
    ids = [str(one) for one in person.customers]
    named = "(t.customer_id = ANY(%s) OR t.candidates ?| %s::text[])"
    return drop(Conflict, named, [list(person.members), ids], limit)


def _evidence(person: Person, limit: int) -> int:
    """That they were joined once stays, as ids; what anybody wrote about it goes."""
    mine = list(person.members)
    told = "EXISTS (SELECT 1 FROM customers_link l WHERE l.id = t.link_id AND (l.a_id = ANY(%s) OR l.b_id = ANY(%s)))"
    named = "(t.root_before || t.root_after) @> ANY(SELECT to_jsonb(m) FROM unnest(%s::bigint[]) m)"
    free = f"t.reason <> '' AND t.kind IN ('merge', 'split', 'transfer') AND ({told} OR {named})"
    words = blank(MergeEvent, "reason = ''", free, [mine, mine, mine], limit)
    facts = f"{PAIR} AND (t.evidence <> '{{}}' OR t.reason <> '')"
    return words + blank(Link, "evidence = '{}', reason = ''", facts, [mine, mine], limit)


def _reasons(person: Person, limit: int) -> int:
    """What staff wrote as a reason about them; who did what, and when, stays."""
    change = f"reason = '{SCRUBBED}'"
    about = f"t.object_id = ANY(%s) AND t.reason NOT IN ('', '{SCRUBBED}')"
    return blank(AuditEntry, change, about, [_ids(person)], limit)


def _ids(person: Person) -> list[str]:
    """What the audit may call them: their own ids, those of their addresses and links."""
    links = Link.objects.filter(Q(a_id__in=person.members) | Q(b_id__in=person.members))
    held = Identity.objects.filter(pk__in=person.identities)
    found = [*person.customers, *links.values_list("public_id", flat=True), *held.values_list("public_id", flat=True)]
    return [str(one) for one in found]


def _staged(person: Person, limit: int) -> int:
    """Rows of files that are being imported and name one of their addresses."""
    keys = list(Identity.objects.filter(pk__in=person.identities).values_list("key", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(STAGED, [keys])
        rows = int(cursor.fetchone()[0])
    return rows + mapping_kept.erase(Identity.objects.filter(pk__in=person.identities))


def _consent(person: Person, limit: int) -> int:
    return drop(Consent, "t.identity_id = ANY(%s)", [list(person.identities)], limit)


def _attributes(person: Person, limit: int) -> int:
    return drop(Attribute, "t.root_id = ANY(%s)", [list(person.members)], limit)


def _observations(person: Person, limit: int) -> int:
    """What was said of them, and by them of somebody they were taken for: that one is shown without it."""
    heard = _heard_of_others(person)
    touched = list(heard.values_list("customer__root_id", "key").distinct()[:limit])
    Attribute.objects.filter(observation__in=heard).delete()
    gone = drop(Observation, "t.identity_id = ANY(%s)", [list(person.identities)], limit)
    for root_id, key in touched:
        attributes.resolve(root_id, [key])
    return gone + drop(Observation, "t.customer_id = ANY(%s)", [list(person.members)], limit)


def _heard_of_others(person: Person) -> QuerySet[Observation]:
    return Observation.objects.filter(identity__in=person.identities).exclude(customer__in=person.members)


def _identities(person: Person, limit: int) -> int:
    """The last to go: what finds everything else."""
    mine = list(person.members)
    Identity.objects.filter(customer_id__in=mine, endpoint__isnull=False).update(endpoint=None)
    return drop(Identity, "t.customer_id = ANY(%s)", [mine], limit)


# --- export -----------------------------------------------------------------------------------------------------------


def _addresses(person: Person) -> Rows:
    for row in Identity.objects.filter(customer__in=person.members).order_by("pk").iterator(500):
        yield {
            "namespace": row.namespace,
            "scope": row.scope,
            "value": row.raw,
            "display": row.display,
            "proof": row.proof,
            "proven_at": moment(row.proven_at),
            "from": moment(row.valid_from),
            "until": moment(row.valid_to),
        }


def _said_observations(person: Person) -> Rows:
    """Every word on every attribute, with where it came from; `shown`: it is what holds now."""
    held = set(Attribute.objects.filter(root__members__in=person.members).values_list("observation_id", flat=True))
    for row in Observation.objects.filter(customer__in=person.members).order_by("pk").iterator(500):
        yield {
            "key": row.key,
            "value": row.value,
            "source": _source(row.source),
            "occurred_at": moment(row.occurred_at),
            "recorded_at": moment(row.recorded_at),
            "is_shown": row.pk in held,
        }


def _said_consent(person: Person) -> Rows:
    rows = Consent.objects.filter(identity__in=person.identities).select_related("identity").order_by("pk")
    for row in rows.iterator(500):
        yield {
            "namespace": row.identity.namespace,
            "value": row.identity.raw,
            "purpose": row.purpose,
            "state": row.state,
            "occurred_at": moment(row.occurred_at),
            "evidence": {name: _source(str(value)) for name, value in row.evidence.items()},
        }


def _said_links(person: Person) -> Rows:
    mine = _either(Link, person)
    for row in mine.select_related("a", "b").order_by("pk").iterator(500):
        ends = [str(one.public_id) for one in (row.a, row.b) if one.pk in person.members]
        yield {"customers": ends, "rule": row.rule, "at": moment(row.decided_at), "undone_at": moment(row.revoked_at)}


def _said_conflicts(person: Person) -> Rows:
    for row in Conflict.objects.filter(customer__in=person.members).order_by("pk").iterator(500):
        subject = row.subject.partition(":")[0]
        yield {"kind": row.kind, "about": subject, "status": row.status, "opened_at": moment(row.opened_at)}


def _either(model: type[Model], person: Person) -> QuerySet[Any]:
    both: Mapping[str, Any] = {"a_id__in": person.members, "b_id__in": person.members}
    return model._default_manager.filter(**both)


def _source(text: str) -> str:
    """Staff are not named to customers."""
    return "staff" if text.startswith(("agent:", "user:")) else text
