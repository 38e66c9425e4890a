"""Who may be the same person? Found in sets by SQL on digests, or by agents; shown to people, never applied by score.

Problem
+-- AlreadyOne  409 already_one  proposed were two ids of one person
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from common import clock
from common.crypto import blind_all
from common.ids import earliest
from common.problems import Problem
from customers import clusters, merging, news, normalise
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
BLOCK_MAX = 20  # a value that more customers share says nothing: "maria silva", an office's phone

WORDS = {
    "proposed": "an agent thinks so",
    "browser": "the same browser, some days apart",
    "exact": "the same {0}",
    "variant": "the same {0} in another form",
    "tail_name": "the same last 8 digits of a phone, and the same name",
    "local_name": "the same e-mail name at another domain, and the same name",
    "name_city": "the same name and city",
}

# `only` narrows the blocks to those of some roots; NULL means everybody.
PAIRS = """
WITH live AS (
    SELECT i.namespace, i.scope, i.key, i.phone_tail, i.email_local, i.routable, c.root_id
    FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    JOIN customers_customer r ON r.id = c.root_id
    WHERE i.valid_to IS NULL AND NOT i.shared AND r.status = 'active'
), held AS (
    SELECT n.root_id, n.match_key AS name, ci.match_key AS city
    FROM customers_attribute n LEFT JOIN customers_attribute ci ON ci.root_id = n.root_id AND ci.key = 'city'
    WHERE n.key = 'name' AND n.match_key <> ''
), blocks AS (
    SELECT 'exact' AS rule, namespace AS by, namespace || scope || key AS block, root_id, bool_or(routable) AS strong
    FROM live WHERE namespace IN ('phone', 'email', 'customer_number') GROUP BY 2, 3, 4
    UNION ALL
    SELECT 'tail_name', 'phone', live.phone_tail || held.name, root_id, true
    FROM live JOIN held USING (root_id) WHERE live.phone_tail <> '' GROUP BY 3, 4
    UNION ALL
    SELECT 'local_name', 'email', live.email_local || held.name, root_id, true
    FROM live JOIN held USING (root_id) WHERE live.email_local <> '' GROUP BY 3, 4
    UNION ALL
    SELECT 'name_city', 'name', held.name || held.city, root_id, true FROM held WHERE held.city <> ''
), wanted AS (
    SELECT rule, block FROM blocks GROUP BY rule, block
    HAVING count(*) BETWEEN 2 AND %(most)s AND (%(only)s::bigint[] IS NULL OR bool_or(root_id = ANY(%(only)s)))
), given AS (
    SELECT a, b, 'variant' AS rule, 'phone' AS by FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS v(a, b)
), found AS (
    SELECT * FROM given
    UNION ALL
    SELECT x.root_id AS a, y.root_id AS b, x.rule, min(x.by) AS by
    FROM wanted w JOIN blocks x USING (rule, block) JOIN blocks y USING (rule, block)
    WHERE x.root_id < y.root_id AND (x.strong OR y.strong)
      AND (%(only)s::bigint[] IS NULL OR x.root_id = ANY(%(only)s) OR y.root_id = ANY(%(only)s))
    GROUP BY 1, 2, 3
), scored AS (
    SELECT a, b, max((%(weights)s::jsonb ->> rule)::float) AS score, jsonb_object_agg(rule, by) AS features
    FROM found GROUP BY a, b
)
INSERT INTO customers_matchsuggestion
    (public_id, a_id, b_id, score, features, model_version, status, found_at, decided_by, proposed_by)
