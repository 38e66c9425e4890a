"""Two customers are linked in the middle of a journey: where does it go on, and who keeps the word?"""

from __future__ import annotations

import pytest
from django.db import transaction

from conversations import uniting
from conversations.models import Conversation
from conversations.sessions import Place
from customers import identity, merging, verification
from handover.models import Agent, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def page(sales: Queue) -> Endpoint:
    return cast.tom()


def link(one: Endpoint, other: Endpoint) -> merging.Merged:
    """The person asks for a code at one place, uses it at the other, and says yes at both."""
    opener, arrival = one.place.identity, other.place.identity
    code = verification.open_nonce(opener=opener, channel=one.place.channel, session_ref="test").code
    challenge = verification.arrive(code=code, arrival=arrival, channel=other.place.channel)
    assert challenge is not None
    verification.confirm(challenge=challenge, side="arrival", actor="customer")
    done = verification.confirm(challenge=challenge, side="opener", actor="customer")
    assert done is not None
    with transaction.atomic():
        joined = [(end.place.identity.pk, end.place.channel) for end in (one, other)]
        uniting.unite(customer_id=arrival.customer_id, joined=joined)
    for endpoint in (one, other):
        endpoint.place.identity.refresh_from_db()
    return done


@pytest.mark.scenario("J-7", "ID-28")
def test_a_journey_begun_anonymously_goes_on_at_its_step_elsewhere(page: Endpoint, maya: Person) -> None:
    page.says("I want to order a chair")
    page.says("2")
    phone = maya.on_whatsapp()
    link(page, phone)
    assert "budget" in words(phone.says("hello"))
    phone.says("400")
    maya.customer.refresh_from_db()
    assert maya.run().vars["budget"] == 400


@pytest.mark.scenario("ID-28")
def test_one_conversation_is_left_and_it_is_where_they_write(page: Endpoint, maya: Person) -> None:
    phone = maya.on_whatsapp()
    page.says("hello")
    phone.says("hello")
    link(page, phone)
    page.says("here again")
    assert Conversation.objects.unclosed().count() == 1
    assert {one.close_reason for one in Conversation.objects.filter(state="closed")} == {"joined"}


def test_the_bot_is_silent_everywhere_once_an_agent_has_one_of_the_two(
    page: Endpoint, maya: Person, ana: Agent
) -> None:
    phone = maya.on_whatsapp()
    page.says("agent")
    held = cast.take_over(page, ana)
    phone.says("hello")
    link(page, phone)
    phone.news()
    assert phone.says("is anybody there?") == ["You are talking to our team. They see what you write here too."]
    assert phone.says("oh, good") == []
    assert Conversation.objects.unclosed().get() == held


def test_of_two_that_an_agent_holds_the_latest_goes_on(page: Endpoint, maya: Person, ana: Agent) -> None:
    phone = maya.on_whatsapp()
    for place in (page, phone):
        place.says("agent")
        held = cast.take_over(place, ana)
    link(page, phone)
    assert Conversation.objects.unclosed().get() == held


def test_a_link_that_is_undone_gives_each_their_own_conversation(page: Endpoint, maya: Person) -> None:
    phone = maya.on_whatsapp()
    page.says("hello")
    done = link(page, phone)
    assert done.link is not None
    merging.split(links=[done.link], actor="test", request_id="two")
    phone.says("hello")
    page.says("hello")
    unclosed = Conversation.objects.unclosed()
    assert {one.customer_id for one in unclosed} == {page.place.identity.customer_id, maya.customer.pk}


def elsewhere() -> Endpoint:
    """An address at another provider that nobody has joined with anything."""
    account = factories.identity(factories.customer(), "telegram_user", "7001")
    return Endpoint(Place(account, "telegram-demo", "telegram", (account.pk,), "attested"))


@pytest.mark.scenario("ID-61")
def test_later_sessions_of_either_place_show_what_was_said_at_the_other(maya: Person) -> None:
    phone, other = maya.on_whatsapp(), elsewhere()
    link(phone, other)
    shown = identity.visible_to(proven=[other.place.identity])
    assert set(shown) == {phone.place.identity, other.place.identity}


def test_a_browser_shows_nothing_of_the_other_place_to_whoever_sits_there_later(page: Endpoint, maya: Person) -> None:
    phone = maya.on_whatsapp()
    link(page, phone)
    assert set(identity.visible_to(proven=[page.place.identity])) == {page.place.identity}
    assert set(identity.visible_to(proven=[phone.place.identity])) == {phone.place.identity}


def test_an_undone_link_shows_nothing_any_more(maya: Person) -> None:
    phone, other = maya.on_whatsapp(), elsewhere()
    done = link(phone, other)
    assert done.link is not None
    merging.split(links=[done.link], actor="test", request_id="two")
    other.place.identity.refresh_from_db()
    assert set(identity.visible_to(proven=[other.place.identity])) == {other.place.identity}
