"""Does a link lead to another channel only with a yes on both sides, once, in time, and at the very step?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from channels_app import leading, visits
from channels_app.models import Channel, Visit
from common import clock
from conversations.models import Conversation
from conversations.sessions import Place
from customers import identity, verification
from customers.models import Challenge, Identity
from handover.models import Agent, Queue
from tests import factories
from tests.channels_app import switches
from tests.channels_app.switches import Spot, code_from, linked, on, switch
from tests.stories import cast
from tests.stories.cast import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels(db: None) -> None:
    switches.connect()


@pytest.fixture
def sales() -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


@pytest.fixture
def visit() -> Visit:
    return visits.open(channel=Channel.objects.get(key="web-shop")).visit


@pytest.fixture
def web(visit: Visit, sales: Queue) -> Spot:
    """An anonymous visitor of the shop."""
    assert visit.visitor is not None
    return Spot(Place(visit.visitor, "web-shop", "web", (visit.visitor.pk,)))


@pytest.fixture
def phone() -> Spot:
    """Maya's Telegram, which has never written to us."""
    return on("telegram", "5812004417", "Maya Lindqvist")


@pytest.fixture
def stranger() -> Spot:
    return on("telegram", "7000000001", "Bo Ek")


@pytest.fixture
def later() -> Iterator[Callable[[int], None]]:
    """So many minutes pass."""
    yield lambda minutes: clock.shift_by(lambda: timedelta(minutes=minutes))
    clock.shift_by(timedelta)


def test_the_ways_are_the_other_channels_that_have_a_link(web: Spot) -> None:
    assert [way.channel for way in leading.ways(here="web-shop")] == ["sms-demo", "telegram-demo"]
    assert [way.channel for way in leading.ways(here="telegram-demo")] == ["sms-demo"]


def test_a_channel_that_is_stopped_off_or_without_a_link_is_no_way(web: Spot) -> None:
    Channel.objects.filter(key="telegram-demo").update(config={})
    Channel.objects.filter(key="sms-demo").update(stopped_reason="401")
    assert leading.ways(here="web-shop") == []
    for to in ("telegram-demo", "sms-demo", "web-shop", "nowhere"):
        with pytest.raises(leading.NoWay):
            code_from(web, to)


def test_a_channel_that_is_not_filled_in_is_no_way(web: Spot) -> None:
    row = Channel.objects.get(key="telegram-demo")
    row.credentials = {"secret_token": "half"}
    row.save(update_fields=["credentials"])
    assert [way.channel for way in leading.ways(here="web-shop")] == ["sms-demo"]
    with pytest.raises(leading.NoWay):
        code_from(web, "telegram-demo")


def test_two_channels_of_one_kind_are_called_by_their_titles() -> None:
    first = Channel.objects.get(key="sms-demo")
    Channel.objects.create(
        key="sms-2", kind="sms", title="Norway", account="+4790000000", config=first.config,
        credentials=dict(first.credentials),
    )  # fmt: skip
    assert [way.title for way in leading.ways(here="web-shop")] == ["Norway", "SMS", "Telegram"]
    Channel.objects.filter(key="sms-demo").update(title="Sweden")
    assert [way.title for way in leading.ways(here="web-shop")] == ["Norway", "Sweden", "Telegram"]
    assert [way.title for way in leading.ways(here="sms-2")] == ["SMS", "Telegram"]


@pytest.mark.scenario("ID-58")
def test_links_are_made_ten_times_an_hour_and_no_more(web: Spot) -> None:
    for _ in range(verification.PER_HOUR):
        code_from(web)
    with pytest.raises(verification.TooMany):
        code_from(web)


# --- both sides say yes -----------------------------------------------------------------------------------------------


def test_a_code_is_no_proof_both_sides_are_asked(web: Spot, phone: Spot) -> None:
    asked = words(phone.says("/start", code=code_from(web)))
    assert "Link this chat to the chat in Nordic Chairs shop" in asked and "Yes, link them" in asked
    masked = words(web.news())
    assert "M•••• L••••" in masked and "5812004417" not in masked and "Lindqvist" not in masked
    assert not linked()


@pytest.mark.scenario("T-28", "ID-61")
@pytest.mark.parametrize("first", ["phone", "web"])
def test_only_a_yes_on_both_sides_links(web: Spot, phone: Spot, first: str) -> None:
    phone.says("/start", code=code_from(web))
    one, other = (phone, web) if first == "phone" else (web, phone)
    assert "say yes in" in words(one.taps("Yes, link them"))
    assert not linked()
    other.taps("Yes, link them")
    assert linked()
    roots = {Identity.objects.get(pk=spot.place.identity.pk).customer.root_id for spot in (web, phone)}
    assert len(roots) == 1


@pytest.mark.scenario("T-28", "ID-61")
@pytest.mark.parametrize("who", ["phone", "web"])
def test_a_no_on_either_side_ends_it(web: Spot, phone: Spot, who: str) -> None:
    phone.says("/start", code=code_from(web))
    one, other = (phone, web) if who == "phone" else (web, phone)
    assert "Nothing was linked." in words(one.taps("No, not me"))
    assert "no longer works" in words(other.taps("Yes, link them"))
    assert not linked()


