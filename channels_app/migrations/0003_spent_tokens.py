import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0002_initial")]

    operations = [
        migrations.CreateModel(
            name="SpentToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=80, unique=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="channels_app.visit"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["expires_at"], name="spent_token_age")]},
        ),
    ]
