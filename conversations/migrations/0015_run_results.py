from django.db import migrations

import common.fields


class Migration(migrations.Migration):
    """A run knows what it was begun with, and keeps what came for it while the bot could not speak."""

    dependencies = [("conversations", "0010_remote_tasks")]

    operations = [
        migrations.AddField("journeyrun", "given", common.fields.EncryptedJSONField(blank=True, null=True)),
        migrations.AddField("journeyrun", "result", common.fields.EncryptedJSONField(blank=True, null=True)),
    ]
