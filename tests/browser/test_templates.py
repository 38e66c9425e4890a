"""Can an agent pick and send a template in a real browser: by keyboard, on a phone, and without a barrier?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from channels_app.models import Channel
from channels_app.sandbox.graph_templates import TEMPLATES
from channels_app.template_models import MessageTemplate
from common import clock
from conversations.models import Conversation, Message, Session
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import window
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
def shut(sales: Queue) -> Conversation:
    """Somebody waits whose window is closed, on a channel with templates."""
    found = make.waiting_in(sales)
    session = Session.objects.get(conversation=found)
    Session.objects.filter(pk=session.pk).update(window_expires_at=clock.now() - timedelta(hours=1))
    channel = Channel.objects.create(key=session.channel, kind="whatsapp", title="Shop", account="1", config={})
    for one in TEMPLATES:
        facts = {name: one[name] for name in ("name", "language", "components")}
        status, category = one["status"].lower(), one["category"].lower()
        MessageTemplate.objects.create(
            channel=channel, status=status, category=category, synced_at=clock.now(), **facts
        )
    return found


@pytest.fixture(params=["screen", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    """Ana's window, or her telephone in the dark."""
    options = {"viewport": PHONE, "color_scheme": "dark"} if request.param == "phone" else {}
    yield from window(browser, site, "ana", **options)


def picker(page: Page, conversation: Conversation) -> None:
    page.goto(f"/inbox/c/{conversation.public_id}/?view=queue-sales")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("link", name="Send a template").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Send a template")).to_be_visible()


def test_a_template_is_picked_filled_and_sent_by_keyboard_alone(page: Page, shut: Conversation) -> None:
    picker(page, shut)
    expect(page.get_by_label("Find a template")).to_be_focused()
    page.keyboard.type("continue an answer")
    expect(page.locator(".templates-count")).to_have_text("1 of 4")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".template:visible summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Maya")
    expect(page.locator(".template[open] mark")).to_have_text(["Maya"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#items")).to_contain_text("Hello Maya, we have an answer for you.")
    assert Message.objects.get(author="agent").content["name"] == "continue_chat"


def test_a_language_narrows_the_list_and_nothing_found_is_said(page: Page, shut: Conversation) -> None:
    one = MessageTemplate.objects.get(name="continue_chat")
    MessageTemplate.objects.create(
        channel=one.channel, name="seguimos", language="es_MX", status="approved", synced_at=clock.now(),
        components=[{"type": "BODY", "text": "Hola"}],
    )  # fmt: skip
    picker(page, shut)
    page.get_by_role("dialog").get_by_label("Language").select_option("Spanish (MX)")
    expect(page.locator(".template:visible")).to_have_count(1)
    page.get_by_label("Find a template").fill("nothing like it")
    expect(page.locator(".templates-count")).to_have_text("No template fits.")
    assert Axe().run(page).violations_count == 0


def test_what_the_server_refuses_is_said_in_the_dialog(page: Page, shut: Conversation) -> None:
    picker(page, shut)
    MessageTemplate.objects.update(status="paused")
    page.locator(".template summary").first.click()
    page.locator(".template[open] input[type=text]").fill("Maya")
    page.locator(".template[open] button").click()
    expect(page.locator(".template[open] [data-refusal]")).to_have_text("It is paused at the provider.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Send a template")).to_be_focused()
    assert not Message.objects.filter(author="agent").exists()


def test_there_is_no_barrier_that_axe_finds_and_nothing_sticks_out(page: Page, shut: Conversation) -> None:
    picker(page, shut)
    page.locator(".template summary").nth(1).click()
    for address in ("", f"/inbox/c/{shut.public_id}/templates"):
        if address:
            page.goto(address)
            page.locator(".template summary").nth(1).click()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_palette_lists_them_by_name_and_first_line(page: Page, shut: Conversation) -> None:
    page.goto(f"/inbox/c/{shut.public_id}/?view=queue-sales")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Control+k")
    page.keyboard.type("order up")
    option = page.get_by_role("option", name="Order update").first
    expect(option).to_contain_text("Hello …, there is news about your order ….")
    page.keyboard.press("Enter")
    expect(page.locator(".template[open] .template-name")).to_have_text("Order update")
    expect(page.locator(".template[open] input.field").first).to_be_focused()
    expect(page.locator(".template-name", has_text="Login code")).to_have_count(0)
