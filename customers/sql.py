"""Which statements does a sender run? Written out, for the ORM takes longer to build them than Postgres to run them.

Tests hold the rows against those of a queryset.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from common import rows
from customers.models import Conflict, Customer, Identity, Observation

# OFFSET 0 keeps the look-ups by index: a plan made while the tables were small would go on reading them whole.
OWNERS = f"""
SELECT {rows.columns(Identity, "i")}, {rows.columns(Customer, "c")}
FROM unnest(%s::text[], %s::text[], %s::text[]) AS k (namespace, scope, key)
CROSS JOIN LATERAL (
    SELECT * FROM customers_identity f
    WHERE f.namespace = k.namespace AND f.scope = k.scope AND f.key = k.key AND f.routable OFFSET 0
) i
CROSS JOIN LATERAL (SELECT * FROM customers_customer f WHERE f.id = i.customer_id OFFSET 0) c
"""

LOCK_KEYS = """
SELECT pg_advisory_xact_lock(h)
FROM (SELECT DISTINCT hashtextextended(k, 7) AS h FROM unnest(%s::text[]) AS k ORDER BY 1) AS sorted
"""

LOCK_ATTRIBUTES = """
SELECT pg_advisory_xact_lock(hashtextextended('attributes:' || r::text, 7))
FROM (SELECT r FROM unnest(%s::bigint[]) AS r ORDER BY r) AS sorted
"""

OBSERVATIONS_OF = f"""
SELECT c.root_id, {rows.columns(Observation, "o")}
FROM customers_observation o JOIN customers_customer c ON c.id = o.customer_id
WHERE c.root_id IN {{roots}} AND o.key IN {{keys}}
"""
OBSERVATIONS = f"""
SELECT {rows.columns(Observation, "o")}
FROM customers_observation o JOIN customers_customer c ON c.id = o.customer_id WHERE c.root_id = %s AND o.key = %s
"""

# When origins of a cluster became one person: its links in force, the first first.
JOINS = """
SELECT l.a_id, l.b_id, l.decided_at FROM customers_link l JOIN customers_customer c ON c.id = l.a_id
WHERE c.root_id = %s AND l.revoked_at IS NULL ORDER BY l.decided_at, l.id
"""
OPEN_CONFLICTS = f"""
SELECT c.root_id, {rows.columns(Conflict, "f")}
FROM customers_conflict f JOIN customers_customer c ON c.id = f.customer_id
WHERE c.root_id IN {{roots}} AND f.status = 'open' AND f.kind IN {{kinds}} ORDER BY f.id DESC
"""
LOOKED_AT = """
SELECT f.candidates FROM customers_conflict f JOIN customers_customer c ON c.id = f.customer_id
WHERE c.root_id = %s AND f.status = 'resolved' AND f.subject = ANY(%s) AND f.resolved_by <> %s
"""

SHOW = """
WITH shown AS (SELECT has_conflict FROM customers_attribute WHERE root_id = %(root_id)s AND key = %(key)s)
INSERT INTO customers_attribute (root_id, key, observation_id, words, has_conflict, match_key)
VALUES (%(root_id)s, %(key)s, %(observation_id)s, %(words)s::bigint[], %(has_conflict)s, %(match_key)s)
ON CONFLICT (root_id, key) DO UPDATE SET
    observation_id = excluded.observation_id, words = excluded.words, has_conflict = excluded.has_conflict,
    match_key = excluded.match_key
RETURNING coalesce((SELECT has_conflict FROM shown), false)
"""


def owners(namespaces: list[str], scopes: list[str], keys: list[str]) -> list[Identity]:
    """The routable identities with one of these keys, each with its customer."""
    width = len(rows.shape(Identity).fields)
    found = []
    for values in rows.fetch(OWNERS, [namespaces, scopes, keys]):
        identity = rows.made(Identity, values[:width])
        identity.customer = rows.made(Customer, values[width:])
        found.append(identity)
    return found


def lock_keys(names: list[str]) -> None:
    """The transaction's locks on these names, in one order for everybody."""
    rows.fetch(LOCK_KEYS, [names])


def lock_attributes(*roots: int) -> None:
    """The transaction's locks on what these clusters' observations come to, in one order for everybody."""
    rows.fetch(LOCK_ATTRIBUTES, [list(roots)])


def lock_attributes_of(customer_id: int, root_id: int) -> int:
    """The same for the cluster that an origin is in: a merge may have committed while we waited. Returns its root."""
    while True:
        lock_attributes(root_id)
        (found,) = rows.fetch("SELECT root_id FROM customers_customer WHERE id = %s", [customer_id])[0]
        if found == root_id:
            return root_id
        root_id = found


def observations_of(roots: list[int], keys: list[str]) -> list[tuple[int, Observation]]:
    """The same for several clusters and attributes, each with its root."""
    if not roots or not keys:
        return []
    (of_roots, root_ids), (of_keys, names) = rows.listed(roots), rows.listed(keys)
    found = rows.fetch(OBSERVATIONS_OF.format(roots=of_roots, keys=of_keys), [*root_ids, *names])
    return [(root, rows.made(Observation, values)) for root, *values in found]


def observations(root_id: int, key: str) -> list[Observation]:
    """Everything that was said about one attribute of a cluster."""
    return rows.read(Observation, OBSERVATIONS, [root_id, key])


def joins(root_id: int) -> list[tuple[int, int, datetime]]:
    """Which two origins were joined when, by links in force."""
    return [(a, b, at) for a, b, at in rows.fetch(JOINS, [root_id])]


def open_conflicts(roots: Sequence[int], kinds: Sequence[str]) -> list[tuple[int, Conflict]]:
    """The open conflicts of these kinds, each with its root, the newest first."""
    if not roots:
        return []
    (of_roots, root_ids), (of_kinds, names) = rows.listed(roots), rows.listed(kinds)
    found = rows.fetch(OPEN_CONFLICTS.format(roots=of_roots, kinds=of_kinds), [*root_ids, *names])
    return [(root, rows.made(Conflict, values)) for root, *values in found]


def looked_at(root_id: int, subjects: list[str], system: str) -> list[list[str]]:
    """What the conflicts about these subjects were between that people, not the `system`, have closed."""
    return [json.loads(found) for (found,) in rows.fetch(LOOKED_AT, [root_id, subjects, system])]


def show(
    *, root_id: int, key: str, observation_id: int, words: list[int] | None, has_conflict: bool, match_key: str
) -> bool:
    """What holds now; the caller has the cluster's lock. Was it disputed before?"""
    held = {"root_id": root_id, "key": key, "observation_id": observation_id, "words": words}
    ((was_disputed,),) = rows.fetch(SHOW, {**held, "has_conflict": has_conflict, "match_key": match_key})
    return bool(was_disputed)
