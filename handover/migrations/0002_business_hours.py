import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A team has opening hours."""

    dependencies = [("handover", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="BusinessHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=80, unique=True)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("weekly", models.JSONField(blank=True, default=dict)),
                ("holidays", models.JSONField(blank=True, default=list)),
            ],
            options={"verbose_name_plural": "business hours"},
        ),
        migrations.AddField(
            model_name="queue",
            name="hours",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.businesshours",
            ),
        ),
    ]
