"""Does the desk ring, mirror itself, speak Spanish, and can it be used without a pointer? In a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from conversations.models import Message
from handover import listing
from handover.models import Agent, Note, Queue
from tests import factories as make
from tests.browser.desks import wait_for_line, window
from tests.browser.site import Site
from tests.browser.test_inbox import PHONE, ana, cut_every_line, open_thread, sales, screen, site, write

__all__ = ["ana", "sales", "screen", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTENS = """() => {
  window.rung = []; window.told = [];
  document.addEventListener("inbox:rang", ({ detail }) => window.rung.push(detail.kind));
  window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, options) { super(); window.told.push([title, options.body || ""]); }
    close() {}
  };
}"""
LOOKS_AWAY = "() => { document.hasFocus = () => false; localStorage.removeItem('inbox-eyes'); }"
LOOKS_BACK = "() => { delete document.hasFocus; dispatchEvent(new Event('focus')); }"
LOADED = """const url = performance.getEntriesByType("resource").map((one) => one.name)
    .find((name) => name.includes(`/${module}.`));"""
PUTS = f"""async (number) => {{
  const module = "items"; {LOADED}
  const {{ put }} = await import(url);
  const log = document.getElementById("items");
  for (let n = 1000; n < 1000 + number; n++) {{
    const facts = `id="m-${{n}}" data-seq="${{n}}" data-at="${{Date.now() + n}}"`;
    put(log, `<article class="item said by-customer" ${{facts}}><p>${{n}}</p></article>`);
  }}
  return [log.querySelectorAll(".item").length, log.querySelector("[data-older] a")?.href];
}}"""
COUNTS = f"""async () => {{
  const module = "js/views"; {LOADED}
  (await import(url)).ask();
}}"""
SAYS_IDLE = f"""async () => {{
  const module = "idle"; {LOADED}
  (await import(url)).heard({{ idle: true }});
}}"""
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const { left, right } = one.getBoundingClientRect();
  return left < -1 || right > document.documentElement.clientWidth + 1;
}).map((one) => `${one.localName}.${one.className}`).slice(0, 8).join(", ")"""


def has_no_barrier(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> None:
    """Nothing sticks out at the side, once the page has taken its shape."""
    root = "document.documentElement"
    for _ in range(20):
        if page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate(STICKS_OUT))


def box(page: Page, selector: str) -> Any:
    return page.locator(selector).bounding_box()


