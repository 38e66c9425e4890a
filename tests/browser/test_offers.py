"""Does the card of an offer stand well in a real browser: either theme, a telephone, by keys, without a barrier?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from common import clock
from handover.models import Agent, Queue, Reservation
from tests import factories as make
from tests.browser.desks import window
from tests.browser.site import Site
from tests.browser.test_board import barriers
from tests.browser.test_inbox import PHONE, ana, sales, site
from tests.handover.inbox.test_offers import offered
from tests.handover.routing import cast

__all__ = ["ana", "sales", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHAPES = [("light", None), ("dark", None), ("light", PHONE), ("dark", PHONE)]


@pytest.fixture(params=SHAPES, ids=lambda shape: f"{shape[0]}{'-390' if shape[1] else ''}")
def desk(request: pytest.FixtureRequest, browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    theme, size = request.param
    yield from window(browser, site, "ana", color_scheme=theme, **({"viewport": size} if size else {}))


def test_an_offer_has_no_barrier_and_covers_nothing_beyond_the_screen(desk: Page, ana: Agent, sales: Queue) -> None:
    offered(sales, ana)
    desk.goto("/inbox/mine/")
    desk.wait_for_selector("html[data-ready]")
    card = desk.get_by_role("article", name="Offered to you: Maya Lindqvist")
    expect(card.get_by_role("button", name="Accept")).to_be_visible()
    assert barriers(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    place = card.bounding_box()
    assert place is not None and place["x"] >= 0 and place["x"] + place["width"] <= desk.viewport_size["width"]  # type: ignore[index]  # it has one


def test_an_offer_can_be_put_aside_and_covers_no_verb(desk: Page, ana: Agent, sales: Queue) -> None:
    mine = make.give(make.waiting_in(sales, name="Tom Berger"), ana)
    offered(sales, ana)
    desk.goto(f"/inbox/c/{mine.public_id}/")
    desk.wait_for_selector("html[data-ready]")
    desk.get_by_role("button", name="Close", exact=True).click(trial=True)
    card = desk.get_by_role("article", name="Offered to you: Maya Lindqvist")
    card.get_by_role("button", name="Details of Maya Lindqvist").press("Enter")
    expect(card.get_by_role("button", name="Accept")).to_be_hidden()
    expect(card.get_by_role("heading")).to_have_text("Maya Lindqvist")
    assert barriers(desk) == []
    card.get_by_role("button", name="Details of Maya Lindqvist").press("Enter")
    expect(card.get_by_role("button", name="Accept")).to_be_visible()


@pytest.mark.parametrize("address", ["thread", "board"])
def test_that_offers_are_paused_covers_nothing(desk: Page, ana: Agent, sales: Queue, address: str) -> None:
    User.objects.filter(pk=ana.user_id).update(is_superuser=True)
    mine = make.give(make.waiting_in(sales, name="Tom Berger"), ana)
    Agent.objects.filter(pk=ana.pk).update(not_responding_at=clock.now())
    desk.goto("/inbox/board/" if address == "board" else f"/inbox/c/{mine.public_id}/")
    desk.wait_for_selector("html[data-ready]")
    expect(desk.get_by_role("button", name="I am back")).to_be_visible()
    line = desk.locator(".offer-silent").bounding_box()
    below = desk.locator("#board-main" if address == "board" else "#thread").bounding_box()
    assert line is not None and below is not None and line["y"] + line["height"] <= below["y"] + 1
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(desk) == []


def test_a_declined_offer_pauses_and_says_so_by_keys_alone(desk: Page, ana: Agent, sales: Queue) -> None:
    waits = offered(sales, ana)
    desk.goto("/inbox/mine/")
    desk.wait_for_selector("html[data-ready]")
    desk.get_by_role("button", name="Decline").press("Enter")
    back = desk.get_by_role("button", name="I am back")
    expect(back).to_be_visible()
    assert barriers(desk) == []
    back.press("Enter")
    expect(desk.locator("#offers .offer")).to_have_count(0)
    assert Reservation.objects.get(conversation=waits).status == "declined" and cast.owner(waits)[0] == "queue"
