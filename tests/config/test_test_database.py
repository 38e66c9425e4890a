"""Do tests stand on a real PostgreSQL?"""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_postgresql_14_or_newer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 140000
