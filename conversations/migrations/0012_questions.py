import common.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0013_authoring"),
        ("customers", "0023_bot_visible"),
    ]

    operations = [
        migrations.CreateModel(
            name="Greeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.SlugField(db_index=False, max_length=64)),
                ("greeted_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.identity"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("identity", "channel"), name="greeting_one_per_endpoint")
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("heard", models.BigIntegerField()),
                ("epoch", models.BigIntegerField()),
                ("run_seq", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("claimed", "Claimed"),
                            ("applied", "Applied"),
                            ("fell_back", "Fell Back"),
                            ("discarded", "Discarded"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("model", models.CharField(blank=True, default="", max_length=80)),
                ("action", models.CharField(blank=True, default="", max_length=16)),
                ("outcome", models.CharField(blank=True, default="", max_length=32)),
                ("tokens_in", models.PositiveIntegerField(blank=True, null=True)),
                ("tokens_out", models.PositiveIntegerField(blank=True, null=True)),
                ("milliseconds", models.PositiveIntegerField(blank=True, null=True)),
                ("calls", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="conversations.conversation"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="conversations.message"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.journeyrun",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="conversations.session"
                    ),
                ),
            ],
            options={
                "verbose_name": "call of the language model",
                "verbose_name_plural": "calls of the language model",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "claimed"])),
                        fields=["next_attempt_at", "id"],
                        name="question_due",
                    ),
                    models.Index(fields=["customer", "asked_at"], name="question_of_customer"),
                    models.Index(fields=["-asked_at"], name="question_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "claimed"])),
                        fields=["conversation"],
                        name="question_open",
                    ),
                ],
            },
        ),
    ]
