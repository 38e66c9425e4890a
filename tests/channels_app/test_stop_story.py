"""Does a STOP get its one sentence through the real sender, on every kind of channel, and nothing else after it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from channels_app import ingest
from channels_app.models import InboundEvent
from channels_app.sandbox import emulators
from common import clock
from conversations.journeys.sentences import sentence
from conversations.models import Conversation, Delivery, Session
from handover import desk
from handover.models import Agent
from tests import factories as make
from tests.channels_app import discord_site, pretended, storefront
from tests.channels_app.discord_site import until
from tests.channels_app.sending import say
from tests.channels_app.stage import Stage, door, stage
from tests.channels_app.storefront import Browser
from tests.stories import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("J-21")]
# Twilio confirms STOP itself and lets nothing of ours through: there it is a word that Twilio does not know.
KINDS = dict.fromkeys(("whatsapp", "telegram", "messenger", "instagram", "email"), "STOP") | {"sms": "Baja"}
by_whatsapp = pytest.mark.parametrize("phone", ["whatsapp"], indirect=True)
CONFIRMED = sentence("opted_out")


@pytest.fixture
def ana(transactional_db: None) -> Agent:
    return cast.ana(cast.sales())


@pytest.fixture(params=KINDS)
def phone(request: Any, live_server: Any, ana: Agent) -> Iterator[Stage]:
    with stage(request.param, live_server.url) as running:
        running.does(text="hi")
        until(lambda: (running.go_on(), Conversation.objects.exists())[1])
        yield running


def heard(phone: Stage) -> list[str]:
    return [emulators.of(phone.channel).bubble(row).text for row in phone.phone]


def confirmed(words: list[str]) -> int:
    return sum(CONFIRMED in one for one in words)


def fate(row: Delivery) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.reason


def test_a_stop_is_confirmed_once_and_nothing_else_leaves(phone: Stage) -> None:
    word = KINDS[phone.channel.kind]
    phone.does(text=word)
    assert confirmed(heard(phone)) == 1 and CONFIRMED in heard(phone)[-1]
    phone.does(text=word)
    rows = [say(phone.session), say(phone.session, author="agent")]
    phone.go_on()
    assert [fate(row) for row in rows] == [("failed", "opted_out")] * 2
    assert CONFIRMED in heard(phone)[-1] and confirmed(heard(phone)) == 1


@by_whatsapp
def test_it_is_confirmed_while_a_person_of_ours_has_the_conversation(phone: Stage, ana: Agent) -> None:
    make.give(phone.session.conversation, ana)
    phone.does(text=KINDS[phone.channel.kind])
    assert CONFIRMED in heard(phone)[-1]


@by_whatsapp
def test_it_is_confirmed_although_somebody_takes_over_before_it_leaves(phone: Stage, ana: Agent) -> None:
    pretended.write(phone.channel, "text", KINDS[phone.channel.kind])
    phone.post.carry(door)
    ingest.drain()
    desk.claim(conversation_id=phone.session.conversation_id, agent=ana)
    phone.go_on()
    assert CONFIRMED in heard(phone)[-1]


@by_whatsapp
def test_what_was_said_just_before_a_stop_does_not_follow_it(phone: Stage) -> None:
    row = say(phone.session, "Do you like chairs?")
    Delivery.objects.filter(pk=row.pk).update(next_attempt_at=clock.now() + timedelta(minutes=1))
    phone.does(text=KINDS[phone.channel.kind])
    Delivery.objects.filter(pk=row.pk).update(next_attempt_at=clock.now())
    phone.go_on()
    assert fate(row) == ("failed", "opted_out") and confirmed(heard(phone)) == 1


def test_twilio_confirms_its_own_words_and_we_say_nothing(live_server: Any, ana: Agent) -> None:
    with stage("sms", live_server.url) as running:
        running.does(text="STOP")
        assert not Delivery.objects.exists() and confirmed(heard(running)) == 0


def test_on_discord_too(settings: Any, ana: Agent) -> None:
    with discord_site.site(settings):
        bot = discord_site.channel()
        with discord_site.gateway():
            until(lambda: discord_site.is_ready(bot))
            for word in ("STOP", "stop"):
                discord_site.write(bot, text=word)
            until(lambda: InboundEvent.objects.count() >= 2)
            discord_site.go_on()
            row = say(Session.objects.get())
            discord_site.go_on()
            assert fate(row) == ("failed", "opted_out")
            assert [one["content"] for one in discord_site.phone(bot)] == [CONFIRMED]


def test_in_the_widget_too(ana: Agent) -> None:
    storefront.open_shop()
    browser = Browser()
    browser.visit()
    for _ in range(2):
        browser.post("messages", {"type": "message", "id": str(uuid4()), "text": "STOP"})
        ingest.drain()
    said = [one["data"] for one in browser.visit()["history"] if one["type"] == "message"]
    assert [one["content"]["text"] for one in said] == ["STOP", CONFIRMED, "STOP"]
