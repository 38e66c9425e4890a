"""Do logs, the broker and stored errors stay free of people? A canary phone, name and text go through every part."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client

from channels_app import delivery, ingest
from channels_app.models import InboundEvent
from config.logs import JsonFormatter
from handover.models import Agent
from tests import factories as make
from tests.channels_app import doors, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, NAME, TEXT = "4917695551234", "Canaria Canarison", "canary words 8c1f \r\nroot logged in"
CANARIES = (PHONE, "canary words", "Canaria", "root logged in")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines that our own formatter makes of everything that was logged since."""
    caplog.set_level(logging.INFO)
    return lambda: [JsonFormatter().format(record) for record in caplog.records]


def hear(channel: Any) -> None:
    """A signed webhook with the canaries, stored and drained."""
    message = whatsapp.message(TEXT, sender=PHONE)
    said = whatsapp.value(message)
    said["contacts"][0]["profile"]["name"] = NAME
    raw = whatsapp.body(said)
    assert doors.run(lambda: doors.post(raw))[0] == 200
    ingest.drain()


def found(texts: list[str]) -> list[str]:
    return [canary for canary in CANARIES if any(canary in text for text in texts)]


@pytest.mark.scenario("T-64")
def test_a_message_in_and_a_failed_answer_leave_no_trace_in_the_log(lines: Any) -> None:
    hear(whatsapp.channel())
    conversation = make.Conversation.objects.get()
    make.agent_says(conversation.sessions.get(), TEXT, make.agent())
    delivery.send_due()
    assert found(lines()) == []


@pytest.mark.scenario("T-64")
def test_an_event_that_fails_is_logged_and_quarantined_without_its_words(lines: Any) -> None:
    channel = whatsapp.channel()
    hear(channel)
    event = InboundEvent.objects.get()
    event.state, event.body = "pending", event.body.replace('"wamid.', f'"\\u0000 canary words {PHONE}')
    event.save(update_fields=["state", "body"])
    ingest.drain()
    event.refresh_from_db()
    assert event.attempts == 1 and event.error, "the event was meant to fail"
    assert (found([event.error]), found(lines())) == ([], [])


@pytest.mark.scenario("T-64")
def test_what_the_desk_and_the_back_office_do_is_logged_without_words(lines: Any) -> None:
    hear(whatsapp.channel())
    boss = make.agent("Boss Person", supervises=(make.queue("sales"),))
    type(boss.user).objects.filter(pk=boss.user_id).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(boss.user)
    conversation = make.Conversation.objects.get()
    client.get(f"/api/v1/customers/?identifier={PHONE}")
    client.get(f"/inbox/c/{conversation.public_id}/")
    client.post(f"/api/v1/conversations/{conversation.public_id}/messages/", {"text": TEXT},
                content_type="application/json", headers={"Idempotency-Key": "k"})  # fmt: skip
    client.get(f"/nowhere/{PHONE}")
    assert Agent.objects.exists() and found(lines()) == []


@pytest.mark.scenario("T-64")
def test_redis_holds_no_person(redis_client: redis.Redis) -> None:
    heard: list[str] = []
    with redis_client.pubsub() as hub:
        hub.subscribe(settings.HUB_CHANNEL)
        hear(whatsapp.channel())
        while (message := hub.get_message(timeout=0.3)) is not None:
            heard.append(str(message["data"]))
    keys = [key.decode(errors="replace") for key in redis_client.scan_iter(count=1000)]
    assert any("wake" in text for text in heard), "nothing was announced"
    assert found(heard + keys) == []


@pytest.mark.scenario("T-64")
def test_a_line_break_in_a_logged_value_makes_no_second_line(lines: Any) -> None:
    logging.getLogger("throughline.test").warning("refused: %s", "a\r\nroot logged in")
    assert all("\n" not in line and "\r" not in line for line in lines())
