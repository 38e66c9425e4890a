"""What counted a run's turns was never read: `seq` bounds them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conversations", "0016_last_event")]

    operations = [migrations.RemoveField(model_name="journeyrun", name="turns_total")]
