import django.db.models.deletion
from django.db import migrations, models

import common.fields
import common.ids

STATES = ["queued", "running", "done", "failed", "timed_out", "cancelled"]


class Migration(migrations.Migration):
    """Jobs that run in other systems for a journey, and the last that each reported."""

    dependencies = [("conversations", "0012_questions")]

    operations = [
        migrations.CreateModel(
            name="RemoteTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("connection", models.SlugField(db_index=False, max_length=64)),
                ("step_id", models.CharField(max_length=64)),
                ("guard", models.BigIntegerField()),
                ("progress", models.TextField(blank=True, default="")),
                ("cancel", common.fields.EncryptedJSONField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[(state, state.replace("_", " ").title()) for state in STATES],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=32)),
                ("last_event_seq", models.BigIntegerField(default=0)),
                ("last_digest", models.CharField(blank=True, default="", max_length=64)),
                ("report", common.fields.EncryptedJSONField(blank=True, null=True)),
                ("reported_at", models.DateTimeField(blank=True, null=True)),
                ("told_seq", models.BigIntegerField(default=0)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("is_settled", models.BooleanField(default=False)),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                ("deadline", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "retry_of",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="retries",
                        to="conversations.remotetask",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="conversations.journeyrun",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(state__in=["queued", "running"]), fields=["customer"], name="task_open"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("run", "guard"), name="task_one_per_wait")],
            },
        ),
    ]
