"""Which statements does an import run over a chunk of its components? All rows of a chunk at once; `judge` only looks.

The chunk is small because the trigger `identity_no_overlap` holds one advisory lock for each address until the commit,
and Postgres has room for about 6,400 by default, for everybody together.
"""

from __future__ import annotations

# Per session, emptied by every commit. By index, until the commit: the tables grow too fast for their statistics.
SCRATCH = """
SET LOCAL enable_seqscan = off;
CREATE TEMP TABLE IF NOT EXISTS import_owned (
  component integer, row integer, node text, identity_id bigint, customer_id bigint, root_id bigint, proof text
) ON COMMIT DELETE ROWS;
CREATE INDEX IF NOT EXISTS import_owned_row ON import_owned (component, row);
CREATE TEMP TABLE IF NOT EXISTS import_home (
  component integer PRIMARY KEY, root_id bigint, customer_id bigint, verdict text NOT NULL, is_new boolean NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS import_fate (
  row integer PRIMARY KEY, component integer, outcome text, reason text
) ON COMMIT DELETE ROWS;
TRUNCATE import_owned, import_home, import_fate;
"""

# The same locks as the trigger and `identity.resolve`, in one order for everybody.
LOCK = """
SELECT pg_advisory_xact_lock(h) FROM (
  SELECT DISTINCT hashtextextended(k.namespace || chr(31) || k.scope || chr(31) || d, 7) AS h
  FROM customers_importkey k, unnest(k.digests) AS d
  WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes ORDER BY 1) AS sorted
"""

# Whose is each address? This very value, else one person among its variants.
OWNED = """
INSERT INTO import_owned
SELECT k.component, k.row, k.node, o.id, o.customer_id, o.root_id, o.proof
FROM customers_importkey k CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT i.id, i.customer_id, c.root_id, i.proof, i.key = k.key AS is_exact,
      bool_or(i.key = k.key) OVER () AS any_exact, min(c.root_id) OVER () = max(c.root_id) OVER () AS is_one
    FROM unnest(k.digests) AS d (key)
    CROSS JOIN LATERAL (
      SELECT * FROM customers_identity f WHERE f.namespace = k.namespace AND f.scope = k.scope AND f.key = d.key
        AND f.routable AND f.valid_to IS NULL OFFSET 0) i
    CROSS JOIN LATERAL (SELECT root_id FROM customers_customer f WHERE f.id = i.customer_id OFFSET 0) c
  ) m WHERE CASE WHEN any_exact THEN is_exact ELSE is_one END ORDER BY id LIMIT 1
) o WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes
"""

HOME = """
INSERT INTO import_home
SELECT f.component, coalesce(o.root_id, c.root_id), coalesce(o.customer_id, c.id),
  CASE WHEN o.roots > 1 THEN 'would_link' WHEN r.status = 'erased' THEN 'erased' ELSE '' END,
  o.root_id IS NULL AND c.id IS NULL
FROM (SELECT component, min(row) AS row FROM customers_importrow
      WHERE import_id = %(id)s AND component BETWEEN %(lo)s AND %(hi)s AND outcome <> 'refused' AND links = 0
      GROUP BY 1) f
JOIN customers_importrow w ON w.import_id = %(id)s AND w.component = f.component AND w.row = f.row
LEFT JOIN (SELECT component, min(root_id) AS root_id, count(DISTINCT root_id) AS roots,
             (array_agg(customer_id ORDER BY identity_id))[1] AS customer_id
           FROM import_owned GROUP BY 1) o ON o.component = f.component
LEFT JOIN customers_customer c ON c.public_id = w.public_id
LEFT JOIN customers_customer r ON r.id = coalesce(o.root_id, c.root_id)
"""

# More of one kind than a person may have: two user ids of one site are two people.
LIMIT = """
UPDATE import_home h SET verdict = x.verdict FROM (
  SELECT n.component, CASE WHEN bool_or(n.namespace = ANY(%(exclusive)s)) THEN 'exclusive_clash' ELSE 'over_limit' END
    AS verdict
  FROM (SELECT k.component, k.namespace, CASE WHEN k.namespace = ANY(%(exclusive)s) THEN k.scope ELSE '' END AS scope,
          count(DISTINCT k.node) AS fresh
        FROM customers_importkey k
        LEFT JOIN import_owned o ON o.component = k.component AND o.row = k.row AND o.node = k.node
        WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes AND o.node IS NULL
        GROUP BY 1, 2, 3) n
  JOIN import_home m ON m.component = n.component
  CROSS JOIN LATERAL (
    SELECT count(*) AS held
    FROM (SELECT id FROM customers_customer WHERE root_id = m.root_id AND NOT m.is_new OFFSET 0) c
    CROSS JOIN LATERAL (SELECT * FROM customers_identity WHERE customer_id = c.id OFFSET 0) i
    WHERE i.namespace = n.namespace AND i.routable AND i.valid_to IS NULL
      AND (n.scope = '' OR i.scope = n.scope)) e
  WHERE n.fresh + e.held > (%(limits)s::jsonb ->> n.namespace)::int GROUP BY n.component
) x WHERE x.component = h.component AND h.verdict = ''
"""

