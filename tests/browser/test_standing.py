"""Does anything move under an agent's hands? What comes and goes around the words, and the order of what is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from conversations.models import Message
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_inbox import PHONE, ana, cut_every_line, open_thread, sales, site, write

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACES = ("#items", "#composer", "#words", "[data-send]", "[data-mode-button=note]", "#list .row")
IDS = "[...document.querySelectorAll('#items > .item')].map((one) => one.id)"


@pytest.fixture(params=["screen", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site, ana: Agent, settings: Any) -> Iterator[Page]:
    """Ana's window or telephone; a reply can be taken back for a second."""
    settings.HANDOVER["UNDO_SEND"] = 1
    yield from window(browser, site, "ana", **({"viewport": PHONE} if request.param == "phone" else {}))
    settings.HANDOVER["UNDO_SEND"] = 0


@pytest.fixture
def bens(browser: Browser, site: Site, sales: Queue) -> Iterator[Page]:
    make.agent("Ben Okafor", queues=(sales,))
    yield from window(browser, site, "ben")


def places(page: Page) -> dict[str, Any]:
    """Where they stand once they stand still: a row that is being renewed stands nowhere for a moment. The composer is
    open, as on a telephone only who writes has it."""
    page.locator("#words").focus()
    seen = _places(page)
    for _ in range(100):
        page.wait_for_timeout(150)
        before, seen = seen, _places(page)
        if seen == before:
            break
    return seen


def _places(page: Page) -> dict[str, Any]:
    return {place: page.locator(place).first.bounding_box() for place in PLACES}


def top(one: Locator) -> float:
    found = one.bounding_box()
    assert found is not None
    return found["y"]


def test_a_draft_and_a_colleague_move_nothing(page: Page, bens: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(page, conversation)
    before = places(page)
    page.locator("#words").press_sequentially("Dear")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft kept")
    open_thread(bens, conversation)
    bens.locator("#words").press_sequentially("Dear")
    expect(page.locator("#others")).to_have_text("Ben Okafor is replying")
    assert places(page) == before


def test_a_note_instead_of_a_reply_moves_nothing(page: Page, sales: Queue) -> None:
    open_thread(page, make.waiting_in(sales))
    before = places(page)
    page.get_by_role("button", name="Private note").click()
    expect(page.locator(".note-banner")).to_be_visible()
    assert places(page) == before | {"[data-send]": places(page)["[data-send]"]}  # its word is a longer one
    page.get_by_role("button", name="Reply", exact=True).click()
    assert places(page) == before


def test_a_line_in_the_head_does_not_push_what_is_read(page: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    for number in range(40):
        write(conversation, f"line {number}")
    open_thread(page, conversation)
    read = page.locator("#items .said", has_text="line 12")
    read.scroll_into_view_if_needed()
    before = top(read)
    head = "document.getElementById('thread-head')"
    page.evaluate(f"{head}.insertAdjacentHTML('beforeend', '<p class=\"silent\">The bot is silent.</p>')")
    page.wait_for_timeout(100)
    assert top(read) == pytest.approx(before, abs=1)  # a log scrolls by whole pixels
    page.evaluate(f"{head}.lastElementChild.remove()")
    page.wait_for_timeout(100)
    assert top(read) == pytest.approx(before, abs=1)  # a log scrolls by whole pixels


def test_a_lost_line_pushes_no_pane(page: Page, sales: Queue) -> None:
    if page.viewport_size == PHONE:
        pytest.skip("there the banner stands above the one pane")
    open_thread(page, make.waiting_in(sales))
    wait_for_line(page)
    before = places(page)
    page.context.set_offline(True)
    cut_every_line()
    expect(page.locator("#connection")).to_contain_text("Connection lost")
    assert places(page) == before


def test_what_was_seen_live_stands_there_after_loading_anew(page: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(page, conversation)
    wait_for_line(page)
    lines = page.locator("#items .line").count()
    page.fill("#words", "I am here")
    page.press("#words", "Control+Enter")
    expect(page.locator(".is-pending")).to_have_count(1)
    expect(page.locator(".by-agent .delivery")).to_contain_text("waiting to be sent")
    expect(page.locator("#items .line")).to_have_count(lines + 1)  # it was taken over by the reply
    live = page.evaluate(IDS)
    assert live[-1] == f"m-{Message.objects.get(author='agent').client_id}"
    open_thread(page, conversation)
    assert page.evaluate(IDS) == live


def test_what_is_on_its_way_stays_the_last(page: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(page, conversation)
    wait_for_line(page)
    page.route("**/reply", lambda route: route.abort())
    page.fill("#words", "I am here")
    page.press("#words", "Control+Enter")
    expect(page.locator(".delivery-failed")).to_be_visible()
    write(conversation, "Hello?")
    expect(page.locator("#items .by-customer")).to_have_count(2)
    expect(page.locator("#items .item").last).to_contain_text("I am here")


def test_news_of_a_message_that_is_not_shown_draw_nothing(page: Page, sales: Queue) -> None:
    open_thread(page, make.waiting_in(sales))
    shown = page.evaluate(IDS)
    page.evaluate("""async () => {
      const loaded = performance.getEntriesByType("resource").map((one) => one.name);
      const old = '<article class="item said by-agent" id="m-old" data-seq="900" data-at="5"><p>Long ago</p></article>';
      const { put } = await import(loaded.find((name) => name.includes("/items.")));
      put(document.getElementById("items"), old, { isDelivery: true, isSeen: true });
    }""")
    assert page.evaluate(IDS) == shown
