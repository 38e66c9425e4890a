"""Does the shop's chat go on in Telegram, on the running product: the widget's link, the phone, a yes on both sides?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from config.processes import Stack
from tests.browser.windows import PhoneScreen, ShopScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


class Followed(PhoneScreen):
    """The sandbox's phone after a link was followed on it."""

    def __init__(self, page: Page, link: str) -> None:
        self.page = page
        page.goto(link)
        page.get_by_role("button", name="Follow it").click()


def test_the_chat_of_the_shop_goes_on_in_telegram_at_its_step(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as one, window(browser, stack.url) as other:
        shop = ShopScreen(one)
        shop.opens_the_chat()
        shop.writes("hi")
        shop.taps("Standing stool")
        shop.gets("What is your budget for the Standing stool")
        shop.chat.get_by_role("button", name="Continue in another app").click()
        shop.chat.get_by_role("button", name="Continue on Telegram").click()
        link = shop.chat.get_by_role("link", name="Open Telegram").get_attribute("href") or ""
        phone = Followed(other, link)
        phone.gets("Link this chat to the chat in")
        phone.taps("Yes, link them")
        phone.gets("Please say yes in")
        shop.gets("has used your link")
        shop.taps("Yes, link them")
        phone.gets("What is your budget for the Standing stool")
        expect(shop.chat.get_by_text("Linked. You can go on in Telegram")).to_be_visible()
        phone.writes("150")
        phone.gets("What matters most")
