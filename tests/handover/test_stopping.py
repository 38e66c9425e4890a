"""Does STOP hold from the very message on, whoever speaks, and does nothing else?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations import content
from conversations.content import Text
from conversations.journeys.sentences import sentence
from conversations.models import ConversationEvent, Message
from conversations.sessions import Place
from conversations.threads import Heard, Received
from customers import consent
from customers.models import Consent, Identity
from handover import turns
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Identity:
    return make.maya()[1]


def say(phone: Identity, text: str, payload: str = "", place: Place | None = None) -> Received:
    received = make.receive(place or make.whatsapp(phone), text)
    heard = Heard(content=Text(text), occurred_at=clock.now(), text=text, payload=payload)
    turns.take(received=received, heard=heard)
    return received


def may(phone: Identity, purpose: str = "proactive") -> bool:
    return consent.allowed(identity=phone, purpose=purpose)[0]


def test_a_stop_is_noted_with_its_word_and_nobody_has_a_turn(phone: Identity) -> None:
    received = say(phone, "Stopp")
    (word,) = Consent.objects.all()
    assert (word.identity, word.state, word.purpose) == (phone, "out", "all")
    assert word.evidence == {"word": "STOPP", "language": "de", "channel": make.WHATSAPP}
    assert not may(phone) and not Message.objects.filter(author="bot").exists()
    kinds = ConversationEvent.objects.filter(conversation=received.conversation).values_list("kind", flat=True)
    assert "opted_out" in kinds


def told() -> list[str]:
    return [content.from_json(row.content).plain_text() for row in Message.objects.filter(author="system")]


@pytest.mark.scenario("J-21")
def test_a_stop_and_a_start_are_confirmed_once_each_in_the_customers_language(phone: Identity) -> None:
    make.attribute(phone.customer, "language", "es")
    for word in ("STOP", "stop", "Baja", "START", "start"):
        say(phone, word)
    assert told() == [sentence("opted_out", "es"), sentence("opted_in_again", "es")]


@pytest.mark.scenario("J-21")
def test_what_the_provider_confirms_itself_is_not_confirmed_twice(phone: Identity) -> None:
    text_message = Place(phone, "sms-demo", "sms")
    for word in ("STOP", "START"):
        say(phone, word, place=text_message)
    assert told() == [] and consent.state(identity=phone, purpose="all") == "unset"
    say(phone, "Baja", place=text_message)  # a word that Twilio does not know
    assert told() == [sentence("opted_out")]


def test_a_stop_counts_while_a_person_answers(phone: Identity) -> None:
    received = make.receive(make.whatsapp(phone), "Hello")
    make.give(received.conversation, make.agent("Ana Sousa"))
    say(phone, "STOP")
    assert not may(phone)


def test_to_go_on_lifts_the_stop_and_allows_no_marketing(phone: Identity) -> None:
    say(phone, "STOP")
    clock.shift_by(lambda: timedelta(minutes=1))
    try:
        say(phone, "START")
        assert may(phone) and not may(phone, "marketing")
    finally:
        clock.shift_by(timedelta)


def test_a_start_without_a_stop_is_a_word_like_any_other(phone: Identity) -> None:
    say(phone, "start")
    assert not Consent.objects.exists()


def test_a_button_called_stop_ends_nothing(phone: Identity) -> None:
    say(phone, "Stop", payload="option:stop")
    assert not Consent.objects.exists()
