"""Does a chat change channels on the running product, there and back: a link, its code, a yes on both sides?"""

from __future__ import annotations

import re

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


@pytest.mark.scenario("T-28", "ID-61", "J-7")
def test_a_phone_goes_on_in_the_chat_of_the_shop_at_its_step(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as one, window(browser, stack.url) as other:
        phone = PhoneScreen(one, "tom")
        phone.writes("hi")
        phone.taps("Standing stool")
        phone.gets("What is your budget for the Standing stool")
        phone.writes("continue on web")
        phone.gets("/demo/shop/#throughline=")
        link = re.search(r"http\S+#throughline=\w+", phone.theirs.last.inner_text())
        assert link is not None
        other.goto(link.group())
        shop = ShopScreen.__new__(ShopScreen)
        shop.page = other
        shop.gets("Link this chat to the chat in WhatsApp")
        assert other.url.endswith("/demo/shop/")
        shop.taps("Yes, link them")
        shop.gets("Please say yes in WhatsApp")
        phone.gets("has used your link")
        phone.taps("Yes, link them")
        shop.gets("What is your budget for the Standing stool")
        shop.writes("150")
        shop.gets("What matters most")


@pytest.mark.parametrize(("width", "height"), [(1360, 900), (390, 844)])
def test_the_qr_code_is_seen_whole_beside_many_ways(browser: Browser, stack: Stack, width: int, height: int) -> None:
    with window(browser, stack.url, viewport={"width": width, "height": height}) as page:
        shop = ShopScreen(page)
        shop.opens_the_chat()
        shop.chat.get_by_role("button", name="Continue in another app").click()
        expect(shop.chat.get_by_role("button", name="Continue on ").nth(4)).to_be_visible()
        shop.chat.get_by_role("button", name="Continue on Telegram").click()
        expect(shop.chat.get_by_role("img", name="QR code that opens Telegram")).to_be_in_viewport(ratio=1)
        expect(shop.chat.get_by_role("button", name="Continue on ")).to_have_count(0)
        shop.chat.get_by_role("button", name="Other ways").click()
        expect(shop.chat.get_by_role("button", name="Continue on ").first).to_be_focused()
