"""Is one customer over ten days and five places one customer? The demo plays itself, on the running product."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from config.processes import Stack
from tests.browser.windows import InboxScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    with window(browser, stack.url) as page:
        yield page
        page.goto("/sandbox/")
        page.get_by_role("button", name="Right time again").click()
        expect(page.locator("#controls-said")).to_have_text("The clock is right again.")


@pytest.mark.scenario("J-2", "J-11")
def test_ten_days_over_five_places_are_one_customer_and_one_timeline(page: Page) -> None:
    page.goto("/sandbox/?pace=0")
    page.get_by_role("button", name="Play the demo").click()
    expect(page.locator("#story-said")).to_contain_text("The end", timeout=180_000)
    expect(page.locator("#story-scenes [data-state=failed]")).to_have_count(0)
    assert Axe().run(page).violations_count == 0
    inbox = InboxScreen(page, "chloe")
    inbox.looks_at("bot")
    inbox.opens("Lea Sommer")
    expect(page.locator("#thread")).to_contain_text("Enjoy your chair")
    for proof in ("WhatsApp", "Telegram", "Discord"):
        expect(page.get_by_text(f"proven by {proof}")).to_have_count(1)
    expect(page.get_by_role("list", name="Previous conversations").get_by_role("link")).not_to_have_count(0)
