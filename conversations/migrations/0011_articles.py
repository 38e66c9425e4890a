import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.fields
import common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0015_run_results"),
        ("customers", "0023_bot_visible"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ArticleEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=16, unique=True)),
                ("number", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Miss",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("language", models.CharField(blank=True, default="", max_length=16)),
                ("digest", models.CharField(max_length=64)),
                ("question", common.fields.EncryptedTextField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "misses",
            },
        ),
        migrations.CreateModel(
            name="MissAsking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=16)),
                ("asked_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "miss",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="askings", to="conversations.miss"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("key", models.SlugField(db_index=False, max_length=64)),
                ("language", models.CharField(max_length=16)),
                ("title", models.CharField(max_length=200)),
                (
                    "body",
                    models.TextField(help_text="Markdown; what a channel cannot show becomes plain text and links."),
                ),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "Public"), ("private", "Private")], default="public", max_length=8
                    ),
                ),
                ("valid_from", models.DateTimeField(blank=True, null=True)),
                ("valid_to", models.DateTimeField(blank=True, null=True)),
                ("hand_over", models.JSONField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=9
                    ),
                ),
                (
                    "normalised",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, editable=False, size=None
                    ),
                ),
                ("search", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ("words", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("helped", models.PositiveIntegerField(default=0, editable=False)),
                ("left_open", models.PositiveIntegerField(default=0, editable=False)),
                ("updated_at", models.DateTimeField()),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("publish_article", "Can publish articles: the bot answers with them")],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("state", "published")), fields=["search"], name="article_search"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("state", "published")), fields=["normalised"], name="article_normalised"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "language"), name="article_once_per_language"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="article_valid_for_a_while",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="miss",
            constraint=models.UniqueConstraint(fields=("digest", "language"), name="miss_once_per_question"),
        ),
    ]
