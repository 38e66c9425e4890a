"""Does the thread continue? The whole story in three windows: the phone in the morning, the shop later, the agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from config.processes import Stack
from tests.browser.windows import InboxScreen, PhoneScreen, ShopScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MORNING = ("Which chair are you thinking of?", "between 50 and 5000", "cheap")


@pytest.fixture(scope="module")
def phone(browser: Browser, stack: Stack) -> Iterator[PhoneScreen]:
    with window(browser, stack.url) as page:
        yield PhoneScreen(page)


@pytest.fixture(scope="module")
def shop(browser: Browser, stack: Stack) -> Iterator[ShopScreen]:
    with window(browser, stack.url) as page:
        yield ShopScreen(page)


@pytest.fixture(scope="module")
def inbox(browser: Browser, stack: Stack) -> Iterator[InboxScreen]:
    """Ana opens her inbox when a test first asks for it: not before."""
    with window(browser, stack.url) as page:
        yield InboxScreen(page)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each chapter leaves a picture."""
    return tmp_path_factory.mktemp("story")


def test_1_the_first_page_links_every_screen(browser: Browser, stack: Stack, pictures: Path) -> None:
    with window(browser, stack.url) as page:
        page.goto("/")
        for name in ("Sandbox", "Demo shop", "Inbox", "Admin", "API docs"):
            expect(page.get_by_role("link", name=name).first).to_be_visible()
        page.screenshot(path=pictures / "1-home.png")


def test_2_the_journey_begins_on_whatsapp_and_stops_in_the_middle(phone: PhoneScreen, pictures: Path) -> None:
    phone.writes("hi")
    phone.gets("Which chair are you thinking of?")
    expect(phone.theirs.last.locator(".bubble-button")).to_have_count(3)
    phone.taps("Ergo task chair")
    phone.gets("What is your budget for the Ergo task chair")
    phone.writes("cheap")
    phone.gets("Please write an amount between 50 and 5000")
    phone.writes("400")
    phone.gets("What matters most to you?")
    phone.page.screenshot(path=pictures / "2-whatsapp.png")


def test_2_receipts_came_back_through_the_real_endpoint(phone: PhoneScreen) -> None:
    expect(phone.theirs.last).to_contain_text("receipt: read")
    webhooks = phone.page.locator("#exchanges [data-direction=in]")
    expect(webhooks.filter(has_text="status: read").first).to_contain_text("200")
    sends = phone.page.locator("#exchanges [data-direction=out]")
    expect(sends.filter(has_text="send: text").first).to_contain_text("200")


def test_3_the_shop_knows_where_the_journey_stopped(shop: ShopScreen, pictures: Path) -> None:
    shop.logs_in("Maya")
    shop.opens_the_chat()
    expect(shop.chat.get_by_text("Welcome back")).to_be_visible()
    expect(shop.chat.get_by_text("what matters most to you")).to_be_visible()
    shop.page.screenshot(path=pictures / "3-resume.png")


def test_3_one_tap_goes_on_at_the_same_step_with_the_answers_given(shop: ShopScreen) -> None:
    shop.taps("Continue")
    shop.gets("What matters most to you?")
    shop.writes("It has to be kind to my back.")
    expect(shop.chat.get_by_text("Chair: Ergo task chair")).to_be_visible()
    expect(shop.chat.get_by_text("400")).to_be_visible()
    shop.gets("Shall I place the order?")
    assert not [words for words in MORNING if words in shop.words]


def test_4_who_types_her_number_gets_nothing_of_hers(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        stranger = ShopScreen(page)
        stranger.opens_the_chat()
        stranger.writes("+46 70 174 06 35")
        stranger.gets("")
        expect(stranger.chat.get_by_text("Welcome back")).to_have_count(0)
        assert not [words for words in (*MORNING, "Ergo", "400", "kind to my back") if words in stranger.words]


def test_5_with_nobody_online_the_offline_branch_runs(shop: ShopScreen) -> None:
    shop.taps("Talk to someone")
    shop.gets("Nobody from our team is online right now.")
    shop.taps("Go on alone")
    shop.gets("Shall I place the order?")


def test_5_the_conversation_appears_in_the_inbox_by_itself(
    inbox: InboxScreen, shop: ShopScreen, phone: PhoneScreen, pictures: Path
) -> None:
    inbox.looks_at("queue-sales")
    shop.taps("Talk to someone")
    shop.gets("Thanks, Maya. In one sentence, what can our team do for you?")
    shop.writes("Do you deliver on Saturdays?")
    shop.gets("I am passing you to our team")
    inbox.opens("Maya Lindqvist")
    for words in ("cheap", "kind to my back"):
        inbox.sees(words)
    inbox.page.screenshot(path=pictures / "4-inbox.png")


def test_5_the_handover_card_says_what_the_bot_knows(inbox: InboxScreen) -> None:
    card = inbox.page.locator(".side-card")
    for words in ("Order an office chair", "Ergo task chair", "400", "kind to my back", "Saturdays"):
        expect(card).to_contain_text(words)


def test_5_the_agent_takes_it_and_the_customer_reads_the_answer(inbox: InboxScreen, shop: ShopScreen) -> None:
    inbox.takes_it()
    inbox.replies("Yes, on Saturdays until noon.")
    shop.gets("Yes, on Saturdays until noon.")


def test_5_on_whatsapp_it_is_the_same_conversation_and_the_bot_is_silent(
    inbox: InboxScreen, shop: ShopScreen, phone: PhoneScreen
) -> None:
    shop.page.close()
    before = phone.theirs.count()
    phone.page.wait_for_timeout(1100)  # WhatsApp dates messages by the second
    phone.writes("And could you call me before?")
    inbox.sees("And could you call me before?")
    phone.gets("You are talking to our team.")  # once in each place; the bot says nothing
    expect(inbox.page.locator("#reply-options [data-picked]")).to_contain_text("WhatsApp")
    inbox.replies("Of course, we call an hour before.")
    phone.gets("Of course, we call an hour before.")
    assert phone.theirs.count() == before + 2
    expect(inbox.page.locator("#items .by-agent").last.locator(".delivery")).to_contain_text("read")


def test_5_the_agent_closes_and_the_bot_is_back(inbox: InboxScreen, phone: PhoneScreen) -> None:
    inbox.closes()
    phone.writes("menu")
    phone.gets("How can I help you?")
