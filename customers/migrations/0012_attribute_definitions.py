"""What people define about attributes, with those that everybody has; sets of words; a person's primary address."""

from typing import Any

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models
from django.db.models import Q

import common.clock

TYPES = ["text", "number", "boolean", "date", "datetime", "choice", "list", "email", "phone", "url"]
POLICIES = {
    "verified_sticky": "A verified value stays; a newer one is shown as a conflict",
    "newest": "The newest value",
    "source_order": "The best source: CRM, agent, site, code, channel, bot, import",
    "min": "The smallest or earliest value",
    "max": "The largest or latest value",
    "union": "All values together",
}
REACTIONS = {
    "flag": "Tell people: a conflict to settle",
    "keep": "Keep what holds, say nothing",
    "take": "Take the newest, say nothing",
}


STICKY, ORDERED = {"policy": "verified_sticky"}, {"policy": "source_order"}
PERSONAL = {**STICKY, "is_personal": True}
BUILT_IN: list[tuple[str, str, int, dict[str, Any]]] = [
    ("name", "Name", 10, STICKY),
    ("first_name", "First name", 11, STICKY),
    ("last_name", "Last name", 12, STICKY),
    ("email", "E-mail", 20, {**PERSONAL, "type": "email"}),
    ("phone", "Phone", 21, {**PERSONAL, "type": "phone"}),
    ("birth_date", "Date of birth", 22, {**PERSONAL, "type": "date"}),
    ("address", "Address", 23, PERSONAL),
    ("city", "City", 24, {}),
    ("country", "Country", 25, {}),
    ("language", "Language", 26, {"on_disagreement": "take"}),
    ("company", "Company", 27, {}),
    ("customer_number", "Customer number", 30, ORDERED),
    ("segment", "Segment", 31, ORDERED),
    ("tags", "Tags", 32, {"type": "list", "policy": "union"}),
    ("first_seen", "First seen", 40, {"type": "datetime", "policy": "min"}),
    ("last_seen", "Last seen", 41, {"type": "datetime", "policy": "max"}),
    ("last_page", "Last page", 42, {"on_disagreement": "take"}),
]


def write(apps: Any, editor: Any) -> None:
    definition = apps.get_model("customers", "AttributeDefinition")
    for key, label, order, more in BUILT_IN:
        definition.objects.get_or_create(key=key, defaults={"label": label, "order": order, **more})


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0011_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttributeDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="How journeys and the API call it. It cannot be changed later.",
                        max_length=100,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]*$", "Small letters, digits and underscores."
                            )
                        ],
                    ),
                ),
                ("label", models.CharField(help_text="How people call it.", max_length=100)),
                (
                    "type",
                    models.CharField(
                        choices=[(name, name.capitalize()) for name in TYPES], default="text", max_length=10
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list)),
                (
                    "policy",
                    models.CharField(
                        choices=list(POLICIES.items()),
                        default="newest",
                        max_length=16,
                        verbose_name="which value holds",
                    ),
                ),
                (
                    "on_disagreement",
                    models.CharField(
                        choices=list(REACTIONS.items()),
                        default="flag",
                        max_length=4,
                        verbose_name="when sources disagree",
                    ),
                ),
                ("sync", models.JSONField(blank=True, default=dict)),
                (
                    "is_personal",
                    models.BooleanField(
                        default=False, help_text="Masked for who may not see it whole.", verbose_name="sensitive"
                    ),
                ),
                ("description", models.TextField(blank=True, default="", max_length=1000)),
                (
                    "order",
                    models.PositiveIntegerField(default=1000, help_text="The smaller, the higher on the page."),
                ),
                (
                    "is_archived",
                    models.BooleanField(
                        default=False,
                        help_text="Not shown any more; nothing is deleted.",
                        verbose_name="archived",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("changed_at", models.DateTimeField(default=common.clock.now, editable=False)),
                ("applied_version", models.PositiveIntegerField(default=1, editable=False)),
                ("applied_to", models.BigIntegerField(default=0, editable=False)),
            ],
            options={
                "ordering": ("order", "key"),
                "constraints": [
                    models.CheckConstraint(name="attribute_definition_type", condition=Q(type__in=TYPES)),
                    models.CheckConstraint(name="attribute_definition_policy", condition=Q(policy__in=list(POLICIES))),
                    models.CheckConstraint(
                        name="attribute_definition_reaction", condition=Q(on_disagreement__in=list(REACTIONS))
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="attribute",
            name="words",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="identity",
            name="primary_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={
                "permissions": [
                    ("merge_customer", "Can join customers"),
                    ("force_merge", "Can join customers against what forbids it"),
                    ("assert_customer", "Can say as a trusted server who is who and what they are like"),
                ]
            },
        ),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
