"""Keep the messages that a provider has approved beforehand."""

import django.db.models.deletion
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0006_channel_state")]

    operations = [
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("name", models.CharField(max_length=512)),
                ("language", models.CharField(max_length=20)),
                ("status", models.CharField(max_length=40)),
                ("category", models.CharField(blank=True, default="", max_length=30)),
                ("quality", models.CharField(blank=True, default="", max_length=20)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("external_id", models.CharField(blank=True, default="", max_length=64)),
                ("components", models.JSONField(blank=True, default=list)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("synced_at", models.DateTimeField()),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="templates",
                        to="channels_app.channel",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "name", "language"), name="message_template_once")
                ],
            },
        ),
    ]
