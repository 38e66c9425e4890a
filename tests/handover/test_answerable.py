"""Where can an agent answer a person beside the place where they write, and what comes of it?"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from channels_app.models import Channel
from common import clock
from conversations import answerable
from conversations.content import Template, Text
from conversations.models import Conversation, Delivery, Session
from conversations.sessions import Place
from customers import consent, merging
from customers.models import Customer, Identity
from handover import desk, holding, refusals
from handover.models import Agent
from tests import factories as make
from tests.handover.channels import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana Sousa", queues=(make.queue("sales"),))


@pytest.fixture
def waiting(ana: Agent) -> Conversation:
    """Maya, who wrote on WhatsApp; SMS, e-mail and Telegram work, too."""
    connect("whatsapp", "sms", "email", "telegram")
    return make.waiting_in(make.queue("sales"))


def others(conversation: Conversation) -> dict[str, str]:
    """The reason of each other place, by the kind of its channel."""
    found = answerable.everywhere(conversation=conversation)
    return {one.session.kind: one.reason for one in found.others}


def place(conversation: Conversation, kind: str) -> UUID:
    found = answerable.everywhere(conversation=conversation)
    return next(one.session.public_id for one in found.others if one.session.kind == kind)


def reply(conversation: Conversation, ana: Agent, way: UUID | None = None, client_id: str = "1", **more: Any) -> None:
    said = {"content": Text("Hello"), **more}
    desk.reply(conversation_id=conversation.pk, agent=ana, client_id=client_id, way=way, **said)


def stop(address: Identity) -> None:
    consent.record(identity=address, purpose="all", state="out", occurred_at=clock.now())


def test_the_same_number_can_be_written_to_by_sms_and_what_is_missing_is_not_linked(waiting: Conversation) -> None:
    assert others(waiting) == {"sms": ""}
    assert answerable.everywhere(conversation=waiting).unlinked == ["email", "telegram"]


def test_a_channel_that_is_off_or_stopped_is_no_way(waiting: Conversation) -> None:
    Channel.objects.filter(kind="sms").update(is_enabled=False)
    Channel.objects.filter(kind="email").update(stopped_reason="the token is gone")
    assert others(waiting) == {}
    assert answerable.everywhere(conversation=waiting).unlinked == ["telegram"]


def test_an_address_that_was_only_typed_is_not_written_to(waiting: Conversation, ana: Agent) -> None:
    make.identity(waiting.customer, "email", "maya@example.com", proof="claimed")
    assert others(waiting)["email"] == "This address is not proven."
    with pytest.raises(refusals.ChannelClosed):
        reply(waiting, ana, place(waiting, "email"))
    assert not Session.objects.filter(kind="email").exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"shared": True}, "Several people share this address."),
        ({"unreachable_at": clock.now()}, "Nothing gets there: the provider says so."),
    ],
)
def test_an_address_of_many_or_a_dead_one_is_not_written_to(
    waiting: Conversation, change: dict[str, Any], reason: str
) -> None:
    address = make.identity(waiting.customer, "email", "maya@example.com", proof="imported")
    Identity.objects.filter(pk=address.pk).update(**change)
    assert others(waiting)["email"] == reason


def test_a_suppressed_person_is_answered_where_they_write_and_nowhere_else(waiting: Conversation, ana: Agent) -> None:
    Customer.objects.filter(pk=waiting.customer_id).update(status="suppressed")
    waiting = Conversation.objects.get(pk=waiting.pk)
    assert others(waiting) == {"sms": "This person is suppressed."}
    reply(waiting, ana)


def test_an_account_that_has_never_written_there_has_to_begin(waiting: Conversation) -> None:
    make.identity(waiting.customer, "telegram_user", "815", proof="imported")
    assert others(waiting)["telegram"] == "The customer has to write there first."


@pytest.mark.scenario("HO-67")
def test_who_asked_us_to_stop_is_not_written_to_until_they_write(waiting: Conversation, ana: Agent) -> None:
    phone = waiting.sessions.get().identity
    stop(phone)
    found = answerable.everywhere(conversation=waiting)
    assert {one.reason for one in (*found.here, *found.others)} == {"No consent: they asked us to stop."}
    with pytest.raises(refusals.ChannelClosed):
        reply(waiting, ana)
    make.receive(make.whatsapp(phone), "one more thing")
    reply(waiting, ana)
    assert others(waiting) == {"sms": "No consent: they asked us to stop."}


def test_words_to_another_address_really_go_there_and_only_once(waiting: Conversation, ana: Agent) -> None:
    way = place(waiting, "sms")
    for _ in range(2):
        reply(waiting, ana, way)
    session = waiting.sessions.get(kind="sms")
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.identity_id, delivery.state) == ("sms-demo", session.identity_id, "queued")
    assert (session.proven, session.assurance) == ([], "none")


def test_what_they_answer_there_belongs_to_the_same_conversation(waiting: Conversation, ana: Agent) -> None:
    reply(waiting, ana, place(waiting, "sms"))
    phone = waiting.sessions.get(kind="sms").identity
    back = make.receive(Place(phone, "sms-demo", "sms"), "by SMS, then")
    assert back.conversation == waiting and not back.is_new_conversation
    assert waiting.sessions.filter(kind="sms").count() == 1


def test_the_default_and_the_bot_stay_where_the_customer_was_heard(waiting: Conversation, ana: Agent) -> None:
    reply(waiting, ana, place(waiting, "sms"))
    assert [one.session.kind for one in answerable.here(conversation=waiting)] == ["whatsapp", "sms"]
    assert holding.scene_of(waiting.pk).session.kind == "whatsapp"


def test_whatsapp_that_never_heard_them_takes_a_template_alone(ana: Agent) -> None:
    connect("whatsapp", "email")
    person = make.customer("Maya")
    mail = make.identity(person, "email", "maya@example.com")
    make.phone(person)
    heard = make.receive(Place(mail, "email-demo", "email"), "hello")
    waiting = make.give(heard.conversation, make.queue("sales"))
    way = place(waiting, "whatsapp")
    with pytest.raises(refusals.ChannelClosed, match="24-hour"):
        reply(waiting, ana, way)
    reply(waiting, ana, way, content=Template("order_update", "en", ()))
    with pytest.raises(refusals.ChannelClosed, match="24-hour"):
        reply(waiting, ana, waiting.sessions.get(kind="whatsapp").public_id, "2")


def test_addresses_of_all_who_are_one_person_count(waiting: Conversation, ana: Agent) -> None:
    other = make.customer("Maya L.")
    make.identity(other, "email", "maya@example.com", proof="imported")
    merging.merge(a=waiting.customer, b=other, kind="manual", rule="by_hand", actor="user:1", request_id="1")
    waiting = Conversation.objects.get(pk=waiting.pk)
    reply(waiting, ana, place(waiting, "email"))
    assert waiting.sessions.get(kind="email").customer == other


def test_where_they_wrote_before_keeps_its_window_and_is_begun_anew(ana: Agent) -> None:
    connect("whatsapp", "email")
    person, phone = make.maya()
    first = make.receive(make.whatsapp(phone), "yesterday")
    make.give(first.conversation, ana)
    desk.close(conversation_id=first.conversation.pk, agent=ana, reason="spam")
    mail = make.identity(person, "email", "maya@example.com")
    heard = make.receive(Place(mail, "email-demo", "email"), "a new matter")
    now_open = make.give(heard.conversation, ana)
    assert now_open != first.conversation and others(now_open) == {"whatsapp": ""}
    reply(now_open, ana, place(now_open, "whatsapp"))
    again = now_open.sessions.get(kind="whatsapp")
    assert again.window_expires_at == first.session.window_expires_at


def test_a_place_of_somebody_else_or_of_nobody_is_none(waiting: Conversation, ana: Agent) -> None:
    foreign = make.waiting_in(make.queue("sales"))
    for way in (place(foreign, "sms"), foreign.sessions.get().public_id, uuid4()):
        with pytest.raises(answerable.NoSuchWay):
            reply(waiting, ana, way)
    assert not Delivery.objects.exists()


def test_what_is_open_elsewhere_is_named_by_the_refusal(waiting: Conversation, ana: Agent) -> None:
    waiting.sessions.update(window_expires_at=waiting.opened_at)
    with pytest.raises(refusals.ChannelClosed) as refused:
        reply(waiting, ana)
    assert refused.value.extra["open"] == [{"session": str(place(waiting, "sms")), "channel": "sms-demo"}]
    assert not Delivery.objects.exists()
