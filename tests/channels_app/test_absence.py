"""Is somebody who has left the page told that there is an answer, and nothing of it? (ID-65)"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from channels_app import absence, claims
from channels_app.models import Channel
from common import clock
from conversations.models import Conversation, Delivery, Message, Session
from customers.models import Challenge, Identity
from handover.models import Agent
from tests import factories
from tests.channels_app import stage, storefront

pytestmark = pytest.mark.django_db
SECRET_WORDS = "Your invoice of 4,200 euros is overdue"


@pytest.fixture
def left(db: None) -> Session:
    """A visitor has typed somebody's e-mail, asked something and gone; an agent has answered since."""
    storefront.open_shop(site_url="https://shop.example/chat")
    stage.channel("email", "http://127.0.0.1:9")
    person = factories.customer()
    visitor = factories.identity(person, "visitor", "v1", scope=storefront.KEY)
    factories.identity(person, "email", "victim@x.example", proof="claimed")
    session = factories.receive(factories.web(visitor), "my private question").session
    Session.objects.filter(pk=session.pk).update(channel=storefront.KEY)
    agent = factories.agent(queues=(factories.queue(),))
    factories.give(session.conversation, agent)
    factories.agent_says(session, SECRET_WORDS, agent)
    pass_by(minutes=6)
    return Session.objects.get(pk=session.pk)


def pass_by(**amount: int) -> None:
    gone = timedelta(**amount)
    Message.objects.update(recorded_at=F("recorded_at") - gone, occurred_at=F("occurred_at") - gone)
    Conversation.objects.update(last_agent_at=F("last_agent_at") - gone)
    Session.objects.update(last_inbound_at=F("last_inbound_at") - gone)
    Challenge.objects.update(created_at=F("created_at") - gone)


def mail() -> str:
    Delivery.objects.update(next_attempt_at=clock.now() - timedelta(hours=1))  # the test is one long transaction
    (task,) = claims.claim(10)
    assert task.letter is not None
    return task.letter.plain_text()


@pytest.mark.scenario("ID-65", "T-58")
def test_the_mail_says_that_there_is_an_answer_and_no_word_of_anybody(left: Session) -> None:
    assert absence.tell() == 1
    said = mail()
    assert "There is an answer for you" in said and "https://shop.example/chat" in said
    assert "invoice" not in said and "private" not in said
    delivery = Delivery.objects.get(challenge__isnull=False)
    assert (delivery.channel, delivery.identity.proof) == ("email-demo", "claimed")


@pytest.mark.scenario("ID-65")
def test_it_is_said_once_until_the_visitor_writes_again_and_once_a_day_for_an_address(left: Session) -> None:
    assert [absence.tell(), absence.tell()] == [1, 0]
    factories.agent_says(left, "and another thing", Agent.objects.get())
    pass_by(minutes=10)
    assert absence.tell() == 0


@pytest.mark.scenario("ID-65")
def test_whoever_is_still_there_is_told_nothing(left: Session) -> None:
    Delivery.objects.update(state="delivered")
    assert absence.tell() == 0


@pytest.mark.parametrize("why", ["no_address", "kiosk", "no_mail_channel", "bounced"])
def test_where_nobody_can_or_may_be_told_nobody_is(left: Session, why: str) -> None:
    if why == "no_address":
        Identity.objects.filter(namespace="email").delete()
    elif why == "kiosk":
        Channel.objects.filter(kind="web").update(config={"kiosk": True})
    elif why == "no_mail_channel":
        Channel.objects.filter(kind="email").update(is_enabled=False)
    else:
        Identity.objects.filter(namespace="email").update(unreachable_at=clock.now())
    assert absence.tell() == 0


def test_an_answer_that_has_just_been_given_is_left_time_to_be_seen(left: Session) -> None:
    Conversation.objects.update(last_agent_at=clock.now())
    Message.objects.update(recorded_at=clock.now())
    assert absence.tell() == 0
