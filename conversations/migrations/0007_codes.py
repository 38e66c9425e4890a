import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A delivery may carry a one-time code; a session keeps what one has proven. Both columns are empty: no rewrite."""

    dependencies = [
        ("conversations", "0006_channels_without_indexes"),
        ("customers", "0010_mapping_import"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="challenge",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="customers.challenge",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("challenge__isnull", False)), fields=["challenge"], name="delivery_challenge"
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="coded",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None
            ),
        ),
    ]
