"""Which statements does an import run over a chunk of its components? All rows of a chunk at once; `judge` only looks.

The chunk is small because the trigger `identity_no_overlap` holds one advisory lock for each address until the commit,
and Postgres has room for a few thousand, for everybody together.
"""

from __future__ import annotations

# Nobody knows how many rows a scratch table holds, and the big tables grow too fast for their statistics. So the plan
# is said here: what is a chunk is hashed, what is big is looked up by index (LATERAL, OFFSET 0), one row at a time.
PLAN = "SET LOCAL enable_seqscan = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off"
NO_PLAN = "SET LOCAL enable_seqscan = on; SET LOCAL enable_nestloop = on; SET LOCAL enable_mergejoin = on"

# What the plans of the look-ups must know; of tables that were empty before, nobody knows anything.
LEARN = """
ANALYZE customers_customer (id, root_id, public_id);
ANALYZE customers_identity (customer_id, namespace, scope, key, routable, valid_to);
ANALYZE customers_observation (customer_id, key, source, source_event_id)
"""

# Per session, emptied by every commit.
SCRATCH = """
CREATE TEMP TABLE IF NOT EXISTS import_owned (
  component integer, row integer, node text, identity_id bigint, customer_id bigint, root_id bigint, proof text
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS import_home (
  component integer, root_id bigint, customer_id bigint, verdict text NOT NULL, is_new boolean NOT NULL,
  public_id uuid NOT NULL, is_known boolean NOT NULL, is_many boolean NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS import_fate (
  row integer, component integer, outcome text, reason text
) ON COMMIT DELETE ROWS;
"""
EMPTY = "TRUNCATE import_owned, import_home, import_fate"

# A chunk whose commit a crash undoes is done again, for the place of the next is in the same transaction.
LAX = "SET LOCAL synchronous_commit = off"

# One chunk of all imports at a time: together they would take more locks than there is room for.
TURN = "SELECT pg_advisory_xact_lock(hashtextextended('customers:import', 7))"

# The same locks as the trigger and `identity.resolve`, in one order for everybody.
LOCK = """
SELECT count(pg_advisory_xact_lock(h)) FROM (
  SELECT DISTINCT hashtextextended(k.namespace || chr(31) || k.scope || chr(31) || d, 7) AS h
  FROM customers_importkey k, unnest(k.digests) AS d
  WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes ORDER BY 1) AS sorted
"""

# Whose is each address? This very value, else one person among its variants.
OWNED = """
INSERT INTO import_owned
SELECT DISTINCT ON (component, row, node) component, row, node, id, customer_id, root_id, proof
FROM (
  SELECT k.component, k.row, k.node, i.id, i.customer_id, c.root_id, i.proof, i.key = k.key AS is_exact,
    bool_or(i.key = k.key) OVER same AS any_exact, min(c.root_id) OVER same = max(c.root_id) OVER same AS is_one
  FROM customers_importkey k CROSS JOIN LATERAL unnest(k.digests) AS d (key)
  CROSS JOIN LATERAL (
    SELECT * FROM customers_identity f WHERE f.namespace = k.namespace AND f.scope = k.scope AND f.key = d.key
      AND f.routable AND f.valid_to IS NULL OFFSET 0) i
  CROSS JOIN LATERAL (SELECT root_id FROM customers_customer f WHERE f.id = i.customer_id OFFSET 0) c
  WHERE k.import_id = %(id)s AND k.component BETWEEN %(lo)s AND %(hi)s AND k.routes
  WINDOW same AS (PARTITION BY k.component, k.row, k.node)
) m WHERE CASE WHEN any_exact THEN is_exact ELSE is_one END ORDER BY component, row, node, id
"""

# Where each component lives. Who is only hinted at has an id by what is said, and may be there without an address.
HOME = """
INSERT INTO import_home
SELECT component, coalesce(root_id, born), coalesce(customer_id, born),
  CASE WHEN roots > 1 THEN 'would_link' WHEN status = 'erased' THEN 'erased' ELSE '' END,
  root_id IS NULL, public_id, is_known, is_many
FROM (
  SELECT f.*, coalesce(o.root_id, c.root_id) AS root_id, coalesce(o.customer_id, c.id) AS customer_id, o.roots,
    r.status,
    CASE WHEN %(applies)s AND o.root_id IS NULL AND c.id IS NULL THEN nextval('customers_customer_id_seq') END AS born
  FROM (SELECT component, (array_agg(public_id ORDER BY row))[1] AS public_id, bool_or(is_known) AS is_known,
          count(*) > 1 AS is_many
        FROM customers_importrow WHERE import_id = %(id)s AND component BETWEEN %(lo)s AND %(hi)s
          AND outcome <> 'refused' AND links = 0 GROUP BY 1) f
  LEFT JOIN (SELECT component, min(root_id) AS root_id, count(DISTINCT root_id) AS roots,
               (array_agg(customer_id ORDER BY identity_id))[1] AS customer_id
             FROM import_owned GROUP BY 1) o ON o.component = f.component
  LEFT JOIN LATERAL (SELECT * FROM customers_customer t WHERE t.public_id = f.public_id OFFSET 0) c ON true
  LEFT JOIN LATERAL (SELECT * FROM customers_customer t WHERE t.id = coalesce(o.root_id, c.root_id) OFFSET 0) r ON true
  OFFSET 0
) x
"""

