"""How is the root of a cluster locked in one round trip? Read, locked, read again; a lock too late is let go."""

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


class Migration(migrations.Migration):
    dependencies = [("customers", "0015_tallies")]

    operations = [migrations.RunSQL(LOCK, UNLOCK)]
