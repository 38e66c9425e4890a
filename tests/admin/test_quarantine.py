"""Can what failed be looked at by those who may, and played again, one, many or by command?"""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from channels_app import ingest
from channels_app.models import Channel, InboundEvent
from common import clock
from conversations.models import Message
from customers.models import AuditEntry
from tests.admin.conftest import permit
from tests.channels_app import whatsapp
from tests.channels_app.test_ingest import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return whatsapp.channel()


@pytest.fixture
def held(channel: Channel) -> InboundEvent:
    """An event that failed for a reason that has been put right."""
    return hold(channel, "good morning")


def hold(channel: Channel, text: str, error: str = "DataError at conversations/x.py:1") -> InboundEvent:
    store(channel, whatsapp.value(whatsapp.message(text)))
    event = InboundEvent.objects.latest("pk")
    InboundEvent.objects.filter(pk=event.pk).update(state="quarantined", attempts=5, error=error)
    return event


def raw(event: InboundEvent) -> str:
    return reverse("admin:inbound-raw", args=[event.pk])


def test_the_list_names_the_reason(boss: Client, held: InboundEvent) -> None:
    url = reverse("admin:channels_app_inboundevent_changelist")
    assert "DataError at conversations/x.py:1" in boss.get(f"{url}?state__exact=quarantined").content.decode()


def test_a_body_is_shown_as_text_and_noted(boss: Client, held: InboundEvent) -> None:
    shown = boss.post(raw(held)).content.decode()
    assert "good morning" in shown
    assert AuditEntry.objects.get(action="inbound.reveal").object_id == str(held.public_id)


def test_a_body_is_never_shown_as_html(boss: Client, channel: Channel) -> None:
    assert "<img" not in boss.post(raw(hold(channel, "<img src=x onerror=1>"))).content.decode().split("<pre")[1]


def test_opening_a_link_shows_no_body(boss: Client, held: InboundEvent) -> None:
    assert boss.get(raw(held)).status_code == 405 and not AuditEntry.objects.exists()


@pytest.mark.parametrize("rights", [(), ("view_inboundevent", "change_inboundevent")])
def test_without_its_own_permission_nobody_sees_a_body(
    clerks: Client, clerk: User, held: InboundEvent, rights: tuple[str, ...]
) -> None:
    permit(clerk, *rights)
    assert clerks.post(raw(held)).status_code == 403 and not AuditEntry.objects.exists()


def test_with_the_permission_one_does(clerks: Client, clerk: User, held: InboundEvent) -> None:
    permit(clerk, "view_inboundevent", "reveal_inboundevent")
    assert clerks.post(raw(held)).status_code == 200


def test_an_event_that_is_played_again_has_its_effect_once(held: InboundEvent) -> None:
    call_command("replay_inbound", str(held.public_id))
    ingest.drain()
    assert Message.objects.filter(author="customer").count() == 1
    call_command("replay_inbound", str(held.public_id))
    ingest.drain()
    assert Message.objects.filter(author="customer").count() == 1


def test_the_command_takes_a_channel_a_reason_or_everything(channel: Channel, held: InboundEvent) -> None:
    other = hold(channel, "hello", error="KeyError at x.py:2")
    call_command("replay_inbound", "--error", "KeyError")
    other.refresh_from_db()
    held.refresh_from_db()
    assert (other.state, held.state) == ("pending", "quarantined")
    call_command("replay_inbound", "--channel", "somewhere-else")
    held.refresh_from_db()
    assert held.state == "quarantined"
    call_command("replay_inbound", "--all")
    assert AuditEntry.objects.filter(action="inbound.replay").count() == 2


@pytest.mark.parametrize("words", [(), ("--all", "01a1fcc2-c774-7830-9299-0d862a2079d7")])
def test_a_command_that_says_too_little_or_too_much_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("replay_inbound", *words)


def test_what_is_forgotten_is_not_played_again(boss: Client, held: InboundEvent) -> None:
    InboundEvent.objects.update(body=None, received_at=clock.now())
    call_command("replay_inbound", "--all")
    held.refresh_from_db()
    assert held.state == "quarantined" and "no longer kept" in boss.post(raw(held)).content.decode()


def test_a_body_that_is_json_is_indented(boss: Client, held: InboundEvent) -> None:
    assert json.dumps("good morning") in boss.post(raw(held)).content.decode().replace("&quot;", '"')
