"""How are people found who look alike? In sets, by digests: all of them at night, the neighbours of a few at once.

Nothing here reads a name or a number. A block is a value that several roots share; pairs come only from blocks of few.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from common import clock

BLOCK_MAX = 20  # a value that more customers share says nothing: "maria silva", an office's phone
# Sorting a million rows in the default few megabytes goes by way of the disk.
MEMORY = "SET LOCAL work_mem = '128MB'"

# Who is asked about. The narrow form walks the indexes from a few roots outwards and never reads a table whole.
EVERYBODY = """
WITH live AS (
    SELECT i.namespace, i.scope, i.key, i.phone_tail, i.email_local, i.routable, c.root_id
    FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    WHERE i.valid_to IS NULL AND NOT i.shared
), named AS (
    SELECT root_id, match_key AS name FROM customers_attribute WHERE key = 'name' AND match_key <> ''
)"""
NEIGHBOURS = """
WITH mine AS MATERIALIZED (
    SELECT i.namespace, i.scope, i.key, i.phone_tail, i.email_local
    FROM customers_customer c CROSS JOIN LATERAL (
        SELECT * FROM customers_identity f WHERE f.customer_id = c.id AND f.valid_to IS NULL AND NOT f.shared OFFSET 0
    ) i WHERE c.root_id = ANY(%(only)s)
), near AS MATERIALIZED (
    SELECT i.id FROM (SELECT DISTINCT namespace, scope, key FROM mine) m CROSS JOIN LATERAL (
        SELECT id FROM customers_identity f
        WHERE f.namespace = m.namespace AND f.scope = m.scope AND f.key = m.key OFFSET 0) i
    UNION SELECT i.id FROM (SELECT DISTINCT phone_tail FROM mine WHERE phone_tail <> '') m CROSS JOIN LATERAL (
        SELECT id FROM customers_identity f
        WHERE f.phone_tail = m.phone_tail AND f.phone_tail <> '' AND f.valid_to IS NULL OFFSET 0) i
    UNION SELECT i.id FROM (SELECT DISTINCT email_local FROM mine WHERE email_local <> '') m CROSS JOIN LATERAL (
        SELECT id FROM customers_identity f
        WHERE f.email_local = m.email_local AND f.email_local <> '' AND f.valid_to IS NULL OFFSET 0) i
), live AS MATERIALIZED (
    SELECT i.namespace, i.scope, i.key, i.phone_tail, i.email_local, i.routable, c.root_id
    FROM near CROSS JOIN LATERAL (
        SELECT * FROM customers_identity f WHERE f.id = near.id AND f.valid_to IS NULL AND NOT f.shared OFFSET 0
    ) i CROSS JOIN LATERAL (SELECT root_id FROM customers_customer f WHERE f.id = i.customer_id OFFSET 0) c
), named AS MATERIALIZED (
    SELECT r.root_id, a.name FROM (SELECT DISTINCT root_id FROM live) r CROSS JOIN LATERAL (
        SELECT match_key AS name FROM customers_attribute f
        WHERE f.root_id = r.root_id AND f.key = 'name' AND f.match_key <> '' OFFSET 0
    ) a
)"""

# One group for each value that 2 to BLOCK_MAX roots share; of each root whether it holds it for more than a claim.
GROUPS = """, blocks AS (
    SELECT 'exact' AS rule, namespace AS by, array_agg(root_id) AS roots, array_agg(strong) AS strong
    FROM (
        SELECT namespace, scope, key, root_id, bool_or(routable) AS strong FROM live
        WHERE namespace IN ('phone', 'email', 'customer_number') AND namespace || ':' || key NOT IN (
            SELECT subject FROM customers_conflict WHERE kind = 'shared_value' AND status = 'open'
        ) GROUP BY namespace, scope, key, root_id
    ) held GROUP BY namespace, scope, key HAVING count(*) BETWEEN 2 AND %(most)s
    UNION ALL
    SELECT 'tail_name', 'phone', array_agg(root_id), array_agg(true)
    FROM (SELECT DISTINCT phone_tail, name, root_id FROM live JOIN named USING (root_id) WHERE phone_tail <> '') held
    GROUP BY phone_tail, name HAVING count(*) BETWEEN 2 AND %(most)s
    UNION ALL
    SELECT 'local_name', 'email', array_agg(root_id), array_agg(true)
    FROM (SELECT DISTINCT email_local, name, root_id FROM live JOIN named USING (root_id) WHERE email_local <> '') held
    GROUP BY email_local, name HAVING count(*) BETWEEN 2 AND %(most)s
), found AS (
    SELECT a, b, 'variant' AS rule, 'phone' AS by FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS v(a, b)
    UNION ALL
    SELECT x.root, y.root, g.rule, g.by
    FROM blocks g CROSS JOIN LATERAL unnest(g.roots, g.strong) AS x(root, strong)
    CROSS JOIN LATERAL unnest(g.roots, g.strong) AS y(root, strong)
    WHERE x.root < y.root AND (x.strong OR y.strong)
      AND (%(only)s::bigint[] IS NULL OR x.root = ANY(%(only)s) OR y.root = ANY(%(only)s))
), paired AS (
    SELECT a, b, max((%(weights)s::jsonb ->> rule)::float) AS score, jsonb_object_agg(rule, by) AS features
    FROM found GROUP BY a, b HAVING max((%(weights)s::jsonb ->> rule)::float) >= %(least)s
)"""

# Never of erased or suppressed ones, of those whom somebody has told apart, or of two users of one site. The same name
# and city is one reason more; by itself it says too little to be looked for.
WRITE = """
INSERT INTO customers_matchsuggestion
    (public_id, a_id, b_id, score, features, model_version, status, found_at, decided_by, proposed_by)
