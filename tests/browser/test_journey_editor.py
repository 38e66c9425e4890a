"""Can an author write a journey in a real browser: lint while typing, the graph, two tabs, publishing?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from conversations.journeys import drafts, publishing
from conversations.models import Journey
from tests.browser.test_identity_admin import OF_UNFOLD
from tests.stories import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
PAGES = ("editor", "versions", "publish", "words", "duplicate")
# Each page once, and the two with the most on them in every light and width.
LOOKED_AT = {
    "light": [*((WIDE, name) for name in PAGES), (PHONE, "editor"), (PHONE, "publish")],
    "dark": [(size, name) for size in (WIDE, PHONE) for name in ("editor", "words")],
}
CHANGED = "What matters most to you?"


@pytest.fixture
def boss(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[BrowserContext]:
    """A superuser's browser, with a journey that was published, used and then changed in the draft."""
    cache.clear()
    cast.sales()
    cast.library()
    phone = cast.maya().on_whatsapp()
    phone.says("hi")
    phone.says("2")
    journey = Journey.objects.get(key="order_chair")
    text = journey.draft.replace("Which chair", CHANGED + " Which chair")
    drafts.save(journey_id=journey.pk, text=text, seen=journey.draft_revision, by=None)
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    context = browser.new_context(base_url=live_server.url, viewport=WIDE)  # type: ignore[arg-type]  # a plain mapping
    cookie = client.cookies["throughline-session"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    yield context
    context.close()


def opened(context: BrowserContext, name: str = "editor") -> Page:
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(at(name))
    return page


def at(name: str) -> str:
    return reverse(f"admin:journey-{name}", kwargs={"key": "order_chair"})


def type_in(page: Page, old: str, new: str) -> None:
    """Replaces words in the text as a person does: marked, and typed over."""
    page.evaluate(
        """([old]) => { const area = document.querySelector("[name=draft]"); const at = area.value.indexOf(old);
        area.focus(); area.setSelectionRange(at, at + old.length); }""",
        [old],
    )
    page.keyboard.insert_text(new)


def test_the_graph_is_as_wide_as_its_place_until_somebody_wants_it_larger(boss: BrowserContext) -> None:
    page = boss.new_page()
    page.goto(reverse("admin:journey-editor", args=["order_chair"]))
    canvas = page.locator("[data-graph]")
    fits, shown = "box => box.scrollWidth <= box.clientWidth", "box => box.querySelector('svg').clientWidth"
    for size in (WIDE, PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain mapping
        page.wait_for_timeout(200)
        assert canvas.evaluate(fits) and canvas.evaluate(shown) > 0.8 * canvas.evaluate("box => box.clientWidth")
    for _ in range(4):
        page.get_by_role("button", name="Larger").click()
    assert not canvas.evaluate(fits)
    page.get_by_role("button", name="Fit", exact=True).click()
    assert canvas.evaluate(fits)


def test_findings_and_the_graph_follow_the_typing_and_lead_to_their_lines(boss: BrowserContext) -> None:
    page = opened(boss)
    expect(page.locator(".graph-step")).to_have_count(len(publishing.definition(live()).steps))
    type_in(page, "- id: chair", "- id: chairs")
    expect(page.locator(".findings li.is-error").first).to_be_visible()
    wrong = page.locator(".findings li.is-error [data-line]").first
    wrong.click()
    line = page.evaluate("(() => { const a = document.querySelector('[name=draft]'); "
                         "return a.value.slice(0, a.selectionStart).split('\\n').length; })()")  # fmt: skip
    assert wrong.inner_text() == f"Line {line}"
    expect(page.locator(f".gutter li:nth-child({line})")).to_have_class("is-error")


def test_a_save_by_key_is_kept_and_a_second_tab_is_told(boss: BrowserContext) -> None:
    first, second = opened(boss), opened(boss)
    for page, words in ((first, "Mine?"), (second, "Theirs?")):
        type_in(page, CHANGED, words)
        page.keyboard.press("Control+s")
    expect(second.get_by_text("Not saved yet: boss has saved")).to_be_visible()
    assert "Mine?" in Journey.objects.get(key="order_chair").draft
    assert "Theirs?" in second.locator("[name=draft]").input_value()
    second.get_by_role("button", name="Save").click()
    expect(second.locator("[data-state]")).to_have_text("Saved")
    assert "Theirs?" in Journey.objects.get(key="order_chair").draft


def test_who_is_logged_out_meanwhile_is_told_and_saves_after_logging_in_again(boss: BrowserContext) -> None:
    page = opened(boss)
    cookies = boss.cookies()
    boss.clear_cookies()
    type_in(page, CHANGED, "Mine?")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-state]")).to_contain_text("you are logged out")
    boss.add_cookies([one for one in cookies if one["name"] == "throughline-session"])  # with another token
    page.keyboard.press("Control+s")
    expect(page.locator("[data-state]")).to_have_text("Saved")
    assert "Mine?" in Journey.objects.get(key="order_chair").draft


def test_tab_indents_and_escape_lets_it_leave(boss: BrowserContext) -> None:
    page = opened(boss)
    type_in(page, "steps:", "steps:")
    before = page.locator("[name=draft]").input_value()
    page.keyboard.press("Tab")
    assert page.locator("[name=draft]").input_value() == before.replace("steps:", "steps:  ", 1)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()


def test_a_publication_is_rehearsed_and_done(boss: BrowserContext) -> None:
    page = opened(boss, "publish")
    page.get_by_label("Move them to the new version").check()
    page.get_by_role("button", name="See what would happen to them").click()
    expect(page.get_by_text("Nothing was done yet. Of 1 open run 1 would change")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_is_no_barrier_that_axe_finds_and_nothing_sticks_out(boss: BrowserContext, scheme: str) -> None:
    page = opened(boss)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    found: dict[str, object] = {}
    for size, name in LOOKED_AT[scheme]:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # as above
        page.goto(at(name) + ("?language=es" if name == "words" else ""))
        found |= {f"{name} {size['width']} {rule}": node for rule, node in looked_at(page).items()}
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/{scheme}-{size['width']}-{name}.png", full_page=True)
    assert found == {}


def looked_at(page: Page) -> dict[str, object]:
    """What axe finds, and whether the page is wider than the window."""
    page.evaluate("document.querySelectorAll('.journeys details').forEach((one) => (one.open = true))")
    rows = Axe().run(page).response["violations"]
    found = {row["id"]: row["nodes"][0]["html"][:160] for row in rows if row["id"] not in OF_UNFOLD}
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found["wide"] = page.evaluate("document.documentElement.scrollWidth")
    return found


def live() -> int:
    return Journey.objects.get(key="order_chair").live_version_id or 0
