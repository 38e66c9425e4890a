"""Which statements does a sender run? Written out, for the ORM takes longer to build them than Postgres to run them.

Tests hold the rows against those of a queryset.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from common import rows
from customers import conflicts
from customers.attribute_facts import ABOUT_VALUES
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
SELECT {rows.columns(Conflict, "f")}
FROM customers_conflict f JOIN customers_customer c ON c.id = f.customer_id
WHERE c.root_id = %s AND f.status = 'open' AND f.kind IN {ABOUT_VALUES} ORDER BY f.id DESC
"""
LOOKED_AT = f"""
SELECT f.candidates FROM customers_conflict f JOIN customers_customer c ON c.id = f.customer_id
WHERE c.root_id = %s AND f.status = 'resolved' AND f.subject = ANY(%s) AND f.resolved_by <> '{conflicts.SYSTEM}'
"""

# A row that shows it already is not written again.
SHOW = """
WITH said AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS s (
        root_id bigint, key text, observation_id bigint, words bigint[], has_conflict boolean, match_key text)
), before AS MATERIALIZED (
    SELECT a.has_conflict FROM said CROSS JOIN LATERAL (
        SELECT * FROM customers_attribute f WHERE f.root_id = said.root_id AND f.key = said.key OFFSET 0) a
), shown AS (
    INSERT INTO customers_attribute AS a (root_id, key, observation_id, words, has_conflict, match_key)
    SELECT root_id, key, observation_id, words, has_conflict, match_key FROM said
    ON CONFLICT (root_id, key) DO UPDATE SET
        observation_id = excluded.observation_id, words = excluded.words, has_conflict = excluded.has_conflict,
        match_key = excluded.match_key
    WHERE (a.observation_id, a.words, a.has_conflict, a.match_key)
        IS DISTINCT FROM (excluded.observation_id, excluded.words, excluded.has_conflict, excluded.match_key)
)
SELECT coalesce(bool_or(has_conflict), false) FROM before
"""
HIDE = "DELETE FROM customers_attribute WHERE (root_id, key) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"


class Shown(NamedTuple):
    """What holds of one attribute of a cluster. `words`: of a set those it is made of. `match_key`: its digest."""

    root_id: int
    key: str
    observation_id: int
    words: list[int] | None
    has_conflict: bool
    match_key: str


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


def observations(root_id: int, key: str) -> list[Observation]:
    """Everything that was said about one attribute of a cluster."""
    return rows.read(Observation, OBSERVATIONS, [root_id, key])


def joins(root_id: int) -> list[tuple[int, int, datetime]]:
    """Which two origins were joined when, by links in force."""
    return [(a, b, at) for a, b, at in rows.fetch(JOINS, [root_id])]


def open_conflicts(root_id: int) -> list[Conflict]:
    """The open conflicts about values of a cluster, the newest first."""
    return rows.read(Conflict, OPEN_CONFLICTS, [root_id])


def looked_at(root_id: int, subjects: list[str]) -> list[list[str]]:
    """What the conflicts about these subjects were between that people, not the system, have closed."""
    return [json.loads(found) for (found,) in rows.fetch(LOOKED_AT, [root_id, subjects])]


def show(found: Sequence[Shown]) -> bool:
    """What holds now; the caller has the clusters' locks. Was any of it disputed before?"""
    if not found:
        return False
    ((was_disputed,),) = rows.fetch(SHOW, [json.dumps([one._asdict() for one in found])])
    return bool(was_disputed)


def hide(found: Sequence[tuple[int, str]]) -> None:
    """Of these attributes nobody has said anything that counts."""
    if found:
        with connection.cursor() as cursor:
            cursor.execute(HIDE, [list(values) for values in zip(*found, strict=True)])
