"""Two turned out to be one while people and the bot had them: who speaks then?"""

from __future__ import annotations

import pytest

from conversations.models import Conversation, JourneyRun
from customers import merging
from handover import desk
from handover.models import Agent, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db


def joined(maya: Person, page: Endpoint) -> None:
    tom = page.place.identity.customer
    merging.merge(a=maya.customer, b=tom, kind="manual", rule="by_hand", actor="user:1", request_id="join")


@pytest.mark.scenario("HO-46", "HO-I14")
def test_a_human_keeps_the_floor_and_the_bot_falls_silent_everywhere(sales: Queue, ana: Agent) -> None:
    maya = cast.maya()
    phone, page = maya.on_whatsapp(), cast.tom()
    for endpoint in (phone, page):
        endpoint.says("hi")
        endpoint.says("2")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    joined(maya, page)
    kept = maya.conversation  # there is one
    assert (kept.owner_kind, kept.owner_id) == ("agent", ana.pk)
    page.place.identity.refresh_from_db()
    page.news()
    page.turn("hello?")
    assert Conversation.objects.unclosed().of_person(maya.customer.root_id).get() == kept
    assert JourneyRun.objects.filter(status__in=("active", "waiting"), lane="foreground").count() <= 1
    assert all(message.author != "bot" for message in page.shown()[-1:])


@pytest.mark.scenario("HO-46")
def test_where_the_bot_had_both_it_goes_on_in_the_latest(sales: Queue) -> None:
    maya = cast.maya()
    phone, page = maya.on_whatsapp(), cast.tom()
    phone.says("hi")
    page.says("hi")
    latest = Conversation.objects.get(customer=page.place.identity.customer)
    joined(maya, page)
    assert maya.conversation == latest


@pytest.mark.scenario("HO-46")
def test_what_two_agents_have_stays_with_both_until_they_decide(sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    maya = cast.maya()
    phone, page = maya.on_whatsapp(), cast.tom()
    for endpoint, agent in ((phone, ana), (page, ben)):
        endpoint.says("hi")
        person = endpoint.place.identity.customer
        desk.claim(conversation_id=Conversation.objects.unclosed().get(customer=person).pk, agent=agent)
    joined(maya, page)
    owners = Conversation.objects.unclosed().of_person(maya.customer.root_id).values_list("owner_id", flat=True)
    assert sorted(owners) == sorted([ana.pk, ben.pk])