SELECT gen_random_uuid(), a, b, score, features, %(version)s, 'open', %(now)s, '', '' FROM scored s
WHERE score >= %(least)s
  AND NOT EXISTS (
    SELECT 1 FROM customers_distinct d JOIN customers_customer x ON x.id = d.a_id
    JOIN customers_customer y ON y.id = d.b_id
    WHERE (x.root_id, y.root_id) IN ((s.a, s.b), (s.b, s.a)))
  AND NOT EXISTS (
    SELECT 1 FROM customers_identity i JOIN customers_customer x ON x.id = i.customer_id
    JOIN customers_identity j ON j.namespace = i.namespace AND j.scope = i.scope AND j.key <> i.key
    JOIN customers_customer y ON y.id = j.customer_id
    WHERE x.root_id = s.a AND y.root_id = s.b AND i.namespace IN ('site_user', 'customer_number')
      AND i.valid_to IS NULL AND j.valid_to IS NULL)
ON CONFLICT (a_id, b_id) DO UPDATE SET
    score = CASE WHEN customers_matchsuggestion.proposed_by = '' THEN excluded.score
                 ELSE greatest(excluded.score, (%(weights)s::jsonb ->> 'proposed')::float) END,
    features = excluded.features || CASE WHEN customers_matchsuggestion.proposed_by = '' THEN '{}'::jsonb
                                         ELSE '{"proposed": ""}'::jsonb END,
    model_version = excluded.model_version,
    status = CASE WHEN customers_matchsuggestion.status IN ('expired', 'accepted') THEN 'open'
                  ELSE customers_matchsuggestion.status END
WHERE customers_matchsuggestion.status <> 'rejected'
"""

EXPIRE = """
UPDATE customers_matchsuggestion s SET status = 'expired'
FROM customers_customer a, customers_customer b
WHERE a.id = s.a_id AND b.id = s.b_id AND s.status IN ('open', 'snoozed')
  AND (a.root_id = b.root_id OR a.status <> 'active' OR b.status <> 'active')
"""


class AlreadyOne(Problem):
    code, title, status = "already_one", "They are one person already.", 409


def refresh(customer: Customer) -> int:
    """Looks for others like this one; returns how many pairs were written."""
    return _find([customer.root_id], _variants(customer.root_id))


def refresh_recent(minutes: float = 3) -> int:
    """Looks at who got an address or a name within the last minutes; returns how many pairs were written."""
    since = earliest(datetime.now(UTC) - timedelta(minutes=minutes))
    addressed = Identity.objects.filter(public_id__gte=since).values_list("customer__root_id", flat=True)
    heard = Observation.objects.filter(public_id__gte=since, key__in=("name", "city"))
    roots = {*addressed, *heard.values_list("customer__root_id", flat=True)}
    return sum(refresh(customer) for customer in Customer.objects.filter(pk__in=roots).order_by("pk"))


def refresh_all() -> int:
    """Looks at everybody; the nightly run."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRE)
    return _find(None)


def note(one: Customer, other: Customer, *, rule: str) -> None:
    """Something that no search finds makes two look alike; who was parted or rejected is not offered again."""
    low, high = clusters.ordered(one.root_id, other.root_id)
    if not Distinct.objects.filter(a_id=low, b_id=high).exists():
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
    if _are_distinct(one.root_id, other.root_id):
        raise merging.DistinctPair()
    low, high = clusters.ordered(one.root_id, other.root_id)
    with transaction.atomic():
        new = {"score": WEIGHTS["proposed"], "model_version": MODEL_VERSION}
        found, _ = MatchSuggestion.objects.select_for_update().get_or_create(a_id=low, b_id=high, defaults=new)
        found.features = {**found.features, "proposed": ""}
        found.score = max(found.score, WEIGHTS["proposed"])
        found.status, found.snoozed_until = MatchSuggestion.Status.OPEN, None
        found.proposed_by, found.note = by, note.strip()[:500] or None
        found.save(update_fields=["features", "score", "status", "snoozed_until", "proposed_by", "note"])
        news.tell(low, high)
    return found


def accept(*, suggestion: MatchSuggestion, actor: str, request_id: str) -> Merged:
    """A person says yes: the two are joined, and what else was suggested of them is looked at again."""
    done = merging.merge(
        a=suggestion.a,
        b=suggestion.b,
        kind=Link.Kind.MANUAL,
        rule="suggestion",
        actor=actor,
        request_id=request_id,
        evidence={"suggestion": str(suggestion.public_id), "score": suggestion.score},
    )
    _decide(suggestion, MatchSuggestion.Status.ACCEPTED, actor)
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE)
    refresh(done.root)
    return done


