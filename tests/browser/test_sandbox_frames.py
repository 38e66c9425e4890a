"""Is every phone of the sandbox usable: without barriers, with its own manners, and by one person after the other?"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from channels_app.sandbox import emulators
from config.processes import Stack
from tests.browser.windows import window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SHAPES: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def opened(page: Page, kind: str, person: str = "tom") -> None:
    page.goto(f"/sandbox/?channel={kind}-demo&person={person}")
    expect(page.locator("#phone")).to_have_attribute("data-skin", kind)


def write(page: Page, text: str) -> None:
    field = page.locator("#words:visible, #letter:visible")
    field.fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#thread .bubble-mine[data-id]:not([data-id=''])").last).to_contain_text(text)


@pytest.mark.parametrize("kind", emulators.kinds())
@pytest.mark.parametrize("shape", SHAPES)
def test_a_phone_answers_and_has_no_barrier_that_axe_finds(
    browser: Browser, stack: Stack, shape: str, kind: str
) -> None:
    with window(browser, stack.url, **SHAPES[shape]) as page:
        opened(page, kind)
        write(page, f"menu, on a {shape}")
        expect(page.locator("#thread .bubble-theirs[data-id]").last).to_be_visible(timeout=40_000)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_same_person_goes_on_on_another_channel(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        opened(page, "whatsapp", "noor")
        page.get_by_role("button", name="Telegram").click()
        expect(page.locator("#phone")).to_have_attribute("data-skin", "telegram")
        expect(page.locator("#person")).to_have_value("noor")
        write(page, "here I am")
        page.get_by_role("button", name="WhatsApp").click()
        expect(page.locator("#thread .bubble", has_text="here I am")).to_have_count(0)
        page.reload()
        expect(page.locator("#phone")).to_have_attribute("data-skin", "whatsapp")


def test_whom_a_channel_does_not_know_is_told_so(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        opened(page, "sms", "kai")
        expect(page.locator("#thread-empty")).to_contain_text("not on SMS")
        expect(page.locator("#words")).to_be_disabled()


def test_pictures_places_edits_and_reactions_show(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        opened(page, "telegram", "ines")
        write(page, "first words")
        page.set_input_files("#file", {"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL})
        expect(page.locator("#thread .bubble-mine .media-image")).to_be_visible(timeout=40_000)
        page.get_by_role("button", name="More to send").click()
        page.locator(".sheet-row", has_text="Location").click()
        expect(page.locator("#thread .bubble-mine .place")).to_contain_text("Stortorget")
        mine = page.locator("#thread .bubble-mine", has_text="first words")
        mine.hover()
        mine.locator(".bubble-menu").click()
        page.locator(".sheet-row", has_text="Edit").click()
        write_over(page, "better words")
        expect(page.locator("#thread .bubble-mine", has_text="better words")).to_contain_text("edited")


def write_over(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.press("#words", "Enter")


def test_the_inspector_can_be_narrowed_to_one_channel(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        for kind in ("telegram", "messenger"):
            opened(page, kind, "noor")
            write(page, "menu")
        rows = page.locator("#exchanges [data-channel]:visible")
        expect(page.locator("#exchanges [data-channel=telegram-demo]").first).to_be_visible(timeout=40_000)
        page.select_option("#exchanges-channel", "messenger-demo")
        expect(page.locator("#exchanges [data-channel=telegram-demo]").first).to_be_hidden()
        expect(rows.first).to_have_attribute("data-channel", "messenger-demo")
