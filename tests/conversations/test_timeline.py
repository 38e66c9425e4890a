"""Is everything that was said with a person on one timeline, once, in order, whoever it was said to?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common import clock
from conversations import timeline
from conversations.models import Message
from customers import merging
from customers.models import Customer
from tests.stories import cast
from tests.stories.cast import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two() -> tuple[Endpoint, Endpoint]:
    """A person on WhatsApp and a visitor of the shop, each with something said."""
    cast.sales(), cast.library()
    phone, page = cast.maya().on_whatsapp(), cast.tom()
    start = clock.now() - timedelta(minutes=30)
    for minute in range(6):
        (phone if minute % 2 else page).turn(f"word {minute}", at=start + timedelta(minutes=minute))
    return phone, page


def joined(two: tuple[Endpoint, Endpoint]) -> Customer:
    a, b = (endpoint.place.identity.customer for endpoint in two)
    return merging.merge(a=a, b=b, kind="manual", rule="by_hand", actor="test", request_id="r").root


def test_both_channels_are_on_it_newest_first(two: tuple[Endpoint, Endpoint]) -> None:
    found = timeline.page(joined(two)).messages
    assert [one.occurred_at for one in found] == sorted((one.occurred_at for one in found), reverse=True)
    assert {one.session.kind for one in found} == {"whatsapp", "web"}
    assert len(found) == Message.objects.count()


def test_pages_meet_without_a_gap_or_a_repetition(two: tuple[Endpoint, Endpoint]) -> None:
    root, seen, cursor = joined(two), list[int](), None
    while True:
        found = timeline.page(root, before=cursor, limit=4)
        seen += [one.pk for one in found.messages]
        cursor = found.following
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == Message.objects.count()


def test_nothing_of_a_stranger_is_on_it(two: tuple[Endpoint, Endpoint]) -> None:
    phone, _ = two
    found = timeline.page(phone.place.identity.customer).messages
    assert found and {one.session.kind for one in found} == {"whatsapp"}


def test_a_page_costs_one_query(two: tuple[Endpoint, Endpoint], django_assert_num_queries: Any) -> None:
    root = joined(two)
    with django_assert_num_queries(1):
        assert timeline.page(root).messages[0].session.channel
