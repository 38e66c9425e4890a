"""Is a visitor of the shop told of an order only with the code from the phone, on the running product?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from config.processes import Stack
from tests.browser.windows import PhoneScreen, ShopScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NUMBER = "+46 70 174 06 35"
TOLD = "is on its way. You ordered it on"
ORDER = {
    "Standing stool": "What is your budget",
    "150": "What matters most",
    "That it moves": "Shall I place the order?",
    "Place the order": "is on its way",
}


class Texts(PhoneScreen):
    """The same phone, with the messages that came by SMS."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        page.get_by_role("button", name="SMS").click()
        expect(page.locator("#phone")).to_have_attribute("data-skin", "sms")

    @property
    def code(self) -> str:
        self.gets("is your code for the chat")
        return re.findall(r"\b\d{6}\b", self.theirs.last.inner_text())[0]


class Visitor(ShopScreen):
    def asks_for_the_order(self) -> None:
        self.page.get_by_role("button", name="Where is my order?").click()
        self.gets("First I need to know that it is you.")


def orders_a_chair(phone: PhoneScreen) -> None:
    phone.writes("menu")
    phone.gets("How can I help you?")
    phone.writes("chair")
    phone.gets("Which chair are you thinking of?")
    for said, answered in ORDER.items():
        phone.writes(said)
        phone.gets(answered)


@pytest.mark.scenario("J-3", "ID-56", "ID-59")
def test_the_order_of_the_phone_is_told_in_the_shop_with_its_code_and_to_nobody_else(
    browser: Browser, stack: Stack
) -> None:
    with window(browser, stack.url) as one, window(browser, stack.url) as other, window(browser, stack.url) as third:
        orders_a_chair(PhoneScreen(one))
        visitor, thief = Visitor(other), Visitor(third)
        visitor.asks_for_the_order()
        visitor.writes(NUMBER)
        visitor.gets("I have sent a code to")
        thief.asks_for_the_order()
        code = Texts(one).code
        thief.writes(code)
        thief.gets("That is neither a phone number nor an e-mail address.")
        visitor.writes(code)
        visitor.gets(TOLD)
        expect(visitor.chat.get_by_text("Thank you, that is you.")).to_be_visible()
        assert TOLD not in thief.words
