"""Who may be the same person? Found in sets by SQL on digests, or by agents; shown to people, never applied by score.

Problem
+-- AlreadyOne  409 already_one  proposed were two ids of one person
+-- Decided     409 settled      somebody has decided on the pair
+-- BadTime     400 bad_time     put off into the past, or for more than a year
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from common import clock
from common.crypto import blind_all
from common.ids import earliest
from common.problems import Problem
from customers import audit, clusters, distinct, merging, news, normalise, suggestions_sql
from customers.merging import Merged
from customers.models import Customer, Distinct, Identity, Link, MatchSuggestion, Observation
from customers.namespaces import Namespace
from customers.normalise import Key

MODEL_VERSION = 1
# One table of weights; tune it on the labelled pairs of the bench, and raise the version.
WEIGHTS = {
    "proposed": 0.8,
    "exact": 0.9,
    "browser": 0.6,
    "variant": 0.85,
    "tail_name": 0.7,
    "local_name": 0.6,
    "name_city": 0.3,
}
SHOWN_FROM = 0.5
MOMENT = timedelta(seconds=5)  # what was said so shortly before a rejection was said by it
WEEK, YEAR = timedelta(days=7), timedelta(days=366)
BATCH = 500  # newcomers looked at in one statement

withdraw = distinct.withdraw

WORDS = {
    "proposed": "an agent thinks so",
    "browser": "the same browser, some days apart",
    "exact": "the same {0}",
    "variant": "the same {0} in another form",
    "tail_name": "the same last 8 digits of a phone, and the same name",
    "local_name": "the same e-mail name at another domain, and the same name",
    "name_city": "the same name and city",
}


NAMES = {"phone": "phone number", "email": "e-mail address", "customer_number": "customer number"}


class AlreadyOne(Problem):
    code, title, status = "already_one", "They are one person already.", 409


class Decided(Problem):
    code, title, status = "settled", "Somebody has settled this already.", 409


class BadTime(Problem):
    code, title, status = "bad_time", "Put it off until a time within a year.", 400


def refresh(customer: Customer) -> int:
    """Looks for others like this one; returns how many pairs were written."""
    return _find([customer.root_id])


def refresh_recent(minutes: float = 3) -> int:
    """Looks at who got an address or a name within the last minutes; returns how many pairs were written."""
    since = earliest(datetime.now(UTC) - timedelta(minutes=minutes))
    addressed = Identity.objects.filter(public_id__gte=since).values_list("customer__root_id", flat=True)
    heard = Observation.objects.filter(public_id__gte=since, key__in=("name", "city"))
    roots = {*addressed, *heard.values_list("customer__root_id", flat=True)}
    ordered = sorted(roots)
    return sum(_find(ordered[start : start + BATCH]) for start in range(0, len(ordered), BATCH))


def refresh_all() -> int:
    """Looks at everybody; the nightly run."""
    suggestions_sql.clear()
    return _find(None)


def note(one: Customer, other: Customer, *, rule: str) -> None:
    """Something that no search finds makes two look alike; who was parted or rejected is not offered again."""
    low, high = clusters.ordered(one.root_id, other.root_id)
    if low != high and not distinct.between(low, high).exists():
        fields = {"score": WEIGHTS[rule], "features": {rule: ""}, "model_version": MODEL_VERSION}
        MatchSuggestion.objects.get_or_create(a_id=low, b_id=high, defaults=fields)
        news.tell(low, high)


def propose(*, one: Customer, other: Customer, by: str, note: str = "") -> MatchSuggestion:
    """A person who may not join them thinks that these two are one: it stands in the queue, with who says so and why.

    `merging.DistinctPair` if somebody has decided that they are two; `AlreadyOne`, `merging.Gone` if there is no pair.
    """
    if one.root_id == other.root_id:
        raise AlreadyOne()
    if Customer.Status.ERASED in (one.root.status, other.root.status):
        raise merging.Gone()
    if distinct.between(one.root_id, other.root_id).exists():
        raise merging.DistinctPair()
    low, high = clusters.ordered(one.root_id, other.root_id)
    with transaction.atomic():
        new = {"score": WEIGHTS["proposed"], "model_version": MODEL_VERSION}
        found, _is_new = MatchSuggestion.objects.select_for_update().get_or_create(a_id=low, b_id=high, defaults=new)
        found.features = {**found.features, "proposed": ""}
        found.score = max(found.score, WEIGHTS["proposed"])
        found.status, found.snoozed_until = MatchSuggestion.Status.OPEN, None
        found.proposed_by, found.note = by, note.strip()[:500] or None
        found.save(update_fields=["features", "score", "status", "snoozed_until", "proposed_by", "note"])
        news.tell(low, high)
    return found


def accept(*, suggestion: MatchSuggestion, actor: str, request_id: str) -> Merged:
    """A person says yes: the two are joined, and what else was suggested of them is looked at again. `Decided`."""
    _expect_waiting(MatchSuggestion.objects.get(pk=suggestion.pk))
    with override("en"):  # the ledger keeps them in one language
        reasons = evidence(suggestion)
    done = merging.merge(
        a=suggestion.a,
        b=suggestion.b,
        kind=Link.Kind.MANUAL,
        rule=Link.ACCEPTED,
        actor=actor,
        request_id=request_id,
        reason=suggestion.note or "",
        evidence={"suggestion": str(suggestion.public_id), "score": suggestion.score, "reasons": reasons},
    )
    _decide(suggestion, MatchSuggestion.Status.ACCEPTED, actor)
    suggestions_sql.clear([done.root.pk])
    refresh(done.root)
    return done


def reject(*, suggestion: MatchSuggestion, actor: str, reason: str = "") -> None:
    """A person says that they are two: no rule joins them, and nobody is asked again. Of one person it says nothing.

    `Decided` if somebody was faster.
    """
    with transaction.atomic():
        _expect_waiting(MatchSuggestion.objects.select_for_update().get(pk=suggestion.pk))
        said = distinct.say(one=suggestion.a, other=suggestion.b, by=actor, reason=reason)
        _decide(suggestion, MatchSuggestion.Status.REJECTED if said else MatchSuggestion.Status.EXPIRED, actor)


def reopen(*, suggestion: MatchSuggestion, actor: str) -> None:
    """Takes a rejection back: the pair waits again, and is not two people by that decision any more. `Decided`."""
    with transaction.atomic():
        found = MatchSuggestion.objects.select_for_update().get(pk=suggestion.pk)
        if found.status != MatchSuggestion.Status.REJECTED or found.decided_at is None:
            raise Decided()
        since = found.decided_at - MOMENT
        said = Distinct.objects.filter(a_id=found.a_id, b_id=found.b_id, by=found.decided_by, at__gte=since)
        said.filter(at__lte=found.decided_at).delete()
        found.status, found.decided_by, found.decided_at = MatchSuggestion.Status.OPEN, "", None
        found.save(update_fields=["status", "decided_by", "decided_at"])
        audit.record(actor=actor, action="suggestion.reopen", object_id=str(found.public_id))
        news.tell(found.a_id, found.b_id)


def snooze(*, suggestion: MatchSuggestion, until: datetime | None = None, actor: str) -> None:
    """Not now: hidden until then (a week if nobody says when). `Decided` or `BadTime`."""
    now = clock.now()
    due = until or now + WEEK
    if not now < due <= now + YEAR:
        raise BadTime()
    with transaction.atomic():
        _expect_waiting(MatchSuggestion.objects.select_for_update().get(pk=suggestion.pk))
        suggestion.snoozed_until = due
        suggestion.status, suggestion.decided_by = MatchSuggestion.Status.SNOOZED, actor
        suggestion.save(update_fields=["snoozed_until", "status", "decided_by"])
        news.tell(suggestion.a_id, suggestion.b_id)


def of(customer: Customer) -> Sequence[MatchSuggestion]:
    """What is suggested of this person, the likeliest first."""
    root = customer.root_id
    rows = MatchSuggestion.objects.shown().filter(Q(a__root_id=root) | Q(b__root_id=root))
    return list(rows.select_related("a__root", "b__root").order_by("-score", "-id")[:20])


def evidence(suggestion: MatchSuggestion) -> list[str]:
    """The reasons in words of the reader's language, the weightiest first."""
    found = [(WORDS.get(rule, rule), NAMES.get(suggestion.features[rule], "")) for rule in rules(suggestion)]
    said = [_(words).format(_(name) if name else "") for words, name in found]
    return [text[:1].upper() + text[1:] for text in said]


