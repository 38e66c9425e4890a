"""Can a visitor take the chat to their phone, and is nothing linked before they say so here as well?"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from channels_app import limits
from channels_app.models import Channel
from conversations.journeys import publishing
from customers.models import Link
from tests.browser.storefronts import Product
from tests.browser.test_widget import (  # noqa: F401 -- pytest finds fixtures by their names here
    context,
    opened,
    product,
    shop,
    write,
)
from tests.channels_app import pretended, telegram
from tests.channels_app.switches import on
from tests.channels_app.test_switch_step import LEADING

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chat(shop: Page) -> FrameLocator:  # noqa: F811 -- the fixture of that name
    limits.LEADS.forget()
    named = {"config": dict(telegram.ACCOUNT.config), "credentials": dict(telegram.ACCOUNT.credentials)}
    Channel.objects.create(key="telegram-demo", kind="telegram", title="Bot", account=telegram.BOT, **named)
    return opened(shop)


def way_to_telegram(chat: FrameLocator) -> Any:
    """Opens the ways and picks Telegram; the place where the link is."""
    chat.get_by_role("button", name="Continue in another app").click()
    ways = chat.get_by_role("region", name="Continue in another app")
    ways.get_by_role("button", name="Continue on Telegram").click()
    expect(ways.get_by_role("img", name="QR code that opens Telegram")).to_be_visible()
    return ways


def test_a_journey_offers_the_way_with_link_and_qr_code(chat: FrameLocator) -> None:
    publishing.publish(text=LEADING)
    write(chat, "elsewhere")
    chat.get_by_role("button", name="Continue on Telegram").click()
    expect(chat.get_by_role("img", name="QR code that opens Telegram")).to_be_visible()
    link = chat.get_by_role("link", name="Open Telegram").get_attribute("href") or ""
    assert link.startswith("https://t.me/")
    write(chat, "3 years")
    expect(chat.get_by_role("button", name="Continue on Telegram")).to_be_enabled()


@pytest.mark.scenario("T-28", "ID-61")
def test_a_visitor_goes_on_in_telegram_after_a_yes_on_both_sides(chat: FrameLocator) -> None:
    write(chat, "hi")
    chat.get_by_role("button", name="Mesh executive").click()
    link = way_to_telegram(chat).get_by_role("link", name="Open Telegram")
    phone = on("telegram", "5812004417", "Maya Lindqvist")
    phone.says("/start", code=(link.get_attribute("href") or "").rpartition("=")[2])
    chat.get_by_role("button", name="Stay here").click()
    expect(chat.get_by_text("Telegram (M•••• L••••, 581••••17) has used your link.")).to_be_visible()
    chat.get_by_role("button", name="Yes, link them").click()
    expect(chat.get_by_text("Please say yes in Telegram as well.")).to_be_visible()
    assert not Link.objects.exists()
    assert "budget" in "\n".join(phone.taps("Yes, link them"))
    expect(chat.get_by_text("Linked. You can go on in Telegram")).to_be_visible()


@pytest.mark.scenario("T-27")
def test_a_link_is_followed_without_a_trace_and_the_ways_close_by_a_key(chat: FrameLocator) -> None:
    ways = way_to_telegram(chat)
    link = ways.get_by_role("link", name="Open Telegram")
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert link.get_attribute("referrerpolicy") == "no-referrer"
    link.press("Escape")
    expect(ways).to_have_count(0)
    expect(chat.get_by_role("button", name="Continue in another app")).to_be_focused()


def test_the_ways_are_accessible(chat: FrameLocator, shop: Page) -> None:  # noqa: F811 -- the fixture of that name
    way_to_telegram(chat)
    found = Axe().run(shop).response["violations"]
    assert not found, [one["id"] for one in found]


def test_in_the_sandbox_a_link_leads_to_the_phone_with_its_code(context: BrowserContext, product: Product) -> None:  # noqa: F811 -- the fixtures of these names
    pretended.channel(product.url)
    page = context.new_page()
    page.goto("/sandbox/telegram/t.me/nordic_chairs_bot?start=K7Q2M9XK7Q2M9X22")
    expect(page.get_by_label("The code in the link")).to_have_value("K7Q2M9XK7Q2M9X22")
    assert "K7Q2" not in page.url
    page.get_by_role("button", name="Follow it").click()
    expect(page.locator("#thread")).to_contain_text("/start K7Q2M9XK7Q2M9X22")