@pytest.mark.scenario("ID-61")
def test_somebody_else_cannot_answer_for_either_side(web: Spot, phone: Spot, stranger: Spot) -> None:
    phone.says("/start", code=code_from(web))
    payload = f"link:{Challenge.objects.get().public_id.hex}:yes"
    for _ in range(2):
        assert "no longer works" in words(stranger.says("Yes, link them", payload=payload))
    phone.taps("Yes, link them")
    assert not linked()


@pytest.mark.scenario("T-27")
def test_a_code_is_good_for_ten_minutes(web: Spot, phone: Spot, later: Callable[[int], None]) -> None:
    code = code_from(web)
    later(11)
    assert "no longer works" in words(phone.says("/start", code=code))


@pytest.mark.scenario("T-27")
def test_a_question_that_is_ten_minutes_old_links_nothing(web: Spot, phone: Spot, later: Callable[[int], None]) -> None:
    phone.says("/start", code=code_from(web))
    phone.taps("Yes, link them")
    later(11)
    assert "no longer works" in words(web.taps("Yes, link them"))
    assert not linked()


@pytest.mark.scenario("T-27", "ID-61")
def test_the_first_who_uses_a_code_has_it(web: Spot, phone: Spot, stranger: Spot) -> None:
    code = code_from(web)
    phone.says("/start", code=code)
    assert words(stranger.says("/start", code=code)) == words(stranger.says("/start", code="A" * 16))
    phone.taps("Yes, link them")
    web.taps("Yes, link them")
    assert "no longer works" in words(phone.says("/start", code=code))


def test_a_code_used_where_it_was_made_links_nothing(web: Spot) -> None:
    assert "no longer works" in words(web.says("hi", code=code_from(web)))


@pytest.mark.scenario("ID-64")
def test_in_a_group_a_code_is_nothing(web: Spot, phone: Spot) -> None:
    group = Spot(replace(phone.place, is_public=True))
    group.says("/start", code=code_from(web))
    assert Challenge.objects.get().arrival is None


def test_two_users_of_one_site_are_never_linked(web: Spot, phone: Spot) -> None:
    for spot, user in ((web, "maya-1"), (phone, "bo-2")):
        factories.identity(spot.place.identity.customer, "site_user", user, scope="shop", proof="site")
    phone.says("/start", code=code_from(web))
    phone.taps("Yes, link them")
    assert "cannot be linked" in words(web.taps("Yes, link them"))
    assert "cannot be linked" in words(phone.news()) and not linked()


# --- the step goes on -------------------------------------------------------------------------------------------------


@pytest.mark.scenario("J-7")
@pytest.mark.parametrize("last", ["web", "phone"])
def test_the_journey_goes_on_at_its_step_where_the_code_was_used(web: Spot, phone: Spot, last: str) -> None:
    web.says("I want to order a chair")
    web.says("2")
    phone.says("/start", code=code_from(web))
    one, other = (phone, web) if last == "web" else (web, phone)
    one.taps("Yes, link them")
    phone.news()
    said = words(other.taps("Yes, link them")) + words(phone.news())
    assert "We go on here." in said and "budget" in said
    assert "What matters most" in words(phone.says("400"))


def test_one_conversation_is_left(web: Spot, phone: Spot) -> None:
    web.says("hello")
    switch(web, phone)
    assert Conversation.objects.unclosed().count() == 1


def test_without_a_journey_there_is_just_a_word(web: Spot, phone: Spot) -> None:
    phone.says("/start", code=code_from(web))
    phone.taps("Yes, link them")
    assert words(web.taps("Yes, link them")).endswith(
        "Linked. You can go on in Telegram; here, too, whenever you like."
    )
    assert phone.news() == ["This chat is linked with Nordic Chairs shop now. We go on here."]


def test_an_agent_keeps_the_conversation_and_the_bot_is_silent(web: Spot, phone: Spot, sales: Queue) -> None:
    ana: Agent = cast.ana(sales)
    web.says("agent")
    cast.take_over(web, ana)  # type: ignore[arg-type]  # it has a place, as the cast's endpoints do
    switch(web, phone)
    assert Conversation.objects.unclosed().get().owner_kind == "agent"
    assert "You are talking to our team." in words(phone.says("is anybody there?"))
    assert phone.says("hello?") == []


def test_the_visit_keeps_what_it_was_linked_to_until_it_ends(web: Spot, phone: Spot, visit: Visit) -> None:
    switch(web, phone)
    visit.refresh_from_db()
    assert phone.place.identity in visits.proven(visit, clock.now())
    assert visits.assurance(visit, clock.now()) == "attested"
    after = visits.sign_out(visit=visit).visit
    assert phone.place.identity not in visits.proven(after, clock.now())
    assert not identity.visible_to(proven=[web.place.identity]).filter(pk=phone.place.identity.pk).exists()


# --- senders whom nobody vouches for ----------------------------------------------------------------------------------
