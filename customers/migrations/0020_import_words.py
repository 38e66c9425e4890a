"""Was this said before, in whichever row of whichever file? A staged value carries what it says, as a digest."""

from django.db import migrations

SAID = """
ALTER TABLE customers_importvalue ADD COLUMN said text NOT NULL DEFAULT '', ADD COLUMN write_group uuid;
"""
UNSAID = "ALTER TABLE customers_importvalue DROP COLUMN said, DROP COLUMN write_group"


class Migration(migrations.Migration):
    dependencies = [("customers", "0019_notes")]

    operations = [migrations.RunSQL(SAID, UNSAID)]
