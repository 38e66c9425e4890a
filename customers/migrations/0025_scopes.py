from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

SCOPED = ("site_user", "customer_number", "email_from")


class Migration(migrations.Migration):
    """The search asks every site that has accounts; which these are was read from all of them."""

    atomic = False

    dependencies = [("customers", "0024_hash_indexes")]

    operations = [
        AddIndexConcurrently(
            "identity",
            models.Index(
                condition=Q(("namespace__in", SCOPED), ("valid_to__isnull", True)),
                fields=["namespace", "scope"],
                name="identity_scopes",
            ),
        ),
    ]
