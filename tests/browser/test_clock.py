"""Does the desk count by the server's clock, whatever the reader's own clock says and wherever the sandbox's stands?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from common import clock
from conversations.models import Conversation, Session
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_inbox import ana, cut_every_line, open_thread, sales, site
from tests.handover.board.test_board import promise

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = 3_600_000
WRONG = """{
  const [Right, by] = [Date, %d];
  window.Date = class extends Right {
    constructor(...given) { super(...(given.length ? given : [Right.now() + by])); }
    static now() { return Right.now() + by; }
  };
}"""


@pytest.fixture
def moved() -> Iterator[Callable[[timedelta], None]]:
    """The sandbox's clock."""
    yield lambda by: clock.shift_by(lambda: by)
    clock.shift_by(timedelta)


@pytest.fixture
def lead(browser: Browser, site: Site, sales: Queue, ana: Agent) -> Iterator[Page]:
    make.agent("Chloe Martin", supervises=(sales,))
    yield from window(browser, site, "chloe")


def skew(page: Page, hours: int) -> None:
    """From the next page on the browser's clock is so much ahead."""
    page.add_init_script(WRONG % (hours * HOUR))


def promised(queue: Queue, name: str, minutes: int) -> Conversation:
    """Somebody waits on a channel whose window has 23 and a half hours left, and was promised an answer."""
    found = make.waiting_in(queue, name=name)
    now = clock.now()
    Session.objects.filter(conversation=found).update(window_expires_at=now + timedelta(hours=23, minutes=30))
    promise(found, due_at=now + timedelta(minutes=minutes), breached_at=now if minutes < 0 else None)
    return found


def badge(page: Page, name: str) -> Locator:
    return page.locator("#list .row", has_text=name).locator(".promise")


@pytest.mark.parametrize("hours", [-3, 3, -25])
def test_promises_and_windows_are_right_in_a_browser_whose_clock_is_not(lead: Page, sales: Queue, hours: int) -> None:
    late = promised(sales, "Kenji Sato", -8)
    promised(sales, "Maya Lindqvist", 20)
    skew(lead, hours)
    open_thread(lead, late)
    expect(badge(lead, "Kenji Sato")).to_contain_text("late by 9 min")
    expect(badge(lead, "Kenji Sato")).to_have_class("promise promise-late")
    expect(badge(lead, "Maya Lindqvist")).to_contain_text("20 min left")
    expect(badge(lead, "Maya Lindqvist")).to_have_class("promise promise-kept")
    expect(lead.locator(".picker summary .window")).to_have_text("23 h 29 min left")
    expect(lead.locator("#items .day")).to_have_text("Today")


def test_each_language_says_in_its_order_how_late_it_is(lead: Page, sales: Queue) -> None:
    Agent.objects.update(language="es")
    promised(sales, "Kenji Sato", -30)
    lead.goto("/inbox/queue-sales/")
    expect(badge(lead, "Kenji Sato")).to_contain_text("31 min de retraso")


@pytest.mark.parametrize("hours", [-3, 3])
def test_the_board_says_how_long_somebody_waits(lead: Page, sales: Queue, hours: int) -> None:
    waits = make.waiting_in(sales)
    Conversation.objects.filter(pk=waits.pk).update(queued_at=clock.now() - timedelta(minutes=12))
    skew(lead, hours)
    lead.goto("/inbox/board/")
    expect(lead.locator("#bq-sales time[data-since]").first).to_have_text("12 min")


def test_a_page_that_stands_open_follows_the_clock_of_the_sandbox(
    lead: Page, sales: Queue, moved: Callable[[timedelta], None]
) -> None:
    open_thread(lead, promised(sales, "Kenji Sato", 120))
    wait_for_line(lead)
    expect(badge(lead, "Kenji Sato")).to_contain_text("2 h 0 min left")
    moved(timedelta(hours=25))
    cut_every_line()  # the next hello says it, as the next beat would
    expect(badge(lead, "Kenji Sato")).to_contain_text("late by 23 h", timeout=40_000)
    expect(lead.locator(".picker summary .window")).to_have_count(0, timeout=40_000)  # it is over


def test_a_page_that_is_loaded_after_25_hours_says_how_long_is_left_then(
    lead: Page, sales: Queue, moved: Callable[[timedelta], None]
) -> None:
    moved(timedelta(hours=25))
    open_thread(lead, promised(sales, "Kenji Sato", 120))
    expect(badge(lead, "Kenji Sato")).to_contain_text("2 h 0 min left")
    expect(lead.locator(".picker summary .window")).to_have_text("23 h 29 min left")
    expect(lead.locator("#items .day")).to_have_text("Today")
