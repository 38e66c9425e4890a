"""Do lists work in a real browser? Filters, views, search, many at once, the palette, and no barrier for anybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from common import clock
from conversations import words
from conversations.models import Conversation
from handover import saved_views
from handover.filters import Filter
from handover.inbox import lists
from handover.models import Agent, Draft, Note, Queue
from tests import factories as make
from tests.browser.desks import window
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    yield from window(browser, site, "ana")


@pytest.fixture
def phone(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ana", viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)


def three(sales: Queue) -> list[Conversation]:
    return [make.waiting_in(sales, name=f"Person {name}") for name in ("One", "Two", "Three")]


def at(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]")


def no_barrier(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_filter_becomes_a_view_by_keyboard_alone(screen: Page, sales: Queue) -> None:
    three(sales)
    at(screen, "/inbox/queue-sales/")
    screen.locator("#filter-menu summary").press("Enter")
    screen.get_by_label("Channel").select_option("email")
    screen.get_by_role("button", name="Apply").press("Enter")
    expect(screen.locator(".filter-chip")).to_contain_text("Channel: E-mail")
    expect(screen.locator("#list .row")).to_have_count(0)
    screen.locator("#view-menu summary").press("Enter")
    screen.get_by_placeholder("Name", exact=True).fill("Letters")
    screen.get_by_placeholder("Name", exact=True).press("Enter")
    expect(screen.locator("#views [aria-current=page]")).to_contain_text("Letters")


def test_what_arrives_joins_a_filtered_list_only_if_it_fits(screen: Page, sales: Queue) -> None:
    at(screen, "/inbox/queue-sales/?channel=email")
    make.waiting_in(sales, name="On WhatsApp")
    expect(screen.locator("[data-view=queue-sales] [data-count]")).to_have_text("1", timeout=40_000)
    expect(screen.locator("#list .row")).to_have_count(0)
    at(screen, "/inbox/queue-sales/?channel=whatsapp")
    make.waiting_in(sales, name="Another")
    expect(screen.locator("#list .row")).to_have_count(2)


def test_words_are_found_and_the_conversation_opens(screen: Page, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist", text="My blue chair squeaks")
    words.gather()
    screen.keyboard.press("/")
    screen.keyboard.type("squea")
    screen.keyboard.press("Enter")
    expect(screen.locator("#list mark")).to_have_text("squeaks")
    screen.locator("#list .row a").press("Enter")
    expect(screen.locator(".thread h2")).to_have_text("Maya Lindqvist")
    screen.locator("[data-view=queue-sales]").click()
    expect(screen.locator("#search")).to_have_value("")


def test_a_view_that_somebody_shares_comes_by_itself_and_says_a_number_once(
    screen: Page, sales: Queue, ana: Agent
) -> None:
    make.waiting_in(sales)
    at(screen, "/inbox/mine/")
    lead = make.agent("Chloe Martin", supervises=(sales,))
    saved_views.create(agent=lead, title="On WhatsApp", asked=Filter(channel="whatsapp"), queue=sales)
    shared = screen.get_by_role("link", name="On WhatsApp")
    expect(shared.locator("[data-number]")).to_have_text("1", timeout=12_000)
    expect(shared.locator("[data-count]")).to_be_hidden()
    expect(screen.locator("#views [aria-current=page]")).to_contain_text("Mine")
    view = saved_views.visible_to(ana).get()
    saved_views.change(agent=lead, view=view, title="By phone")
    expect(screen.get_by_role("link", name="By phone")).to_be_visible(timeout=12_000)
    saved_views.remove(agent=lead, view=view)
    expect(screen.get_by_role("link", name="By phone")).to_have_count(0, timeout=12_000)


def test_unread_goes_when_it_was_read_and_comes_back_by_hand(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    at(screen, "/inbox/queue-sales/")
    row = screen.locator(f"#r-{conversation.public_id}")
    expect(row).to_have_class("row is-unread")
    row.locator("a").click()
    expect(row).not_to_have_class("row is-unread", timeout=40_000)
    screen.locator("#items").press("u")
    expect(row).to_have_class("row is-unread")


def test_many_are_chosen_taken_and_given_back(screen: Page, sales: Queue) -> None:
    three(sales)
    at(screen, "/inbox/queue-sales/")
    boxes = screen.locator(".row-pick")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(screen.locator("[data-bulk-number]")).to_have_text("3 selected")
    no_barrier(screen)
    screen.get_by_label("Assign to").select_option("me")
    expect(screen.locator("#toast")).to_contain_text("Done: 3.")
    expect(screen.locator("#list .row")).to_have_count(0)
    screen.get_by_role("button", name="Undo").click()
    expect(screen.locator("#list .row")).to_have_count(3)


def test_the_palette_leads_anywhere_and_the_focus_returns(screen: Page, sales: Queue) -> None:
    three(sales)
    at(screen, "/inbox/queue-sales/")
    row = screen.locator("#list .row a").first
    row.focus()
    screen.keyboard.press("Control+k")
    no_barrier(screen)
    screen.keyboard.press("Escape")
    expect(row).to_be_focused()
    screen.keyboard.press("Control+k")
    screen.keyboard.type("prsn two")
    expect(screen.locator("#palette [aria-selected=true]")).to_contain_text("Person Two")
    screen.keyboard.press("Enter")
    expect(screen.locator(".thread h2")).to_have_text("Person Two")
    screen.keyboard.press("Control+k")
    screen.keyboard.type("select the")
    screen.keyboard.press("Enter")
    expect(screen.locator("[data-bulk-number]")).to_have_text("1 selected")


def test_the_palette_leads_to_people_who_are_not_listed_and_to_a_search(screen: Page, sales: Queue) -> None:
    three(sales)
    words.gather()
    at(screen, "/inbox/mine/")
    screen.keyboard.press("Control+k")
    screen.keyboard.type("person two")
    expect(screen.locator("#palette [aria-selected=true]")).to_contain_text("People")
    screen.keyboard.press("Enter")
    expect(screen.locator(".thread h2")).to_have_text("Person Two")
    screen.keyboard.press("Control+k")
    screen.keyboard.type("person three")
    screen.locator("#palette [role=option]").last.click()
    expect(screen.locator("#list .row-name")).to_have_text("Person Three")
    assert screen.url.endswith("/inbox/all/?q=person+three")


@pytest.mark.parametrize("menu", ["#filter-menu", "#view-menu", "#me"])
def test_a_menu_closes_with_escape_and_with_a_press_or_the_focus_elsewhere(
    screen: Page, sales: Queue, menu: str
) -> None:
    three(sales)
    at(screen, "/inbox/queue-sales/?channel=whatsapp")
    box, summary = screen.locator(f"{menu} .menu-box"), screen.locator(f"{menu} > summary")
    summary.press("Enter")
    box.locator("select, input").first.focus()
    screen.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    expect(box).to_be_visible()
    screen.locator("#thread").click(position={"x": 5, "y": 300})
    expect(box).to_be_hidden()
    summary.press("Enter")
    screen.locator("#search").focus()
    expect(box).to_be_hidden()


def test_in_longer_words_nothing_of_a_row_or_the_bar_is_cut(screen: Page, ana: Agent, sales: Queue) -> None:
    Agent.objects.filter(pk=ana.pk).update(language="es")
    Queue.objects.filter(pk=sales.pk).update(title="Sales and advice")
    [row, *_] = three(sales)
    Draft.objects.create(conversation=row, agent=ana, kind="reply", text="Hola", revision=1, updated_at=clock.now())
    screen.set_viewport_size({"width": 1360, "height": 860})
    at(screen, "/inbox/queue-sales/")
    expect(screen.locator("#list .row-draft")).to_have_text("Borrador")
    box = screen.locator("#search")
    box.evaluate("box => { box.value = box.placeholder; }")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    box.fill("")
    place = screen.locator(f"#r-{row.public_id} .row-foot")
    assert place.evaluate("foot => [...foot.children].every(one => one.scrollWidth <= one.clientWidth + 1)")
    assert place.evaluate("foot => foot.scrollWidth <= foot.clientWidth && foot.scrollHeight <= foot.clientHeight")
    for box in screen.locator(".row-pick").all():
        box.click()
    [number, cross] = [screen.locator(one).bounding_box() for one in ("[data-bulk-number]", "[data-bulk-none]")]
    assert number and cross and cross["y"] < number["y"] + number["height"]


def test_keys_choose_a_row(screen: Page, sales: Queue) -> None:
    three(sales)
    at(screen, "/inbox/queue-sales/")
    screen.locator("#list .row a").first.focus()
    screen.keyboard.press("x")
    expect(screen.locator(".row-pick").first).to_be_checked()
    screen.keyboard.press("Escape")
    expect(screen.locator("#bulk")).to_be_hidden()


def test_what_comes_behind_the_end_of_a_long_list_waits_for_its_page(screen: Page, sales: Queue) -> None:
    for number in range(lists.PAGE + 1):
        make.waiting_in(sales, name=f"Person {number}")
    at(screen, "/inbox/queue-sales/")
    make.waiting_in(sales, name="The last")
    expect(screen.locator("[data-view=queue-sales] [data-count]")).to_have_text(str(lists.PAGE + 2), timeout=40_000)
    expect(screen.locator("#list .row")).to_have_count(lists.PAGE)
    screen.get_by_role("link", name="Load more").click()
    expect(screen.locator("#list .row")).to_have_count(lists.PAGE + 2)
    expect(screen.locator("#list .row-name").last).to_have_text("The last")


@pytest.mark.parametrize("shape", ["screen", "phone"])
def test_there_is_no_barrier_in_any_state_of_a_list(shape: str, request: pytest.FixtureRequest, sales: Queue) -> None:
    page: Page = request.getfixturevalue(shape)
    make.waiting_in(sales, text="My blue chair")
    words.gather()
    at(page, "/inbox/queue-sales/?channel=whatsapp")
    for menu in ("#filter-menu summary", "#view-menu summary"):
        page.click(menu)
        no_barrier(page)
        page.click(menu)
    for address in ("/inbox/all/?q=chair", "/inbox/mine/?owner=zzz", "/inbox/parked/"):
        at(page, address)
        no_barrier(page)


def test_a_note_for_many_is_written_once_and_unseen_words_are_asked_about(
    screen: Page, ana: Agent, sales: Queue
) -> None:
    rows = [make.give(one, ana) for one in three(sales)]
    at(screen, "/inbox/mine/")
    for box in screen.locator(".row-pick").all():
        box.click()
    make.receive(make.whatsapp(rows[0].sessions.get().identity), "One more thing")
    expect(screen.locator(f"#r-{rows[0].public_id}")).to_contain_text("One more thing")
    screen.locator("#bulk").get_by_role("button", name="Close").click()
    asked = screen.get_by_role("alertdialog", name="Words that you have not seen: 1")
    expect(asked.get_by_role("button", name="Leave those open")).to_be_focused()
    no_barrier(screen)
    asked.get_by_role("button", name="Leave those open").click()
    expect(screen.locator("#list .row")).to_have_count(1)
    screen.locator(".row-pick").click()
    screen.get_by_label("Assign to").select_option(label="Sales")
    passed = screen.get_by_role("dialog", name="Pass on 1 to Sales")
    no_barrier(screen)
    passed.get_by_label("Note for whoever takes them").fill("Please call, they are in a hurry.")
    passed.get_by_role("button", name="Transfer").click()
    expect(screen.locator("#toast")).to_contain_text("Done: 1.")
    assert [note.text for note in Note.objects.filter(kind="note")] == ["Please call, they are in a hurry."]
