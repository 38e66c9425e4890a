"""What can be pressed while another conversation loads, and does the desk fit a phone? In a real browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from conversations.models import Conversation, Message
from handover import transferring
from handover.models import Agent, Membership, Queue, SavedView, SlaClock, SlaPolicy
from handover.timing import sla
from tests import factories as make
from tests.browser.desks import wait_for_line, wait_until
from tests.browser.test_inbox import ana, open_thread, phone, sales, screen, site

__all__ = ["ana", "phone", "sales", "screen", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def slowly(page: Page, conversation: Conversation, seconds: float = 1.0) -> None:
    """The pane of this conversation takes its time."""

    def answer(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    page.route(re.compile(rf"/c/{conversation.public_id}/"), answer)


@pytest.fixture
def maya(sales: Queue, ana: Agent) -> Conversation:
    return make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)


@pytest.fixture
def tom(sales: Queue, ana: Agent) -> Conversation:
    return make.give(make.waiting_in(sales, name="Tom Berg"), ana)


def test_what_is_typed_after_a_step_goes_to_the_conversation_that_was_chosen(
    screen: Page, maya: Conversation, tom: Conversation
) -> None:
    screen.goto(f"/inbox/c/{maya.public_id}/?view=mine")
    slowly(screen, tom)
    screen.locator(f"#r-{maya.public_id} a").focus()
    others = screen.locator("#list .row").evaluate_all("rows => rows.map((row) => row.dataset.id)")
    screen.keyboard.press("k" if others.index(str(tom.public_id)) < others.index(str(maya.public_id)) else "j")
    screen.keyboard.press("r")
    screen.keyboard.type("ea")  # neither closes nor assigns anything
    expect(screen.locator("#conversation")).to_have_attribute("data-id", str(tom.public_id))
    expect(screen.locator("#composer textarea")).to_be_focused()
    expect(screen.locator("#ask")).to_be_hidden()
    assert {maya.state, Conversation.objects.get(pk=tom.pk).state} == {"open"}


def the_row_below(page: Page) -> str:
    """Opens the first row of Ana's list and makes the second one slow; gives the id of that one."""
    page.goto("/inbox/mine/")
    page.wait_for_selector("html[data-ready]")
    first, second = page.locator("#list .row").evaluate_all("rows => rows.map((row) => row.dataset.id)")
    page.keyboard.press("j")
    expect(page.locator("#conversation")).to_have_attribute("data-id", first)
    slowly(page, Conversation.objects.get(public_id=second))
    return str(second)


def test_rows_are_selected_while_they_load(screen: Page, maya: Conversation, tom: Conversation) -> None:
    screen.goto("/inbox/mine/")
    screen.wait_for_selector("html[data-ready]")
    for conversation in (maya, tom):
        slowly(screen, conversation)
    for key in "jxjx":
        screen.keyboard.press(key)
        screen.wait_for_timeout(200)  # longer than a step waits before it loads
    expect(screen.locator("[data-bulk-number]")).to_have_text("2 selected")


@pytest.mark.parametrize("pause", [0, 300])
def test_a_key_after_a_step_waits_for_the_row_that_was_chosen(
    screen: Page, maya: Conversation, tom: Conversation, pause: int
) -> None:
    second = the_row_below(screen)
    screen.keyboard.press("j")
    screen.wait_for_timeout(pause)
    screen.keyboard.press("z")
    expect(screen.locator("#ask form")).to_have_attribute("action", f"/inbox/c/{second}/park")


def test_a_key_means_its_row_though_one_steps_on(screen: Page, maya: Conversation, tom: Conversation) -> None:
    second = the_row_below(screen)
    for key in "jek":
        screen.keyboard.press(key)
    expect(screen.locator("#conversation")).not_to_have_attribute("data-id", second)
    wait_until(screen, lambda: Conversation.objects.get(public_id=second).state == "closed", "it was closed")
    assert Conversation.objects.exclude(public_id=second).get().state == "open"


