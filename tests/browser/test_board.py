"""Does the supervisors' board work in a real browser: live, by keys, without a barrier, on a telephone too?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from common import clock
from conversations.models import Conversation
from handover.inbox import staff
from handover.models import Agent, Note, Queue, Reservation
from handover.routing import dispatch
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_inbox import PHONE, ana, sales, site
from tests.handover.board.test_board import promise, rate
from tests.handover.inbox.test_offers import offered

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    return make.agent("Chloe Martin", supervises=(sales,))


@pytest.fixture
def lead(browser: Browser, site: Site, chloe: Agent, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "chloe")


@pytest.fixture
def phone(browser: Browser, site: Site, chloe: Agent, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "chloe", viewport=PHONE, color_scheme="dark")


@pytest.fixture
def desk(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ana")


def barriers(page: Page) -> list[str]:
    """What axe finds by any of its rules, whatever they are good for."""
    found = Axe().run(page)
    return [f"{rule['id']}: {rule['nodes'][0]['target']}" for rule in found.response["violations"]]


def busy(ana: Agent, sales: Queue) -> Conversation:
    """Somebody waits, Ana has one whose promise is broken, and somebody gave four stars."""
    make.waiting_in(sales, name="Maya Lindqvist")
    held = make.give(make.waiting_in(sales, name="Kenji Sato"), ana)
    now = clock.now()
    promise(held, warned_at=now, breached_at=now, due_at=now - timedelta(minutes=3))
    rate(held, ana, sales, 4)
    return held


def open_board(page: Page) -> None:
    page.goto("/inbox/board/")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#board-live")).to_have_text("Live", timeout=40_000)


def test_whoever_looks_at_nothing_but_the_board_is_offered_work_there(lead: Page, chloe: Agent, sales: Queue) -> None:
    open_board(lead)
    Agent.objects.filter(pk=chloe.pk).update(last_seen_at=clock.now())
    waits = offered(sales, chloe)
    card = lead.get_by_role("article", name="Offered to you: Maya Lindqvist")
    expect(card).to_be_visible(timeout=40_000)
    assert barriers(lead) == []
    lead.reload()
    expect(card).to_be_visible(timeout=40_000)
    card.get_by_role("button", name="Decline").click()
    lead.get_by_role("button", name="I am back").click()
    expect(lead.locator("#offers .offer")).to_have_count(0)
    assert Reservation.objects.get(conversation=waits).status == "declined"
    lead.get_by_label("Your status").select_option("busy")
    expect(lead.locator("form.presence")).to_have_attribute("data-presence", "busy")


def test_the_board_moves_by_itself(lead: Page, ana: Agent, sales: Queue) -> None:
    lead.get_by_role("link", name="Board").click()
    expect(lead.locator("#board-live")).to_have_text("Live", timeout=40_000)
    wait_for_line(lead)
    expect(lead.locator("#bq-sales .num").first).to_have_text("0")
    busy(ana, sales)
    expect(lead.locator("#bq-sales .num").first).to_have_text("1", timeout=40_000)
    expect(lead.locator("#board-alarms")).to_contain_text("Kenji Sato waits for Ana Sousa longer than promised")
    row = lead.locator(f"#ba-{staff.ref(ana.pk)}")
    expect(row.locator(".num").first).to_have_text("1")
    Agent.objects.filter(pk=ana.pk).update(is_draining=True)
    expect(row).to_contain_text("finishing", timeout=40_000)


def test_somebody_is_let_finish_and_watched_by_keys_alone(lead: Page, ana: Agent, sales: Queue) -> None:
    held = busy(ana, sales)
    open_board(lead)
    lead.get_by_role("link", name="Ana Sousa", exact=True).press("Enter")
    sheet = lead.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="Ana Sousa")).to_be_visible()
    assert barriers(lead) == []
    sheet.get_by_role("button", name="Let them finish").press("Enter")
    expect(lead.locator("#toast")).to_contain_text("Ana Sousa gets nothing new.")
    expect(lead.locator(f"#ba-{staff.ref(ana.pk)}")).to_contain_text("finishing", timeout=40_000)
    lead.get_by_role("link", name="Watch Kenji Sato").press("Enter")
    expect(lead.locator(".watching")).to_contain_text("You are watching Ana Sousa")
    lead.fill("#words", "Offer the blue one")
    lead.press("#words", "Control+Enter")
    expect(lead.locator("#items .note:has(.note-label)")).to_contain_text("Offer the blue one")
    assert barriers(lead) == []
    assert Note.objects.get(kind="note").text == "Offer the blue one"
    lead.locator(".watching").get_by_role("button", name="Take over").press("Enter")
    expect(lead.locator(".head-owner")).to_contain_text("Yours")
    held.refresh_from_db()
    assert held.owner_id != ana.pk


def test_who_is_let_finish_gets_nothing_new_finishes_and_is_away(
    lead: Page, desk: Page, ana: Agent, sales: Queue
) -> None:
    held = make.give(make.waiting_in(sales, name="Kenji Sato"), ana)
    Queue.objects.filter(pk=sales.pk).update(strategy="least_busy", delivery="auto")
    Agent.objects.exclude(pk=ana.pk).update(manual_status="busy")
    open_board(lead)
    lead.get_by_role("link", name="Ana Sousa", exact=True).click()
    lead.get_by_role("dialog").get_by_role("button", name="Let them finish").click()
    expect(lead.locator(f"#ba-{staff.ref(ana.pk)}")).to_contain_text("finishing", timeout=40_000)
    waits = make.waiting_in(sales, name="Maya Lindqvist")
    dispatch.run()
    waits.refresh_from_db()
    assert waits.owner_kind == "queue"  # nothing new, though there is room
    finish(desk, held)
    away(desk)
    expect(lead.locator(f"#ba-{staff.ref(ana.pk)}")).to_contain_text("Away", timeout=40_000)
    expect(lead.locator(f"#ba-{staff.ref(ana.pk)} .num").first).to_have_text("0", timeout=40_000)


def finish(desk: Page, held: Conversation) -> None:
    """What she has stays hers to close."""
    desk.goto(f"/inbox/c/{held.public_id}/?view=mine")
    desk.wait_for_selector("html[data-ready]")
    desk.locator("#thread-head").get_by_role("button", name="Close", exact=True).click()
    expect(desk.locator(".head-owner")).to_have_text("Closed", timeout=40_000)


def away(desk: Page) -> None:
    desk.goto("/inbox/mine/")
    expect(desk.locator("#list .row")).to_have_count(0)
    desk.get_by_label("Your status").select_option("away")


def test_a_long_wait_stays_within_its_tile_on_a_phone(phone: Page, sales: Queue) -> None:
    waits = make.waiting_in(sales, name="Maya Lindqvist")
    Conversation.objects.filter(pk=waits.pk).update(queued_at=clock.now() - timedelta(hours=22, minutes=25))
    open_board(phone)
    expect(phone.locator("#board-totals")).to_contain_text("22 h 2")
    wide = "[...document.querySelectorAll('.board-totals dd')].filter(one => one.scrollWidth > one.clientWidth).length"
    assert phone.evaluate(wide) == 0


def test_what_an_agent_has_is_assigned_and_not_transferred_by_who_leads(lead: Page, ana: Agent, sales: Queue) -> None:
    busy(ana, sales)
    open_board(lead)
    lead.locator("#board-alarms").get_by_role("button", name="Assign…").first.click()
    dialog = lead.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Assign")).to_be_visible()
    expect(dialog.get_by_role("button", name="Assign", exact=True)).to_be_visible()
    expect(dialog.get_by_text("Transfer")).to_have_count(0)


@pytest.mark.parametrize("shape", ["lead", "phone"])
def test_the_board_has_no_barrier(shape: str, request: pytest.FixtureRequest, ana: Agent, sales: Queue) -> None:
    page: Page = request.getfixturevalue(shape)
    busy(ana, sales)
    Agent.objects.filter(pk=ana.pk).update(missed_offers=2, not_responding_at=clock.now())
    open_board(page)
    expect(page.locator("#board-alarms li")).to_have_count(2)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]  # it has one