# More of one kind than a person may have: two user ids of one site are two people.
LIMIT = """
UPDATE import_home h SET verdict = x.verdict FROM (
  SELECT n.component, CASE WHEN bool_or(n.namespace = ANY(%(exclusive)s)) THEN 'exclusive_clash' ELSE 'over_limit' END
    AS verdict
  FROM (SELECT k.component, k.namespace, CASE WHEN k.namespace = ANY(%(exclusive)s) THEN k.scope ELSE '' END AS scope,
          count(DISTINCT k.node) AS fresh
        FROM customers_importkey k
        JOIN import_home m ON m.component = k.component AND (m.is_many OR NOT m.is_new OR %(is_wide)s)
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

# A newborn's rows are all `create`, and not in here. A row whose addresses are all its person's already says nothing
# that could clash.
FATE = """
INSERT INTO import_fate
SELECT w.row, w.component,
  CASE WHEN h.verdict <> '' AND (h.verdict IN ('erased', 'would_link') OR h.is_new OR news.mapped) THEN 'conflict'
       WHEN news.mapped OR news.hinted OR news.words THEN 'change' ELSE 'same' END,
  CASE WHEN h.verdict IN ('erased', 'would_link') OR h.is_new OR news.mapped THEN h.verdict ELSE '' END
FROM customers_importrow w
JOIN import_home h ON h.component = w.component AND NOT (h.is_new AND h.verdict = '')
CROSS JOIN LATERAL (SELECT
  EXISTS (SELECT 1 FROM customers_importkey k WHERE k.import_id = %(id)s AND k.component = w.component AND k.row = w.row
    AND k.routes AND (w.row, k.node) NOT IN (SELECT row, node FROM import_owned)) AS mapped,
  EXISTS (SELECT 1 FROM (SELECT * FROM customers_importkey k WHERE k.import_id = %(id)s AND k.component = w.component
                           AND k.row = w.row AND NOT k.routes OFFSET 0) k
    CROSS JOIN LATERAL (SELECT count(*) AS held
      FROM (SELECT id FROM customers_customer WHERE root_id = h.root_id OFFSET 0) c
      CROSS JOIN LATERAL (SELECT * FROM customers_identity WHERE customer_id = c.id OFFSET 0) i
      WHERE i.namespace = k.namespace AND i.scope = k.scope AND i.key = ANY(k.digests) AND i.valid_to IS NULL) e
    WHERE e.held = 0) AS hinted,
  EXISTS (SELECT 1 FROM (SELECT * FROM customers_importvalue v WHERE v.import_id = %(id)s
                           AND v.component = w.component AND v.row = w.row OFFSET 0) v
    CROSS JOIN LATERAL (SELECT count(*) AS held FROM (
      SELECT 1 FROM customers_observation s WHERE s.source = 'import' AND s.key = v.key
        AND s.source_event_id = v.said OFFSET 0) s) e
    WHERE e.held = 0) AS words OFFSET 0) news
WHERE w.import_id = %(id)s AND w.component BETWEEN %(lo)s AND %(hi)s AND w.outcome <> 'refused' AND w.links = 0
"""

SETTLE = """
UPDATE customers_importrow w SET outcome = x.outcome, reasons = concat_ws('; ', x.reason, nullif(w.warned, ''))
FROM (
  SELECT w.row, coalesce(f.outcome, 'create') AS outcome, nullif(f.reason, '') AS reason
  FROM customers_importrow w JOIN import_home h ON h.component = w.component LEFT JOIN import_fate f ON f.row = w.row
  WHERE w.import_id = %(id)s AND w.component BETWEEN %(lo)s AND %(hi)s AND w.outcome <> 'refused' AND w.links = 0
    AND (w.outcome, w.reasons) IS DISTINCT FROM
      (coalesce(f.outcome, 'create'), concat_ws('; ', nullif(f.reason, ''), nullif(w.warned, '')))
) x WHERE w.import_id = %(id)s AND w.component BETWEEN %(lo)s AND %(hi)s AND w.row = x.row
"""

PARKED = """
SELECT h.customer_id, f.reason, f.row FROM import_fate f JOIN import_home h USING (component)
WHERE f.outcome = 'conflict' AND NOT h.is_new ORDER BY 1, 3
"""
