"""Which pictures does the tutorial show? `python -m tests.browser.shots` plays the story and writes docs/images."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from config import processes
from tests.browser.shrinking import shrink
from tests.browser.windows import InboxScreen, PhoneScreen, ShopScreen, window

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
LARGEST = 150_000  # bytes
SHAPE = {"viewport": {"width": 1320, "height": 830}}


def main() -> None:
    """Starts a Throughline of its own, takes the four pictures, and says how large they are."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with processes.stack(env={"SANDBOX": "1"}) as stack, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        take_all(browser, stack.url)
        browser.close()


def take_all(browser: Browser, url: str) -> None:
    """The story once through, with a picture of each chapter."""
    with (
        window(browser, url, **SHAPE) as first,
        window(browser, url, **SHAPE) as phone_page,
        window(browser, url, **SHAPE) as shop_page,
        window(browser, url, **SHAPE) as inbox_page,
    ):
        first.goto("/")
        take(first, "1-home")
        phone = PhoneScreen(phone_page)
        on_whatsapp(phone)
        take(phone_page, "2-whatsapp")
        shop = ShopScreen(shop_page)
        shop.logs_in("Maya")
        shop.opens_the_chat()
        expect(shop.chat.get_by_text("Welcome back")).to_be_visible()
        take(shop_page, "3-resume")
        at_the_desk(shop, phone, InboxScreen(inbox_page))
        take(inbox_page, "4-inbox")


def on_whatsapp(phone: PhoneScreen) -> None:
    """The morning."""
    for words, answer in (("hi", "Which chair"), ("", "your budget"), ("cheap", "between 50"), ("300", "What matters")):
        if words:
            phone.writes(words)
        else:
            phone.taps("Ergo task chair")
        phone.gets(answer)
    expect(phone.theirs.last).to_contain_text("receipt: read")


def at_the_desk(shop: ShopScreen, phone: PhoneScreen, inbox: InboxScreen) -> None:
    """The afternoon, up to the customer's question on the other channel."""
    shop.taps("Continue")
    shop.gets("What matters most")
    inbox.looks_at("queue-sales")
    shop.taps("Talk to a human")
    shop.gets("what can our team do for you?")
    shop.writes("Do you deliver on Saturdays?")
    shop.gets("I am passing you to our team")
    inbox.opens("Maya Lindqvist")
    inbox.takes_it()
    inbox.replies("Hello Maya! Yes, on Saturdays until noon.")
    shop.gets("on Saturdays until noon")
    phone.page.wait_for_timeout(1100)  # WhatsApp dates messages by the second
    phone.writes("Lovely. Could you call me before?")
    inbox.sees("Could you call me before?")
    expect(inbox.page.locator("#reply-options [data-picked]")).to_contain_text("WhatsApp")


def take(page: Page, name: str) -> None:
    """One picture; a picture that is too large for the docs is an error."""
    page.wait_for_timeout(300)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, scale="css")
    size = shrink(path)
    print(f"{name}.png {size:,} bytes")
    assert size < LARGEST, f"{path.name} has {size:,} bytes; {LARGEST:,} are allowed"


if __name__ == "__main__":
    main()
