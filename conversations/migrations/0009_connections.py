import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import common.fields
import common.ids
import conversations.models.connection


class Migration(migrations.Migration):
    """Other systems that journeys ask, how they are doing, and every question that was put to one."""

    dependencies = [("conversations", "0008_coded_at"), ("customers", "0022_arrival_proven")]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("key", models.SlugField(max_length=64, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("base_url", models.CharField(max_length=300)),
                ("headers", common.fields.EncryptedJSONField(blank=True, default=dict)),
                (
                    "methods",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        default=conversations.models.connection.usual_methods,
                        size=None,
                    ),
                ),
                (
                    "ports",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        default=conversations.models.connection.usual_ports,
                        size=None,
                    ),
                ),
                ("seconds", models.PositiveSmallIntegerField(default=10)),
                ("max_bytes", models.PositiveIntegerField(default=262144)),
                ("per_minute", models.PositiveIntegerField(default=120)),
                ("health_path", models.CharField(blank=True, default="", max_length=200)),
                ("cancel_path", models.CharField(blank=True, default="", max_length=200)),
                ("is_enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={"ordering": ["title"]},
        ),
        migrations.CreateModel(
            name="ConnectionState",
            fields=[
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="state",
                        serialize=False,
                        to="conversations.connection",
                    ),
                ),
                (
                    "failed_at",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), default=list, size=None
                    ),
                ),
                ("open_until", models.DateTimeField(blank=True, null=True)),
                ("minute_at", models.DateTimeField(blank=True, null=True)),
                ("minute_calls", models.PositiveIntegerField(default=0)),
                ("tested_at", models.DateTimeField(blank=True, null=True)),
                ("test_result", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="WebRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("seq", models.BigIntegerField()),
                ("step_id", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("claimed", "Claimed"),
                            ("answered", "Answered"),
                            ("applied", "Applied"),
                            ("discarded", "Discarded"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("request", common.fields.EncryptedJSONField(blank=True, null=True)),
                ("retry", models.JSONField(blank=True, default=dict)),
                ("is_idempotent", models.BooleanField(default=False)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=16)),
                ("response", common.fields.EncryptedJSONField(blank=True, null=True)),
                ("milliseconds", models.PositiveIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="requests",
                        to="conversations.connection",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="conversations.journeyrun",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["next_attempt_at"],
                        condition=models.Q(state__in=["pending", "answered"]),
                        name="webrequest_due",
                    ),
                    models.Index(fields=["lease_until"], condition=models.Q(state="claimed"), name="webrequest_lease"),
                    models.Index(
                        fields=["settled_at"], condition=models.Q(request__isnull=False), name="webrequest_words"
                    ),
                    models.Index(fields=["connection", "-id"], name="webrequest_latest"),
                ],
                "constraints": [models.UniqueConstraint(fields=("run", "seq"), name="webrequest_once")],
            },
        ),
    ]