# A row whose addresses are all its person's already says nothing that could clash.
FATE = """
INSERT INTO import_fate
SELECT w.row, w.component,
  CASE WHEN h.verdict <> '' AND (h.verdict IN ('erased', 'would_link') OR h.is_new OR news.mapped) THEN 'conflict'
       WHEN h.is_new THEN 'create'
       WHEN news.mapped OR news.hinted OR news.words THEN 'change' ELSE 'same' END,
  CASE WHEN h.verdict IN ('erased', 'would_link') OR h.is_new OR news.mapped THEN h.verdict ELSE '' END
FROM customers_importrow w JOIN import_home h ON h.component = w.component
CROSS JOIN LATERAL (SELECT
  EXISTS (SELECT 1 FROM customers_importkey k WHERE k.import_id = %(id)s AND k.component = w.component AND k.row = w.row
    AND k.routes AND NOT EXISTS (
      SELECT 1 FROM import_owned o WHERE o.component = k.component AND o.row = k.row AND o.node = k.node)) AS mapped,
  EXISTS (SELECT 1 FROM customers_importkey k WHERE k.import_id = %(id)s AND k.component = w.component AND k.row = w.row
    AND NOT k.routes AND NOT EXISTS (
      SELECT 1 FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
      WHERE c.root_id = h.root_id AND i.namespace = k.namespace AND i.scope = k.scope AND i.key = ANY(k.digests)
        AND i.valid_to IS NULL)) AS hinted,
  EXISTS (SELECT 1 FROM customers_importvalue v WHERE v.import_id = %(id)s AND v.component = w.component
    AND v.row = w.row AND NOT EXISTS (
      SELECT 1 FROM customers_observation s WHERE s.source = 'import' AND s.key = v.key
        AND s.source_event_id = %(said)s || ':' || v.row)) AS words) news
WHERE w.import_id = %(id)s AND w.component BETWEEN %(lo)s AND %(hi)s AND w.outcome <> 'refused' AND w.links = 0
"""

SETTLE = """
UPDATE customers_importrow w SET outcome = f.outcome,
  reasons = concat_ws('; ', nullif(f.reason, ''), nullif(w.reasons, ''))
FROM import_fate f WHERE w.import_id = %(id)s AND w.component = f.component AND w.row = f.row
  AND (w.outcome, f.reason) IS DISTINCT FROM (f.outcome, '') AND w.outcome IN ('', 'create', 'change', 'same')
"""

BORN = """
WITH born AS (
  INSERT INTO customers_customer (public_id, kind, status, version, first_seen_at, last_seen_at)
  SELECT w.public_id, CASE WHEN k.is_known THEN 'known' ELSE 'lead' END, 'active', 1, %(now)s, %(now)s
  FROM import_home h
  JOIN (SELECT component, min(row) AS row, bool_or(is_known) AS is_known FROM customers_importrow
        WHERE import_id = %(id)s AND component BETWEEN %(lo)s AND %(hi)s AND outcome <> 'refused' GROUP BY 1) k
    ON k.component = h.component
  JOIN customers_importrow w ON w.import_id = %(id)s AND w.component = h.component AND w.row = k.row
  WHERE h.is_new AND h.verdict = '' ON CONFLICT (public_id) DO NOTHING RETURNING id
) SELECT count(*) FROM born
"""
# Rows of the statement before are seen only by the next one.
SETTLED = """
UPDATE import_home h SET customer_id = c.id, root_id = c.root_id
FROM customers_importrow w JOIN customers_customer c ON c.public_id = w.public_id
WHERE w.import_id = %(id)s AND w.component = h.component AND h.is_new AND h.verdict = ''
"""

