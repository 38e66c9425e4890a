"""Does the desk stand as it was when one comes back: after a reload, an outage, another conversation, another list?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, Route, expect

from conversations.models import Conversation, Message
from handover.inbox import rowfeed
from handover.models import Agent, Draft, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, wait_until, window
from tests.browser.site import Site
from tests.browser.test_composer import write_reply
from tests.browser.test_inbox import ana, cut_every_line, open_thread, sales, site, write
from tests.browser.test_inbox_files import chosen

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def screen(browser: Browser, site: Site, ana: Agent, settings: Any, tmp_path: Path) -> Iterator[Page]:
    """Ana's window; a reply can be taken back for a while."""
    settings.HANDOVER["UNDO_SEND"], settings.MEDIA_ROOT = 30, tmp_path
    yield from window(browser, site, "ana")
    settings.HANDOVER["UNDO_SEND"] = 0


def reload(page: Page) -> None:
    page.reload()
    page.wait_for_selector("html[data-ready]")


def held_back(page: Page, text: str) -> None:
    write_reply(page, text)
    expect(page.locator(".is-pending .undo")).to_be_visible()


def test_what_went_out_with_the_page_is_no_draft_on_the_next_one(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    held_back(screen, "Only once")
    with transaction.atomic():  # the page is drawn before the reply has arrived
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        reload(screen)
        assert Draft.objects.get().text == "Only once"
        expect(screen.locator("#words")).to_have_value("")
    expect(screen.locator("#items .by-agent")).to_contain_text("Only once")
    screen.wait_for_timeout(1500)
    expect(screen.locator("#words")).to_have_value("")
    wait_until(screen, lambda: not Draft.objects.exists(), "the draft was dropped")
    assert not Draft.objects.exists() and Message.objects.filter(author="agent").count() == 1


def test_what_was_refused_as_the_page_was_left_is_a_draft_again(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    held_back(screen, "Too late")
    write(conversation, "Wait, one more thing")
    reload(screen)
    screen.locator("#words").press_sequentially("and more")
    expect(screen.locator("#words")).to_have_value("Too late\nand more", timeout=8000)
    assert not Message.objects.filter(author="agent").exists()


def test_a_draft_that_went_while_the_line_was_away_is_gone_when_it_is_back(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    wait_for_line(screen)
    screen.locator("#words").press_sequentially("Sent from elsewhere")
    expect(screen.locator("[data-draft-state]")).to_have_text("Draft kept")
    Draft.objects.all().delete()
    cut_every_line()
    expect(screen.locator("#words")).to_have_value("", timeout=30_000)


def test_what_nobody_has_yet_is_not_taken_away_when_the_line_is_back(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    wait_for_line(screen)
    screen.locator("#words").press_sequentially("Kept")
    expect(screen.locator("[data-draft-state]")).to_have_text("Draft kept")
    screen.route("**/draft", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    screen.locator("#words").press_sequentially(" and more")
    Draft.objects.all().delete()
    with screen.expect_response("**/draft"):
        cut_every_line()
    screen.wait_for_timeout(300)
    expect(screen.locator("#words")).to_have_value("Kept and more")


def test_the_list_beside_a_thread_is_right_after_a_long_outage(screen: Page, sales: Queue, ana: Agent) -> None:
    open_one, gone = make.waiting_in(sales, name="Open"), make.waiting_in(sales, name="Gone")
    open_thread(screen, open_one)
    wait_for_line(screen)
    screen.locator("#words").press_sequentially("Half")
    screen.context.set_offline(True)
    cut_every_line()
    expect(screen.locator("#connection")).to_contain_text("Connection lost")
    make.give(gone, ana)
    new = make.waiting_in(sales, name="New")
    screen.wait_for_timeout(rowfeed.LATELY.total_seconds() * 1000 + 500)
    screen.context.set_offline(False)
    expect(screen.locator(f"#r-{new.public_id}")).to_be_visible(timeout=40_000)
    expect(screen.locator(f"#r-{gone.public_id}")).to_have_count(0)
    expect(screen.locator("#list a[aria-current] .row-name")).to_have_text("Open")
    expect(screen.locator("#words")).to_be_focused()
    expect(screen.locator("body")).to_have_attribute("data-pane", "thread")


def test_what_is_chosen_and_focused_in_a_list_stays_so_when_the_line_is_back(screen: Page, sales: Queue) -> None:
    rows = [make.waiting_in(sales, name=name) for name in ("One", "Two")]
    screen.goto("/inbox/queue-sales/")
    wait_for_line(screen)
    screen.locator(f"#r-{rows[0].public_id} .row-pick").click()
    screen.locator(f"#r-{rows[1].public_id} a").focus()
    with screen.expect_response("**/inbox/queue-sales/"):
        cut_every_line()
    screen.wait_for_timeout(300)
    expect(screen.locator(f"#r-{rows[1].public_id} a")).to_be_focused()
    expect(screen.locator("[data-bulk-number]")).to_have_text("1 selected")


def test_the_skip_link_loads_nothing_anew(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.locator("#items").evaluate("log => (log.dataset.same = 'yes')")
    screen.locator(".skip-link").press("Enter")
    expect(screen.locator("#thread")).to_be_focused()
    screen.wait_for_timeout(500)
    expect(screen.locator("#items[data-same]")).to_have_count(1)


def test_back_to_a_conversation_brings_its_list_and_the_window_its_name(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales, name="Maya Lindqvist")
    open_thread(screen, conversation)
    screen.click("#views [data-view=bot]")
    expect(screen.locator("#list h2")).to_have_text("With the bot")
    expect(screen).to_have_title("With the bot · Throughline")
    screen.go_back()
    expect(screen.locator("#list h2")).to_have_text("Sales")
    expect(screen.locator("#views [aria-current=page]")).to_contain_text("Sales")
    expect(screen.locator(f"#r-{conversation.public_id} a")).to_have_attribute("aria-current", "true")
    expect(screen).to_have_title("Maya Lindqvist · Throughline")


def test_attached_files_wait_while_one_looks_elsewhere(screen: Page, sales: Queue) -> None:
    first, second = (make.waiting_in(sales, name=name) for name in ("First Person", "Second Person"))
    open_thread(screen, first)
    screen.set_input_files("[data-pick]", [chosen(), chosen("plan.pdf")])
    expect(screen.locator(".tray progress:visible")).to_have_count(0)
    screen.click(f"#r-{second.public_id} a")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    expect(screen.locator(".tray li")).to_have_count(0)
    screen.click(f"#r-{first.public_id} a")
    expect(screen.locator(".tray bdi")).to_have_text(["offer.pdf", "plan.pdf"])
    reload(screen)
    screen.click(".tray li:last-child button")
    screen.fill("#words", "Here you are")
    screen.press("#words", "Control+Enter")
    expect(screen.locator(".tray li")).to_have_count(0)
    reload(screen)
    expect(screen.locator("#items .by-agent .download")).to_contain_text("offer.pdf")
    expect(screen.locator(".tray li")).to_have_count(0)


def test_a_file_that_was_on_its_way_when_one_left_is_there_when_one_comes_back(screen: Page, sales: Queue) -> None:
    first, second = (make.waiting_in(sales, name=name) for name in ("First Person", "Second Person"))
    open_thread(screen, first)
    held: list[Route] = []
    screen.route("**/files", lambda route: held.append(route))
    with screen.expect_request("**/files"):
        screen.set_input_files("[data-pick]", chosen())
    screen.click(f"#r-{second.public_id} a")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    with screen.expect_response("**/files"):
        held[0].continue_()
    screen.click(f"#r-{first.public_id} a")
    expect(screen.locator(".tray li")).to_contain_text("offer.pdf")
