"""Is nothing sent to somebody who told us to stop, until they write again?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from channels_app import delivery
from channels_app.permission import Wishes
from common import clock
from conversations import outbox, threads
from conversations.content import Template, Text
from conversations.models import Delivery, Session
from customers import consent
from tests.channels_app.sending import say

pytestmark = pytest.mark.django_db(transaction=True)
OFFER = Template("spring_sale", text="Chairs are cheaper today", category="MARKETING")
NEWS = Template("order_update", text="Your chair is on its way", category="UTILITY")


def wish(session: Session, state: str, purpose: str = "all", at: datetime | None = None) -> None:
    consent.record(identity=session.identity, purpose=purpose, state=state, occurred_at=at or clock.now())


def offer(session: Session, template: Template) -> Delivery:
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        said = outbox.say(conversation=conversation, session=session, content=template, author="agent", agent_id=1)
    assert said is not None
    return said.deliveries.get()


def sent(row: Delivery) -> tuple[str, str]:
    delivery.send_due()
    row.refresh_from_db()
    return row.state, row.reason


@pytest.mark.scenario("T-71")
def test_after_a_stop_nothing_leaves(graph, session):
    row = say(session)
    wish(session, "out")
    assert sent(row) == ("failed", "opted_out") and graph.requests == 0


def test_who_writes_again_after_a_stop_is_answered_but_offered_nothing(graph, session):
    wish(session, "out", at=session.last_inbound_at - timedelta(minutes=1))
    assert sent(say(session))[0] == "sent"
    assert sent(offer(session, NEWS)) == ("failed", "opted_out")


def test_who_comes_back_is_written_to_again(graph, session):
    wish(session, "out", at=clock.now() - timedelta(minutes=2))
    wish(session, "in")
    assert sent(say(session))[0] == "sent"


@pytest.mark.scenario("ID-94")
def test_marketing_takes_a_yes_of_this_address(graph, session):
    assert sent(offer(session, OFFER)) == ("failed", "opted_out")
    wish(session, "in", "marketing")
    assert sent(offer(session, OFFER))[0] == "sent"
    wish(session, "out", "marketing")
    assert sent(offer(session, OFFER)) == ("failed", "opted_out")
    assert sent(offer(session, NEWS))[0] == "sent"


@pytest.mark.parametrize(
    ("wishes", "forbidden"),
    [
        (Wishes(), False),
        (Wishes(stopped_at=clock.now()), True),
        (Wishes(stopped_at=clock.now(), wrote_at=clock.now() - timedelta(1)), True),
        (Wishes(stopped_at=clock.now() - timedelta(1), wrote_at=clock.now()), False),
    ],
)
def test_an_answer_is_forbidden_only_after_the_last_word(wishes: Wishes, forbidden: bool) -> None:
    assert wishes.forbid(Text("hello")) is forbidden


def test_marketing_without_any_word_is_forbidden() -> None:
    assert Wishes().forbid(OFFER) and not Wishes().forbid(NEWS)
