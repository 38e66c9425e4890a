"""Where do new facts live? A customer is born, found again, and seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, connection, transaction

from common import rows
from customers import clusters
from customers.models import Customer, Identity
from customers.normalise import Key

TRIES = 3
SEEN_EVERY = timedelta(minutes=10)
# Skips a customer that a merge holds: an inbound message never waits for one, and the next message will do.
SEEN = """
UPDATE customers_customer SET last_seen_at = greatest(last_seen_at, %s)
WHERE id = (SELECT id FROM customers_customer WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)
"""
Answer = TypeVar("Answer")


def undisturbed(work: Callable[[], Answer]) -> Answer:
    """Run `work` in a savepoint; a racer that won a key rolls it back without a trace, and it reads again."""
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except IntegrityError:
            continue
    with transaction.atomic():
        return work()


def born(*, key: Key, at: datetime) -> Customer:
    """A new customer, a root of its own; a browser is anonymous, whoever a site or shop has a number for is known."""
    customer = Customer(kind=clusters.kind_by(key), first_seen_at=at, last_seen_at=at)
    rows.insert(customer)
    return customer


def head_of(row: Identity, among: list[Identity]) -> Identity:
    """The row that stands for the whole address: where a session lives."""
    if row.endpoint_id is None:
        return row
    near = next((other for other in among if other.pk == row.endpoint_id), None)
    return near or Identity.objects.select_related("customer").get(pk=row.endpoint_id)


def seen(customer: Customer, at: datetime) -> None:
    """Note the customer's last sign of life, to ten minutes."""
    if at - customer.last_seen_at < SEEN_EVERY:
        return
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [at, customer.root_id])