def test_the_title_says_that_more_wait_than_are_counted(
    screen: Page, ana: Agent, sales: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SOME", 2)
    for _ in range(3):
        make.give(make.waiting_in(sales), ana)
    screen.goto("/inbox/mine/")
    title, number = re.compile(r"^\(1\+\) Mine"), screen.locator("[data-view=mine] [data-number]")
    expect(screen).to_have_title(title)
    with screen.expect_response("**/counts"):
        screen.evaluate(COUNTS)
    screen.wait_for_timeout(200)  # what came is shown
    expect(screen).to_have_title(title)
    expect(number).to_have_text("1+")


def test_the_desk_rings_for_mine_and_never_in_the_tab_that_is_looked_at(screen: Page, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    screen.goto("/inbox/mine/")
    wait_for_line(screen)
    screen.evaluate(LISTENS)
    write(conversation, "Looked at")
    expect(screen.locator("#list .row")).to_contain_text("Looked at")
    assert screen.evaluate("window.rung") == []
    screen.evaluate(LOOKS_AWAY)
    write(conversation, "A secret word")
    expect(screen.locator("#list .row")).to_contain_text("A secret word")
    assert screen.evaluate("window.rung") == ["message"]
    assert screen.evaluate("window.told") == [["Maya Lindqvist has written", ""]]
    assert screen.title().startswith("● ")
    screen.evaluate(LOOKS_BACK)
    assert not screen.title().startswith("● ")


def test_what_is_not_mine_does_not_ring(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    screen.goto("/inbox/queue-sales/")
    wait_for_line(screen)
    screen.evaluate(LISTENS)
    screen.evaluate(LOOKS_AWAY)
    write(conversation, "For anybody")
    expect(screen.locator("#list .row")).to_contain_text("For anybody")
    assert screen.evaluate("window.rung") == []


def test_the_settings_are_kept_and_the_desk_becomes_spanish(screen: Page, ana: Agent) -> None:
    screen.click("#me summary")
    with screen.expect_response("**/inbox/settings"):
        screen.uncheck("[data-desk-form] [name=sounds]")
    expect(screen.locator("body")).to_have_attribute("data-sounds", "off")
    screen.select_option("[data-desk-form] [name=language]", "es")
    expect(screen.locator("html")).to_have_attribute("lang", "es")
    expect(screen.locator("#views")).to_contain_text("Menciones")
    ana.refresh_from_db()
    assert (ana.hears_sounds, ana.sees_notifications, ana.language) == (False, True, "es")
    screen.wait_for_selector("html[data-ready]")
    screen.click("#me summary")
    has_no_barrier(screen)


def test_what_is_pushed_to_a_spanish_desk_is_spanish(screen: Page, ana: Agent, sales: Queue) -> None:
    Agent.objects.filter(pk=ana.pk).update(language="es")
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    wait_for_line(screen)
    write(conversation, "Otra cosa")
    write(conversation, "Y otra")
    expect(screen.locator("#items .said")).to_have_count(3)
    expect(screen.locator("#items .who").last).to_have_text("Cliente")


def test_a_lost_line_says_so_and_can_be_tried_at_once(screen: Page) -> None:
    wait_for_line(screen)
    screen.context.set_offline(True)
    cut_every_line()
    expect(screen.locator("#connection")).to_contain_text("Connection lost")
    has_no_barrier(screen)
    screen.context.set_offline(False)
    if screen.get_by_role("button", name="Try now").is_visible():
        screen.get_by_role("button", name="Try now").press("Enter")
    expect(screen.locator("#connection")).to_contain_text("Connected again", timeout=30_000)
    expect(screen.locator("#connection")).to_be_hidden()


def test_who_looks_away_is_told_and_any_key_brings_them_back(screen: Page, ana: Agent) -> None:
    wait_for_line(screen)
    screen.wait_for_timeout(300)
    screen.evaluate(SAYS_IDLE)
    expect(screen.locator("#idle")).to_contain_text("You look away")
    has_no_barrier(screen)
    screen.keyboard.press("Shift")
    expect(screen.locator("#idle")).to_be_hidden()


def test_a_long_thread_keeps_some_hundred_items_and_fetches_the_rest(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    shown, older = screen.evaluate(PUTS, 450)
    assert shown <= 400
    assert "older?before=" in older
    screen.click("[data-older] a")
    expect(screen.locator("#items .said").first).to_contain_text("Customer")


def opens_and_takes(screen: Page, name: str) -> None:
    """Without a pointer: the first row of the list, and its first button."""
    screen.goto("/inbox/queue-sales/")
    screen.wait_for_selector("html[data-ready]")
    screen.keyboard.press("j")
    expect(screen.locator("#thread h2")).to_have_text(name)
    screen.get_by_role("button", name="Take it").focus()
    screen.keyboard.press("Enter")
    expect(screen.locator(".head-owner")).to_have_text("Yours")


def test_a_conversation_from_the_list_to_its_end_by_keys_alone(screen: Page, ana: Agent, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    make.agent("Ben Okafor", queues=(sales,))
    opens_and_takes(screen, "Maya Lindqvist")
    keys = screen.keyboard
    keys.press("r")
    keys.type("Good morning")
    keys.press("Control+Enter")
    expect(screen.locator(".by-agent .words")).to_have_text("Good morning")
    keys.press("Escape")
    keys.press("n")
    keys.type("Second order this week")
    keys.press("Control+Enter")
    expect(screen.locator(".item.note:not(.is-pending)")).to_have_count(1)
    keys.press("Escape")
    keys.press("a")
    expect(screen.locator("#ask")).to_be_visible()
    has_no_barrier(screen)
    keys.press("Escape")
    expect(screen.locator("#ask")).to_be_hidden()
    keys.press("e")
    expect(screen.locator(".head-owner")).to_have_text("Closed")
    assert Message.objects.filter(author="agent", agent_id=ana.pk).count() == Note.objects.count() == 1


@pytest.fixture
def guide(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    User.objects.filter(pk=ana.user_id).update(is_staff=True)
    yield from window(browser, site, "ana")


@pytest.mark.parametrize("direction", ["", "?dir=rtl"])
def test_the_style_guide_has_no_barrier_in_either_theme_or_direction(guide: Page, direction: str) -> None:
    for theme in ("light", "dark"):
        guide.goto(f"/inbox/styleguide/{theme}/{direction}")
        guide.wait_for_selector("html[data-ready]")
        has_no_barrier(guide)
        fits(guide)
        guide.set_viewport_size(PHONE)
        fits(guide)
        guide.set_viewport_size({"width": 1280, "height": 800})
    guide.goto(f"/inbox/styleguide/{direction}")
    expect(guide.locator("iframe")).to_have_count(2)
    has_no_barrier(guide)


def test_the_desk_is_mirrored_where_people_read_from_the_right(screen: Page, ana: Agent, sales: Queue) -> None:
    open_thread(screen, make.give(make.waiting_in(sales, text="متى يصل طلبي؟"), ana))
    screen.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    places = [box(screen, selector)["x"] for selector in (".views", ".list", ".thread")]
    assert places == sorted(places, reverse=True)
    assert screen.locator("#items .words").first.evaluate("e => getComputedStyle(e).direction") == "rtl"
    fits(screen)
    has_no_barrier(screen)
    screen.set_viewport_size(PHONE)
    fits(screen)
