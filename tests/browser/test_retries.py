"""Can an agent have a failed message sent again from the thread?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from conversations.models import Delivery, Session
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.test_inbox import ana, open_thread, sales, screen, site

__all__ = ["ana", "sales", "screen", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_try_again_queues_what_failed(screen: Page, sales: Queue, ana: Agent) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    make.agent_says(Session.objects.get(conversation=conversation), "Good morning", ana)
    Delivery.objects.update(state="failed", reason="unreachable")
    open_thread(screen, conversation)
    expect(screen.locator(".delivery-failed")).to_contain_text("The address cannot be reached.")
    screen.click("text=Try again")
    expect(screen.locator(".by-agent .delivery")).to_contain_text("waiting to be sent")
    assert Delivery.objects.get().state == "queued"


def test_nothing_is_offered_for_what_arrived(screen: Page, sales: Queue, ana: Agent) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    make.agent_says(Session.objects.get(conversation=conversation), "Good morning", ana)
    Delivery.objects.update(state="delivered")
    open_thread(screen, conversation)
    expect(screen.locator(".by-agent .delivery")).to_contain_text("delivered")
    expect(screen.locator("[data-retry]")).to_have_count(0)
