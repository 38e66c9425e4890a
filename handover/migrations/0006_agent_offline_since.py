from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0005_context_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="offline_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