# What somebody claimed of themselves and the file now says of the same person.
RAISED = """
UPDATE customers_identity i SET proof = 'imported', routable = true
FROM customers_importkey k JOIN import_home h ON h.component = k.component JOIN import_fate f ON f.row = k.row
WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes AND f.outcome IN ('create', 'change')
  AND i.customer_id = h.customer_id AND i.namespace = k.namespace AND i.scope = k.scope AND i.key = k.key
  AND i.valid_to IS NULL AND i.proof = 'claimed'
  AND NOT EXISTS (SELECT 1 FROM import_owned o WHERE o.component = k.component AND o.node = k.node)
"""

ADDRESSES = """
INSERT INTO customers_identity (public_id, customer_id, namespace, scope, key, key_version, raw, display, proof,
  routable, shared, valid_from, retired_reason, unreachable_reason, provider_hash, phone_tail, email_local)
SELECT DISTINCT ON (h.customer_id, k.namespace, k.scope, k.node) k.public_id, h.customer_id, k.namespace, k.scope,
  k.key, k.key_version, k.raw, '', CASE WHEN k.routes THEN 'imported' ELSE 'claimed' END, k.routes, k.shared, %(now)s,
  '', '', '', k.phone_tail, k.email_local
FROM customers_importkey k JOIN import_home h ON h.component = k.component JOIN import_fate f ON f.row = k.row
WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND f.outcome IN ('create', 'change')
  AND h.customer_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM import_owned o WHERE o.component = k.component AND o.node = k.node)
  AND (k.routes OR NOT EXISTS (
    SELECT 1 FROM customers_customer c JOIN customers_identity i ON i.customer_id = c.id
    WHERE c.root_id = h.root_id AND i.namespace = k.namespace AND i.scope = k.scope AND i.key = ANY(k.digests)
      AND i.valid_to IS NULL))
ORDER BY h.customer_id, k.namespace, k.scope, k.node, k.routes DESC, k.row
ON CONFLICT (customer_id, namespace, scope, key) WHERE valid_to IS NULL DO NOTHING
"""

WORDS = """
INSERT INTO customers_observation (public_id, customer_id, key, value, is_clear, source, source_rank, occurred_at,
  effective_at, recorded_at, time_quality, sequence, write_group, source_event_id, verified_by, pinned)
SELECT v.public_id, h.customer_id, v.key, v.value, false, 'import', %(rank)s, t.at,
  CASE WHEN t.at > %(now)s + interval '5 minutes' THEN %(now)s ELSE greatest(t.at, %(earliest)s) END, %(now)s,
  CASE WHEN t.at > %(now)s + interval '5 minutes' THEN 'clamped'
    WHEN t.at <= %(earliest)s THEN 'received' ELSE 'exact' END,
  %(id)s, w.public_id, %(said)s || ':' || v.row, '', false
FROM customers_importvalue v
JOIN customers_importrow w ON w.import_id = %(id)s AND w.component = v.component AND w.row = v.row
JOIN import_home h ON h.component = v.component JOIN import_fate f ON f.row = v.row
CROSS JOIN LATERAL (SELECT coalesce(w.at, %(as_of)s, %(earliest)s) AS at) t
WHERE v.import_id = %(id)s AND v.component BETWEEN %(lo)s AND %(hi)s AND f.outcome IN ('create', 'change')
  AND h.customer_id IS NOT NULL
ON CONFLICT (source, source_event_id, key) DO NOTHING RETURNING id, customer_id, key
"""

# Customers born in this chunk, of whom one thing was said once: nothing to weigh.
SHOW = """
WITH said AS (
  SELECT h.root_id, v.key, min(s.id) AS id, count(*) AS n, min(v.match_key) AS match_key
  FROM customers_importvalue v JOIN import_home h ON h.component = v.component
  JOIN customers_observation s ON s.public_id = v.public_id
  WHERE v.import_id = %(id)s AND v.component BETWEEN %(lo)s AND %(hi)s AND h.is_new GROUP BY 1, 2
), shown AS (
  INSERT INTO customers_attribute (root_id, key, observation_id, has_conflict, match_key)
  SELECT root_id, key, id, false, match_key FROM said WHERE n = 1 ON CONFLICT (root_id, key) DO NOTHING
  RETURNING root_id, key
) SELECT root_id, key FROM shown
"""

KNOWN = """
UPDATE customers_customer c SET kind = 'known'
FROM import_home h JOIN import_fate f ON f.component = h.component
JOIN customers_importrow w ON w.import_id = %(id)s AND w.component = f.component AND w.row = f.row AND w.is_known
WHERE c.id = h.root_id AND c.kind <> 'known' AND f.outcome = 'change'
"""
