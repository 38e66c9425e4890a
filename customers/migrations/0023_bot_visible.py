from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0022_arrival_proven"),
    ]

    operations = [
        migrations.AddField(
            model_name="attributedefinition",
            name="is_bot_visible",
            field=models.BooleanField(
                default=False,
                help_text="Told to agents at a handover, and to the language model if one is used.",
                verbose_name="the bot may know it",
            ),
        ),
    ]
