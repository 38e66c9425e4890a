"""What does one turn cost? The statements of the hot turn are pinned: one message in, one reply of the bot."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import Queue
from tests.stories import cast

# 2 of them are the savepoint of the test; the turn itself: root, conversation, session, message, event | runs,
# attributes, run, event, message, delivery, event, step log.
HOT_TURN = 13


@pytest.mark.django_db
def test_the_statements_of_a_turn(sales: Queue) -> None:
    phone = cast.maya().on_whatsapp()
    for said in ("hi", "2"):
        phone.says(said)
    with CaptureQueriesContext(connection) as spent:
        phone.turn("400")
    assert len(spent) <= HOT_TURN, [query["sql"][:80] for query in spent.captured_queries]


@pytest.mark.django_db
def test_a_message_for_an_agent_costs_less(sales: Queue) -> None:
    phone, ana = cast.maya().on_whatsapp(), cast.ana(sales)
    phone.says("hi")
    cast.take_over(phone, ana)
    with CaptureQueriesContext(connection) as spent:
        phone.turn("hello?")
    # Three of them look after the promises: what runs, the agent's reminder, and what the customer was promised.
    assert len(spent) <= 10, [query["sql"][:80] for query in spent.captured_queries]
