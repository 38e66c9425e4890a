"""Does a tab that was open across a new login go on, and does it keep the words when somebody else has come?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from conversations.models import Conversation, Message
from handover.models import Agent, Draft, Queue
from tests import factories as make
from tests.browser.desks import wait_until, window
from tests.browser.site import Site
from tests.browser.test_inbox import ana, sales, site

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hers(sales: Queue, ana: Agent) -> Conversation:
    make.agent("Ben Okafor", queues=(sales,))
    return make.give(make.waiting_in(sales), ana)


@pytest.fixture
def tab(browser: Browser, site: Site, hers: Conversation) -> Iterator[Page]:
    for page in window(browser, site, "ana"):
        page.goto(f"/inbox/c/{hers.public_id}/?view=mine")
        page.wait_for_selector("html[data-ready]")
        yield page


def log_in_beside(tab: Page, login: str) -> Page:
    """In another tab of the same browser, by the form."""
    other = tab.context.new_page()
    other.goto("/inbox/login")
    other.fill("[name=username]", login)
    other.fill("[name=password]", make.PASSWORD)
    other.press("[name=password]", "Enter")
    other.wait_for_selector("html[data-ready]")
    return other


def test_words_of_a_tab_from_before_the_login_simply_leave(tab: Page, hers: Conversation) -> None:
    log_in_beside(tab, "ana")
    tab.locator("#words").fill("On its way")
    expect(tab.locator("[data-draft-state]")).to_have_text("Draft kept")
    tab.get_by_role("button", name="Send", exact=True).click()
    wait_until(tab, lambda: Message.objects.filter(author="agent").exists(), "the reply was sent")
    expect(tab.get_by_text("The server answered")).to_have_count(0)


def test_a_dialog_of_such_a_tab_works_too(tab: Page, hers: Conversation) -> None:
    tab.keyboard.press("z")
    tab.wait_for_selector("#ask[open]")
    log_in_beside(tab, "ana")
    tab.keyboard.press("Enter")
    expect(tab.locator(".head-owner")).to_contain_text("Yours, parked")


def test_whoever_comes_after_takes_none_of_the_words(tab: Page, hers: Conversation) -> None:
    log_in_beside(tab, "ben")
    tab.locator("#words").fill("On its way")
    banner = tab.locator("#other-login")
    expect(banner).to_contain_text("Ben Okafor is logged in here now.")
    banner.get_by_role("button", name="Load the page again").click()
    tab.wait_for_selector("html[data-ready]")
    tab.goto(f"/inbox/c/{hers.public_id}/")
    tab.wait_for_selector("html[data-ready]")
    assert not Draft.objects.exists() and not Message.objects.filter(author="agent").exists()
    log_in_beside(tab, "ana").close()
    tab.goto(f"/inbox/c/{hers.public_id}/")
    expect(tab.locator("#words")).to_have_value("On its way")
