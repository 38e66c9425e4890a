"""Does a job elsewhere go as it was chosen on the sandbox page, and can its customer answer a failure on any phone?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.processes import Stack
from tests.browser.windows import InboxScreen, PhoneScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FAILED = "I could not restart your modem"


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    with window(browser, stack.url) as page:
        yield page
        chooses(page, "works", "3")


def chooses(page: Page, play: str, pace: str) -> None:
    """One right after the other, as a hand does it."""
    page.get_by_label("How it goes").select_option(play)
    page.get_by_label("A report each").select_option(pace)
    expect(page.locator("#jobs-said")).to_contain_text(f"a report each {pace} seconds")
    expect(page.locator("#jobs-said")).to_have_attribute("data-state", "saved")


def begins(phone: PhoneScreen) -> None:
    phone.writes("modem")
    phone.gets("Which serial number")
    phone.writes("AB12CD34")


@pytest.mark.scenario("J-38")
def test_what_was_chosen_holds_for_each_job_and_after_a_reload(page: Page) -> None:
    phone = PhoneScreen(page, "noor")
    chooses(page, "fails_once", "3")
    page.reload()
    expect(page.get_by_label("How it goes")).to_have_value("fails_once")
    for choice, said in (("Cancel", "All right, I leave"), ("Retry", "Your modem is online again.")):
        begins(phone)
        phone.gets(FAILED)
        phone.taps(choice)
        phone.gets(said)


def test_a_choice_that_is_not_saved_says_so(page: Page) -> None:
    PhoneScreen(page, "noor")
    page.route("**/sandbox/jobs", lambda route: route.fulfill(status=503, json={"detail": "Out of order."}))
    page.get_by_label("How it goes").select_option("silent")
    expect(page.locator("#jobs-said")).to_have_text("Not saved: Out of order.")
    page.unroute("**/sandbox/jobs")


@pytest.mark.scenario("J-44")
def test_in_an_open_inbox_only_the_newest_line_of_a_job_has_buttons(browser: Browser, page: Page, stack: Stack) -> None:
    phone = PhoneScreen(page, "ines")
    chooses(page, "fails", "3")
    begins(phone)
    phone.gets("How can I help you?")
    with window(browser, stack.url) as desk:
        inbox = InboxScreen(desk, "chloe")
        inbox.looks_at("bot")
        inbox.opens("Inês")
        inbox.takes_it()
        inbox.sees("Restart my modem has failed")
        desk.get_by_role("button", name="Retry").click()
        inbox.sees("has failed (attempt 2)")
        expect(desk.get_by_role("button", name="Retry")).to_have_count(1)
        expect(desk.locator("#items [data-job-buttons]")).to_have_count(1)
        inbox.closes()
