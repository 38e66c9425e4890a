"""Which statements does a merge run? Written out: the ORM takes longer to build them than Postgres to run them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from common import clock, rows
from customers.models import Attribute, Customer
from customers.namespaces import EXCLUSIVE, Namespace

# In ascending order for everybody; a plain FOR UPDATE would hold up every message that refers to the customer.
LOCK = f"""
SELECT {rows.columns(Customer, "root")} FROM customers_customer root
WHERE root.id IN (SELECT origin.root_id FROM customers_customer origin WHERE origin.id IN {{origins}})
ORDER BY root.id FOR NO KEY UPDATE OF root
"""
ROOTS = "SELECT id, root_id FROM customers_customer WHERE id = ANY(%s)"

# What decides whether two roots may be joined, in one look, after their locks. OFFSET 0 keeps the look-ups by index.
STANDING = """
WITH member AS MATERIALIZED (
    SELECT c.id, c.root_id, c.status FROM customers_customer c WHERE c.root_id IN (%(one)s, %(other)s)
), held AS MATERIALIZED (
    SELECT i.namespace, i.scope, i.key, i.routable, member.root_id FROM member CROSS JOIN LATERAL (
        SELECT * FROM customers_identity f WHERE f.customer_id = member.id AND f.valid_to IS NULL OFFSET 0
    ) i
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
    EXISTS (
        SELECT 1 FROM held i JOIN held j ON j.namespace = i.namespace AND j.scope = i.scope AND j.key <> i.key
        WHERE i.root_id = %(one)s AND j.root_id = %(other)s AND i.routable AND j.routable
          AND i.namespace = ANY(%(exclusive)s)
    ),
    (SELECT count(*) FROM member x CROSS JOIN LATERAL (
        SELECT 1 FROM customers_link l WHERE l.a_id = x.id AND l.revoked_at IS NULL OFFSET 0
    ) l),
    (SELECT count(*) FROM held),
    EXISTS (SELECT 1 FROM member WHERE status = 'erased')
"""

# The lesser root's members point at the other one, which is told apart by its addresses as if it had always been so.
# Whoever observes something holds an advisory lock until their commit; they may wait for ours, so we never wait.
# Whatever suggested these two is answered by it, by whatever way they were joined.
JOIN = f"""
WITH moved AS (
    UPDATE customers_customer SET root_id = %(root)s WHERE root_id = %(lesser)s
), held AS (
    SELECT bool_or(i.namespace = ANY(%(exclusive)s)) AS is_known, bool_and(i.namespace = %(visitor)s) AS is_browser
    FROM customers_customer c CROSS JOIN LATERAL (
        SELECT f.namespace FROM customers_identity f WHERE f.customer_id = c.id OFFSET 0
    ) i WHERE c.root_id IN (%(root)s, %(lesser)s)
), answered AS (
    UPDATE customers_matchsuggestion SET status = 'accepted', decided_by = %(actor)s, decided_at = %(now)s
    WHERE id IN (
        SELECT s.id FROM customers_customer x CROSS JOIN LATERAL (
            SELECT f.id, f.b_id FROM customers_matchsuggestion f
            WHERE f.a_id = x.id AND f.status IN ('open', 'snoozed') OFFSET 0
        ) s JOIN customers_customer y ON y.id = s.b_id
        WHERE x.root_id IN (%(root)s, %(lesser)s) AND y.root_id IN (%(root)s, %(lesser)s)
    )
)
UPDATE customers_customer r SET
    version = r.version + 1,
    last_seen_at = greatest(r.last_seen_at, l.last_seen_at),
    kind = CASE WHEN held.is_known THEN 'known' WHEN held.is_browser THEN 'anonymous' ELSE 'lead' END
FROM held, customers_customer l WHERE r.id = %(root)s AND l.id = %(lesser)s
RETURNING {rows.columns(Customer, "r")}, (
    SELECT bool_and(pg_try_advisory_xact_lock(hashtextextended('attributes:' || n::text, 7)))
    FROM unnest(ARRAY[%(root)s, %(lesser)s]::bigint[]) AS n
)
"""
KIND = """
UPDATE customers_customer r SET kind = told.kind FROM (
    SELECT c.root_id, CASE WHEN bool_or(i.namespace = ANY(%(exclusive)s)) THEN 'known'
        WHEN bool_and(i.namespace = %(visitor)s) THEN 'anonymous' ELSE 'lead' END AS kind
    FROM customers_customer c LEFT JOIN customers_identity i ON i.customer_id = c.id
    WHERE c.root_id = ANY(%(roots)s) GROUP BY c.root_id
) told WHERE r.id = told.root_id AND r.kind <> told.kind RETURNING r.id
"""

# What only one side says holds on; what both say has to be decided anew, and is given back by key.
CARRY = """
WITH twice AS (
    DELETE FROM customers_attribute l USING customers_attribute w
    WHERE l.root_id = %(lesser)s AND w.root_id = %(root)s AND w.key = l.key RETURNING l.key
), carried AS (
    UPDATE customers_attribute l SET root_id = %(root)s
    WHERE l.root_id = %(lesser)s
      AND NOT EXISTS (SELECT 1 FROM customers_attribute w WHERE w.root_id = %(root)s AND w.key = l.key)
)
SELECT key FROM twice
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
    identities: int
    is_erased: bool


def locked(customer_ids: Iterable[int]) -> dict[int, Customer]:
    """The roots of these origins by id, locked; whether they still are the roots is `roots_of`'s to say."""
    origins, values = rows.listed(list(customer_ids))
    return {row.pk: row for row in rows.read(Customer, LOCK.format(origins=origins), values)}


def roots_of(customer_ids: Iterable[int]) -> dict[int, int]:
    """The root of each origin as of now."""
    return dict(rows.fetch(ROOTS, [list(customer_ids)]))


def standing(a: int, b: int, *, roots: Iterable[int], request_id: str = "") -> Standing:
    """The facts on which it depends whether the roots of two origins may be joined. One query."""
    one, *others = roots
    values = {"a": a, "b": b, "one": one, "other": others[0] if others else one, "request_id": request_id}
    return Standing(*rows.fetch(STANDING, {**values, "exclusive": _exclusive()})[0])


def join(root: int, lesser: int, *, actor: str) -> tuple[Customer, bool]:
    """Points the lesser root's members at the other one; the caller holds both locks.

    And takes the locks on what the two show, if nobody holds one: False if somebody does.
    """
    values = {"root": root, "lesser": lesser, "exclusive": _exclusive(), "visitor": Namespace.VISITOR.value}
    values |= {"actor": actor, "now": clock.now()}
    *found, is_quiet = rows.fetch(JOIN, values)[0]
    return rows.made(Customer, found), bool(is_quiet)


def tell_kinds(roots: Iterable[int]) -> None:
    """Known to a site, a browser only, or somebody in between: told by the addresses, so that a split undoes it."""
    values = {"roots": list(roots), "exclusive": _exclusive(), "visitor": Namespace.VISITOR.value}
    rows.fetch(KIND, values)


def try_attributes(roots: Iterable[int]) -> bool:
    """The locks on what these clusters show, if nobody holds one."""
    return bool(rows.fetch(TRY_ATTRIBUTES, [list(roots)])[0][0])


def carry(root: int, lesser: int) -> list[str]:
    """Moves what the lesser root shows; returns the keys of which both said something."""
    return [key for (key,) in rows.fetch(CARRY, {"root": root, "lesser": lesser})]


def keys_of(roots: Iterable[int]) -> dict[int, set[str]]:
    """Every key that these clusters show or could show, by root."""
    found: dict[int, set[str]] = {root: set() for root in roots}
    for root, key in rows.fetch(KEYS, {"roots": list(found)}):
        found[root].add(key)
    return found


def forget(roots: Iterable[int]) -> None:
    """Those are roots no more, and show nothing."""
    Attribute.objects.filter(root_id__in=list(roots)).delete()


def _exclusive() -> list[str]:
    return sorted(EXCLUSIVE)
