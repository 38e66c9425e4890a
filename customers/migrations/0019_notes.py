from django.db import migrations, models


class Migration(migrations.Migration):
    """A neutral note to an address is kept like a code: who was told, and when. The column itself does not change."""

    dependencies = [("customers", "0018_import_ahead")]

    operations = [
        migrations.AlterField(
            model_name="challenge",
            name="kind",
            field=models.CharField(choices=[("code", "Code"), ("link", "Link"), ("note", "Note")], max_length=4),
        ),
    ]
