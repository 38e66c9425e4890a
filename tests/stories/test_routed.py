"""Does a handover go where page, owner and time say? From the customer's first word to whoever is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import sessions
from conversations.content import Text
from conversations.sessions import Place
from handover import desk, presence, routing
from handover.models import Affinity, Agent, Mention, Note, Queue, ReferrerRule
from handover.routing import offers
from tests import factories
from tests.handover.routing import cast as routed
from tests.stories import cast

pytestmark = pytest.mark.django_db

JOURNEY = """
journey: person
title: A person
languages: [en]
triggers: [{keyword: [person]}]
steps:
  - {id: ask, type: handover, mode: live, intake: prechat_sales, text: "One moment.", on: {offline: bye}}
  - {id: bye, type: end, text: Thank you.}
"""


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    cast.publish(JOURNEY)
    return queue


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return cast.ana(sales)


def asks(place: cast.Endpoint, **more: str) -> None:
    for said in ("person", "Tom", "A leg is loose"):
        place.says(said, **more)


@pytest.mark.scenario("HO-54")
def test_the_page_that_the_widget_stands_on_picks_the_queue(sales: Queue, ana: Agent) -> None:
    returns = factories.queue("returns", referrers=["returns"])
    factories.agent("Rita Moss", queues=(returns,))
    ReferrerRule.objects.create(pattern="shop.example/returns*", referrer="returns")
    maya = cast.maya()
    asks(maya.on_web(), page="https://shop.example/returns/4711")
    assert routed.owner(maya.conversation) == ("queue", returns.pk)
    assert maya.conversation.referrer == "returns"


@pytest.mark.scenario("HO-54")
def test_another_page_goes_to_the_usual_queue(sales: Queue, ana: Agent) -> None:
    factories.queue("returns", referrers=["returns"])
    ReferrerRule.objects.create(pattern="shop.example/returns*", referrer="returns")
    maya = cast.maya()
    asks(maya.on_web(), page="https://shop.example/chairs")
    assert (routed.owner(maya.conversation), maya.conversation.referrer) == (("queue", sales.pk), "")


def test_a_step_that_names_an_agent_asks_them_and_then_their_queue(sales: Queue, ana: Agent) -> None:
    support = factories.queue("support", strategy="least_busy", delivery="offer")
    ben = factories.agent("Ben Okafor", queues=(support,))
    cast.publish(JOURNEY.replace("mode: live,", "mode: live, agent: ben,"))
    maya = cast.maya()
    asks(maya.on_whatsapp())
    found = routing.Plan.from_json(maya.conversation.routing_plan)
    assert (found.rule, found.agent_id, found.queue_id) == (6, ben.pk, support.pk)
    assert routed.offer(maya.conversation).agent_id == ben.pk


@pytest.mark.scenario("HO-53")
def test_the_channel_of_the_step_is_where_the_agent_begins(sales: Queue, ana: Agent) -> None:
    cast.publish(JOURNEY.replace("mode: live,", "mode: live, channel: email,"))
    maya = cast.maya()
    phone = maya.on_whatsapp()
    letters = factories.identity(maya.customer, "email", "maya@example.com")
    mail = cast.Endpoint(Place(letters, "email-demo", "email", (letters.pk,), "attested"))
    mail.says("hello there")
    asks(phone)
    assert Note.objects.get(kind="card").card["channel"] == "email"
    assert ways(maya) == ["email", "whatsapp"]
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    assert [said for said in mail.news() if "Hello" in said] and phone.news() == []
    assert ways(maya) == ["whatsapp", "email"]


def ways(maya: cast.Person) -> list[str]:
    """The kinds of channel that can be answered over, the default first."""
    return [way.session.kind for way in sessions.reply_options(conversation=maya.conversation)]


@pytest.mark.scenario("HO-57")
def test_who_comes_back_is_offered_to_the_same_agent_for_a_minute(
    sales: Queue, ana: Agent, later: Callable[..., None]
) -> None:
    maya = cast.maya()
    phone = maya.on_whatsapp()
    Affinity.objects.create(customer=maya.customer, agent=ana, queue=sales, handled_at=clock.now())
    later(hours=5)
    presence.heartbeat(agent=ana, at=clock.now())
    asks(phone)
    made = routed.offer(maya.conversation)
    assert (made.agent_id, (maya.conversation.routing_plan or {})["rule"]) == (ana.pk, 8)
    offers.accept(offer_id=made.public_id, agent=ana)
    assert routed.owner(maya.conversation) == ("agent", ana.pk)


@pytest.mark.parametrize("helped", ["Ben Okafor", "Ana Sousa", ""])
def test_an_account_owner_who_is_away_is_told_wherever_it_goes(sales: Queue, ana: Agent, helped: str) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    maya = cast.maya()
    factories.attribute(maya.customer, "account_owner", "ben")
    if helped:
        last = Agent.objects.get(name=helped)
        Affinity.objects.create(customer=maya.customer, agent=last, queue=sales, handled_at=clock.now())
    Agent.objects.filter(pk=ben.pk).update(manual_status="away")
    asks(maya.on_whatsapp())
    assert Mention.objects.get().agent_id == ben.pk


def test_one_who_is_there_is_asked_and_not_told(sales: Queue, ana: Agent) -> None:
    maya = cast.maya()
    factories.attribute(maya.customer, "account_owner", "ana")
    asks(maya.on_whatsapp())
    assert routed.offer(maya.conversation).agent_id == ana.pk
    assert not Mention.objects.exists()
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    assert routed.offers(maya.conversation) == [(ana.pk, "rescinded")]
