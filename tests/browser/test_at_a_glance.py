"""Is what matters seen without opening anything: that a message was left, and why no reply can go out?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common import clock
from conversations.models import Conversation
from handover.models import Queue
from tests import factories as make
from tests.browser.test_inbox import ana, open_thread, sales, screen, site
from tests.browser.test_templates import shut
from tests.handover.board.test_board import promise
from tests.handover.channels import connect

__all__ = ["ana", "sales", "screen", "shut", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SEEN = "(one) => one.getBoundingClientRect().width > 20 && getComputedStyle(one).clipPath === 'none'"


def box(page: Page, selector: str) -> dict[str, Any]:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return dict(found)


def test_a_message_left_is_told_from_a_wait_although_both_were_promised(screen: Page, sales: Queue) -> None:
    left, waits = make.waiting_in(sales, name="Alma Berg"), make.waiting_in(sales, name="Kenji Mori")
    Conversation.objects.filter(pk=left.pk).update(mode="ticket")
    for one in (left, waits):
        promise(one, due_at=clock.now() + timedelta(hours=11))
    screen.goto("/inbox/queue-sales/")
    labels = {name: screen.locator("#list .row", has_text=name).locator(".needs-us") for name in ("Alma", "Kenji")}
    expect(labels["Alma"]).to_have_text("message left")
    assert labels["Alma"].evaluate(SEEN)
    expect(labels["Kenji"]).to_have_text("waiting")
    assert not labels["Kenji"].evaluate(SEEN)  # its promise says so


def test_where_the_window_is_closed_the_head_says_so_on_one_line_with_what_can_be_done(
    screen: Page, shut: Conversation
) -> None:
    elsewhere(shut)
    screen.set_viewport_size({"width": 1360, "height": 860})
    open_thread(screen, shut)
    expect(screen.locator("[data-picked]")).to_have_text("Choose where to reply")
    expect(screen.locator(".passed-over")).to_contain_text("24-hour window is closed")
    places = [box(screen, part) for part in (".modes", ".picker > summary", "#reply-options > .template-way")]
    middles = [one["y"] + one["height"] / 2 for one in places]
    assert max(middles) - min(middles) < 4


def elsewhere(conversation: Conversation) -> None:
    """The customer has another address that can be written to."""
    connect("email")
    make.identity(conversation.customer, "email", "maya@example.com", proof="imported")
