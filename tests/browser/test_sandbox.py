"""Does the sandbox feel like a phone: in the dark, on a phone, for every sender, and when something fails?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from config.processes import Stack
from tests.browser.windows import PhoneScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SHAPES: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dark phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    with window(browser, stack.url) as page:
        yield page


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).select_option(option)
    expect(page.locator("#controls-said")).to_have_text("Done.")


@pytest.mark.parametrize("shape", SHAPES)
def test_there_is_no_barrier_that_axe_finds(browser: Browser, stack: Stack, shape: str) -> None:
    with window(browser, stack.url, **SHAPES[shape]) as page:
        phone = PhoneScreen(page, "tom")
        phone.writes("hi")
        phone.gets("Which chair are you thinking of?")
        page.locator("#exchanges summary").first.click()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_nothing_sticks_out_on_a_phone(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url, **SHAPES["phone"]) as page:
        PhoneScreen(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("person", ["kai", "ines", "noor"])
def test_senders_with_hidden_phones_are_answered(page: Page, person: str) -> None:
    phone = PhoneScreen(page, person)
    phone.writes("hi")
    # Where another story left this person decides which of the two it is.
    expect(phone.theirs.last).to_contain_text(re.compile("Which chair|How can I help"), timeout=40_000)


def test_one_person_does_not_see_the_other_ones_phone(page: Page) -> None:
    phone = PhoneScreen(page, "noor")
    phone.writes("only Noor wrote this")
    page.select_option("#person", "kai")
    expect(phone.mine.filter(has_text="only Noor wrote this")).to_have_count(0)


def test_the_raw_request_is_shown_without_its_token(page: Page) -> None:
    phone = PhoneScreen(page, "noor")
    phone.writes("menu")
    phone.gets("How can I help you?")
    sends = page.locator("#exchanges [data-direction=out]", has_text="send:")
    expect(sends.first).to_be_visible(timeout=40_000)
    number = sends.first.get_attribute("data-exchange")  # others may come and stand above it
    sent = page.locator(f"#exchanges [data-exchange='{number}']")
    sent.locator("summary").click()
    expect(sent).to_contain_text("Bearer ••••")
    expect(sent).to_contain_text('"messaging_product": "whatsapp"')


def test_the_inspector_can_be_narrowed_to_one_direction(page: Page) -> None:
    PhoneScreen(page, "noor").writes("menu")
    expect(page.locator("#exchanges [data-direction=out]").first).to_be_visible(timeout=40_000)
    page.get_by_role("button", name="Webhooks in").click()
    expect(page.locator("#exchanges [data-direction=out]").first).to_be_hidden()
    expect(page.locator("#exchanges [data-direction=in]").first).to_be_visible()


def test_a_refused_send_is_tried_again_and_arrives_once(page: Page) -> None:
    phone = PhoneScreen(page, "noor")
    choose(page, "WhatsApp answers our send with", "429")
    before = phone.theirs.count()
    phone.writes("menu")
    expect(page.locator("#exchanges .status", has_text="429").first).to_be_visible(timeout=40_000)
    expect(phone.theirs).not_to_have_count(before, timeout=40_000)
    phone.gets("How can I help you?")


def test_a_lost_answer_is_not_sent_again(page: Page) -> None:
    phone = PhoneScreen(page, "kai")
    phone.writes("menu")
    phone.gets("How can I help you?")
    choose(page, "WhatsApp answers our send with", "lost")
    before = phone.theirs.count()
    phone.writes("menu")
    expect(page.locator("#exchanges .status", has_text="no answer").first).to_be_visible(timeout=40_000)
    page.wait_for_timeout(2500)
    assert phone.theirs.count() == before + 1


def test_webhooks_that_come_twice_have_one_effect(page: Page) -> None:
    phone = PhoneScreen(page, "ines")
    phone.writes("menu")
    phone.gets("How can I help you?")
    page.get_by_label("every webhook comes twice").check()
    before = phone.theirs.count()
    phone.writes("menu")
    expect(phone.theirs).to_have_count(before + 1, timeout=40_000)
    page.wait_for_timeout(1500)
    assert phone.theirs.count() == before + 1
    page.get_by_label("every webhook comes twice").uncheck()


def test_25_hours_later_the_page_says_so_and_the_clock_can_be_set_back(page: Page) -> None:
    PhoneScreen(page)
    page.get_by_role("button", name="25 hours later").click()
    expect(page.locator("#clock")).to_have_text("Clock +25 h")
    page.get_by_role("button", name="Right time again").click()
    expect(page.locator("#clock")).to_be_hidden()


def test_the_panes_open_by_arrow_keys(page: Page) -> None:
    PhoneScreen(page)
    page.locator("#tab-inspector").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#pane-story")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.frame_locator("#pane-inbox iframe").get_by_role("heading", name="Log in to the inbox")).to_be_visible()


def test_an_answer_comes_at_once(page: Page) -> None:
    """From the press of Enter to the bot's bubble; generous, for the machine is shared with other tests."""
    phone = PhoneScreen(page, "noor")
    phone.writes("menu")
    phone.gets("How can I help you?")
    before = phone.theirs.count()
    took = page.evaluate(
        """async (before) => {
          const count = () => document.querySelectorAll("#thread .bubble-theirs[data-id]").length;
          const started = performance.now();
          document.getElementById("words").value = "menu";
          document.getElementById("composer").requestSubmit();
          while (count() <= before && performance.now() - started < 5000) await new Promise((r) => setTimeout(r, 5));
          return performance.now() - started;
        }""",
        before,
    )
    assert took < 1500
