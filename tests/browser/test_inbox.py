"""Does an agent's day work in a real browser? Lists, threads, sending, outages, keys, and no barrier for anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Page, Route, expect

from conversations.models import Conversation, Message, Session
from handover.inbox import floor
from handover.models import Agent, Note, Queue
from tests import factories as make
from tests.abuse.test_inbox_pages import POLYGLOTS
from tests.browser.desks import has_its_end_in_sight, wait_for_line, window
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


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
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def screen(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    """Ana's window, logged in by the form."""
    yield from window(browser, site, "ana")


@pytest.fixture
def phone(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    """Ana's telephone, in the dark."""
    yield from window(browser, site, "ana", viewport=PHONE, color_scheme="dark")


def open_thread(page: Page, conversation: Conversation) -> None:
    page.goto(f"/inbox/c/{conversation.public_id}/?view=queue-sales")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function("performance.getEntriesByType('resource').length > 0")


def write(conversation: Conversation, text: str) -> None:
    """The customer writes again."""
    address = Session.objects.select_related("identity").get(conversation=conversation).identity
    make.receive(make.whatsapp(address), text)


def cut_every_line() -> None:
    """The server ends every socket, as it does when it restarts."""
    for loop, here in list(floor._floors.items()):
        for line in list(here.screens):
            loop.call_soon_threadsafe(line.shut, 1012)


def test_a_conversation_appears_without_reloading(screen: Page, sales: Queue) -> None:
    screen.click("text=Sales")
    expect(screen.locator("[data-empty]")).to_be_visible()
    make.waiting_in(sales, text="Is anybody there?")
    expect(screen.locator("#list .row-words")).to_contain_text("Is anybody there?")
    expect(screen.locator("[data-view=queue-sales] [data-number]")).to_have_text("1")


def test_an_agent_takes_it_answers_and_closes(screen: Page, sales: Queue, ana: Agent) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.click("text=Take it")
    expect(screen.locator(".head-owner")).to_have_text("Yours")
    screen.fill("#words", "Good morning, how can I help?")
    screen.press("#words", "Control+Enter")
    expect(screen.locator(".by-agent .words")).to_have_text("Good morning, how can I help?")
    expect(screen.locator(".by-agent .delivery")).to_contain_text("waiting to be sent")
    screen.get_by_role("button", name="Close", exact=True).click()
    expect(screen.locator(".head-owner")).to_have_text("Closed")
    assert Message.objects.filter(author="agent", agent_id=ana.pk).count() == 1


def test_what_the_customer_writes_appears_in_the_thread(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    write(conversation, "One more thing")
    expect(screen.locator("#items .said").last).to_contain_text("One more thing")


def test_markup_of_a_customer_is_text(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales, text="<img src=x onerror=alert(1)>", name="<b>Maya</b>"))
    expect(screen.locator("#items .said .words").first).to_have_text("<img src=x onerror=alert(1)>")
    expect(screen.locator("h2 bdi").first).to_have_text("<b>Maya</b>")


@pytest.mark.scenario("T-1")
def test_no_words_of_a_customer_run_in_the_browser(screen: Page, sales: Queue) -> None:
    text = " ".join(POLYGLOTS)
    conversation = make.waiting_in(sales, text=text, name=text)
    make.attribute(conversation.customer, "city", text)
    make.card(conversation, referrer=text, answers=[{"label": text, "value": text}], greeting=text)
    open_thread(screen, conversation)
    screen.click("#side-card [data-greeting]")
    write(conversation, text)
    expect(screen.locator("#items .said")).to_have_count(2)
    expect(screen.locator("#words")).to_have_value(text)
    assert screen.evaluate("document.marker") is None
    assert screen.locator("iframe, #items img, #items script, #items svg").count() == 0


def test_a_reply_while_the_line_is_down_is_kept_and_sent_once(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.route("**/reply", lambda route: route.abort())
    screen.fill("#words", "Kept for later")
    screen.press("#words", "Control+Enter")
    expect(screen.locator(".delivery-failed")).to_contain_text("not sent")
    screen.unroute("**/reply")
    screen.click("text=Try again")
    expect(screen.locator(".by-agent .delivery")).to_contain_text("waiting to be sent")
    assert Message.objects.filter(author="agent").count() == 1


def test_an_answer_that_was_lost_is_not_sent_twice(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    screen.route("**/reply", lose)
    screen.fill("#words", "Once only")
    screen.press("#words", "Control+Enter")
    expect(screen.locator(".by-agent .delivery")).to_contain_text("waiting to be sent")
    expect(screen.locator(".by-agent")).to_have_count(1)
    assert Message.objects.filter(author="agent").count() == 1


@pytest.mark.scenario("HO-52")
def test_what_was_missed_during_an_outage_is_fetched(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    wait_for_line(screen)
    screen.context.set_offline(True)
    cut_every_line()
    expect(screen.locator("#connection")).to_contain_text("Connection lost")
    write(conversation, "Written in the dark")
    screen.context.set_offline(False)
    expect(screen.locator("#items .said").last).to_contain_text("Written in the dark", timeout=30_000)
    expect(screen.locator("#items .said")).to_have_count(2)
    expect(screen.locator("#connection")).to_be_hidden()


def test_an_unseen_message_stops_the_reply_until_it_is_read(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    screen.fill("#words", "Too early")
    screen.route("**/reply", lambda route: (write(conversation, "Wait, I changed my mind"), route.continue_()))
    screen.evaluate("() => { window.WebSocket.prototype.send = () => {}; }")
    screen.press("#words", "Control+Enter")
    expect(screen.locator("[data-unseen]")).to_be_visible()
    screen.unroute("**/reply")
    expect(screen.locator(".is-unseen")).to_contain_text("I changed my mind")
    screen.click("text=Send anyway")
    expect(screen.locator(".by-agent .words")).to_have_text("Too early")


def test_an_unseen_message_stops_the_close_until_it_is_read(screen: Page, sales: Queue, ana: Agent) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    open_thread(screen, conversation)
    screen.route("**/close", lambda route: (write(conversation, "One more thing"), route.continue_()))
    screen.evaluate("() => { window.WebSocket.prototype.send = () => {}; }")
    screen.get_by_role("button", name="Close", exact=True).click()
    expect(screen.locator("#toast")).to_contain_text("press again to close anyway")
    expect(screen.locator(".is-unseen")).to_contain_text("One more thing")
    screen.unroute("**/close")
    screen.get_by_role("button", name="Close", exact=True).click()
    expect(screen.locator(".head-owner")).to_have_text("Closed")


def test_a_private_note_looks_and_is_private(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.click("text=Private note")
    expect(screen.locator(".note-banner")).to_be_visible()
    screen.fill("#words", "Careful, second complaint")
    screen.click("text=Save note")
    expect(screen.locator(".item.note:not(.is-pending) .words")).to_have_text("Careful, second complaint")
    assert Note.objects.get().text == "Careful, second complaint"
    assert not Message.objects.filter(author="agent").exists()


def test_a_draft_survives_a_look_elsewhere(screen: Page, sales: Queue) -> None:
    first, second = make.waiting_in(sales, name="First Person"), make.waiting_in(sales, name="Second Person")
    open_thread(screen, first)
    screen.fill("#words", "Half a sentence")
    screen.click("#list >> text=Second Person")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    expect(screen.locator("#words")).to_have_value("")
    screen.click("#list >> text=First Person")
    expect(screen.locator("#words")).to_have_value("Half a sentence")
    assert second.public_id != first.public_id


def test_the_keys_move_open_and_write(screen: Page, sales: Queue) -> None:
    for name in ("First Person", "Second Person"):
        make.waiting_in(sales, name=name)
    screen.goto("/inbox/queue-sales/")
    screen.wait_for_selector("html[data-ready]")
    screen.keyboard.press("j")
    expect(screen.locator(".thread h2")).to_have_text("First Person")
    screen.keyboard.press("j")
    expect(screen.locator(".thread h2")).to_have_text("Second Person")
    expect(screen.locator("#list a[aria-current] .row-name")).to_have_text("Second Person")
    screen.keyboard.press("r")
    expect(screen.locator("#words")).to_be_focused()
    screen.keyboard.press("Escape")
    screen.keyboard.press("/")
    expect(screen.locator("#search")).to_be_focused()


def test_single_keys_can_be_switched_off(screen: Page, sales: Queue, ana: Agent) -> None:
    make.waiting_in(sales)
    screen.goto("/inbox/queue-sales/")
    screen.click("[data-open-sheet]")
    with screen.expect_response("**/inbox/keys"):
        screen.uncheck("input[name=on]")
    screen.click("[data-close-sheet]")
    screen.keyboard.press("/")
    expect(screen.locator("#search")).not_to_be_focused()
    ana.refresh_from_db()
    assert not ana.uses_single_keys


def test_focus_stays_on_the_row_that_is_pushed_anew(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    screen.goto("/inbox/queue-sales/")
    screen.wait_for_selector("html[data-ready]")
    row = screen.locator(f"#r-{conversation.public_id} a")
    row.focus()
    write(conversation, "And another")
    expect(row).to_contain_text("And another")
    expect(row).to_be_focused()


def test_on_a_telephone_one_pane_is_shown_at_a_time(phone: Page, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    phone.goto("/inbox/queue-sales/")
    phone.click("text=Maya Lindqvist")
    expect(phone.locator("#words")).to_be_visible()
    expect(phone.locator("#list")).to_be_hidden()
    assert re.search(r"/inbox/c/[0-9a-f-]+/\?view=queue-sales$", phone.url)
    phone.go_back()
    expect(phone.locator("#list")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("shape", ["screen", "phone"])
def test_there_is_no_barrier_that_axe_finds(shape: str, request: pytest.FixtureRequest, sales: Queue) -> None:
    page: Page = request.getfixturevalue(shape)
    conversation = make.waiting_in(sales)
    make.card(conversation, greeting="Welcome back", answers=[{"label": "Budget", "value": 300}])
    for address in ("/inbox/queue-sales/", f"/inbox/c/{conversation.public_id}/"):
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.evaluate("document.querySelectorAll('details.card-box').forEach((box) => (box.open = true))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_thread_with_chips_opens_at_its_end(screen: Page, ana: Agent) -> None:
    person, address = make.maya()
    conversation = make.receive(make.whatsapp(address), "from the bus").conversation
    for number in range(30):
        make.receive(make.web(make.site_user(person, f"maya-{number}")), f"line {number}")
    make.give(conversation, ana)
    open_thread(screen, conversation)
    expect(screen.locator("[data-chips] button")).to_have_count(3)  # two channels, and the events
    screen.wait_for_timeout(300)
    assert has_its_end_in_sight(screen)
