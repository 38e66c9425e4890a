"""An agent who may not join customers can say that two are one, and why."""

from django.db import migrations, models

import common.fields


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0010_mapping_import"),
    ]

    operations = [
        migrations.AddField(
            model_name="matchsuggestion",
            name="proposed_by",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="matchsuggestion",
            name="note",
            field=common.fields.EncryptedTextField(blank=True, null=True),
        ),
    ]
