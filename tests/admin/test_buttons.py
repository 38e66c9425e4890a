"""Do the buttons of the back office do what they say, for those who may, and only by POST?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel, InboundEvent, WidgetKey
from conversations.models import Delivery
from handover.models import Agent
from tests import factories as make
from tests.admin import office
from tests.admin.conftest import permit
from tests.channels_app import bots, telegram

SENT = {"_form_submitted": "true"}  # what the dialog's form sends


def press(client: Client, button: str, row: Any) -> Any:
    """Confirms a button of a row's page."""
    return client.post(address(button, row), SENT)


def address(button: str, row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{button}", args=[row.pk])


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def event(db: None) -> InboundEvent:
    office.fill_one(0)
    return InboundEvent.objects.get()


def test_an_event_is_taken_out_of_quarantine(boss: Client, event: InboundEvent) -> None:
    answer = press(boss, "replay", event)
    event.refresh_from_db()
    assert (event.state, answer.headers["HX-Redirect"]) == ("pending", office.page(InboundEvent, "change", event.pk))


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("button", ["replay"])
def test_opening_the_link_of_a_button_changes_nothing(boss: Client, event: InboundEvent, button: str) -> None:
    answer = boss.get(address(button, event))
    event.refresh_from_db()
    assert (answer.status_code, event.state) == (200, "quarantined")
    assert "csrfmiddlewaretoken" in answer.content.decode()


@pytest.mark.scenario("T-53")
def test_a_button_pressed_without_a_csrf_token_is_refused(event: InboundEvent) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss"))
    assert press(client, "replay", event).status_code == 403


def test_a_button_is_not_there_for_those_who_may_only_look(clerks: Client, clerk: User, event: InboundEvent) -> None:
    permit(clerk, "view_inboundevent")
    shown = clerks.get(office.page(InboundEvent, "change", event.pk))
    assert (shown.status_code, address("replay", event) in shown.content.decode()) == (200, False)
    assert press(clerks, "replay", event).status_code == 403


def test_many_events_are_replayed_at_once(boss: Client, event: InboundEvent) -> None:
    InboundEvent.objects.filter(pk=event.pk).update(state="done")
    office.fill_one(1)
    ids = list(InboundEvent.objects.values_list("pk", flat=True))
    answer = boss.post(office.page(InboundEvent, "changelist"), {"action": "replay_all", "_selected_action": ids})
    assert said(answer) == ["1 of 2 taken out of quarantine."]


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_a_delivery_that_ended_badly_is_queued_again(boss: Client, event: InboundEvent, state: str) -> None:
    Delivery.objects.update(state=state)
    answer = press(boss, "retry", Delivery.objects.get())
    assert (Delivery.objects.get().state, said(answer)) == ("queued", ["1 of 1 queued again."])


def test_a_delivery_that_was_read_is_not_sent_again(boss: Client, event: InboundEvent) -> None:
    Delivery.objects.update(state="read")
    answer = press(boss, "retry", Delivery.objects.get())
    assert (Delivery.objects.get().state, said(answer)) == ("read", ["0 of 1 queued again."])


def test_a_channel_says_whether_its_set_up_holds(boss: Client, db: None) -> None:
    channel = Channel.objects.create(key="shop", kind="web", title="Shop", stopped_reason="it was down")
    answer = press(boss, "check_connection", channel)
    assert said(answer), "a check tells what it found"


def test_a_channels_webhook_is_set_at_its_provider(boss: Client, db: None) -> None:
    with bots.bot_api(True, True, bots.ME, bots.HOOK) as api:
        channel = Channel.objects.create(
            key="bot", kind="telegram", title="Bot", account=telegram.BOT, config=dict(api.account.config),
            credentials=dict(telegram.ACCOUNT.credentials),
        )  # fmt: skip
        assert "Telegram posts to our webhook." in said(press(boss, "set_webhook", channel))
        assert api.calls[0][1]["url"].endswith("/webhooks/telegram/k3j9")


def test_a_channel_without_a_webhook_says_so(boss: Client, db: None) -> None:
    channel = Channel.objects.create(key="shop", kind="web", title="Shop")
    assert "has no webhook" in said(press(boss, "set_webhook", channel))[0]


def test_a_channel_reads_its_templates_or_says_why_not(boss: Client, db: None) -> None:
    config = {"base_url": "http://127.0.0.1:9", "waba_id": "1"}
    channel = Channel.objects.create(key="shop", kind="whatsapp", title="Shop", config=config)
    (found,) = said(press(boss, "read_templates", channel))
    assert found.startswith("The provider did not give its templates")


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_widget_key_needs_a_secret_worth_its_name(boss: Client, event: InboundEvent, secret: str) -> None:
    form = {"channel": Channel.objects.get().pk, "kid": "new", "algorithm": "HS256", "new_secret": secret}
    assert boss.post(office.page(WidgetKey, "add"), form).status_code == 200
    assert not WidgetKey.objects.filter(kid="new").exists()


def test_a_page_left_open_does_not_undo_what_happened_since(boss: Client, db: None) -> None:
    ana = make.agent("Ana Sousa")
    seen = ana.last_seen_at
    form = {"user": ana.user_id, "name": "Ana S.", "manual_status": ana.manual_status, "capacity": ana.capacity}
    form["language"] = ana.language
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    assert boss.post(office.page(Agent, "change", ana.pk), {**form, **rows, "is_active": "on"}).status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.last_seen_at) == ("Ana S.", seen)
