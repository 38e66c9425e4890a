"""Is nothing answered, closed or parked over words that came in below what the agent reads? In a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from conversations.models import Conversation, Message
from handover import seeing
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import has_its_end_in_sight, wait_for_line, wait_until
from tests.browser.test_inbox import ana, open_thread, sales, screen, site, write

__all__ = ["ana", "sales", "screen", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEFT = "(l => l.scrollHeight - l.scrollTop - l.clientHeight)(document.getElementById('items'))"


@pytest.fixture
def maya(sales: Queue, ana: Agent) -> Conversation:
    """A long conversation of Ana's."""
    conversation = make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    for number in range(90):
        make.agent_says(conversation.sessions.get(), f"Line {number}", ana)
    return conversation


def reads_back(page: Page, conversation: Conversation) -> Locator:
    """The log is scrolled up; gives the place of what has come in below."""
    page.goto(f"/inbox/c/{conversation.public_id}/?view=mine")
    wait_for_line(page)
    page.wait_for_timeout(300)  # the log takes its last height, and stands at its end
    page.locator("#items").hover()
    page.mouse.wheel(0, -700)
    wait_until(page, lambda: page.evaluate(LEFT) > 400, "it was scrolled up")
    return page.get_by_role("status").filter(has=page.get_by_role("button", name="new message"))


def answer(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.press("#words", "Control+Enter")


def test_words_below_are_told_of_and_a_press_shows_them(screen: Page, maya: Conversation) -> None:
    told = reads_back(screen, maya)
    expect(told).to_have_count(0)
    write(maya, "Stop!")
    expect(told).to_have_text("1 new message ↓")
    write(maya, "The other one, please")
    expect(told).to_have_text("2 new messages ↓")
    assert Axe().run(screen).violations_count == 0
    row = screen.locator(f"#r-{maya.public_id}")
    screen.wait_for_timeout(1500)  # longer than what is before the eyes takes to be read
    expect(row).to_have_class("row is-unread")
    screen.locator("#words").focus()
    told.get_by_role("button").click()
    expect(screen.get_by_text("The other one, please").last).to_be_in_viewport()
    expect(told).to_have_count(0)
    expect(screen.locator("#words")).to_be_focused()
    expect(row).not_to_have_class("row is-unread", timeout=20_000)


def test_end_leads_to_them_and_so_does_reading_on(screen: Page, maya: Conversation) -> None:
    told = reads_back(screen, maya)
    write(maya, "Stop!")
    expect(told).to_have_count(1)
    screen.locator("#items").press("End")
    expect(told).to_have_count(0)
    assert has_its_end_in_sight(screen)
    screen.mouse.wheel(0, -700)
    screen.wait_for_timeout(300)
    write(maya, "Wait!")
    expect(told).to_have_count(1)
    screen.mouse.wheel(0, 2000)
    expect(told).to_have_count(0)


def test_a_reply_is_held_back_until_they_were_seen(screen: Page, maya: Conversation) -> None:
    told = reads_back(screen, maya)
    write(maya, "Stop!")
    expect(told).to_have_count(1)
    answer(screen, "It is on its way")
    expect(screen.locator("[data-unseen] li")).to_have_text("Stop!")
    expect(screen.locator(".is-unseen")).to_be_in_viewport()
    assert Message.objects.filter(author="agent").count() == 90
    screen.click("text=Send anyway")
    expect(screen.locator("#items .by-agent").last).to_contain_text("waiting to be sent")


def test_at_the_end_a_reply_goes_out(screen: Page, maya: Conversation) -> None:
    open_thread(screen, maya)
    wait_for_line(screen)
    write(maya, "Stop!")
    expect(screen.get_by_text("Stop!").last).to_be_in_viewport()
    answer(screen, "Stopped")
    expect(screen.locator("#items .by-agent").last).to_contain_text("waiting to be sent")


def test_a_close_is_held_back_once(screen: Page, maya: Conversation) -> None:
    told = reads_back(screen, maya)
    write(maya, "Stop!")
    expect(told).to_have_count(1)
    screen.keyboard.press("e")
    expect(screen.locator("#toast")).to_contain_text("press again to close anyway")
    expect(screen.locator(".is-unseen")).to_be_in_viewport()
    expect(told).to_have_count(0)
    screen.keyboard.press("e")
    expect(screen.locator(".head-owner")).to_have_text("Closed")


def test_a_dialog_that_parks_says_what_was_not_seen(screen: Page, maya: Conversation) -> None:
    told = reads_back(screen, maya)
    write(maya, "Stop!")
    expect(told).to_have_count(1)
    screen.keyboard.press("z")
    park = screen.locator("#ask").get_by_role("button", name="Park")
    park.click()
    expect(screen.locator("#ask [data-problem]")).to_contain_text("“Stop!”")
    park.click()
    expect(screen.locator(".head-owner")).to_contain_text("parked")


def test_what_finds_no_place_in_a_cut_thread_is_told_of_and_held_to(
    screen: Page, maya: Conversation, ana: Agent
) -> None:
    first = Message.objects.get(session__conversation=maya, author="customer")
    seeing.put(ana, {maya.pk: maya.head_seq})
    screen.goto(f"/inbox/c/{maya.public_id}/?view=mine&at={first.public_id}")
    wait_for_line(screen)
    told = screen.locator("[data-below]")
    expect(told).to_have_text("")
    write(maya, "Stop!")
    expect(told).to_have_text("1 new message ↓")
    answer(screen, "It is on its way")
    expect(screen.locator("[data-unseen] li")).to_have_text("Stop!")
    expect(screen.locator("#items .is-unseen")).to_be_in_viewport()
    expect(screen.locator("[data-newest]")).to_have_count(0)
    assert Message.objects.filter(author="agent").count() == 90


def test_beside_a_hit_what_was_unread_stays_so_until_it_was_seen(screen: Page, maya: Conversation, ana: Agent) -> None:
    first = Message.objects.get(session__conversation=maya, author="customer")
    seeing.put(ana, {maya.pk: Conversation.objects.get(pk=maya.pk).head_seq})
    for text in ("Stop!", "The other one, please"):
        write(maya, text)
    screen.goto(f"/inbox/c/{maya.public_id}/?view=mine&at={first.public_id}")
    told = screen.locator("[data-below]")
    expect(told).to_have_text("2 new messages ↓")
    told.get_by_role("button").press("Enter")
    expect(screen.get_by_text("The other one, please").last).to_be_in_viewport()
    expect(told).to_have_text("")
    expect(screen.locator("#items")).to_be_focused()
