"""Who may read /metrics, and does it say the channels' numbers and nothing about people?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from channels_app import condition
from channels_app.models import Channel, ChannelState
from common import clock
from customers import attributes, codes, identity, merging, tallies
from customers.handles import Handle
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


def counted(name: str) -> float:
    """The number of a family with these labels, as a monitor reads it."""
    line = next(line for line in read().splitlines() if line.startswith(f"throughline_identity_{name} "))
    return float(line.rpartition(" ")[2])


def test_it_counts_codes_and_wrong_tries_and_names_nobody(django_capture_on_commit_callbacks):
    home = factories.customer()
    given = {"namespace": "phone", "raw": "+46701740635", "session_ref": "s", "purpose": "journey"}
    codes.send_code(**given)
    for _ in range(5):
        with pytest.raises(codes.CodeWrong):
            codes.check_code(**given, code="wrong", home=home, actor="customer")
    sent = [counted(f'codes_day{{result="{result}"}}') for result in ("sent", "failed", "locked", "proven")]
    assert sent == [1.0, 5.0, 1.0, 0.0]
    assert "46701740635" not in read()


def test_it_counts_placeholders_and_dates_of_the_future(django_capture_on_commit_callbacks):
    person = factories.customer()
    with django_capture_on_commit_callbacks(execute=True):
        assert identity.resolve(handles=[Handle("email", "", "null", "provider")], occurred_at=clock.now()) is None
        attributes.observe(
            customer=person, key="name", value="Maya", source="bot", occurred_at=clock.now() + timedelta(days=365),
            source_event_id="1",
        )  # fmt: skip
    assert counted('counted_day{what="blocked_value"}') == 1
    assert counted('counted_day{what="clamped_time"}') == 1
    assert counted('conflicts_open{kind="clamped_time"}') == 1


def test_it_counts_links_and_drift(django_capture_on_commit_callbacks):
    one, other, lost = (factories.customer() for _ in range(3))
    merging.merge(a=one, b=other, kind="manual", rule="agent", actor="user:1", request_id="1", evidence={})
    with django_capture_on_commit_callbacks(execute=True):
        tallies.put(tallies.DRIFTED, 3)
        tallies.put(tallies.DRIFTED, 2)
    assert (counted('links_day{kind="manual"}'), counted("members_most"), counted("drift")) == (1, 2, 2)
    assert lost.root_id == lost.pk
