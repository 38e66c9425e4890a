"""Is the conversation seen on a telephone? What the log has of it, at rest and while one types, and what folds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from conversations.models import Conversation
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_inbox import ana, open_thread, sales, site, write
from tests.browser.test_inbox_files import barriers, chosen
from tests.browser.test_templates import shut

__all__ = ["ana", "sales", "shut", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(375, 553), (360, 640), (390, 664), (320, 568)]
FOLDED = ".thread-head .silent, #pinned-card, .chips"


@pytest.fixture(params=[("en", "light"), ("es", "dark")], ids=lambda look: "-".join(look))
def phone(request: pytest.FixtureRequest, browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    """Ana's telephone, in either language and theme."""
    language, theme = request.param
    Agent.objects.filter(pk=ana.pk).update(language=language)
    screen = {"width": 375, "height": 553}
    yield from window(browser, site, "ana", viewport=screen, color_scheme=theme, has_touch=True)


@pytest.fixture
def hers(sales: Queue, ana: Agent) -> Conversation:
    """A conversation of Ana's with all that stands around one."""
    found = make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    make.card(found, greeting="Good morning, I go on from here.")
    for number in range(12):
        write(found, f"Line {number}")
    return found


def size(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


def height(page: Page, selector: str = "#items") -> float:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found["height"]


def is_wider(page: Page) -> bool:
    """Whether anything can be scrolled sideways."""
    wide = "[document.documentElement, ...document.querySelectorAll('.conversation, #items, #composer')]"
    return bool(page.evaluate(f"{wide}.some((one) => one.scrollWidth > one.clientWidth)"))


def test_the_conversation_has_most_of_a_phone(phone: Page, hers: Conversation) -> None:
    open_thread(phone, hers)
    expect(phone.locator(".chips button")).not_to_have_count(0)
    for wide, high in SIZES:
        size(phone, wide, high)
        assert height(phone) * 2 >= high, f"{wide}x{high}: {height(phone)}"
        expect(phone.get_by_text("Line 11", exact=True)).to_be_in_viewport()
        assert not is_wider(phone)
    assert barriers(phone) == []
    size(phone, 360, 400)
    assert height(phone) >= 120
    expect(phone.locator("#words")).to_be_in_viewport(ratio=1)


def test_with_the_keyboard_open_what_was_said_and_the_button_are_seen(phone: Page, hers: Conversation) -> None:
    open_thread(phone, hers)
    size(phone, 360, 400)
    phone.locator("#words").tap()
    expect(phone.locator("[data-send]")).to_be_in_viewport(ratio=1)
    assert height(phone) >= 120
    phone.locator("#words").fill("One\nTwo\nThree\nFour")
    expect(phone.locator("[data-draft-state]")).not_to_be_empty()
    assert height(phone) >= 120
    expect(phone.locator("[data-send]")).to_be_in_viewport(ratio=1)
    expect(phone.locator("#words")).to_be_in_viewport(ratio=1)
    assert barriers(phone) == []


def test_what_stands_around_unfolds_by_a_tap_and_by_a_key(phone: Page, hers: Conversation) -> None:
    open_thread(phone, hers)
    wait_for_line(phone)
    parts = phone.locator(FOLDED)
    expect(parts).to_have_count(3)
    expect(parts.filter(visible=True)).to_have_count(0)
    phone.locator(".fold summary").tap()
    expect(parts.filter(visible=True)).to_have_count(3)
    assert barriers(phone) == []
    write(hers, "One more thing")  # the head is drawn anew
    phone.wait_for_timeout(1000)
    expect(parts.filter(visible=True)).to_have_count(3)
    phone.locator(".fold summary").press("Enter")
    expect(parts.filter(visible=True)).to_have_count(0)


def test_what_is_unfolded_and_does_not_fit_can_be_scrolled_to(phone: Page, hers: Conversation) -> None:
    open_thread(phone, hers)
    size(phone, 360, 400)
    phone.locator(".fold summary").tap()
    phone.locator("#words").scroll_into_view_if_needed()
    expect(phone.locator("#words")).to_be_in_viewport(ratio=1)
    assert height(phone) >= 90


def test_the_composer_is_one_line_until_it_is_used(phone: Page, hers: Conversation) -> None:
    open_thread(phone, hers)
    send, words = phone.locator("[data-send]"), phone.locator("#words")
    assert height(phone, "#composer") < 50
    words.focus()  # as the keyboard does
    for _ in range(2):
        phone.keyboard.press("Shift+Tab")
    expect(phone.locator("[data-mode-button]:focus")).to_have_count(1)  # what stands before the words is reached too
    phone.locator("[data-mode-button=note]").tap()
    words.fill("Ask about the lamp")
    words.blur()
    expect(send).to_be_visible()  # a draft is seen whole
    words.fill("")
    words.blur()
    expect(send).to_be_hidden()
    assert height(phone, "#composer") < 50


def test_a_file_that_waits_is_seen_with_its_button(phone: Page, hers: Conversation) -> None:
    open_thread(phone, hers)
    phone.set_input_files("[data-pick]", chosen("plan.pdf"))
    expect(phone.locator(".tray li")).to_be_visible()
    expect(phone.locator("[data-send]")).to_be_in_viewport(ratio=1)


def test_why_no_reply_can_go_is_said_without_a_tap(phone: Page, shut: Conversation) -> None:
    open_thread(phone, shut)
    expect(phone.locator("#reply-options .no-channel")).to_be_in_viewport(ratio=1)
    expect(phone.locator("#reply-options [data-templates]")).to_be_in_viewport(ratio=1)
    assert height(phone) * 2 >= 553
    assert not is_wider(phone)
    assert barriers(phone) == []
