"""Which statements does a merge run? Written out: the ORM takes longer to build them than Postgres to run them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common import clock, rows
from customers.models import Attribute, Customer, Link, MergeEvent
from customers.namespaces import EXCLUSIVE, Namespace

HOUR = timedelta(hours=1)

# In ascending order for everybody; a plain FOR UPDATE would hold up every message that refers to the customer.
LOCK = f"""
SELECT {rows.columns(Customer, "root")} FROM customers_customer root
WHERE root.id IN (SELECT origin.root_id FROM customers_customer origin WHERE origin.id IN {{origins}})
ORDER BY root.id FOR NO KEY UPDATE OF root
"""
# The same, and then, if nobody holds one, the locks on what these show. Whoever observes something holds such a lock
# until their commit and may wait for ours, so we never wait for one, nor for a row while we have one.
LOCK_ALL = f"""
WITH held AS MATERIALIZED ({LOCK.format(origins="(%s, %s)")}), quiet AS MATERIALIZED (
    SELECT bool_and(pg_try_advisory_xact_lock(hashtextextended('attributes:' || n::text, 7))) AS is_quiet
    FROM unnest((SELECT array_agg(id) FROM held)) AS n
)
SELECT quiet.is_quiet, held.* FROM held CROSS JOIN quiet
"""
ROOTS = "SELECT id, root_id FROM customers_customer WHERE id = ANY(%s)"

# What decides whether two roots may be joined, in one look, after their locks. OFFSET 0 keeps the look-ups by index.
STANDING = """
WITH member AS MATERIALIZED (
    SELECT c.id, c.root_id, c.status FROM customers_customer c WHERE c.root_id IN (%(one)s, %(other)s)
), every AS MATERIALIZED (
    SELECT i.namespace, i.scope, i.key, i.routable, i.valid_to IS NULL AS is_live, member.root_id
    FROM member CROSS JOIN LATERAL (SELECT * FROM customers_identity f WHERE f.customer_id = member.id OFFSET 0) i
), linked AS MATERIALIZED (
    SELECT l.decided_at FROM member CROSS JOIN LATERAL (
        SELECT * FROM customers_link f WHERE f.a_id = member.id AND f.revoked_at IS NULL OFFSET 0
    ) l
), told AS (
    SELECT count(*) FILTER (WHERE is_live) AS live,
        coalesce(bool_or(routable AND namespace = ANY(%(exclusive)s)), false) AS is_known,
        bool_and(namespace = %(visitor)s) FILTER (WHERE routable) AS is_browser
    FROM every
)
SELECT
    (SELECT root_id FROM customers_customer WHERE id = %(a)s),
    (SELECT root_id FROM customers_customer WHERE id = %(b)s),
    (SELECT id FROM customers_mergeevent WHERE request_id = %(request_id)s),
    EXISTS (
        SELECT 1 FROM member x CROSS JOIN LATERAL (
            SELECT d.b_id FROM customers_distinct d WHERE d.a_id = x.id OFFSET 0
        ) d JOIN member y ON y.id = d.b_id WHERE x.root_id <> y.root_id
    ),
    told.is_known AND EXISTS (
        SELECT 1 FROM every i JOIN every j ON j.namespace = i.namespace AND j.scope = i.scope AND j.key <> i.key
        WHERE i.root_id = %(one)s AND j.root_id = %(other)s AND i.routable AND j.routable AND i.is_live AND j.is_live
          AND i.namespace = ANY(%(exclusive)s)
    ),
    (SELECT count(*) FROM linked),
    (SELECT count(*) FROM linked WHERE decided_at >= %(since)s),
    (SELECT count(*) FROM member),
    told.live,
    EXISTS (SELECT 1 FROM member WHERE status = 'erased'),
    CASE WHEN told.is_known THEN 'known' WHEN told.is_browser THEN 'anonymous' ELSE 'lead' END