SELECT gen_random_uuid(), p.a, p.b, p.score,
    p.features || CASE WHEN EXISTS (
        SELECT 1 FROM customers_attribute x JOIN customers_attribute y ON y.key = x.key AND y.match_key = x.match_key
        WHERE x.root_id = p.a AND y.root_id = p.b AND x.match_key <> '' AND x.key IN ('name', 'city')
        HAVING count(*) = 2
    ) THEN '{"name_city": "name"}'::jsonb ELSE '{}'::jsonb END,
    %(version)s, 'open', %(now)s, '', ''
FROM paired p
WHERE NOT EXISTS (
    SELECT 1 FROM customers_customer m WHERE m.root_id IN (p.a, p.b) AND m.status <> 'active')
  AND NOT EXISTS (
    SELECT 1 FROM customers_customer x JOIN customers_distinct d ON d.a_id = x.id
    JOIN customers_customer y ON y.id = d.b_id
    WHERE x.root_id IN (p.a, p.b) AND y.root_id IN (p.a, p.b) AND x.root_id <> y.root_id)
  AND NOT EXISTS (
    SELECT 1 FROM customers_customer x JOIN customers_identity i ON i.customer_id = x.id
    JOIN customers_customer y ON y.root_id = p.b JOIN customers_identity j ON j.customer_id = y.id
    WHERE x.root_id = p.a AND i.namespace IN ('site_user', 'customer_number') AND j.namespace = i.namespace
      AND j.scope = i.scope AND j.key <> i.key AND i.valid_to IS NULL AND j.valid_to IS NULL)
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

# Two of a suggestion have been joined with others since: it is about the persons that they are now.
STALE = """
SELECT s.id, least(a.root_id, b.root_id) AS low, greatest(a.root_id, b.root_id) AS high
FROM customers_matchsuggestion s JOIN customers_customer a ON a.id = s.a_id JOIN customers_customer b ON b.id = s.b_id
WHERE s.status IN ('open', 'snoozed') AND (a.root_id <> a.id OR b.root_id <> b.id)
  AND (%(only)s::bigint[] IS NULL OR a.root_id = ANY(%(only)s) OR b.root_id = ANY(%(only)s))
"""
CARRY = f"""
INSERT INTO customers_matchsuggestion
    (public_id, a_id, b_id, score, features, model_version, status, snoozed_until, found_at, decided_by, proposed_by)
SELECT DISTINCT ON (low, high) gen_random_uuid(), low, high, s.score, s.features, s.model_version, s.status,
    s.snoozed_until, s.found_at, s.decided_by, s.proposed_by
FROM ({STALE}) stale JOIN customers_matchsuggestion s USING (id)
WHERE low <> high AND NOT EXISTS (
    SELECT 1 FROM customers_distinct d JOIN customers_customer x ON x.id = d.a_id
    JOIN customers_customer y ON y.id = d.b_id WHERE (x.root_id, y.root_id) IN ((low, high), (high, low)))
ORDER BY low, high, s.score DESC
ON CONFLICT (a_id, b_id) DO UPDATE SET status = excluded.status, snoozed_until = excluded.snoozed_until
WHERE customers_matchsuggestion.status IN ('expired', 'accepted')
"""
EXPIRE = f"""
UPDATE customers_matchsuggestion SET status = 'expired' WHERE id IN (SELECT id FROM ({STALE}) stale) OR id IN (
    SELECT s.id FROM customers_matchsuggestion s
    JOIN customers_customer a ON a.id = s.a_id JOIN customers_customer b ON b.id = s.b_id
    WHERE s.status IN ('open', 'snoozed') AND (a.status <> 'active' OR b.status <> 'active')
      AND (%(only)s::bigint[] IS NULL OR a.root_id = ANY(%(only)s) OR b.root_id = ANY(%(only)s)))
"""


def find(
    *,
    only: Sequence[int] | None,
    variants: Sequence[tuple[int, int]],
    weights: dict[str, float],
    least: float,
    version: int,
) -> int:
    """Writes the pairs among everybody, or those of a few roots; returns how many rows were written."""
    values: dict[str, Any] = {
        "a": [a for a, _ in variants],
        "b": [b for _, b in variants],
        "only": list(only) if only is not None else None,
        "most": BLOCK_MAX,
        "least": least,
        "weights": json.dumps(weights),
        "version": version,
        "now": clock.now(),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        if only is None:
            cursor.execute(MEMORY)
        cursor.execute((EVERYBODY if only is None else NEIGHBOURS) + GROUPS + WRITE, values)
        return int(cursor.rowcount)


def clear(only: Sequence[int] | None = None) -> None:
    """Carries over what is about persons who were joined since, and expires what nobody needs to look at any more."""
    values = {"only": list(only) if only is not None else None}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CARRY, values)
        cursor.execute(EXPIRE, values)
