"""Does the panel about the customer live: in place, in every tab, by keyboard, and without losing what is typed?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Permission
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from common import clock
from conversations.models import Conversation
from customers import attributes, consent, suggestions
from customers.models import Conflict, Customer, Identity, Link, MatchSuggestion
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import window
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {
    "wide": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "wide-dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
LEAD = ("merge_customer", "undo_link", "reveal_identity", "view_customer")


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
    """Leads sales, and may join customers."""
    agent = make.agent("Ana Sousa", supervises=(sales,))
    agent.user.user_permissions.add(*Permission.objects.filter(codename__in=LEAD))
    return agent


@pytest.fixture
def thread(sales: Queue) -> Conversation:
    """Maya: a dispute about her name, a mail address that she typed, a word of consent, somebody like her."""
    found = make.waiting_in(sales, name="Maya")
    person = found.customer
    attributes.verify(customer=person, key="name", value="Maya", by="user:1")
    make.attribute(person, "name", "<b>Maja</b>")
    make.attribute(person, "city", "Lund")
    make.identity(person, "email", "maya@example.com", proof="claimed")
    phone = Identity.objects.get(namespace="phone")
    consent.record(identity=phone, purpose="all", state="out", occurred_at=clock.now(), evidence={"word": "STOP"})
    suggestions.note(person, make.customer("Maya L."), rule="browser")
    return found


@pytest.fixture
def screen(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ana", **LOOKS["wide"])


@pytest.fixture
def second(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    """The same conversation in another tab."""
    yield from window(browser, site, "ana", **LOOKS["wide"])


def show(page: Page, thread: Conversation) -> None:
    page.goto(f"/inbox/c/{thread.public_id}/?view=queue-sales")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function("performance.getEntriesByType('resource').length > 0")
    page.wait_for_timeout(300)  # the subscription


def say(thread: Conversation, key: str, value: str) -> None:
    make.attribute(Customer.objects.get(pk=thread.customer_id), key, value)


@pytest.mark.parametrize("look", LOOKS)
def test_there_is_no_barrier_that_axe_finds(
    browser: Browser, site: Site, ana: Agent, thread: Conversation, look: str
) -> None:
    for page in window(browser, site, "ana", **LOOKS[look]):
        show(page, thread)
        if look.startswith("phone"):
            page.click(".show-side")
        page.evaluate("document.querySelectorAll('#person details').forEach((one) => (one.open = true))")
        found = Axe().run(page).response["violations"]
        assert {one["id"]: one["nodes"][0]["html"][:160] for one in found} == {}
        assert page.evaluate(
            "document.getElementById('side').scrollWidth <= document.getElementById('side').clientWidth"
        )
        assert page.locator("#person b, #person script").count() == 0


def test_what_is_said_elsewhere_appears_everywhere(screen: Page, second: Page, thread: Conversation) -> None:
    show(screen, thread)
    show(second, thread)
    say(thread, "city", "Malmö")
    for page in (screen, second):
        expect(page.locator("[data-fact=city]")).to_have_text("Malmö")


def test_two_tabs_agree_on_what_was_settled(screen: Page, second: Page, thread: Conversation) -> None:
    show(screen, thread)
    show(second, thread)
    screen.get_by_role("button", name="Use <b>Maja</b>").click()
    for page in (screen, second):
        expect(page.locator(".dispute")).to_have_count(0)
        expect(page.locator("[data-person-name]")).to_have_text("<b>Maja</b>")
        expect(page.locator("#list .row-name")).to_have_text("<b>Maja</b>")
    assert not Conflict.objects.open().exists()


@pytest.mark.scenario("ID-38")
def test_what_is_being_typed_survives_and_the_difference_is_said(screen: Page, thread: Conversation) -> None:
    show(screen, thread)
    screen.locator("#fact-city > summary").click()
    field = screen.get_by_label("Put right").and_(screen.locator("#form-fact-city input"))
    field.fill("Ystad")
    say(thread, "city", "Malmö")
    expect(screen.locator("[data-fact=city]")).to_have_text("Malmö")
    expect(field).to_have_value("Ystad")
    expect(field).to_be_focused()
    screen.keyboard.press("Enter")
    expect(screen.locator("#form-fact-city [data-refusal]")).to_contain_text("it is Malmö now")
    screen.locator("#form-fact-city button").click()
    expect(screen.locator("[data-fact=city]")).to_have_text("Ystad")


def test_a_pair_is_joined_and_taken_back_from_the_toast(screen: Page, thread: Conversation) -> None:
    show(screen, thread)
    screen.get_by_role("button", name="One person").click()
    expect(screen.locator("#toast")).to_contain_text("They are one person now.")
    expect(screen.get_by_text("2 customers in one.")).to_be_visible()
    screen.locator("#toast").get_by_role("button", name="Undo").click()
    expect(screen.get_by_text("One customer, joined with nobody.")).to_be_visible()
    assert not Link.objects.live().exists()


def test_another_customer_is_looked_for_and_proposed_by_keyboard(
    screen: Page, thread: Conversation, sales: Queue
) -> None:
    make.waiting_in(sales, name="Maya Berg")
    show(screen, thread)
    screen.locator("a[data-look]").press("Enter")
    expect(screen.locator("dialog input[type=search]")).to_be_focused()
    screen.keyboard.type("Maya Berg")
    screen.keyboard.press("Enter")
    expect(screen.locator("dialog input[name=note]")).to_be_focused()
    screen.keyboard.type("Same order")
    screen.keyboard.press("Enter")
    expect(screen.locator("#toast")).to_contain_text("Proposed.")
    expect(screen.get_by_text("Proposed by ana")).to_be_visible()
    expect(screen.locator("a[data-look]")).to_be_focused()
    assert MatchSuggestion.objects.filter(note__isnull=False).count() == 1


def test_addresses_are_shown_whole_and_stay_so_when_the_panel_is_renewed(screen: Page, thread: Conversation) -> None:
    show(screen, thread)
    expect(screen.get_by_text("maya@example.com")).to_have_count(0)
    screen.get_by_role("button", name="Show whole").click()
    expect(screen.locator(".identity-address", has_text="maya@example.com")).to_be_visible()
    say(thread, "city", "Malmö")
    expect(screen.locator("[data-fact=city]")).to_have_text("Malmö")
    expect(screen.locator(".identity-address", has_text="maya@example.com")).to_be_visible()


def test_a_word_of_consent_is_noted_beside_the_thread(screen: Page, thread: Conversation) -> None:
    show(screen, thread)
    screen.get_by_text("Note a word").click()
    screen.get_by_label("How we know").fill("Asked on the phone")
    screen.get_by_role("button", name="Add the word").click()
    expect(screen.locator(".consents")).to_contain_text("Asked on the phone")
