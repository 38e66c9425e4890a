"""Does the back office work in a real browser: no script of a customer, no breach of its policy, fit for all?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page

from channels_app.models import Attempt, InboundEvent
from conversations.models import Conversation, Delivery, Journey
from tests.admin import office
from tests.admin.test_pages import row_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLYGLOTS = (
    '"><img src=x onerror="window.hit=1">',
    "</script><script>window.hit=1</script>",
    "{{constructor.constructor('window.hit=1')()}}",
    "'-window.hit-'",
    '<svg/onload="window.hit=1">',
    "javascript:window.hit=1",
)
# Rules that Unfold's own frame breaks, on every page of every site that uses it.
OF_UNFOLD = {
    "landmark-one-main": "its layout has no main element",
    "landmark-unique": "its scroll boxes all have the same label",
    "region": "its header and its buttons stand outside any landmark",
}


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page of a logged-in superuser; `window.breaches` lists what its policy stopped and what went wrong."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    context = browser.new_context(base_url=live_server.url)
    cookie = client.cookies["throughline-session"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.breaches = []  # type: ignore[attr-defined]  # a note that travels with the page
    page.on("console", lambda m: page.breaches.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.breaches.append(str(error)))
    yield page
    context.close()


def everything() -> list[str]:
    """The address of every list, and of one row of everything."""
    lists = [office.page(model, "changelist") for model in office.REGISTERED]
    return lists + [office.page(model, "change", row_of(model).pk) for model in office.REGISTERED]


def poison() -> None:
    """What came from outside goes into every column that a page shows."""
    nasty = " ".join(POLYGLOTS)
    Conversation.objects.update(referrer=nasty[:200], skill=nasty[:64])
    Delivery.objects.update(reason=nasty[:32], provider_text=nasty[:300], external_id=nasty[:255])
    InboundEvent.objects.update(error=nasty[:300], outcome=nasty[:40], key=nasty[:255])
    Attempt.objects.update(provider_text=nasty[:300], provider_code=nasty[:40])
    Journey.objects.update(draft=nasty, title=nasty[:120])


@pytest.mark.scenario("T-1")
def test_nothing_from_outside_runs_on_any_page(window: Page) -> None:
    office.fill(1)
    poison()
    for address in everything():
        answer = window.goto(address)
        assert answer is not None and answer.status == 200, address
        assert window.evaluate("window.hit") is None, address
    assert window.breaches == []


def test_a_button_asks_acts_and_reports(window: Page) -> None:
    office.fill(1)
    event = InboundEvent.objects.get()
    window.goto(office.page(InboundEvent, "change", event.pk))
    window.get_by_role("link", name="Replay").click()
    window.get_by_role("button", name="Replay").click()
    window.get_by_text("1 of 1 taken out of quarantine").wait_for()
    event.refresh_from_db()
    assert event.state == "pending"


@pytest.mark.parametrize("model", [Journey, Conversation])
def test_axe_finds_nothing_of_ours(window: Page, model: Any) -> None:
    office.fill(2)
    window.goto(office.page(model, "change", row_of(model).pk))
    found = Axe().run(window).response["violations"]
    assert {one["id"]: one["nodes"][0]["html"][:120] for one in found if one["id"] not in OF_UNFOLD} == {}
