"""What stays true while statements wait for each other: the root that is locked, and the home that names share?"""

from django.db import migrations

# A statement that waits for the lock goes on with the pointer that it had read before. Whoever then kept the wrong
# row's lock and waited for the right one would meet a split that holds that one and waits for this one; the inner block
# is a savepoint, so that nothing wrong is kept.
LOCK = """
CREATE FUNCTION customer_root_locked(origin bigint) RETURNS SETOF customers_customer LANGUAGE plpgsql AS $$
DECLARE wanted bigint; found bigint;
BEGIN
  LOOP
    SELECT c.root_id INTO wanted FROM customers_customer c WHERE c.id = origin;
    IF wanted IS NULL THEN RETURN; END IF;
    BEGIN
      PERFORM 1 FROM customers_customer c WHERE c.id = wanted FOR NO KEY UPDATE;
      SELECT c.root_id INTO found FROM customers_customer c WHERE c.id = origin;
      IF found = wanted THEN
        RETURN QUERY SELECT * FROM customers_customer c WHERE c.id = wanted;
        RETURN;
      END IF;
      RAISE EXCEPTION USING errcode = 'TL001', message = 'the root has moved';
    EXCEPTION WHEN SQLSTATE 'TL001' THEN NULL;
    END;
  END LOOP;
END $$;
"""
UNLOCK = "DROP FUNCTION customer_root_locked(bigint);"

# ID-I14: other names of an address have its home. An alias is never moved, so its birth is the moment to look.
ALIAS = """
CREATE FUNCTION identity_alias_has_home() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM customers_identity h WHERE h.id = NEW.endpoint_id AND h.customer_id <> NEW.customer_id) THEN
    RAISE EXCEPTION 'an alias has the home of its address'
      USING errcode = 'check_violation', constraint = 'identity_alias_has_home';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_alias_has_home AFTER INSERT OR UPDATE OF endpoint_id ON customers_identity
  FOR EACH ROW WHEN (NEW.endpoint_id IS NOT NULL) EXECUTE FUNCTION identity_alias_has_home();
"""
UNALIAS = "DROP TRIGGER identity_alias_has_home ON customers_identity; DROP FUNCTION identity_alias_has_home();"


class Migration(migrations.Migration):
    dependencies = [("customers", "0016_tallies")]

    operations = [migrations.RunSQL(LOCK, UNLOCK), migrations.RunSQL(ALIAS, UNALIAS)]
