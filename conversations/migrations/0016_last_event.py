import common.fields
import common.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0011_articles"),
        ("customers", "0023_bot_visible"),
    ]

    operations = [
        migrations.CreateModel(
            name="LastEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("subject", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=64)),
                ("line", common.fields.EncryptedTextField(blank=True, default="")),
                ("occurred_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "subject"), name="last_event_one_per_subject")
                ],
            },
        ),
    ]
