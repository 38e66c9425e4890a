"""Does what an agent says while the line is down reach the customer, once and in order, in a real browser?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from conversations.models import Message
from handover.models import Agent, Draft, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, wait_until, window
from tests.browser.site import Site
from tests.browser.test_composer import write_reply
from tests.browser.test_inbox import ana, cut_every_line, open_thread, sales, site, write

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACK = 30_000  # ms in which a line is back


@pytest.fixture
def screen(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ana")


@pytest.fixture
def slow(screen: Page, settings: object) -> Iterator[Page]:
    """The same window; a reply can be taken back for two seconds."""
    settings.HANDOVER["UNDO_SEND"] = 2  # type: ignore[attr-defined]  # the fixture's wrapper knows any setting
    yield screen
    settings.HANDOVER["UNDO_SEND"] = 0  # type: ignore[attr-defined]  # likewise


def lose_line(page: Page) -> None:
    wait_for_line(page)
    page.context.set_offline(True)
    cut_every_line()
    expect(page.locator("#connection")).to_contain_text("Connection lost")


def said() -> list[str]:
    """What agents have said, in its order."""
    return [one.content["text"] for one in Message.objects.filter(author="agent").order_by("pk")]


def said_in_the_dark(page: Page, *replies: str) -> None:
    lose_line(page)
    for number, text in enumerate(replies, 1):
        write_reply(page, text)
        expect(page.locator(".is-pending")).to_have_count(number)
    for bubble in page.locator(".is-pending .delivery").all():
        expect(bubble).to_contain_text("goes out when the line is back")


def test_replies_go_out_by_themselves_once_and_in_order(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    said_in_the_dark(screen, "One", "Two", "Three")
    screen.context.set_offline(False)
    expect(screen.locator("#items .by-agent:not(.is-pending)")).to_have_count(3, timeout=BACK)
    assert said() == ["One", "Two", "Three"]
    expect(screen.locator("#items .by-agent .words")).to_have_text(["One", "Two", "Three"])
    expect(screen.locator("#words")).to_have_value("")
    assert screen.evaluate("Object.keys(localStorage).filter((key) => key.includes('unsent'))") == []


def test_a_reply_that_waited_for_its_undo_as_the_line_broke_goes_out_first(slow: Page, sales: Queue) -> None:
    open_thread(slow, make.waiting_in(sales))
    wait_for_line(slow)
    write_reply(slow, "One")
    expect(slow.locator(".is-pending .undo")).to_be_visible()
    lose_line(slow)
    write_reply(slow, "Two")
    expect(slow.get_by_text("goes out when the line is back")).to_have_count(2, timeout=8000)
    slow.context.set_offline(False)
    expect(slow.locator("#items .by-agent:not(.is-pending)")).to_have_count(2, timeout=BACK)
    assert said() == ["One", "Two"] and not Draft.objects.exists()


def test_what_waits_is_seen_again_after_a_look_elsewhere_and_goes_out(screen: Page, sales: Queue) -> None:
    first, second = (make.waiting_in(sales, name=name) for name in ("First Person", "Second Person"))
    open_thread(screen, first)
    said_in_the_dark(screen, "Hello First")
    screen.route("**/reply", lambda route: route.abort())
    screen.context.set_offline(False)
    expect(screen.locator(".delivery-failed")).to_contain_text("not sent", timeout=BACK)
    screen.click(f"#r-{second.public_id} a")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    screen.click(f"#r-{first.public_id} a")
    expect(screen.locator(".is-pending .words")).to_have_text("Hello First")
    expect(screen.locator("#words")).to_have_value("")
    screen.click(f"#r-{second.public_id} a")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    screen.unroute("**/reply")
    cut_every_line()
    wait_until(screen, lambda: said() == ["Hello First"], "the reply went out with the line")


def test_a_page_that_is_loaded_anew_sends_what_the_last_one_could_not(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.route("**/reply", lambda route: route.abort())
    for text in ("One", "Two"):
        write_reply(screen, text)
    expect(screen.locator(".delivery-failed")).to_have_count(2)
    screen.unroute("**/reply")
    screen.reload()
    expect(screen.locator("#items .by-agent:not(.is-pending)")).to_have_count(2)
    assert said() == ["One", "Two"] and not Draft.objects.exists()
    expect(screen.locator("#words")).to_have_value("")


def test_what_the_customer_wrote_meanwhile_stops_it_and_all_behind_it(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    said_in_the_dark(screen, "One", "Two")
    screen.locator("#words").press_sequentially("Three")
    write(conversation, "Stop, I meant the other one")
    screen.context.set_offline(False)
    expect(screen.locator("[data-unseen] li")).to_have_text("Stop, I meant the other one", timeout=BACK)
    expect(screen.locator("#words")).to_have_value("One\nTwo\nThree")
    expect(screen.locator("#words")).to_be_focused()
    assert said() == []
    screen.get_by_role("button", name="Send anyway").click()
    expect(screen.locator("#items .by-agent:not(.is-pending)")).to_have_count(1)
    assert said() == ["One\nTwo\nThree"]


def test_what_is_refused_while_one_is_elsewhere_is_a_draft_there(screen: Page, sales: Queue) -> None:
    first, second = (make.waiting_in(sales, name=name) for name in ("First Person", "Second Person"))
    open_thread(screen, first)
    screen.route("**/reply", lambda route: route.abort())
    write_reply(screen, "Too late")
    expect(screen.locator(".delivery-failed")).to_contain_text("not sent")
    screen.click(f"#r-{second.public_id} a")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    write(first, "Never mind")
    screen.unroute("**/reply")
    cut_every_line()
    expect(screen.locator("#toast")).to_contain_text("Not sent to First Person", timeout=BACK)
    assert said() == [] and Draft.objects.get().text == "Too late"
    screen.click(f"#r-{first.public_id} a")
    expect(screen.locator("#words")).to_have_value("Too late")


def test_what_waits_for_the_line_can_be_taken_back(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    said_in_the_dark(screen, "One", "Two")
    screen.locator(".is-pending .undo").last.click()
    expect(screen.locator("#words")).to_have_value("Two")
    screen.context.set_offline(False)
    expect(screen.locator("#items .by-agent:not(.is-pending)")).to_have_count(1, timeout=BACK)
    expect(screen.locator("#words")).to_have_value("Two")
    assert said() == ["One"]


def test_who_logs_out_leaves_no_words_in_the_browser(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    wait_for_line(screen)
    screen.route("**/reply", lambda route: route.abort())
    write_reply(screen, "Not for others")
    expect(screen.locator(".delivery-failed")).to_contain_text("not sent")
    assert "Not for others" in screen.evaluate("JSON.stringify(localStorage)")
    screen.click("#me > summary")
    screen.get_by_role("button", name="Log out").click()
    screen.wait_for_url("**/login**")
    assert "Not for others" not in screen.evaluate("JSON.stringify([localStorage, sessionStorage])")
