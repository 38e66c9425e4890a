from django.contrib.postgres.indexes import HashIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations
from django.db.models import Q

LIVE = Q(valid_to__isnull=True)


class Migration(migrations.Migration):
    """What is only asked for by equality is hashed; built beside the old ones, while people write."""

    atomic = False

    dependencies = [("customers", "0023_bot_visible")]

    operations = [
        AddIndexConcurrently("identity", HashIndex(fields=["key"], name="identity_by_key")),
        AddIndexConcurrently(
            "identity", HashIndex(condition=~Q(phone_tail="") & LIVE, fields=["phone_tail"], name="identity_by_tail")
        ),
        RemoveIndexConcurrently("identity", "identity_resolve"),
        RemoveIndexConcurrently("identity", "identity_phone_tail"),
    ]
