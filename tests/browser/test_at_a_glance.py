"""Is what matters seen without opening anything: for one, that a message was left?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from common import clock
from conversations.models import Conversation
from handover.models import Queue
from tests import factories as make
from tests.browser.test_inbox import ana, sales, screen, site
from tests.handover.board.test_board import promise

__all__ = ["ana", "sales", "screen", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SEEN = "(one) => one.getBoundingClientRect().width > 20 && getComputedStyle(one).clipPath === 'none'"


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
