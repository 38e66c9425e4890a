"""Somebody is forgotten: tombstones, erasures, and ledgers that give up what was written as a reason, nothing else."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import common.clock
import common.ids

# What remains of a row may not change: only its reason may go.
LEDGERS = """
DROP TRIGGER merge_event_stays ON customers_mergeevent;
CREATE TRIGGER merge_event_stays BEFORE UPDATE ON customers_mergeevent FOR EACH ROW
  WHEN (NEW.reason <> '' OR to_jsonb(NEW) - 'reason' IS DISTINCT FROM to_jsonb(OLD) - 'reason')
  EXECUTE FUNCTION customer_ledger_stays();
DROP TRIGGER audit_entry_stays ON customers_auditentry;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON customers_auditentry FOR EACH ROW
  WHEN (NEW.reason <> '(erased)' OR to_jsonb(NEW) - 'reason' IS DISTINCT FROM to_jsonb(OLD) - 'reason')
  EXECUTE FUNCTION audit_entry_stays();
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON customers_auditentry
  FOR EACH ROW EXECUTE FUNCTION audit_entry_stays();
"""
UNLEDGERS = """
DROP TRIGGER merge_event_stays ON customers_mergeevent;
CREATE TRIGGER merge_event_stays BEFORE UPDATE ON customers_mergeevent
  FOR EACH ROW EXECUTE FUNCTION customer_ledger_stays();
DROP TRIGGER audit_entry_is_kept ON customers_auditentry;
DROP TRIGGER audit_entry_stays ON customers_auditentry;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON customers_auditentry
  FOR EACH ROW EXECUTE FUNCTION audit_entry_stays();
"""
STATES = [("running", "Running"), ("done", "Done")]
ERASED, OBJECTED = ("erased", "Erased"), ("objected", "Objected")


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_attribute_definitions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("digest_key", models.CharField(max_length=8)),
                ("namespace", models.CharField(max_length=20)),
                ("scope", models.CharField(blank=True, default="", max_length=255)),
                (
                    "reason",
                    models.CharField(
                        choices=[ERASED, OBJECTED, ("transferred", "Transferred")], default="erased", max_length=12
                    ),
                ),
                ("erased_at", models.DateTimeField()),
                ("hits", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("digest", "reason"), name="tombstone_once")],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("members", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("customers", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("request_id", models.CharField(max_length=100, unique=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[("request", "Request"), ("retention", "Retention"), ("replay", "Replay")],
                        default="request",
                        max_length=10,
                    ),
                ),
                ("requested_by", models.CharField(max_length=100)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done")], default="running", max_length=8
                    ),
                ),
                ("erased_at", models.DateTimeField()),
                ("stores", models.JSONField(default=dict)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("rounds", models.PositiveSmallIntegerField(default=0)),
                ("is_logged", models.BooleanField(default=False)),
                ("held_elsewhere", models.JSONField(default=list)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=common.clock.now)),
            ],
            options={
                "permissions": [
                    ("erase_customer", "Can erase customers"),
                    ("export_customer", "Can export all that is held of a customer"),
                ],
                "indexes": [
                    models.Index(condition=models.Q(("state", "running")), fields=["id"], name="erasure_running"),
                    django.contrib.postgres.indexes.GinIndex(fields=["members"], name="erasure_members"),
                ],
            },
        ),
        migrations.RunSQL(LEDGERS, UNLEDGERS),
    ]
