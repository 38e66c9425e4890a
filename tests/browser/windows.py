"""How do people use the three screens? The sandbox's phone, the shop with its chat, and the agent's inbox, as pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from config.demo import PASSWORD

WIDE = {"width": 1360, "height": 860}


@contextmanager
def window(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A window of its own, with cookies of its own; ends in an assertion if a script broke or the policy was hit."""
    context = browser.new_context(base_url=url, **{"viewport": WIDE, **options})
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert not broken


class PhoneScreen:
    """The sandbox page with one person's WhatsApp."""

    def __init__(self, page: Page, person: str = "maya") -> None:
        self.page = page
        page.goto("/sandbox/")
        page.select_option("#person", person)

    def writes(self, text: str) -> None:
        self.page.fill("#words", text)
        self.page.press("#words", "Enter")
        expect(self.mine.last).to_contain_text(text)

    def taps(self, label: str) -> None:
        self.page.locator("#thread .bubble-button", has_text=label).last.click()

    def gets(self, text: str) -> None:
        expect(self.theirs.last).to_contain_text(text, timeout=40_000)

    @property
    def mine(self) -> Locator:
        return self.page.locator("#thread .bubble-mine[data-id]:not([data-id=''])")

    @property
    def theirs(self) -> Locator:
        return self.page.locator("#thread .bubble-theirs[data-id]")


class ShopScreen:
    """The demo shop with the chat of one visitor."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/demo/shop/")

    def logs_in(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Log in as {name}").click()
        expect(self.page.get_by_text(f"Hello, {name}")).to_be_visible()

    def opens_the_chat(self) -> None:
        self.page.get_by_role("button", name="Chat with us").click()
        expect(self.chat.get_by_label("Write a message")).to_be_visible()

    def writes(self, text: str) -> None:
        self.chat.get_by_label("Write a message").fill(text)
        self.chat.get_by_role("button", name="Send message").click()

    def taps(self, label: str) -> None:
        self.chat.get_by_role("button", name=label, exact=True).last.click()

    def gets(self, text: str) -> None:
        expect(self.chat.locator("article.bot, article.agent, article.system").last).to_contain_text(
            text, timeout=40_000
        )

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title='Chat with us']")

    @property
    def words(self) -> str:
        """Everything that the chat shows."""
        return self.chat.locator("#app").inner_text()


class InboxScreen:
    """The inbox of one agent."""

    def __init__(self, page: Page, login: str = "ana") -> None:
        self.page = page
        page.goto("/inbox/login")
        page.fill("#id_username", login)
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector("html[data-ready]")

    def looks_at(self, view: str) -> None:
        self.page.locator(f"[data-view='{view}']").click()

    def opens(self, name: str) -> None:
        """Waits for the row to appear by itself, and opens it."""
        row = self.page.locator("#list .row", has_text=name).first
        expect(row).to_be_visible(timeout=40_000)
        row.click()
        expect(self.page.locator("#thread h2")).to_contain_text(name)

    def takes_it(self) -> None:
        self.page.get_by_role("button", name="Take it").click()
        expect(self.page.locator(".head-owner")).to_contain_text("Yours")

    def replies(self, text: str) -> None:
        self.page.fill("#composer textarea", text)
        self.page.press("#composer textarea", "Control+Enter")
        expect(self.page.locator("#items .by-agent").last).to_contain_text(text)

    def closes(self) -> None:
        self.page.get_by_role("button", name="Close", exact=True).click()
        expect(self.page.locator(".head-owner")).to_contain_text("Closed")

    def sees(self, text: str) -> None:
        expect(self.page.locator("#items")).to_contain_text(text, timeout=40_000)
