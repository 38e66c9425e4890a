"""Can people be joined, parted and settled in a real browser: by keyboard, on a phone, in the dark?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from common import clock
from customers import attributes, consent, editing, merging, suggestions
from customers.models import Conflict, Customer, Identity, Link, MatchSuggestion
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WINDOWS = {
    "wide": {"viewport": {"width": 1320, "height": 830}, "color_scheme": "light"},
    "wide-dark": {"viewport": {"width": 1320, "height": 830}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
# Rules that Unfold's own frame breaks, on every page of every site that uses it.
OF_UNFOLD = {"landmark-unique", "region"}


@pytest.fixture(params=WINDOWS)
def window(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[Page]:
    """A superuser's page; `breaches` lists what its policy stopped and what went wrong."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    context = browser.new_context(base_url=live_server.url, **WINDOWS[request.param])
    cookie = client.cookies["throughline-session"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.breaches = []  # type: ignore[attr-defined]  # a note that travels with the page
    page.on("pageerror", lambda error: page.breaches.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def pair(transactional_db: None) -> tuple[Customer, Customer]:
    """Two who look alike, one with a dispute about the name, a word of consent and something said."""
    one, other = make.customer("Ann Lee"), make.customer("Anna Lee")
    make.attribute(one, "name", "Ann Lee", source="agent_verified")
    make.attribute(one, "name", "<b>Annie</b>", source="bot")
    phone = make.phone(one)
    make.receive(make.whatsapp(phone), "Is the chair in stock?")
    make.identity(other, "email", "ann@example.com", proof="claimed")
    consent.record(identity=phone, purpose="marketing", state="out", occurred_at=clock.now(), evidence={"note": "STOP"})
    suggestions.note(one, other, rule="browser")
    third = make.customer()
    merging.merge(a=one, b=third, kind="manual", rule="by_hand", actor="user:1", request_id="third")
    editing.edit(customer=one, key="city", text="Lund", by="user:1")
    return one, other


def addresses(one: Customer, other: Customer) -> dict[str, str]:
    own = [one.public_id]
    return {
        "person": reverse("admin:person", args=own),
        "timeline": reverse("admin:person-timeline", args=own),
        "pick": reverse("admin:person-merge", args=own),
        "merge": f"{reverse('admin:person-merge', args=own)}?with={other.public_id}",
        "split": f"{reverse('admin:person-split', args=own)}?link={Link.objects.get().public_id}",
        "suggestions": reverse("admin:suggestions"),
        "conflicts": reverse("admin:conflicts"),
        "policy": reverse("admin:identity-policy"),
    }


def test_there_is_no_barrier_that_axe_finds_and_nothing_sticks_out(
    window: Page, pair: tuple[Customer, Customer], request: pytest.FixtureRequest
) -> None:
    for name, address in addresses(*pair).items():
        window.goto(address)
        if shots := os.environ.get("SHOTS"):
            window.screenshot(path=f"{shots}/{request.node.callspec.id}-{name}.png", full_page=True)
        window.evaluate("document.querySelectorAll('.people details').forEach((one) => (one.open = true))")
        found = Axe().run(window).response["violations"]
        assert {one["id"]: one["nodes"][0]["html"][:160] for one in found if one["id"] not in OF_UNFOLD} == {}, name
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert window.breaches == []  # type: ignore[attr-defined]  # see the fixture


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_a_pair_is_joined_side_by_side_and_parted_again(window: Page, pair: tuple[Customer, Customer]) -> None:
    one, other = pair
    window.goto(addresses(one, other)["merge"])
    window.get_by_label("Own value of Name").fill("Ann Marie Lee")
    window.get_by_role("group", name="Name").get_by_role("radio", name="own value").check()
    window.get_by_role("button", name="They are one person").click()
    expect(window.get_by_text("Ann Marie Lee").first).to_be_visible()
    window.get_by_role("button", name="Undo", exact=True).click()
    expect(window.get_by_text("They are two customers again.")).to_be_visible()
    other.refresh_from_db()
    assert other.is_root


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_the_queue_is_worked_by_keyboard(window: Page, pair: tuple[Customer, Customer]) -> None:
    window.goto(reverse("admin:suggestions"))
    window.keyboard.press("a")
    assert MatchSuggestion.objects.get().status == "open"
    window.keyboard.press("j")
    expect(window.locator(".pair")).to_be_focused()
    window.keyboard.press("s")
    expect(window.get_by_text("Asked again in a week.")).to_be_visible()
    assert MatchSuggestion.objects.get().status == "snoozed"


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_a_dispute_is_settled_on_the_persons_page(window: Page, pair: tuple[Customer, Customer]) -> None:
    window.goto(addresses(*pair)["person"])
    window.get_by_role("button", name="Keep Ann Lee").click()
    expect(window.get_by_text("Settled: this name holds")).to_be_visible()
    assert not Conflict.objects.open().exists()
    assert Identity.objects.count() == 2


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_a_fact_is_put_right_on_the_persons_page(window: Page, pair: tuple[Customer, Customer]) -> None:
    window.goto(addresses(*pair)["person"])
    window.get_by_text("Put “City” right").click()
    window.get_by_role("textbox", name="City").fill("Malmö")
    window.get_by_role("button", name="Save", exact=True).and_(window.locator("details[open] button")).click()
    expect(window.get_by_text("Malmö").first).to_be_visible()


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_what_was_added_since_is_handed_over_with_the_split(window: Page, pair: tuple[Customer, Customer]) -> None:
    window.goto(addresses(*pair)["split"])
    window.get_by_label("City belongs to").select_option(index=1)
    window.get_by_role("button", name="Undo 1 link").click()
    expect(window.get_by_text("They are 2 customers now.")).to_be_visible()
    third = Customer.objects.exclude(pk__in=[one.pk for one in pair]).get()
    assert attributes.values(third) == {"city": "Lund"}
