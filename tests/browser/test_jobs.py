"""Does a job elsewhere go as it was chosen on the sandbox page, and can its customer answer a failure on any phone?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.processes import Stack
from tests.browser.windows import PhoneScreen, window

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
