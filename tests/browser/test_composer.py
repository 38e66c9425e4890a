"""Does writing work in a real browser? Drafts, ready words, mentions, emojis, undo, collisions; by keys alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from conversations.models import Conversation, Message
from handover.models import Agent, CannedReply, Draft, Macro, Mention, Note, Queue
from tests import factories as make
from tests.abuse.test_inbox_pages import POLYGLOTS
from tests.browser.desks import wait_until, window
from tests.browser.site import Site
from tests.browser.test_inbox import ana, open_thread, sales, site, write

__all__ = ["ana", "sales", "site"]
MARKUP = " ".join(text for text in POLYGLOTS if "{{" not in text)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return make.agent("Ben Okafor", queues=(sales,))


@pytest.fixture
def screen(browser: Browser, site: Site, ana: Agent, settings: object) -> Iterator[Page]:
    """Ana's window; a reply can be taken back for two seconds."""
    settings.HANDOVER["UNDO_SEND"] = 2  # type: ignore[attr-defined]  # the fixture's wrapper knows any setting
    yield from window(browser, site, "ana")
    settings.HANDOVER["UNDO_SEND"] = 0  # type: ignore[attr-defined]  # likewise


@pytest.fixture
def other(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    """Another window of Ana's."""
    yield from window(browser, site, "ana")


@pytest.fixture
def bens(browser: Browser, site: Site, ben: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ben")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [f"{rule['id']}: {rule['nodes'][0]['target']}" for rule in found.response["violations"]]


def write_reply(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.press("#words", "Control+Enter")


def test_a_draft_follows_the_agent_to_another_window(screen: Page, other: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    screen.locator("#words").press_sequentially("Half a sent")
    expect(screen.locator("[data-draft-state]")).to_have_text("Draft kept")
    expect(screen.locator("#list .row-draft")).to_have_text("Draft")
    open_thread(other, conversation)
    expect(other.locator("#words")).to_have_value("Half a sent")
    other.locator("#words").press_sequentially("ence")
    expect(screen.locator("#words")).to_have_value("Half a sentence")
    write_reply(other, "Half a sentence, done")
    expect(screen.locator("#words")).to_have_value("")
    expect(screen.locator("#list .row-draft")).to_have_count(0)
    assert not Draft.objects.exists()


def test_a_reply_is_taken_back_and_then_sent(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    write_reply(screen, "Too quick")
    expect(screen.locator(".is-pending")).to_contain_text("goes out in a moment")
    screen.locator(".is-pending .undo").click()
    expect(screen.locator("#words")).to_have_value("Too quick")
    assert Draft.objects.get().text == "Too quick" and not Message.objects.filter(author="agent").exists()
    screen.press("#words", "Control+Enter")
    expect(screen.locator(".by-agent .delivery")).to_contain_text("waiting to be sent")
    expect(screen.locator("#items .by-agent")).to_have_count(1)
    assert not Draft.objects.exists()


def test_a_reply_goes_out_when_the_tab_closes(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    write_reply(screen, "Good bye")
    expect(screen.locator(".is-pending .undo")).to_be_visible()
    screen.goto("/inbox/ready-words/")
    wait_until(screen, Message.objects.filter(author="agent").exists, "the reply was stored")
    screen.wait_for_timeout(700)
    assert Message.objects.filter(author="agent").count() == 1


def test_a_reply_is_sent_though_the_agent_has_gone_on(screen: Page, sales: Queue) -> None:
    first, second = make.waiting_in(sales, name="Maya"), make.waiting_in(sales, name="Kenji")
    open_thread(screen, first)
    write_reply(screen, "Hello Maya")
    expect(screen.locator(".is-pending .undo")).to_be_visible()
    screen.locator(f"#r-{second.public_id} a").click()
    expect(screen.locator("#thread h2")).to_have_text("Kenji")
    expect(screen.locator("#toast")).to_contain_text("Your reply to Maya goes out.")
    expect(screen.locator("#toast")).to_be_empty(timeout=8000)
    wait_until(screen, Message.objects.filter(author="agent").exists, "the reply was stored")
    assert Message.objects.get(author="agent").session.conversation_id == first.pk


def test_ready_words_are_chosen_by_keys(screen: Page, sales: Queue, ana: Agent) -> None:
    CannedReply.objects.create(shortcut="hello", title="Hello", text="Hello {{customer.first_name}}!", queue=sales)
    CannedReply.objects.create(shortcut="help", title="Help", text=MARKUP, owner=ana)
    open_thread(screen, make.waiting_in(sales, name="Maya Lindqvist"))
    screen.locator("#words").press_sequentially("Good day. /hel")
    expect(screen.locator("#composer [role=option]")).to_have_count(2)
    assert violations(screen) == []
    screen.keyboard.press("ArrowDown")
    screen.keyboard.press("ArrowUp")
    screen.keyboard.press("Enter")
    expect(screen.locator("#words")).to_have_value(f"Good day. {MARKUP}")
    screen.fill("#words", "")
    screen.locator("#words").press_sequentially("/hello")
    expect(screen.locator("#composer [role=option]")).to_have_count(1)
    screen.keyboard.press("Tab")
    expect(screen.locator("#words")).to_have_value("Hello Maya!")
    assert screen.evaluate("document.marker") is None


def test_a_macro_is_shown_and_done(screen: Page, sales: Queue) -> None:
    steps = [{"do": "reply", "text": "Bye {{customer.first_name}}"}, {"do": "close"}]
    Macro.objects.create(title="Say goodbye", actions=steps)
    open_thread(screen, make.waiting_in(sales, name="Maya Lindqvist"))
    screen.get_by_role("button", name="Ready words").click()
    screen.keyboard.type("goodbye")
    expect(screen.locator("#composer [role=option]")).to_have_count(1)
    screen.keyboard.press("Enter")
    expect(screen.locator(".macro-words")).to_have_text("Bye Maya")
    assert violations(screen) == []
    assert not Message.objects.filter(author="agent").exists()
    screen.keyboard.press("Enter")
    expect(screen.locator("#items .by-agent")).to_contain_text("Bye Maya")
    expect(screen.locator(".head-owner")).to_have_text("Closed")


@pytest.mark.parametrize("typed", ["goodbye", "macro"])
def test_the_palette_knows_the_macros_of_an_open_conversation(screen: Page, sales: Queue, typed: str) -> None:
    Macro.objects.create(title="Say goodbye", actions=[{"do": "reply", "text": "Bye {{customer.first_name}}"}])
    conversation = make.waiting_in(sales, name="Maya Lindqvist")
    screen.keyboard.press("Control+k")
    screen.keyboard.type(typed)
    expect(screen.locator("#palette")).not_to_contain_text("Say goodbye")
    open_thread(screen, conversation)
    screen.keyboard.press("Control+k")
    screen.keyboard.type(typed)
    expect(screen.locator("#palette [aria-selected=true]")).to_have_text("Say goodbyeMacros")
    screen.keyboard.press("Enter")
    expect(screen.locator(".macro-words")).to_have_text("Bye Maya")
    assert not Message.objects.filter(author="agent").exists()


def test_a_note_names_a_colleague_who_is_told(screen: Page, bens: Page, sales: Queue, ben: Agent) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.get_by_role("button", name="Private note").click()
    screen.locator("#words").press_sequentially("Ask @ben")
    expect(screen.locator("#composer [role=option]")).to_have_text("Ben Okafor @ben")
    screen.keyboard.press("Enter")
    expect(screen.locator("#words")).to_have_value("Ask @Ben Okafor ")
    screen.keyboard.press("Control+Enter")
    expect(screen.locator(".note .mention")).to_have_text("@Ben Okafor")
    expect(bens.locator("#toast")).to_contain_text("Ana Sousa named you in a note.")
    expect(bens.locator("[data-view=mentions] [data-number]")).to_have_text("1")
    bens.get_by_role("link", name="Open").click()
    expect(bens.locator(".note .mention")).to_be_visible()
    expect(bens.locator("[data-view=mentions] [data-waiting]")).to_be_hidden()
    assert Mention.objects.get().seen_at is not None


def test_what_looks_like_a_note_is_asked_about(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    write_reply(screen, "Internal: he is rude")
    expect(screen.locator("[data-notelike]")).to_be_visible()
    assert violations(screen) == []
    screen.keyboard.press("Enter")
    expect(screen.locator("#items .note:has(.note-label)")).to_contain_text("Internal: he is rude")
    assert Note.objects.count() == 1 and not Message.objects.filter(author="agent").exists()
    expect(screen.get_by_role("button", name="Reply", exact=True)).to_have_attribute("aria-pressed", "true")


def test_where_no_reply_can_go_a_note_is_begun_and_a_reply_again_once_it_can(
    screen: Page, sales: Queue, ana: Agent, ben: Agent
) -> None:
    conversation = make.give(make.waiting_in(sales), ben)
    open_thread(screen, conversation)
    expect(screen.get_by_role("button", name="Private note")).to_have_attribute("aria-pressed", "true")
    expect(screen.get_by_role("button", name="Save note")).to_be_enabled()
    make.give(conversation, ana)
    expect(screen.get_by_role("button", name="Reply", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_collision_is_seen_before_it_happens(screen: Page, bens: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(bens, conversation)
    open_thread(screen, conversation)
    expect(bens.locator("#others")).to_have_text("Ana Sousa is here too")
    screen.locator("#words").press_sequentially("Dear")
    expect(bens.locator("#others")).to_have_text("Ana Sousa is replying")
    expect(bens.locator("#list .row-here.is-typing")).to_have_text("AS")
    assert violations(bens) == []


def test_the_unseen_words_stand_above_the_composer(screen: Page, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    open_thread(screen, conversation)
    write_reply(screen, "Here is the answer")
    expect(screen.locator(".is-pending .undo")).to_be_visible()
    write(conversation, "Stop, I meant the other one")
    expect(screen.locator("[data-unseen] li")).to_have_text("Stop, I meant the other one", timeout=8000)
    expect(screen.locator("#words")).to_have_value("Here is the answer")
    assert violations(screen) == []
    screen.get_by_role("button", name="Send anyway").press("Enter")
    expect(screen.locator("#items .by-agent")).to_have_count(1)


def test_an_emoji_is_found_by_words(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    screen.fill("#words", "Done ")
    screen.get_by_role("button", name="Emoji").click()
    screen.keyboard.type("rocket")
    expect(screen.locator("#composer [role=option]")).to_have_count(1)
    assert violations(screen) == []
    screen.keyboard.press("Enter")
    expect(screen.locator("#words")).to_have_value("Done 🚀")
    expect(screen.locator("#words")).to_be_focused()


def test_the_picker_lies_over_the_words_no_longer_than_it_is_asked(screen: Page, sales: Queue) -> None:
    open_thread(screen, make.waiting_in(sales))
    summary, box = screen.locator(".picker > summary"), screen.locator(".picker fieldset")
    summary.press("Enter")
    box.locator("input:enabled").first.focus()
    screen.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(summary).to_be_focused()
    for elsewhere in ("#words", ".thread h2"):
        summary.click()
        expect(box).to_be_visible()
        screen.locator(elsewhere).click()
        expect(box).to_be_hidden()
    screen.fill("#words", "Hello")
    summary.press("Enter")
    summary.press("Control+Enter")
    expect(screen.locator(".is-pending")).to_contain_text("Hello")
    expect(box).to_be_hidden()


def test_closing_leads_to_the_next_who_waits(screen: Page, ana: Agent, sales: Queue) -> None:
    done = make.give(make.waiting_in(sales, name="Maya"), ana)
    make.waiting_in(sales, name="Kenji")
    open_thread(screen, done)
    screen.get_by_role("button", name="Close and next").click()
    expect(screen.locator("#thread h2")).to_have_text("Kenji")
    assert Conversation.objects.get(pk=done.pk).state == "closed"


def test_the_pages_of_ready_words_have_no_barrier(screen: Page, ana: Agent) -> None:
    row = CannedReply.objects.create(shortcut="hi", title="Hi", text="Hi", owner=ana)
    for address in ("", f"replies/{row.public_id}", "macros/new"):
        screen.goto(f"/inbox/ready-words/{address}")
        assert violations(screen) == []
