"""Which links to other channels does the widget get, and how many?"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from channels_app import limits, qr, registry
from channels_app.models import Channel
from channels_app.sandbox import emulators
from customers.models import Challenge
from tests.channels_app import storefront, telegram
from tests.channels_app.storefront import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    storefront.open_shop()
    limits.LEADS.forget()
    named = {"config": dict(telegram.ACCOUNT.config), "credentials": dict(telegram.ACCOUNT.credentials)}
    Channel.objects.create(key="telegram-demo", kind="telegram", title="Bot", account=telegram.BOT, **named)
    return Browser()


def test_a_visit_is_told_its_ways_and_gets_a_link_that_is_drawn(browser: Browser) -> None:
    assert browser.visit()["config"]["ways"] == [{"channel": "telegram-demo", "title": "Telegram"}]
    led = browser.post("lead", {"to": "telegram-demo"}).json()
    assert led["url"].startswith("https://t.me/nordic_test_bot?start=") and led["say"] == ""
    assert led["qr"]["size"] > 20 and led["qr"]["path"].startswith("M")
    challenge = Challenge.objects.get()
    assert challenge.opener is not None and challenge.opener.namespace == "visitor"


@pytest.mark.scenario("T-27")
def test_the_code_is_kept_as_a_digest_only(browser: Browser) -> None:
    browser.visit()
    code = browser.post("lead", {"to": "telegram-demo"}).json()["url"].rpartition("=")[2]
    assert code not in str(Challenge.objects.values().get())


def test_without_a_visit_or_a_way_there_is_no_link(browser: Browser) -> None:
    assert browser.post("lead", {"to": "telegram-demo"}).status_code == 401
    browser.visit()
    for to in ("nowhere", "web-shop", ""):
        assert browser.post("lead", {"to": to}).status_code == 404
    assert not Challenge.objects.exists()


@pytest.mark.scenario("ID-58")
def test_links_are_limited(browser: Browser) -> None:
    browser.visit()
    answers = [browser.post("lead", {"to": "telegram-demo"}).status_code for _ in range(7)]
    assert answers[0] == 200 and answers[-1] == 429


def test_a_qr_code_has_its_white_border_and_its_corners() -> None:
    drawn = qr.drawn("https://t.me/x?start=ABCDEFGHJKLMNPQR")
    assert drawn["path"].startswith("M4 4h7v1h-7z")  # the first corner's upper edge, four modules in
    assert f"M{drawn['size'] - 11} 4h7v1h-7z" in drawn["path"]


def test_the_demos_whatsapp_link_leads_to_its_phone_with_the_code(client: Client) -> None:
    emulator = emulators.find("whatsapp")
    assert emulator is not None
    row = Channel.objects.create(**emulators.demo_fields(emulator))
    link = registry.adapter("whatsapp").link(registry.account_of(row), "K7Q2M9XK7Q2M9X22")
    assert link is not None and link.url.startswith(row.config["link_url"])
    answer = client.get(link.url.removeprefix(settings.PUBLIC_URL))
    assert answer["Location"] == "/sandbox/?channel=whatsapp-demo&open=K7Q2M9XK7Q2M9X22"
    assert client.get("/sandbox/graph/wa.me/123").status_code == 404
