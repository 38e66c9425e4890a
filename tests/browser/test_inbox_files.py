"""Do files work at the desk: seen, enlarged, attached, pasted, dropped, refused, and without a barrier?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from common import clock
from conversations import amendments
from conversations.content import Text
from conversations.models import Attachment, Conversation, Message
from handover import desk
from handover.models import Agent, Queue
from tests import factories as make
from tests.browser.desks import window
from tests.browser.site import Site
from tests.conversations import files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
PASTE = """([form, type, name, data]) => {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type: "image/png" }));
    const place = document.querySelector(form);
    const options = { bubbles: true, cancelable: true };
    place.dispatchEvent(type === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
        : new DragEvent("drop", { ...options, dataTransfer: transfer }));
}"""


@pytest.fixture
def site(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Site]:
    connection.settings_dict["CONN_MAX_AGE"] = 0
    running = Site()
    settings.PUBLIC_URL, settings.MEDIA_ROOT = running.url, tmp_path
    running.start()
    yield running
    running.stop()


@pytest.fixture
def sales(transactional_db: None) -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def conversation(site: Site, sales: Queue) -> Conversation:
    """Maya has sent two pictures, a film that is gone, and has thought again about something."""
    found = make.waiting_in(sales, text="Which of these do you have?")
    said = Message.objects.get(session__conversation=found)
    files.stored(said, files.picture(size=(900, 600), colour="teal"), name="chair.png", media_type="image/png")
    files.stored(said, files.picture(size=(500, 900), colour="maroon"), name="desk.png", media_type="image/png")
    files.stored(said, files.PDF, name="room plan.pdf")
    files.referenced(said, name="film.mp4", media_type="video/mp4", state="failed", reason="the file has expired")
    amendments.edit(message=said, content=Text("Which of these two do you have?"), occurred_at=clock.now())
    amendments.react(message=said, customer=said.customer, emoji="👍", occurred_at=clock.now())
    return found


@pytest.fixture
def screen(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ana")


@pytest.fixture
def phone(browser: Browser, site: Site, ana: Agent) -> Iterator[Page]:
    yield from window(browser, site, "ana", viewport=PHONE, color_scheme="dark", has_touch=True)


def open_thread(page: Page, conversation: Conversation) -> None:
    page.goto(f"/inbox/c/{conversation.public_id}/?view=queue-sales")
    page.wait_for_selector("html[data-ready]")


def chosen(name: str = "offer.pdf", content: bytes = files.PDF, kind: str = "application/pdf") -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


def barriers(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_pictures_are_seen_enlarged_by_keyboard_and_the_focus_comes_back(
    screen: Page, conversation: Conversation
) -> None:
    open_thread(screen, conversation)
    first = screen.locator("a[data-zoom]").first
    expect(first.locator("img")).to_have_js_property("complete", True)
    assert first.locator("img").evaluate("image => image.naturalWidth") > 0
    first.focus()
    screen.keyboard.press("Enter")
    box = screen.locator(".lightbox")
    expect(box).to_contain_text("chair.png (1 of 2)")
    screen.keyboard.press("ArrowRight")
    expect(box).to_contain_text("desk.png (2 of 2)")
    expect(box.locator("img")).to_have_js_property("naturalHeight", 900)
    assert barriers(screen) == []
    screen.keyboard.press("Escape")
    expect(screen.locator("a[data-zoom]").last).to_be_focused()


def test_a_file_is_attached_with_words_and_both_stand_in_the_thread(screen: Page, conversation: Conversation) -> None:
    open_thread(screen, conversation)
    screen.set_input_files("[data-pick]", [chosen(), chosen("chair.png", files.picture(), "image/png")])
    expect(screen.locator(".tray li")).to_have_count(2)
    screen.fill("#words", "Here you are")
    assert barriers(screen) == []
    screen.keyboard.press("Control+Enter")
    expect(screen.locator("#items .by-agent .download")).to_contain_text("offer.pdf")
    expect(screen.locator("#items .by-agent img")).to_be_visible()
    expect(screen.locator(".tray li")).to_have_count(0)
    said = Message.objects.filter(author="agent").order_by("pk")
    assert [one.content["caption"] for one in said if one.content.get("caption")] == ["Here you are"]
    assert Attachment.objects.filter(message__in=said).count() == 2


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped_and_sent_without_words(
    screen: Page, conversation: Conversation, way: str
) -> None:
    open_thread(screen, conversation)
    data = base64.b64encode(files.picture()).decode()
    screen.evaluate(PASTE, ["#words" if way == "paste" else "#items", way, "clip.png", data])
    expect(screen.locator(".tray img")).to_be_visible()
    screen.click("[data-send]")
    expect(screen.locator("#items .by-agent img")).to_be_visible()


def test_what_is_refused_says_why_and_is_not_left_out_silently(screen: Page, conversation: Conversation) -> None:
    open_thread(screen, conversation)
    screen.set_input_files("[data-pick]", chosen("setup.exe", b"MZ" + bytes(99)))
    expect(screen.locator(".tray .is-bad")).to_have_text("Programs are not taken.")
    screen.fill("#words", "words")
    screen.click("[data-send]")
    screen.wait_for_timeout(200)
    assert not Message.objects.filter(author="agent").exists()
    screen.click(".tray button")
    expect(screen.locator("[data-attach]")).to_be_focused()
    screen.click("[data-send]")
    expect(screen.locator("#items .by-agent")).to_contain_text("words")


def test_the_limit_of_the_channel_is_told_before_it_is_sent(screen: Page, conversation: Conversation) -> None:
    open_thread(screen, conversation)
    screen.evaluate("document.querySelector('input[name=session]').dataset.mediaMax = '10'")
    screen.set_input_files("[data-pick]", chosen())
    expect(screen.locator(".tray .is-warning")).to_contain_text("it goes as a link")


def test_a_note_takes_no_files_and_they_wait_for_the_reply(screen: Page, conversation: Conversation) -> None:
    open_thread(screen, conversation)
    screen.set_input_files("[data-pick]", chosen())
    screen.click("[data-mode-button=note]")
    expect(screen.locator("[data-attach]")).to_be_hidden()
    screen.fill("#words", "for us")
    screen.click("[data-send]")
    expect(screen.locator("#items .note")).to_contain_text("for us")
    screen.click("[data-mode-button=reply]")
    expect(screen.locator(".tray li")).to_have_count(1)


def test_a_closed_conversation_takes_no_files(screen: Page, conversation: Conversation, ana: Agent) -> None:
    open_thread(screen, conversation)
    desk.claim(conversation_id=conversation.pk, agent=ana)
    desk.close(conversation_id=conversation.pk, agent=ana)
    expect(screen.locator("[data-attach]")).to_be_disabled()
    screen.evaluate(PASTE, ["#items", "drop", "clip.png", base64.b64encode(files.picture()).decode()])
    expect(screen.locator(".tray li")).to_have_count(0)


def test_a_failed_file_is_tried_again_by_its_button(screen: Page, conversation: Conversation) -> None:
    open_thread(screen, conversation)
    expect(screen.locator(".file-failed")).to_contain_text("could not be fetched: the file has expired")
    screen.locator(".file-failed button").click()
    expect(screen.locator(".file-coming")).to_contain_text("film.mp4")
    expect(screen.locator(".file-failed")).to_have_count(0)


def test_a_fetched_file_takes_its_place_without_reloading(
    screen: Page, conversation: Conversation, sales: Queue
) -> None:
    open_thread(screen, conversation)
    said = Message.objects.get(session__conversation=conversation)
    files.stored(said, files.picture(colour="gold"), name="third.png", media_type="image/png")
    expect(screen.locator("#items img[alt='Picture: third.png']")).to_be_visible()
    amendments.remove(message=said, occurred_at=clock.now())
    expect(screen.locator(".removed")).to_have_text("The customer took this message back.")
    expect(screen.locator("#items img")).to_have_count(0)


@pytest.mark.scenario("T-3")
def test_a_script_in_an_opened_file_does_not_run(screen: Page, conversation: Conversation) -> None:
    said = Message.objects.get(session__conversation=conversation)
    made = files.stored(said, files.SVG, name="drawing.svg", media_type="image/svg+xml")
    open_thread(screen, conversation)
    with screen.expect_download() as download:
        screen.locator(f"a.download[href$='{made.public_id}']").click()
    assert download.value.suggested_filename == "drawing.svg"
    assert screen.title() not in ("1", "2")


def test_it_works_on_a_phone_in_the_dark(phone: Page, conversation: Conversation) -> None:
    open_thread(phone, conversation)
    phone.set_input_files("[data-pick]", chosen("a very long name " * 8 + ".pdf"))
    expect(phone.locator(".tray li")).to_have_count(1)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(phone) == []
    phone.locator("a[data-zoom]").first.tap()
    expect(phone.locator(".lightbox")).to_be_visible()
    assert barriers(phone) == []
    phone.locator(".lightbox >> text=Close").tap()
    expect(phone.locator(".lightbox")).to_be_hidden()
