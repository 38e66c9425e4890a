"""Can a conversation be passed on, parked, closed and described by keyboard alone, on a phone too, and by everybody?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from conversations.models import Conversation
from handover.models import Agent, Disposition, Queue, Tag
from tests import factories as make
from tests.browser.desks import window
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db: None, settings: object) -> Iterator[Site]:
    connection.settings_dict["CONN_MAX_AGE"] = 0
    running = Site()
    settings.PUBLIC_URL = running.url  # type: ignore[attr-defined]  # the fixture's wrapper takes any setting
    running.start()
    yield running
    running.stop()


@pytest.fixture
def sales(transactional_db: None) -> Queue:
    Tag.objects.create(key="delivery", title="Delivery")
    Disposition.objects.create(key="solved", title="Solved")
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def hers(sales: Queue, ana: Agent) -> Conversation:
    make.agent("Ben Okafor", queues=(make.queue("support"), sales))
    return make.give(make.waiting_in(sales), ana)


@pytest.fixture
def screen(browser: Browser, site: Site, hers: Conversation) -> Iterator[Page]:
    for page in window(browser, site, "ana"):
        page.goto(f"/inbox/c/{hers.public_id}/?view=mine")
        page.wait_for_selector("html[data-ready]")
        yield page


def has_no_barrier(page: Page) -> bool:
    return bool(Axe().run(page).violations_count == 0)


def test_it_is_passed_on_by_keyboard(screen: Page, hers: Conversation) -> None:
    screen.keyboard.press("a")
    expect(screen.locator("#ask-find")).to_be_focused()
    assert has_no_barrier(screen)
    screen.keyboard.type("supp")
    screen.locator("#ask-note").focus()
    screen.keyboard.type("A technical question")
    screen.keyboard.press("Tab")
    screen.keyboard.press("Tab")
    screen.keyboard.press("Enter")
    expect(screen.locator("#ask")).to_be_hidden()
    expect(screen.locator("#list .row")).to_have_count(0)
    hers.refresh_from_db()
    assert (hers.owner_kind, hers.queue_id) == ("queue", Queue.objects.get(key="support").pk)


def test_the_keys_that_send_words_confirm_a_dialog(screen: Page, hers: Conversation) -> None:
    screen.keyboard.press("a")
    expect(screen.locator("#ask-find")).to_be_focused()
    screen.keyboard.type("supp")
    screen.locator("#ask-note").press("Control+Enter")
    expect(screen.locator("#ask")).to_be_visible()  # the note is missing: as with the button
    screen.keyboard.type("A technical question")
    screen.keyboard.press("Control+Enter")
    expect(screen.locator("#ask")).to_be_hidden()
    expect(screen.locator("#list .row")).to_have_count(0)
    hers.refresh_from_db()
    assert (hers.owner_kind, hers.queue_id) == ("queue", Queue.objects.get(key="support").pk)


def test_a_field_of_one_line_confirms_its_dialog(screen: Page, hers: Conversation) -> None:
    screen.keyboard.press("z")
    screen.locator("#ask-why").fill("Waits for the invoice")
    screen.locator("#ask-why").press("Meta+Enter")
    expect(screen.locator(".head-owner")).to_contain_text("Yours, parked")


def test_without_a_note_it_stays_and_the_dialog_says_why(screen: Page, hers: Conversation) -> None:
    screen.get_by_role("button", name="Transfer").click()
    screen.get_by_role("radio", name="Support", exact=True).check()
    screen.locator("#ask-note").fill("   ")
    screen.get_by_role("button", name="Transfer").last.click()
    expect(screen.locator("#ask [data-problem]")).to_contain_text("Say in a note why")
    screen.keyboard.press("Escape")
    expect(screen.get_by_role("button", name="Transfer")).to_be_focused()


def test_it_is_parked_and_woken_by_keyboard(screen: Page, hers: Conversation) -> None:
    screen.keyboard.press("z")
    expect(screen.get_by_role("radio", name="Until the customer replies")).to_be_focused()
    assert has_no_barrier(screen)
    screen.keyboard.press("Enter")
    expect(screen.locator(".head-owner")).to_contain_text("Yours, parked")
    assert has_no_barrier(screen)
    screen.locator("#thread").focus()
    screen.keyboard.press("z")
    expect(screen.locator(".head-owner")).to_have_text("Yours")


def test_after_the_closing_it_is_described_and_opened_again(screen: Page, hers: Conversation) -> None:
    screen.keyboard.press("e")
    screen.get_by_role("button", name="Topics and outcome").click()
    screen.get_by_role("checkbox", name="Delivery").check()
    screen.get_by_role("radio", name="Solved").check()
    assert has_no_barrier(screen)
    screen.get_by_role("button", name="Save", exact=True).click()
    expect(screen.locator(".head-tags")).to_have_text("Delivery")
    expect(screen.locator(".wrapping")).to_be_hidden()
    screen.get_by_role("button", name="Reopen").click()
    expect(screen.locator(".head-owner")).to_have_text("Yours")


def test_on_a_phone_the_dialog_fits(screen: Page, hers: Conversation) -> None:
    screen.set_viewport_size({"width": 390, "height": 844})
    screen.locator("[data-dialog=assign]").click()
    expect(screen.locator("#ask .button-accent")).to_be_in_viewport()
    assert screen.evaluate("document.documentElement.scrollWidth") <= 390
    assert has_no_barrier(screen)
