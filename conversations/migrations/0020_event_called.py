"""The supervisors' board asks who called for help lately."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("conversations", "0019_search_words")]

    operations = [
        AddIndexConcurrently(
            model_name="conversationevent",
            index=models.Index(
                condition=models.Q(("kind", "supervisor_called")), fields=["-recorded_at"], name="event_called"
            ),
        ),
    ]