def test_the_old_conversation_cannot_be_pressed_while_the_next_one_loads(
    screen: Page, maya: Conversation, tom: Conversation
) -> None:
    screen.goto(f"/inbox/c/{maya.public_id}/?view=mine")
    slowly(screen, tom)
    screen.locator(f"#r-{tom.public_id} a").click()
    expect(screen.locator("#thread")).to_have_attribute("aria-busy", "true")
    expect(screen.locator(f"#r-{tom.public_id} a")).to_have_attribute("aria-current", "true")
    assert screen.locator("#thread").evaluate("(thread) => thread.inert")
    expect(screen.locator("#conversation")).to_have_attribute("data-id", str(tom.public_id))
    assert not screen.locator("#thread").evaluate("(thread) => thread.inert")


def test_what_leaves_the_desk_leaves_an_empty_place_and_its_address(
    screen: Page, maya: Conversation, ana: Agent
) -> None:
    support = make.queue("support")
    make.agent("Ben Okafor", queues=(support,))
    Membership.objects.filter(agent=ana, queue__key="sales").delete()
    Conversation.objects.filter(pk=maya.pk).update(queue_id=support.pk)
    screen.goto(f"/inbox/c/{maya.public_id}/?view=mine")
    screen.wait_for_selector("html[data-ready]")
    wait_for_line(screen)
    transferring.transfer(conversation_id=maya.pk, agent=ana, queue=support, note="For you")
    expect(screen.get_by_role("heading", name="No conversation open")).to_be_visible()
    assert str(maya.public_id) not in screen.url


def test_an_answered_promise_leaves_the_head(screen: Page, sales: Queue, ana: Agent) -> None:
    sales.sla = SlaPolicy.objects.create(title="Quick", first_minutes=30)
    sales.save(update_fields=["sla"])
    conversation = make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    sla.begin(conversation, SlaClock.Kind.FIRST, sales)
    open_thread(screen, conversation)
    wait_for_line(screen)
    expect(screen.locator("#thread-head")).to_contain_text("First answer")
    screen.locator("#composer textarea").fill("Hello Maya")
    screen.keyboard.press("Control+Enter")
    expect(screen.locator("#thread-head")).not_to_contain_text("First answer")


def test_without_a_network_a_banner_says_so_at_once(screen: Page, maya: Conversation) -> None:
    wait_for_line(screen)
    screen.context.set_offline(True)
    expect(screen.locator("#connection")).to_be_visible(timeout=5000)
    screen.context.set_offline(False)
    expect(screen.locator("#connection")).to_be_hidden()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_many_views_do_not_widen_the_phones_list(phone: Page, ana: Agent, direction: str) -> None:
    for number in range(8):
        SavedView.objects.create(title=f"Deliveries of week {number}", owner=ana, filters={"owner": "me"})
    phone.goto("/inbox/mine/")
    phone.evaluate("(way) => { document.documentElement.dir = way; }", direction)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    expect(phone.locator("#list")).to_be_in_viewport()


def test_with_the_phones_keyboard_open_the_last_words_are_seen(phone: Page, maya: Conversation) -> None:
    open_thread(phone, maya)
    phone.set_viewport_size({"width": 390, "height": 500})
    phone.locator("#composer textarea").fill("One\nTwo\nThree")
    assert phone.locator("#items").evaluate("(log) => log.clientHeight") > 120
    expect(phone.locator("[data-send]")).to_be_in_viewport(ratio=1)


def test_a_hit_is_before_the_eyes_and_a_button_leads_to_the_end(screen: Page, maya: Conversation, ana: Agent) -> None:
    for number in range(90):
        make.agent_says(maya.sessions.get(), f"Line {number}", ana)
    said = Message.objects.get(session__conversation=maya, author="customer")
    screen.goto(f"/inbox/c/{maya.public_id}/?view=mine&at={said.public_id}")
    expect(screen.locator(".is-found")).to_be_in_viewport()
    expect(screen.get_by_text("Line 89", exact=True)).to_have_count(0)
    screen.locator("[data-newest] button").click()
    expect(screen.locator("#items").get_by_text("Line 89", exact=True)).to_be_in_viewport()
    assert "at=" not in screen.url