FROM told
"""

# What the database alone knows of the ledger's row; a link that was there already is the one.
KNOWN_LATE = {
    "version": "joined.version",
    "link_id": """coalesce((SELECT id FROM link), (SELECT id FROM customers_link WHERE a_id = %(link_a_id)s
        AND b_id = %(link_b_id)s AND rule = %(link_rule)s AND revoked_at IS NULL))""",
}
NOTED = ", ".join(KNOWN_LATE.get(column, place) for column, place in rows.placed(MergeEvent, "event"))

# The link and all that follows from it. The lesser root's members point at the other one, which is told apart by its
# addresses as if it had always been so. Whatever suggested these two is answered by it, by whatever way they were
# joined. What only one side shows holds on, what both show has to be decided anew and is given back by key; nothing of
# it is touched while somebody observes. The ledger's row comes last, with the version that this makes.
JOIN = f"""
WITH link AS (
    INSERT INTO customers_link ({rows.written(Link)}) VALUES ({rows.places(Link, "link")})
    ON CONFLICT DO NOTHING RETURNING id
), moved AS (
    UPDATE customers_customer SET root_id = %(root)s WHERE root_id = %(lesser)s
), answered AS (
    UPDATE customers_matchsuggestion SET status = 'accepted', decided_by = %(actor)s, decided_at = %(now)s
    WHERE id IN (
        SELECT s.id FROM customers_customer x CROSS JOIN LATERAL (
            SELECT f.id, f.b_id FROM customers_matchsuggestion f
            WHERE f.a_id = x.id AND f.status IN ('open', 'snoozed') OFFSET 0
        ) s JOIN customers_customer y ON y.id = s.b_id
        WHERE x.root_id IN (%(root)s, %(lesser)s) AND y.root_id IN (%(root)s, %(lesser)s)
    )
), twice AS (
    DELETE FROM customers_attribute l USING customers_attribute w
    WHERE %(is_quiet)s AND l.root_id = %(lesser)s AND w.root_id = %(root)s AND w.key = l.key RETURNING l.key
), carried AS (
    UPDATE customers_attribute l SET root_id = %(root)s
    WHERE %(is_quiet)s AND l.root_id = %(lesser)s
      AND NOT EXISTS (SELECT 1 FROM customers_attribute w WHERE w.root_id = %(root)s AND w.key = l.key)
), joined AS (
    UPDATE customers_customer r SET
        version = r.version + 1, last_seen_at = greatest(r.last_seen_at, l.last_seen_at), kind = %(kind)s
    FROM customers_customer l WHERE r.id = %(root)s AND l.id = %(lesser)s RETURNING r.version, r.last_seen_at
)
INSERT INTO customers_mergeevent ({rows.written(MergeEvent)})
SELECT {NOTED} FROM joined
RETURNING id, link_id, version, (SELECT last_seen_at FROM joined), (SELECT id FROM link), ARRAY(SELECT key FROM twice)
"""
# As `clusters.grown` tells it while addresses come: what somebody only typed leaves a browser anonymous.
KIND = """
UPDATE customers_customer r SET kind = told.kind FROM (
    SELECT c.root_id, CASE WHEN bool_or(i.routable AND i.namespace = ANY(%(exclusive)s)) THEN 'known'
        WHEN bool_and(i.namespace = %(visitor)s) FILTER (WHERE i.routable) THEN 'anonymous' ELSE 'lead' END AS kind
    FROM customers_customer c LEFT JOIN customers_identity i ON i.customer_id = c.id
    WHERE c.root_id = ANY(%(roots)s) GROUP BY c.root_id
) told WHERE r.id = told.root_id AND r.kind <> told.kind RETURNING r.id
"""

KEYS = """
SELECT c.root_id, o.key FROM customers_customer c JOIN customers_observation o ON o.customer_id = c.id
WHERE c.root_id = ANY(%(roots)s)
UNION SELECT a.root_id, a.key FROM customers_attribute a WHERE a.root_id = ANY(%(roots)s)
"""
TRY_ATTRIBUTES = """
SELECT bool_and(pg_try_advisory_xact_lock(hashtextextended('attributes:' || r::text, 7))) FROM unnest(%s::bigint[]) AS r
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is between the roots of two origins, how much they hold together, and the ledger's row of the request.

    The roots are those of now: of others than were locked the rest says nothing.
    """

    one: int
    other: int
    event: int | None
    is_distinct: bool
    is_clash: bool
    links: int
    links_of_an_hour: int
    members: int
    identities: int
    is_erased: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join came to: the ids of the link and of the ledger's row, and the keys of which both said something."""

    event: int
    link: int
    version: int
    last_seen_at: datetime
    is_new: bool
    keys: list[str]


