"""Who may read /metrics, and does it say the channels' numbers and nothing about people?"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from channels_app import condition
from channels_app.models import Channel, ChannelState
from common import clock
from tests import factories
from tests.channels_app import whatsapp
from tests.channels_app.sending import say

pytestmark = pytest.mark.django_db
TOKEN = "token-of-the-prometheus-server"


def read(token: str = TOKEN) -> str:
    with override_settings(METRICS_TOKEN=TOKEN):
        answer = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer "])
def test_without_the_token_there_is_no_such_page(header):
    with override_settings(METRICS_TOKEN=TOKEN):
        assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


@pytest.mark.scenario("T-65")
def test_an_empty_token_opens_nothing(client):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.scenario("T-65")
def test_staff_may_read_it_and_agents_may_not(client):
    client.force_login(User.objects.create_user("ana"))
    assert client.get("/metrics").status_code == 404
    client.force_login(User.objects.create_user("boss", is_staff=True))
    assert client.get("/metrics").status_code == 200


def test_it_says_what_the_health_page_says():
    channel = whatsapp.channel()
    Channel.objects.update(stopped_reason="token revoked")
    ChannelState.objects.create(channel=channel, silent_at=clock.now())
    found = read()
    labels = '{channel="whatsapp-demo",kind="whatsapp"}'
    assert f"throughline_channel_stopped{labels} 1.0" in found
    assert f"throughline_channel_silent{labels} 1.0" in found
    assert f"throughline_channel_up{labels} 0.0" in found and condition.of(channel).level == "FAIL"


def test_a_channel_that_is_not_filled_in_is_not_up():
    channel = whatsapp.channel()
    labels = '{channel="whatsapp-demo",kind="whatsapp"}'
    assert f"throughline_channel_up{labels} 1.0" in read() and f"throughline_channel_set_up{labels} 1.0" in read()
    channel.credentials = {}
    channel.save(update_fields=["credentials"])
    assert f"throughline_channel_up{labels} 0.0" in read() and f"throughline_channel_set_up{labels} 0.0" in read()


@pytest.mark.scenario("T-64")
def test_no_label_tells_anything_about_a_person():
    whatsapp.channel()
    person = factories.customer("Canary Lindqvist")
    say(factories.receive(factories.whatsapp(factories.phone(person, "46701749999")), "canary words").session)
    found = read()
    assert 'outbox_waiting{channel="whatsapp-demo",kind="whatsapp"} 1.0' in found
    assert not any(word in found for word in ("Canary", "canary", "46701749999", "token"))