def reject(*, suggestion: MatchSuggestion, actor: str, reason: str = "") -> None:
    """A person says that they are two: no rule joins them, and nobody is asked again."""
    with transaction.atomic():
        low, high = clusters.ordered(suggestion.a_id, suggestion.b_id)
        Distinct.objects.get_or_create(a_id=low, b_id=high, defaults={"by": actor, "reason": reason[:200]})
        _decide(suggestion, MatchSuggestion.Status.REJECTED, actor)


def snooze(*, suggestion: MatchSuggestion, until: datetime | None = None, actor: str) -> None:
    """Not now: hidden until then (a week if nobody says when)."""
    suggestion.snoozed_until = until or clock.now() + timedelta(days=7)
    suggestion.status, suggestion.decided_by = MatchSuggestion.Status.SNOOZED, actor
    suggestion.save(update_fields=["snoozed_until", "status", "decided_by"])
    news.tell(suggestion.a_id, suggestion.b_id)


def of(customer: Customer) -> Sequence[MatchSuggestion]:
    """What is suggested of this person, the likeliest first."""
    root = customer.root_id
    rows = MatchSuggestion.objects.shown().filter(Q(a__root_id=root) | Q(b__root_id=root))
    return list(rows.select_related("a__root", "b__root").order_by("-score", "-id")[:20])


def evidence(suggestion: MatchSuggestion) -> list[str]:
    """The reasons in words, the weightiest first."""
    rules = sorted(suggestion.features, key=lambda rule: -WEIGHTS.get(rule, 0))
    names = {"phone": "phone number", "email": "e-mail address", "customer_number": "customer number"}
    said = [WORDS.get(rule, rule).format(names.get(suggestion.features[rule], "")) for rule in rules]
    return [text[:1].upper() + text[1:] for text in said]


def _variants(root_id: int) -> list[clusters.Pair]:
    """Others who have one of this person's phones in another form (a Brazilian ninth digit): digests cannot tell."""
    pairs = set()
    for row in Identity.objects.live().of_cluster(root_id).filter(namespace=Namespace.PHONE):
        key = normalise.key(row.namespace, row.raw, from_provider=True)
        forms = normalise.variants(key) - {key.value} if isinstance(key, Key) else frozenset()
        digests = [digest for form in forms for digest in blind_all(Namespace.PHONE, "", value=form)]
        others = Identity.objects.live().keyed(namespace=Namespace.PHONE, scope="", keys=digests)
        roots = others.exclude(customer__root_id=root_id).values_list("customer__root_id", flat=True)
        pairs |= {clusters.ordered(root_id, other) for other in roots[:BLOCK_MAX]}
    return sorted(pairs)


def _find(roots: Sequence[int] | None, variants: Sequence[clusters.Pair] = ()) -> int:
    values = {
        "a": [a for a, _ in variants],
        "b": [b for _, b in variants],
        "only": list(roots) if roots is not None else None,
        "most": BLOCK_MAX,
        "least": SHOWN_FROM,
        "weights": json.dumps(WEIGHTS),
        "version": MODEL_VERSION,
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, values)
        return int(cursor.rowcount)


def _are_distinct(one: int, other: int) -> bool:
    there, back = Q(a__root_id=one, b__root_id=other), Q(a__root_id=other, b__root_id=one)
    return Distinct.objects.filter(there | back).exists()


def _decide(suggestion: MatchSuggestion, status: str, actor: str) -> None:
    suggestion.status, suggestion.decided_by, suggestion.decided_at = status, actor, clock.now()
    suggestion.save(update_fields=["status", "decided_by", "decided_at"])
    news.tell(suggestion.a_id, suggestion.b_id)
