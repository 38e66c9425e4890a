"""How does the worker use the database, and what does it do while there is no Redis?"""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from channels_app import work
from common import clock, rows
from handover.models import BulkAction
from tests import factories as make


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


@pytest.mark.django_db(transaction=True)
def test_what_is_to_be_done_to_many_is_done_without_redis(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # nobody listens there
    sales = make.queue("sales")
    ana, waiting = make.agent("Ana Sousa", queues=(sales,)), make.waiting_in(sales)
    action = BulkAction.objects.create(
        agent=ana, verb="assign", wanted=[str(waiting.public_id)], created_at=clock.now()
    )
    shop = work.Workshop()
    thread = Thread(target=shop.do_many)
    thread.start()
    end = time.monotonic() + 20
    while BulkAction.objects.get(pk=action.pk).status == "pending" and time.monotonic() < end:
        time.sleep(0.05)
    shop.stopping.set()
    thread.join()
    waiting.refresh_from_db()
    assert (waiting.owner_kind, waiting.owner_id) == ("agent", ana.pk)
