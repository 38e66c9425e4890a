"""Which indexes say again what another says, or hold nothing but nulls? Every message and every import wrote them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("customers", "0014_import_guards")]

    operations = [
        migrations.AlterField(
            "attribute",
            "root",
            models.ForeignKey("customers.customer", db_index=False, on_delete=PROTECT, related_name="attributes"),
        ),
        migrations.AlterField(
            "observation",
            "customer",
            models.ForeignKey("customers.customer", db_index=False, on_delete=PROTECT, related_name="observations"),
        ),
        migrations.AlterField(
            "observation",
            "identity",
            models.ForeignKey(
                "customers.identity", blank=True, db_index=False, null=True, on_delete=PROTECT, related_name="+"
            ),
        ),
        migrations.AlterField(
            "identity",
            "endpoint",
            models.ForeignKey(
                "customers.identity",
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="aliases",
            ),
        ),
        migrations.AddIndex(
            "observation",
            models.Index(name="observation_identity", fields=["identity"], condition=Q(identity__isnull=False)),
        ),
        migrations.AddIndex(
            "identity",
            models.Index(name="identity_endpoint", fields=["endpoint"], condition=Q(endpoint__isnull=False)),
        ),
    ]
