"""Does what an agent says while the line is down reach the customer, once and in order, in a real browser?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from common import clock
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


def test_what_the_customer_wrote_is_quoted_though_the_page_was_asking_for_it_already(
    screen: Page, sales: Queue
) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    said_in_the_dark(screen, "One")
    write(conversation, "Stop, I meant the other one")
    asked: list[Route] = []

    def keep(route: Route) -> None:
        asked.append(route)

    screen.route("**/events?*", keep, times=1)
    with screen.expect_response("**/reply"):
        screen.context.set_offline(False)
    expect(screen.locator("#words")).to_have_value("One", timeout=BACK)
    wait_until(screen, lambda: bool(asked), "the page has asked what it missed")
    asked[0].continue_()
    expect(screen.locator("[data-unseen] li")).to_have_text("Stop, I meant the other one", timeout=BACK)


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


@pytest.fixture
def moved() -> Iterator[Callable[[timedelta], None]]:
    """The server's clock."""
    yield lambda by: clock.shift_by(lambda: by)
    clock.shift_by(timedelta)


def test_what_waited_for_long_stands_in_the_composer_and_goes_when_it_is_sent_again(
    screen: Page, sales: Queue, moved: Callable[[timedelta], None]
) -> None:
    open_thread(screen, make.waiting_in(sales))
    said_in_the_dark(screen, "One", "Two")
    moved(timedelta(minutes=11))
    screen.context.set_offline(False)
    expect(screen.locator("#words")).to_have_value("One\nTwo", timeout=BACK)
    expect(screen.locator("#toast")).to_contain_text("It waited too long to go out by itself")
    expect(screen.locator(".is-pending")).to_have_count(0)
    assert said() == []
    screen.locator("[data-send]").click()
    expect(screen.locator("#items .by-agent:not(.is-pending)")).to_have_count(1)
    assert said() == ["One\nTwo"]


def test_what_an_old_page_left_for_long_is_a_draft_where_it_was_meant_for(
    screen: Page, sales: Queue, moved: Callable[[timedelta], None]
) -> None:
    first = make.waiting_in(sales, name="First Person")
    open_thread(screen, first)
    screen.route("**/reply", lambda route: route.abort())
    write_reply(screen, "Too late")
    expect(screen.locator(".delivery-failed")).to_contain_text("not sent")
    screen.unroute("**/reply")
    moved(timedelta(minutes=11))
    screen.goto("/inbox/")
    expect(screen.locator("#toast")).to_contain_text("It waited too long", timeout=BACK)
    assert said() == [] and Draft.objects.get().text == "Too late"


def another_tab(page: Page) -> Page:
    """Of the same browser; what its scripts break on is an error of the test, too."""
    tab = page.context.new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.goto("/inbox/")
    tab.wait_for_selector("html[data-ready]")
    return tab


def kept_back(page: Page, text: str) -> None:
    page.context.route("**/reply", lambda route: route.abort())  # of any tab
    write_reply(page, text)
    expect(page.locator(".delivery-failed")).to_have_count(1)


def test_two_tabs_keep_what_each_has_said_and_it_leaves_once(screen: Page, sales: Queue) -> None:
    conversations = [make.waiting_in(sales, name=name) for name in ("First Person", "Second Person")]
    tabs = [screen, another_tab(screen)]
    for tab, conversation, text in zip(tabs, conversations, ("One", "Two"), strict=True):
        open_thread(tab, conversation)
        kept_back(tab, text)
    third = another_tab(screen)
    open_thread(third, conversations[0])
    expect(third.locator(".is-pending")).to_have_count(0)  # the first tab has it, and asks
    expect(third.locator("#words")).to_have_value("")
    screen.context.unroute("**/reply")
    cut_every_line()
    wait_until(screen, lambda: sorted(said()) == ["One", "Two"], "both replies went out")
    for tab in (*tabs, third):
        expect(tab.locator("#items .by-agent:not(.is-pending)")).to_have_count(1)
        expect(tab.locator("#words")).to_have_value("")
    assert sorted(said()) == ["One", "Two"] and not Draft.objects.exists()


def test_what_is_refused_is_asked_in_the_tab_that_said_it_and_nowhere_else(screen: Page, sales: Queue) -> None:
    first, second = (make.waiting_in(sales, name=name) for name in ("First Person", "Second Person"))
    open_thread(screen, first)
    kept_back(screen, "Too late")
    other = another_tab(screen)
    open_thread(other, second)
    write(first, "Never mind")
    screen.context.unroute("**/reply")
    cut_every_line()
    expect(screen.locator("[data-unseen] li")).to_have_text("Never mind", timeout=BACK)
    expect(screen.locator("#words")).to_have_value("Too late")
    expect(other.locator("#toast")).to_have_text("")
    assert said() == []
    screen.get_by_role("button", name="Send anyway").click()
    wait_until(screen, lambda: said() == ["Too late"], "it went out once")


def test_a_tab_that_is_closed_leaves_what_it_kept_to_the_other(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    closing = another_tab(screen)
    open_thread(closing, conversation)
    kept_back(closing, "One")
    open_thread(screen, conversation)
    expect(screen.locator(".is-pending")).to_have_count(0)
    screen.context.unroute("**/reply")
    closing.close()
    wait_until(screen, lambda: said() == ["One"], "the other tab sent it")
    expect(screen.locator("#items .by-agent:not(.is-pending)")).to_have_count(1)
    expect(screen.locator("#words")).to_have_value("")
