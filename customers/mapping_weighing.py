"""What holds of people of whom a file says something new? Read and written all at once; disputes one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection

from common import clock, rows
from customers import attributes, definitions
from customers.attribute_disputes import disputes
from customers.attribute_projection import Joins, match_key, words
from customers.attribute_weighing import weigh as weighed
from customers.models import Observation

Pair = tuple[int, str]
Shown = tuple[int, str, int, str]

# The clusters' locks, in one order for everybody: the same as `sql.LOCK_ATTRIBUTES`.
LOCK = """
SELECT count(pg_advisory_xact_lock(h)) FROM (
  SELECT DISTINCT hashtextextended('attributes:' || root::text, 7) AS h FROM unnest(%s::bigint[]) AS root ORDER BY 1
) sorted
"""
ROOTS = "SELECT id, root_id FROM customers_customer WHERE id = ANY(%s)"
SAID = f"""
SELECT p.root_id, {rows.columns(Observation, "o")}
FROM unnest(%s::bigint[], %s::text[]) AS p (root_id, key)
CROSS JOIN LATERAL (SELECT id FROM customers_customer WHERE root_id = p.root_id OFFSET 0) c
CROSS JOIN LATERAL (
  SELECT * FROM customers_observation t WHERE t.customer_id = c.id AND t.key = p.key OFFSET 0) o
"""
# Whose attribute is disputed already: settled, counted and closed with their conflicts, one by one.
DISPUTED = """
SELECT root_id, key FROM customers_attribute WHERE root_id = ANY(%(roots)s) AND has_conflict
UNION
SELECT c.root_id, split_part(t.subject, ':', 1)
FROM unnest(%(roots)s::bigint[]) AS p (root_id)
CROSS JOIN LATERAL (SELECT id, root_id FROM customers_customer WHERE root_id = p.root_id OFFSET 0) c
CROSS JOIN LATERAL (
  SELECT subject FROM customers_conflict t WHERE t.customer_id = c.id AND t.status = 'open' OFFSET 0) t
"""
SHOW = """
INSERT INTO customers_attribute (root_id, key, observation_id, has_conflict, match_key)
SELECT root_id, key, observation_id, false, match_key
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[]) AS s (root_id, key, observation_id, match_key)
ORDER BY root_id, key
ON CONFLICT (root_id, key) DO UPDATE SET observation_id = excluded.observation_id, words = NULL, has_conflict = false,
  match_key = excluded.match_key
WHERE (customers_attribute.observation_id, customers_attribute.match_key, customers_attribute.has_conflict)
  IS DISTINCT FROM (excluded.observation_id, excluded.match_key, false) OR customers_attribute.words IS NOT NULL
"""


def weigh(said: Collection[tuple[int, str]]) -> None:
    """Recomputes what holds of these (customer, attribute) pairs, within a transaction."""
    if not said:
        return
    with connection.cursor() as cursor:
        cursor.execute(ROOTS, [[customer for customer, _ in said]])
        roots: dict[int, int] = dict(cursor.fetchall())
        pairs = {(roots[customer], key) for customer, key in said}
        cursor.execute(LOCK, [list(roots.values())])
        cursor.execute(DISPUTED, {"roots": list(roots.values())})
        disputed = pairs & set(cursor.fetchall())
        plain, others = _plain(pairs - disputed)
        if plain:
            cursor.execute(SHOW, [list(values) for values in zip(*plain, strict=True)])
    _one_by_one(disputed | others)


def _plain(pairs: Collection[Pair]) -> tuple[list[Shown], set[Pair]]:
    """What is shown where nothing disagrees, and the pairs that need a closer look."""
    heard, found, others, now = _heard(pairs), list[Shown](), set[Pair](), clock.now()
    for root_id, key in pairs:
        shown = _shown(root_id, key, heard[root_id, key], now)
        if shown is None:
            others.add((root_id, key))
        else:
            found.append(shown)
    return found, others


def _shown(root_id: int, key: str, heard: Iterable[Observation], now: datetime) -> Shown | None:
    definition = definitions.of(key)
    result = weighed(definition, words(definition, heard), now)
    if result.best is None or result.parts or disputes(definition, result, joined=Joins(root_id), now=now):
        return None
    return root_id, key, result.best.id, match_key(key, result.best)


def _heard(pairs: Collection[Pair]) -> dict[Pair, list[Observation]]:
    """Everything that was said of them, in one look."""
    found = defaultdict(list)
    if pairs:
        roots, keys = zip(*pairs, strict=True)
        for root_id, *values in rows.fetch(SAID, [list(roots), list(keys)]):
            row = rows.made(Observation, values)
            found[root_id, row.key].append(row)
    return found


def _one_by_one(pairs: Collection[Pair]) -> None:
    keys = defaultdict(set)
    for root_id, key in pairs:
        keys[root_id].add(key)
    for root_id in sorted(keys):
        attributes.resolve(root_id, keys[root_id])
