"""How does the worker use the database?"""

from __future__ import annotations

import pytest
from django.db import connection

from channels_app import work
from common import rows


@pytest.mark.django_db
def test_a_statement_of_the_worker_is_planned_once_for_all_values() -> None:
    work.plan_once(connection=connection)
    for number in range(10):
        rows.fetch("SELECT id FROM customers_customer WHERE id = %s::bigint", [number])
    known = rows.fetch(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
        ["SELECT id FROM customers_customer WHERE%"],
    )
    rows.fetch("SELECT set_config('plan_cache_mode', %s, false)", ["auto"])
    assert known and all(generic and not custom for generic, custom in known)
