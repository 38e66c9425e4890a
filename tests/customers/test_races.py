"""Do many at once still make one? Threads against the real database."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection

from customers.models import Customer, Identity
from tests.customers.cast import ANN, NOON, login, resolve, visitor, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """The results of `work(0..count-1)`, all begun together, each on a connection of its own."""
    gate = Barrier(count)

    def one(number: int) -> Any:
        gate.wait(timeout=20)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def orphans() -> int:
    return Customer.objects.filter(identities=None).count()


@pytest.mark.scenario("ID-36")
def test_two_first_messages_of_one_sender_make_one_customer() -> None:
    found = at_once(2, lambda _: resolve(whatsapp(ANN)).origin)
    assert found[0] == found[1]
    assert (Customer.objects.count(), orphans()) == (1, 0)


@pytest.mark.scenario("T-P8")
def test_fifty_parallel_first_messages_make_one_customer_and_no_orphan() -> None:
    found = at_once(50, lambda n: resolve(whatsapp(ANN, "BR.1"), NOON + timedelta(seconds=n % 5)))
    assert len({one.origin for one in found}) == len({one.identity for one in found}) == 1
    assert sum(one.created for one in found) == 1
    assert (Customer.objects.count(), Identity.objects.count(), orphans()) == (1, 2, 0)


@pytest.mark.scenario("T-P8")
def test_both_forms_of_one_phone_at_once_make_one_customer() -> None:
    at_once(12, lambda n: resolve(whatsapp("553188888888" if n % 2 else ANN)))
    assert (Customer.objects.count(), orphans()) == (1, 0)


def test_different_senders_at_once_stay_different() -> None:
    at_once(12, lambda n: resolve(whatsapp(f"4915112345{n:02}")))
    assert Customer.objects.count() == 12


def test_phone_first_and_business_id_first_at_once_do_not_deadlock() -> None:
    at_once(16, lambda n: resolve(list(reversed(whatsapp(ANN, "BR.1"))) if n % 2 else whatsapp(ANN, "BR.1")))
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 2)


def test_two_tokens_on_one_browser_at_once_share_no_customer() -> None:
    browser = resolve(visitor()).identity
    found = at_once(6, lambda n: login(f"user-{n}", browser).origin)
    assert len(set(found)) == 6
    assert browser.customer in found


@pytest.mark.scenario("ID-71")
def test_periods_of_one_key_never_overlap() -> None:
    homes = [Customer.objects.create() for _ in range(8)]

    def insert(number: int) -> int:
        kept = 0
        for step in range(12):
            start = NOON + timedelta(hours=(number * 5 + step * 7) % 40)
            row = {"namespace": "phone", "key": "k", "raw": "k", "proof": "provider", "routable": True}
            try:
                Identity.objects.create(
                    customer=homes[number], valid_from=start, valid_to=start + timedelta(hours=3), **row
                )
                kept += 1
            except IntegrityError:
                continue
        return kept

    assert sum(at_once(8, insert)) > 1
    rows = list(Identity.objects.order_by("valid_from").values_list("valid_from", "valid_to"))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(rows))
