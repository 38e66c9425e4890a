import common.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0004_capacity_setting"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContextLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=common.ids.uuid7, editable=False, unique=True)),
                ("title", models.CharField(max_length=60)),
                (
                    "url",
                    models.CharField(
                        help_text="An https address or a path of this site, with places for the customer: {public_id}, "
                        "{user_id}, {customer_number}, {email}, {phone}, or the key of an attribute, such as {order}.",
                        max_length=500,
                        verbose_name="address",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ("position", "title"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url__startswith", "https://"),
                            models.Q(("url__startswith", "/"), models.Q(("url__startswith", "//"), _negated=True)),
                            _connector="OR",
                        ),
                        name="context_link_is_safe",
                    )
                ],
            },
        ),
    ]