def rules(suggestion: MatchSuggestion) -> list[str]:
    """By which rules the two were found, in the order of `evidence`."""
    return sorted(suggestion.features, key=lambda rule: -WEIGHTS.get(rule, 0))


def _find(roots: Sequence[int] | None) -> int:
    return suggestions_sql.find(
        only=roots,
        variants=_variants(roots) if roots is not None else (),
        weights=WEIGHTS,
        least=SHOWN_FROM,
        version=MODEL_VERSION,
    )


def _variants(roots: Sequence[int]) -> list[clusters.Pair]:
    """Others who have one of these phones in another form (a Brazilian ninth digit): digests cannot tell."""
    wanted: dict[str, set[int]] = {}
    held = Identity.objects.live().filter(customer__root_id__in=roots, namespace=Namespace.PHONE)
    for row in held.select_related("customer"):
        key = normalise.key(row.namespace, row.raw, from_provider=True)
        forms = normalise.variants(key) - {key.value} if isinstance(key, Key) else frozenset()
        for digest in (digest for form in forms for digest in blind_all(Namespace.PHONE, "", value=form)):
            wanted.setdefault(digest, set()).add(row.customer.root_id)
    found = Identity.objects.live().keyed(namespace=Namespace.PHONE, scope="", keys=list(wanted))
    pairs: dict[str, set[clusters.Pair]] = {}
    for digest, other in found.values_list("key", "customer__root_id"):
        near = {clusters.ordered(one, other) for one in wanted[digest] if one != other}
        pairs[digest] = pairs.get(digest, set()) | near
    return sorted({pair for near in pairs.values() if len(near) <= suggestions_sql.BLOCK_MAX for pair in near})


def _expect_waiting(found: MatchSuggestion) -> None:
    if found.status not in (MatchSuggestion.Status.OPEN, MatchSuggestion.Status.SNOOZED):
        raise Decided()


def _decide(suggestion: MatchSuggestion, status: str, actor: str) -> None:
    suggestion.status, suggestion.decided_by, suggestion.decided_at = status, actor, clock.now()
    suggestion.save(update_fields=["status", "decided_by", "decided_at"])
    news.tell(suggestion.a_id, suggestion.b_id)
