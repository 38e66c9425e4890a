"""Does a channel's health page say how it is, to those who may look, and ask the provider only for those who may?"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from channels_app import condition, registry
from channels_app.models import Channel, ChannelState, InboundEvent
from channels_app.sandbox import emulators
from common import clock
from tests.admin.conftest import permit
from tests.channels_app import providers, whatsapp

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return whatsapp.channel(base_url="http://127.0.0.1:9")


def url(channel: Channel) -> str:
    return reverse("admin:channel-health", args=[channel.pk])


def test_the_list_of_channels_leads_there(boss: Client, channel: Channel) -> None:
    assert url(channel) in boss.get(reverse("admin:channels_app_channel_changelist")).content.decode()


def test_a_channel_that_is_well_says_so(boss: Client, channel: Channel) -> None:
    ChannelState.objects.create(channel=channel, checked_at=clock.now())
    assert "All is well." in boss.get(url(channel)).content.decode()


def test_a_channel_that_nobody_has_tried_says_so(boss: Client, channel: Channel) -> None:
    shown = boss.get(url(channel)).content.decode()
    assert "never checked" in shown and "All is well." not in shown


def test_a_channel_that_is_not_filled_in_says_what_it_lacks(boss: Client, channel: Channel) -> None:
    channel.credentials = {"app_secret": "s", "verify_token": "v"}
    channel.save(update_fields=["credentials"])
    shown = boss.get(url(channel)).content.decode()
    assert "not set up: no access_token" in shown and "All is well." not in shown
    assert condition.in_trouble() == 1


def test_a_stopped_channel_says_why_and_when_it_is_looked_at_again(boss: Client, channel: Channel) -> None:
    Channel.objects.update(stopped_reason="token revoked")
    ChannelState.objects.create(channel=channel, recheck_at=clock.now())
    shown = boss.get(url(channel)).content.decode()
    assert "token revoked" in shown and "Looked at again by itself" in shown


def test_quarantined_events_are_counted_and_linked(boss: Client, channel: Channel) -> None:
    now = clock.now()
    times = {"occurred_at": now, "received_at": now, "next_attempt_at": now}
    InboundEvent.objects.create(channel=channel, key="k", handle="h", state="quarantined", **times)
    shown = boss.get(url(channel)).content.decode()
    assert "1 events are in quarantine" in shown and "state__exact=quarantined" in shown


def test_the_button_asks_the_provider_and_keeps_the_answer(boss: Client) -> None:
    with providers.graph() as graph:
        channel = whatsapp.channel(base_url=graph.url)
        assert boss.post(url(channel)).status_code == 302
    assert ChannelState.objects.get().checked_at is not None
    assert ChannelState.objects.get().findings[0]["text"] in boss.get(url(channel)).content.decode()


def test_a_supervisor_who_may_only_look_sees_it_and_asks_nobody(clerks: Client, clerk: User, channel: Channel) -> None:
    permit(clerk, "view_channel")
    assert "Check the connection now" not in clerks.get(url(channel)).content.decode()
    assert clerks.post(url(channel)).status_code == 403
    assert not ChannelState.objects.filter(checked_at__isnull=False).exists()


@pytest.mark.scenario("T-65")
def test_nobody_else_sees_it(clerks: Client, channel: Channel) -> None:
    assert clerks.get(url(channel)).status_code == 403
    assert Client().get(url(channel)).status_code == 302


def test_no_secret_and_no_webhook_of_another_stands_there(boss: Client, channel: Channel) -> None:
    shown = boss.get(url(channel)).content.decode()
    assert whatsapp.SECRET not in shown and "token-1" not in shown and "/webhooks/whatsapp/demo" in shown


def test_no_badge_stands_beside_channels_that_are_well(boss: Client, channel: Channel) -> None:
    request = boss.get(url(channel)).wsgi_request
    assert condition.badge(request) == ""
    page = boss.get(reverse("admin:index")).content.decode()
    assert "None" not in page and "Channels</span>" in page
    Channel.objects.update(is_enabled=True, stopped_reason="token revoked")
    ChannelState.objects.create(channel=channel)
    assert ">1</span>" in boss.get(reverse("admin:index")).content.decode()


def test_the_side_bar_leads_to_the_message_templates(boss: Client) -> None:
    assert reverse("admin:channels_app_messagetemplate_changelist") in boss.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("kind", registry.kinds())
def test_templates_are_read_only_where_there_are_any(boss: Client, kind: str) -> None:
    made = Channel.objects.create(key="c", kind=kind, title="C", account="1")
    shown = boss.get(reverse("admin:channels_app_channel_change", args=[made.pk])).content.decode()
    assert ("Read templates" in shown) is (kind == "whatsapp") and "Check connection" in shown


def test_lists_say_of_which_kind_a_channel_is(channel: Channel) -> None:
    assert str(channel) == "whatsapp-demo (whatsapp)"


def test_the_demos_channels_have_titles_of_their_own() -> None:
    titles = [emulators.find(kind).demo().title for kind in emulators.kinds()]  # type: ignore[union-attr]  # all found
    assert len(set(titles)) == len(titles) and "Nordic Chairs on Telegram" in titles


def test_the_badge_counts_channels_in_trouble(boss: Client, channel: Channel) -> None:
    Channel.objects.update(stopped_reason="token revoked")
    ChannelState.objects.create(channel=channel)
    assert boss.get(url(channel)).status_code == 200
    assert condition.badge(boss.get(url(channel)).wsgi_request) == "1"
