"""Which invariants does the database itself hold: roots are roots, identity periods never overlap, the audit stays."""

from django.db import migrations

BIRTH = """
CREATE FUNCTION customer_born_root() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW.root_id := coalesce(NEW.root_id, NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER customer_born_root BEFORE INSERT ON customers_customer
  FOR EACH ROW EXECUTE FUNCTION customer_born_root();
"""
UNBIRTH = "DROP TRIGGER customer_born_root ON customers_customer; DROP FUNCTION customer_born_root();"

ROOT = """
CREATE FUNCTION customer_root_is_root() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE mine bigint; theirs bigint;
BEGIN
  -- As it is at commit: a queued event still carries an intermediate value.
  SELECT root_id INTO mine FROM customers_customer WHERE id = NEW.id;
  SELECT root_id INTO theirs FROM customers_customer WHERE id = mine FOR SHARE;
  IF theirs IS DISTINCT FROM mine THEN
    RAISE EXCEPTION 'root is not a root' USING errcode = 'check_violation', constraint = 'customer_root_is_root';
  END IF;
  IF mine <> NEW.id AND EXISTS (SELECT 1 FROM customers_customer WHERE root_id = NEW.id AND id <> NEW.id) THEN
    RAISE EXCEPTION 'members left behind' USING errcode = 'check_violation', constraint = 'customer_root_is_root';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER customer_root_is_root AFTER INSERT OR UPDATE OF root_id ON customers_customer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION customer_root_is_root();
"""
UNROOT = "DROP TRIGGER customer_root_is_root ON customers_customer; DROP FUNCTION customer_root_is_root();"

OVERLAP = """
CREATE FUNCTION identity_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT NEW.routable THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(
    hashtextextended(NEW.namespace || chr(31) || NEW.scope || chr(31) || NEW.key, 7));
  PERFORM 1 FROM customers_identity i
    WHERE i.namespace = NEW.namespace AND i.scope = NEW.scope AND i.key = NEW.key AND i.id <> NEW.id AND i.routable
      AND tstzrange(i.valid_from, i.valid_to) && tstzrange(NEW.valid_from, NEW.valid_to);
  IF FOUND THEN
    RAISE EXCEPTION 'identity periods overlap'
      USING errcode = 'exclusion_violation', constraint = 'identity_no_overlap';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_no_overlap
  AFTER INSERT OR UPDATE OF namespace, scope, key, routable, valid_from, valid_to ON customers_identity
  FOR EACH ROW EXECUTE FUNCTION identity_no_overlap();
"""
UNOVERLAP = "DROP TRIGGER identity_no_overlap ON customers_identity; DROP FUNCTION identity_no_overlap();"

# ID-I5: the origin of a fact never changes.
HOME = """
CREATE FUNCTION customer_fact_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'the origin of a fact never changes'
    USING errcode = 'check_violation', constraint = 'customer_fact_stays';
END $$;
CREATE TRIGGER identity_stays BEFORE UPDATE OF customer_id ON customers_identity
  FOR EACH ROW WHEN (OLD.customer_id <> NEW.customer_id) EXECUTE FUNCTION customer_fact_stays();
CREATE TRIGGER observation_stays BEFORE UPDATE ON customers_observation
  FOR EACH ROW EXECUTE FUNCTION customer_fact_stays();
"""
UNHOME = """
DROP TRIGGER identity_stays ON customers_identity;
DROP TRIGGER observation_stays ON customers_observation;
DROP FUNCTION customer_fact_stays();
"""

AUDIT = """
CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'the audit is append-only' USING errcode = 'check_violation', constraint = 'audit_entry_stays';
END $$;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON customers_auditentry
  FOR EACH ROW EXECUTE FUNCTION audit_entry_stays();
"""
UNAUDIT = "DROP TRIGGER audit_entry_stays ON customers_auditentry; DROP FUNCTION audit_entry_stays();"


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_start")]

    operations = [
        migrations.RunSQL(BIRTH, UNBIRTH),
        migrations.RunSQL(ROOT, UNROOT),
        migrations.RunSQL(OVERLAP, UNOVERLAP),
        migrations.RunSQL(HOME, UNHOME),
        migrations.RunSQL(AUDIT, UNAUDIT),
    ]
