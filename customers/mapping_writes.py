"""Which statements write what a chunk of an import says, once it is judged? For newborns with nothing but inserts."""

from __future__ import annotations

BORN = """
INSERT INTO customers_customer (id, root_id, public_id, kind, status, version, first_seen_at, last_seen_at)
SELECT customer_id, customer_id, public_id, CASE WHEN is_known THEN 'known' ELSE 'lead' END, 'active', 1,
  %(now)s, %(now)s
FROM import_home WHERE is_new AND verdict = ''
"""

# What somebody claimed of themselves and the file now says of the same person.
RAISED = """
UPDATE customers_identity SET proof = 'imported', routable = true WHERE id = ANY(ARRAY(
  SELECT i.id
  FROM customers_importkey k
  JOIN import_home h ON h.component = k.component AND NOT h.is_new
  JOIN import_fate f ON f.row = k.row AND f.outcome = 'change'
  CROSS JOIN LATERAL (
    SELECT t.id, t.proof FROM customers_identity t WHERE t.customer_id = h.customer_id AND t.namespace = k.namespace
      AND t.scope = k.scope AND t.key = k.key AND t.valid_to IS NULL OFFSET 0) i
  WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes AND i.proof = 'claimed'
    AND (k.component, k.node) NOT IN (SELECT component, node FROM import_owned)))
"""

# Several rows may say the same of one person.
_ADDRESSES = """
INSERT INTO customers_identity (public_id, customer_id, namespace, scope, key, key_version, raw, display, proof,
  routable, shared, valid_from, retired_reason, unreachable_reason, provider_hash, phone_tail, email_local)
SELECT DISTINCT ON (h.customer_id, k.namespace, k.scope, k.node) k.public_id, h.customer_id, k.namespace, k.scope,
  k.key, k.key_version, k.raw, '', CASE WHEN k.routes THEN 'imported' ELSE 'claimed' END, k.routes, k.shared, %(now)s,
  '', '', '', k.phone_tail, k.email_local
FROM customers_importkey k JOIN import_home h ON h.component = k.component """
_OF_CHUNK = """
WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s"""
_ONCE = """
ORDER BY h.customer_id, k.namespace, k.scope, k.node, k.routes DESC, k.row
"""
# Of the newborn nothing is there that they could clash with.
FIRST_ADDRESSES = f"""{_ADDRESSES}AND h.is_new AND h.verdict = ''{_OF_CHUNK}{_ONCE}"""
ADDRESSES = f"""{_ADDRESSES}AND NOT h.is_new
JOIN import_fate f ON f.row = k.row AND f.outcome = 'change'
CROSS JOIN LATERAL (
  SELECT count(*) AS held
  FROM (SELECT id FROM customers_customer WHERE root_id = h.root_id AND NOT k.routes OFFSET 0) c
  CROSS JOIN LATERAL (SELECT * FROM customers_identity WHERE customer_id = c.id OFFSET 0) i
  WHERE i.namespace = k.namespace AND i.scope = k.scope AND i.key = ANY(k.digests) AND i.valid_to IS NULL) e{_OF_CHUNK}
  AND e.held = 0 AND (k.component, k.node) NOT IN (SELECT component, node FROM import_owned){_ONCE}
ON CONFLICT (customer_id, namespace, scope, key) WHERE valid_to IS NULL DO NOTHING
"""

# The words; of newborns of whom one thing was said once also what is shown, for there is nothing to weigh. Answers
# with what must be weighed.
WORDS = """
WITH given AS MATERIALIZED (
  SELECT nextval('customers_observation_id_seq') AS id, v.public_id, h.customer_id, v.key, v.value, v.match_key, v.said,
    v.write_group, coalesce(w.at, %(as_of)s, %(earliest)s) AS at,
    h.is_new AND v.key = ANY(%(plain)s) AND count(*) OVER (PARTITION BY h.customer_id, v.key) = 1 AS is_plain
  FROM customers_importvalue v
  JOIN customers_importrow w ON w.row = v.row
  JOIN import_home h ON h.component = v.component LEFT JOIN import_fate f ON f.row = v.row
  WHERE v.import_id = %(id)s AND v.component BETWEEN %(lo)s AND %(hi)s
    AND w.import_id = %(id)s AND w.component BETWEEN %(lo)s AND %(hi)s
    AND (h.is_new AND h.verdict = '' OR f.outcome = 'change')
), spoken AS (
  INSERT INTO customers_observation (id, public_id, customer_id, key, value, is_clear, source, source_rank,
    occurred_at, effective_at, recorded_at, time_quality, sequence, write_group, source_event_id, verified_by, pinned)
  SELECT id, public_id, customer_id, key, value, false, 'import', %(rank)s, at,
    CASE WHEN at > %(now)s + interval '5 minutes' THEN %(now)s ELSE greatest(at, %(earliest)s) END, %(now)s,
    CASE WHEN at > %(now)s + interval '5 minutes' THEN 'clamped'
      WHEN at <= %(earliest)s THEN 'received' ELSE 'exact' END,
    %(id)s, write_group, said, '', false
  FROM given ON CONFLICT (source, source_event_id, key) DO NOTHING RETURNING id
), shown AS (
  INSERT INTO customers_attribute (root_id, key, observation_id, has_conflict, match_key)
  SELECT g.customer_id, g.key, g.id, false, g.match_key FROM given g JOIN spoken s ON s.id = g.id WHERE g.is_plain
)
SELECT DISTINCT g.customer_id, g.key FROM given g JOIN spoken s ON s.id = g.id WHERE NOT g.is_plain
"""

KNOWN = """
UPDATE customers_customer SET kind = 'known' WHERE kind <> 'known' AND id = ANY(ARRAY(
  SELECT h.root_id FROM import_home h JOIN import_fate f ON f.component = h.component
  WHERE h.is_known AND NOT h.is_new AND f.outcome = 'change'))
"""
