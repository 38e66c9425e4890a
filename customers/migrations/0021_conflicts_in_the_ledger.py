"""A conflict is entered into the ledger when it opens, whichever statement opened it."""

from django.db import migrations, models

ENTER = """
CREATE FUNCTION conflict_enters_ledger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO customers_mergeevent
    (public_id, kind, request_id, root_before, root_after, actor, reason, version, at)
  SELECT gen_random_uuid(), 'conflict', 'conflict:' || NEW.public_id, jsonb_build_array(root.id),
    jsonb_build_array(root.id), 'system', NEW.kind, root.version, NEW.opened_at
  FROM customers_customer c JOIN customers_customer root ON root.id = c.root_id WHERE c.id = NEW.customer_id;
  RETURN NULL; END $$;
-- A device with a wrong clock disagrees with nobody about who somebody is.
CREATE TRIGGER conflict_enters_ledger AFTER INSERT ON customers_conflict
  FOR EACH ROW WHEN (NEW.kind <> 'clamped_time') EXECUTE FUNCTION conflict_enters_ledger();
-- event_api: what happened to one person.
CREATE INDEX merge_event_who ON customers_mergeevent USING gin ((root_before || root_after) jsonb_path_ops);
"""
LEAVE = """
DROP INDEX merge_event_who;
DROP TRIGGER conflict_enters_ledger ON customers_conflict;
DROP FUNCTION conflict_enters_ledger();
"""
KINDS = [("merge", "Merge"), ("split", "Split"), ("erase", "Erase"), ("transfer", "Transfer"), ("conflict", "Conflict")]


class Migration(migrations.Migration):
    dependencies = [("customers", "0020_import_words")]

    operations = [
        migrations.AlterField("mergeevent", "kind", models.CharField(choices=KINDS, max_length=8)),
        migrations.RunSQL(ENTER, LEAVE),
    ]
