"""Does the desk stand as it was when one comes back: after a reload, an outage, another conversation, another list?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from conversations.models import Conversation, Message
from handover.models import Agent, Draft, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_composer import write_reply
from tests.browser.test_inbox import ana, cut_every_line, open_thread, sales, site, write

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
