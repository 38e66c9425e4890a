from django.db import migrations, models


class Migration(migrations.Migration):
    """Counters that no other row keeps: refused placeholders, merges tried again, dates put right, drift."""

    dependencies = [("customers", "0015_lean_indexes")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "name", "hour", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("hour", models.DateTimeField()),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={"verbose_name_plural": "tallies"},
        ),
    ]