def locked(customer_ids: Iterable[int]) -> dict[int, Customer]:
    """The roots of these origins by id, locked; whether they still are the roots is `roots_of`'s to say."""
    origins, values = rows.listed(list(customer_ids))
    return {row.pk: row for row in rows.read(Customer, LOCK.format(origins=origins), values)}


def locked_quietly(a: int, b: int) -> tuple[dict[int, Customer], bool]:
    """The same for two origins, and the locks on what their clusters show: False if somebody holds one of those."""
    found = [(rows.made(Customer, values), is_quiet) for is_quiet, *values in rows.fetch(LOCK_ALL, [a, b])]
    return {row.pk: row for row, _ in found}, all(is_quiet for _, is_quiet in found)


def roots_of(customer_ids: Iterable[int]) -> dict[int, int]:
    """The root of each origin as of now."""
    return dict(rows.fetch(ROOTS, [list(customer_ids)]))


def standing(a: int, b: int, *, roots: Iterable[int], request_id: str = "") -> Standing:
    """The facts on which it depends whether the roots of two origins may be joined. One query."""
    one, *others = roots
    values = {"a": a, "b": b, "one": one, "other": others[0] if others else one, "request_id": request_id}
    values["since"] = clock.now() - HOUR
    return Standing(*rows.fetch(STANDING, values | _namespaces())[0])


def join(link: Link, event: MergeEvent, *, root: int, lesser: int, kind: str, is_quiet: bool) -> Joined:
    """Points the lesser root's members at the other one, by this link, noted by this event; the caller has the locks.

    `is_quiet`: also those on what the two show, which is put together.
    """
    values = {"root": root, "lesser": lesser, "kind": kind, "is_quiet": is_quiet}
    values |= {"actor": event.actor, "now": event.at, **rows.named(link, "link"), **rows.named(event, "event")}
    event_id, link_id, version, seen, new, keys = rows.fetch(JOIN, values)[0]
    return Joined(event_id, link_id, version, seen, new is not None, keys)


def tell_kinds(roots: Iterable[int]) -> None:
    """Known to a site, a browser only, or somebody in between: told by the addresses, so that a split undoes it."""
    rows.fetch(KIND, {"roots": list(roots), **_namespaces()})


def try_attributes(roots: Iterable[int]) -> bool:
    """The locks on what these clusters show, if nobody holds one."""
    return bool(rows.fetch(TRY_ATTRIBUTES, [list(roots)])[0][0])


def keys_of(roots: Iterable[int]) -> dict[int, set[str]]:
    """Every key that these clusters show or could show, by root."""
    found: dict[int, set[str]] = {root: set() for root in roots}
    for root, key in rows.fetch(KEYS, {"roots": list(found)}):
        found[root].add(key)
    return found


def forget(roots: Iterable[int]) -> None:
    """Those are roots no more, and show nothing."""
    Attribute.objects.filter(root_id__in=list(roots)).delete()


def _namespaces() -> dict[str, Any]:
    return {"exclusive": sorted(EXCLUSIVE), "visitor": Namespace.VISITOR.value}
