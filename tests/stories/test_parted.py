"""Two who were one for a while part again: does each get back their words, their journey, name and agent?"""

from __future__ import annotations

import pytest

from common import clock
from conversations import timeline
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Message
from customers import attributes, merging
from customers.models import Customer
from handover import affinity
from handover.models import Affinity, Agent, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def page(sales: Queue) -> Endpoint:
    return cast.tom()


def join(one: Customer, other: Customer) -> merging.Merged:
    return merging.merge(a=one, b=other, kind="manual", rule="by_hand", actor="user:1", request_id="join")


def part(done: merging.Merged) -> None:
    assert done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="part")


def root_of(person: Customer) -> Customer:
    return Customer.objects.get(members__pk=person.pk)


@pytest.mark.scenario("ID-31", "T-P16")
def test_after_fifty_messages_each_has_their_own_back(maya: Person, page: Endpoint) -> None:
    phone, tom = maya.on_whatsapp(), page.place.identity.customer
    for endpoint in (phone, page):
        endpoint.says("I want to order a chair")
    factories.attribute(maya.customer, "name", "Maya"), factories.attribute(tom, "name", "Tom")
    done = join(maya.customer, tom)
    for number in range(50):
        (phone if number % 2 else page).turn(f"word {number}")
    part(done)
    for endpoint, person, name in ((phone, maya.customer, "Maya"), (page, tom, "Tom")):
        said = Message.objects.filter(customer=person, author="customer")
        assert said.count() == 26 and {one.session.identity_id for one in said} == {endpoint.place.identity.pk}
        assert {one.customer_id for one in timeline.page(root_of(person), limit=200).messages} == {person.pk}
        assert attributes.values(root_of(person)) == {"name": name}


@pytest.mark.scenario("ID-31")
def test_both_journeys_go_on_where_each_had_stopped(maya: Person, page: Endpoint) -> None:
    phone, tom = maya.on_whatsapp(), page.place.identity.customer
    for endpoint in (phone, page):
        endpoint.says("I want to order a chair")
        endpoint.says("2")
    done = join(maya.customer, tom)
    part(done)
    for endpoint, person in ((phone, maya.customer), (page, tom)):
        assert "budget" in words(endpoint.says("hello"))
        here = Conversation.objects.unclosed().of_person(person.pk).get()
        (run,) = Scene(here, here.sessions.latest("pk"), root_of(person)).runs
        assert run.customer_id == person.pk


@pytest.mark.scenario("ID-31")
def test_who_helped_one_of_them_while_they_were_one_is_remembered_with_that_one(
    maya: Person, page: Endpoint, ana: Agent
) -> None:
    tom = page.place.identity.customer
    done = join(maya.customer, tom)
    page.says("agent")
    affinity.write(conversation=Conversation.objects.unclosed().get(), agent=ana, at=clock.now())
    assert Affinity.objects.get().customer.root_id == root_of(tom).pk
    part(done)
    assert Affinity.objects.filter(customer__root_id=root_of(tom).pk).exists()
    assert not Affinity.objects.filter(customer__root_id=root_of(maya.customer).pk).exists()


@pytest.mark.scenario("ID-28")
def test_in_one_conversation_each_is_answered_where_they_wrote(maya: Person, page: Endpoint, ana: Agent) -> None:
    phone = maya.on_whatsapp()
    phone.says("agent"), page.says("hello")
    join(maya.customer, page.place.identity.customer)
    held = cast.take_over(phone, ana)
    phone.turn("here"), page.turn("and here")
    assert Conversation.objects.unclosed().get() == held
    sessions = {one.kind: one for one in held.sessions.filter(ended_at=None)}
    assert set(sessions) == {"whatsapp", "web"}
    for kind, place in (("whatsapp", phone), ("web", page)):
        factories.agent_says(sessions[kind], f"to {kind}", ana)
        assert f"to {kind}" in words(place.news())


@pytest.mark.scenario("ID-30")
def test_what_both_have_once_each_is_no_obstacle_to_their_being_one(maya: Person, page: Endpoint, ana: Agent) -> None:
    """The same agent in the same skill, an open conversation and a run each, the same attribute, one conversation."""
    phone, tom = maya.on_whatsapp(), page.place.identity.customer
    for endpoint in (phone, page):
        endpoint.says("I want to order a chair")
    for person in (maya.customer, tom):
        factories.attribute(person, "tags", ["vip"])
        here = Conversation.objects.unclosed().of_person(person.pk).get()
        affinity.write(conversation=here, agent=ana, at=clock.now())
    first = join(maya.customer, tom)
    phone.says("hello"), page.says("hello")
    part(first)
    again = merging.merge(
        a=tom, b=maya.customer, kind="manual", rule="by_hand", actor="user:1", request_id="again", is_forced=True,
        reason="one after all",
    )  # fmt: skip
    assert again.event is not None and attributes.values(again.root)["tags"] == ["vip"]
    assert Affinity.objects.filter(customer__root_id=again.root.pk).count() == 2
    assert merging.check() == []
