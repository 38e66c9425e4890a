"""Can an agent lead a customer to another channel, and only one of theirs?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from channels_app.models import Channel
from conversations import content
from conversations.models import Conversation, Message
from customers.models import Challenge
from handover.models import Agent
from tests import factories as make
from tests.channels_app import telegram
from tests.handover.inbox.cast import client_of
from tests.stories import cast
from tests.stories.cast import Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Agent:
    return cast.ana(cast.sales())


@pytest.fixture
def phone(ana: Agent) -> Endpoint:
    """Maya has written on WhatsApp; Telegram is connected, too."""
    cast.library()
    named = {"config": dict(telegram.ACCOUNT.config), "credentials": dict(telegram.ACCOUNT.credentials)}
    Channel.objects.create(key="telegram-demo", kind="telegram", title="Bot", account=telegram.BOT, **named)
    Channel.objects.create(key=make.WHATSAPP, kind="whatsapp", title="Chairs", account="1", config={})
    found = cast.maya().on_whatsapp()
    found.says("agent")
    found.news()
    return found


def of(phone: Endpoint) -> Conversation:
    return Conversation.objects.unclosed().get(sessions__identity=phone.place.identity)


def press(agent: Agent, phone: Endpoint, **changed: str) -> Any:
    conversation = of(phone)
    session = str(conversation.sessions.get().public_id)
    fields = {"session": session, "to": "telegram-demo", "client_id": str(uuid4())} | changed
    url = reverse("inbox-ways", args=[conversation.public_id])
    return client_of(agent).post(url, fields, headers={"Accept": "application/json"})


def test_the_side_bar_leads_to_the_ways(phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    page = client_of(ana).get(reverse("inbox:conversation", args=[of(phone).public_id])).content.decode()
    assert "Send a link to another channel" in page
    offered = client_of(ana).get(reverse("inbox-ways", args=[of(phone).public_id])).content.decode()
    assert "Send a link to Telegram" in offered and "Send a link to WhatsApp" not in offered


def test_a_link_goes_out_as_the_agents_words_and_once(phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    for _ in range(2):
        assert press(ana, phone, client_id="01890000-0000-7000-8000-000000000001").status_code == 200
    message = Message.objects.get(author="agent")
    assert "https://t.me/nordic_test_bot?start=" in content.from_json(message.content).plain_text()
    assert Challenge.objects.latest("pk").opener == phone.place.identity


def test_while_the_bot_speaks_it_goes_on_speaking(phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    Conversation.objects.update(owner_kind="bot", owner_id=None, state="open")
    assert press(ana, phone).status_code == 200
    assert of(phone).owner_kind == "bot" and Message.objects.filter(author="system").exists()


def test_while_the_bot_speaks_it_is_sent_once_however_often_pressed(phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    Conversation.objects.update(owner_kind="bot", owner_id=None, state="open")
    before = Challenge.objects.count()
    for _ in range(3):
        assert press(ana, phone, client_id="01890000-0000-7000-8000-000000000001").status_code == 200
    assert Message.objects.filter(author="system", client_id__startswith="01890000").count() == 1
    assert Challenge.objects.count() == before + 1


def test_while_the_bot_speaks_what_was_not_seen_is_shown_first(phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    Conversation.objects.update(owner_kind="bot", owner_id=None, state="open")
    answer = press(ana, phone, seen_seq="0")
    assert (answer.status_code, answer.json()["code"]) == (409, "unseen_messages")
    assert not Message.objects.filter(client_id__gt="", author="system").exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"to": "nowhere"}, "no_way"), ({"session": str(uuid4())}, "not_writable"), ({"session": "x"}, "not_writable")],
)
def test_no_way_is_said(phone: Endpoint, ana: Agent, changed: dict[str, str], code: str) -> None:
    cast.take_over(phone, ana)
    answer = press(ana, phone, **changed)
    assert (answer.status_code // 100, answer.json()["code"]) == (4, code)
    assert not Message.objects.filter(author="agent").exists()


@pytest.mark.scenario("T-7")
def test_who_may_not_see_the_conversation_finds_no_ways(phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    ben = make.agent("Ben Okafor", queues=(make.queue("support"),))
    assert client_of(ben).get(reverse("inbox-ways", args=[of(phone).public_id])).status_code == 404
    assert press(ben, phone).status_code == 404
