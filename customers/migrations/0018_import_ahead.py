"""Which chunk of an import was written before the one in front of it? A mark, until that one is written too."""

from django.db import migrations

AHEAD = """
CREATE TABLE customers_importahead (
  import_id bigint NOT NULL, first integer NOT NULL, last integer NOT NULL, PRIMARY KEY (import_id, first));
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0017_root_lock")]

    operations = [migrations.RunSQL(AHEAD, "DROP TABLE customers_importahead")]
