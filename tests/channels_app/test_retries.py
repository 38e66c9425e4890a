"""May an agent have a message sent once more, and what is never sent again?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from channels_app import delivery
from channels_app.adapters.base import REASONS
from channels_app.models import Channel
from common import clock
from conversations.models import Delivery, Session
from handover.inbox import deliveries
from handover.models import Agent
from tests import factories as make
from tests.channels_app import providers
from tests.channels_app.sending import say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana(db: None) -> Agent:
    return make.agent("Ana Sousa", queues=(make.queue("sales"),))


@pytest.fixture
def desk(ana: Agent) -> Client:
    client = Client()
    client.force_login(ana.user)
    return client


def ask(client: Client, row: Delivery):
    return client.post(f"/inbox/messages/{row.message.public_id}/retry/", headers={"Accept": "application/json"})


def ended(session: Session, state: str, **given: object) -> Delivery:
    """Something was said, and this became of it."""
    row = say(session, **given)
    Delivery.objects.filter(pk=row.pk).update(state=state, reason="provider_down")
    return row


@pytest.mark.parametrize("state", ["failed", "unknown"])
@pytest.mark.scenario("T-P6")
def test_what_failed_or_got_lost_is_sent_again_when_an_agent_wants_it(
    desk: Client, graph: providers.Graph, session: Session, state: str
) -> None:
    row = ended(session, state, author="agent")
    assert delivery.send_due() == 0, "nobody but an agent asks for it"
    assert ask(desk, row).status_code == 200
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, graph.requests) == ("sent", 1)


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "delivered", "read", "cancelled"])
def test_nothing_else_is_sent_again(desk: Client, session: Session, state: str) -> None:
    row = ended(session, state)
    answer = ask(desk, row)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_failed")
    row.refresh_from_db()
    assert row.state == state


def test_two_clicks_are_one_wish(desk: Client, session: Session) -> None:
    row = ended(session, "failed", author="agent")
    assert [ask(desk, row).status_code for _ in range(2)] == [200, 409]


def test_after_more_than_a_day_it_has_a_day_again(desk: Client, graph: providers.Graph, session: Session) -> None:
    row = ended(session, "failed", author="agent")
    Delivery.objects.update(queued_at=clock.now() - timedelta(days=2))
    Session.objects.update(window_expires_at=None)
    ask(desk, row)
    delivery.send_due()
    row.refresh_from_db()
    assert row.state == "sent"


def test_the_bots_words_come_again_while_the_bot_speaks(desk: Client, session: Session) -> None:
    assert ask(desk, ended(session, "failed")).status_code == 200


@pytest.mark.parametrize("back_to_the_bot", [False, True])
def test_the_bots_words_never_come_again_over_a_person(
    desk: Client, ana: Agent, session: Session, back_to_the_bot: bool
) -> None:
    row = ended(session, "failed")
    make.give(session.conversation, ana)
    if back_to_the_bot:
        make.give(session.conversation, None)
    answer = ask(desk, row)
    assert (answer.status_code, answer.json()["code"]) == (409, "overtaken")
    row.refresh_from_db()
    assert row.state == "failed"


@pytest.mark.scenario("T-8")
def test_what_the_agent_may_not_see_is_not_there(desk: Client, session: Session) -> None:
    row = ended(session, "failed")
    make.give(session.conversation, make.queue("support"))
    assert ask(desk, row).status_code == 404
    assert desk.post(f"/inbox/messages/{uuid4()}/retry/").status_code == 404
    row.refresh_from_db()
    assert row.state == "failed"


def test_only_a_logged_in_agents_own_page_may_ask(ana: Agent, channel: Channel, session: Session) -> None:
    row = ended(session, "failed")
    assert ask(Client(), row).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana.user)
    assert ask(strict, row).status_code == 403
    strict.force_login(ana.user)
    assert strict.get(f"/inbox/messages/{row.message.public_id}/retry/").status_code == 405


@pytest.mark.parametrize(("state", "shown"), [("failed", True), ("unknown", True), ("delivered", False)])
def test_the_thread_offers_it_where_it_makes_sense(desk: Client, session: Session, state: str, shown: bool) -> None:
    row = ended(session, state)
    page = desk.get(f"/inbox/c/{session.conversation.public_id}/").content.decode()
    assert (f'data-retry="/inbox/messages/{row.message.public_id}/retry/"' in page) is shown


def test_every_reason_has_words() -> None:
    assert set(REASONS) - set(deliveries.REASONS) == set()
