"""What is left on the screen of somebody whose desk was closed while they looked at it?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_inbox import ana, open_thread, sales, screen, site

__all__ = ["ana", "sales", "screen", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead(browser: Browser, site: Site, sales: Queue, ana: Agent) -> Iterator[Page]:
    make.agent("Chloe Martin", supervises=(sales,))
    yield from window(browser, site, "chloe")


def close(agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(is_active=False)


@pytest.mark.scenario("T-9")
def test_nothing_of_any_customer_stays_on_a_desk_that_was_closed(screen: Page, sales: Queue, ana: Agent) -> None:
    open_thread(screen, make.waiting_in(sales, name="Maya Lindqvist", text="My number is 4711"))
    wait_for_line(screen)
    expect(screen.locator("#side")).to_contain_text("Maya Lindqvist")
    close(ana)
    expect(screen.locator("h1")).to_have_text("Your desk was closed by an administrator.", timeout=40_000)
    assert "Maya" not in screen.content() and "4711" not in screen.content()
    expect(screen).to_have_title("Inbox · Throughline")
    expect(screen.get_by_role("button")).to_have_text(["Log out"])


def test_a_board_is_taken_away_with_its_desk(lead: Page) -> None:
    lead.goto("/inbox/board/")
    expect(lead.locator("#board-live")).to_have_text("Live", timeout=40_000)
    close(Agent.objects.get(name="Chloe Martin"))
    expect(lead.locator("h1")).to_have_text("Your desk was closed by an administrator.", timeout=40_000)
    expect(lead.locator("main table")).to_have_count(0)


def test_somebody_who_never_had_a_desk_is_told_another_thing(screen: Page, ana: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).delete()
    screen.goto("/inbox/")
    expect(screen.locator("h1")).to_have_text("No desk yet")
