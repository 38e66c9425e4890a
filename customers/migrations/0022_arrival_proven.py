from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether the far side of a link was proven where the code arrived. A constant default: no rewrite."""

    dependencies = [("customers", "0021_conflicts_in_the_ledger")]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="arrival_proven",
            field=models.BooleanField(default=False, db_default=False),
        ),
    ]
