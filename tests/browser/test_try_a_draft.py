"""Can an author play a draft on a phone of the sandbox and in the shop's chat, and does nobody else meet it?"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from config.demo import PASSWORD
from config.processes import Stack
from tests.browser.windows import PhoneScreen, ShopScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_draft_is_played_by_somebody_new_and_met_by_nobody_else(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        changes_the_draft(page, "DRAFT, which chair are you")
        has_room(page)
        page.get_by_role("button", name="WhatsApp", exact=True).click()
        expect(page.locator("#thread .bubble-theirs").last).to_contain_text("DRAFT, which chair", timeout=40_000)
        other = PhoneScreen(page, "tom")
        other.writes("hi")
        expect(other.theirs.last).not_to_contain_text("DRAFT")


def test_a_draft_is_played_in_the_shops_chat_by_a_new_visitor_only(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page, window(browser, stack.url) as elsewhere:
        shop = ShopScreen(page)
        shop.logs_in("Tom")
        shop.opens_the_chat()
        changes_the_draft(page, "WEB DRAFT, which chair are you")
        page.get_by_role("button", name="Web chat", exact=True).click()
        expect(page.get_by_text("You are a visitor")).to_be_visible()
        shop.gets("WEB DRAFT, which chair")
        assert "journey=" not in page.url
        page.reload()
        shop.gets("WEB DRAFT, which chair")
        expect(shop.chat.get_by_text("WEB DRAFT, which chair")).to_have_count(1)
        other = ShopScreen(elsewhere)
        other.opens_the_chat()
        other.writes("order")
        other.gets("Which chair are you")
        assert "DRAFT" not in other.words


def has_room(page: Page) -> None:
    """The page that asks for a channel: nothing sticks to anything, and there is no barrier."""
    ways = [one.bounding_box() or {} for one in page.locator("main button").all()]
    title = page.get_by_role("heading", name="Where shall it be played?").bounding_box() or {}
    assert ways[0]["y"] - title["y"] - title["height"] >= 8
    assert all(way["height"] >= 36 for way in ways) and ways[1]["x"] - ways[0]["x"] - ways[0]["width"] >= 8
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def changes_the_draft(page: Page, words: str) -> None:
    """As the administrator, who then presses *Try it*."""
    page.goto("/admin/conversations/journey/edit/order_chair/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    area = page.locator("[name=draft]")
    area.fill(re.sub(r"(\w+ )?(DRAFT, w|W)hich chair are you", words, area.input_value(), count=1))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-state]")).to_have_text("Saved")
    page.get_by_role("link", name="Try it").click()
