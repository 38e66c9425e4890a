from django.db import migrations, models


class Migration(migrations.Migration):
    """When a code was typed in a session: where anybody may write in somebody's name it holds for minutes."""

    dependencies = [("conversations", "0007_codes")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="coded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
