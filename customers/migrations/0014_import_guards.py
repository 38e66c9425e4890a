"""How do the same guards cost less when many rows come at once? By statement, and only where something can be wrong."""

from django.db import migrations

# The locks in one order for everybody, then a look that sees what was committed meanwhile: two statements.
# The tables grow too fast for their statistics, and a plan is kept for long: by index.
OVERLAP = """
CREATE FUNCTION identity_no_overlap_born() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock(h) FROM (
    SELECT DISTINCT hashtextextended(n.namespace || chr(31) || n.scope || chr(31) || n.key, 7) AS h
    FROM fresh n WHERE n.routable ORDER BY 1) AS sorted;
  PERFORM 1 FROM fresh n CROSS JOIN LATERAL (
    SELECT i.id, i.valid_from, i.valid_to FROM customers_identity i
    WHERE i.namespace = n.namespace AND i.scope = n.scope AND i.key = n.key AND i.routable OFFSET 0) i
  WHERE n.routable AND i.id <> n.id AND tstzrange(i.valid_from, i.valid_to) && tstzrange(n.valid_from, n.valid_to);
  IF FOUND THEN
    RAISE EXCEPTION 'identity periods overlap'
      USING errcode = 'exclusion_violation', constraint = 'identity_no_overlap';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_no_overlap_born AFTER INSERT ON customers_identity
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION identity_no_overlap_born();
DROP TRIGGER identity_no_overlap ON customers_identity;
CREATE TRIGGER identity_no_overlap
  AFTER UPDATE OF namespace, scope, key, routable, valid_from, valid_to ON customers_identity
  FOR EACH ROW WHEN (NEW.routable) EXECUTE FUNCTION identity_no_overlap();
"""
UNOVERLAP = """
DROP TRIGGER identity_no_overlap_born ON customers_identity; DROP FUNCTION identity_no_overlap_born();
DROP TRIGGER identity_no_overlap ON customers_identity;
CREATE TRIGGER identity_no_overlap
  AFTER INSERT OR UPDATE OF namespace, scope, key, routable, valid_from, valid_to ON customers_identity
  FOR EACH ROW EXECUTE FUNCTION identity_no_overlap();
"""

# A row that is its own root breaks nothing: neither is its root no root, nor did it leave anybody behind.
ROOT = """
DROP TRIGGER customer_root_is_root ON customers_customer;
CREATE CONSTRAINT TRIGGER customer_root_is_root AFTER INSERT OR UPDATE OF root_id ON customers_customer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.root_id <> NEW.id) EXECUTE FUNCTION customer_root_is_root();
"""
UNROOT = """
DROP TRIGGER customer_root_is_root ON customers_customer;
CREATE CONSTRAINT TRIGGER customer_root_is_root AFTER INSERT OR UPDATE OF root_id ON customers_customer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION customer_root_is_root();
"""

# What is worth a warning stays with the row, whatever else comes of it. Rows that were staged before are checked anew.
WARNED = "ALTER TABLE customers_importrow ADD COLUMN warned text NOT NULL DEFAULT ''"
UNWARNED = "ALTER TABLE customers_importrow DROP COLUMN warned"


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_privacy")]

    operations = [
        migrations.RunSQL(OVERLAP, UNOVERLAP),
        migrations.RunSQL(ROOT, UNROOT),
        migrations.RunSQL(WARNED, UNWARNED),
    ]
