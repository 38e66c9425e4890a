"""Do files go both ways in the chat: chosen, pasted, dropped, seen, and without a barrier?"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import FrameLocator, Page, expect

from channels_app.models import Channel
from common.files import File
from conversations import attachments, outbox, threads
from conversations.models import Attachment, Message, Session
from tests.browser.test_inbox_files import PASTE
from tests.browser.test_widget import context, opened, product, shop  # noqa: F401 -- the chat's fixtures
from tests.conversations import files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def choose(chat: FrameLocator, name: str, content: bytes, kind: str) -> None:
    chat.get_by_label("Attach files").set_input_files({"name": name, "mimeType": kind, "buffer": content})


def barriers(page: Page) -> list[str]:
    found = Axe().run(page.frames[-1]).response["violations"]  # type: ignore[arg-type]  # a frame has a page's methods
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_a_customers_picture_is_sent_with_words_and_seen_by_both(shop: Page) -> None:  # noqa: F811 -- a fixture
    chat = opened(shop)
    choose(chat, "chair.png", files.picture(size=(600, 400)), "image/png")
    expect(chat.locator(".tray")).to_contain_text("chair.png 2 KB")
    chat.get_by_label("Write a message").fill("this one")
    assert barriers(shop) == []
    chat.get_by_role("button", name="Send message").click()
    picture = chat.locator(".mine img")
    expect(picture).to_have_js_property("naturalWidth", 600)
    expect(chat.locator(".mine .bubble").last).to_contain_text("this one")
    assert barriers(shop) == []
    assert Attachment.objects.get().message == Message.objects.filter(author="customer").get()


def test_a_picture_is_pasted_and_another_dropped(shop: Page) -> None:  # noqa: F811 -- a fixture
    chat = opened(shop)
    expect(chat.get_by_label("Attach files")).to_be_attached()
    data = base64.b64encode(files.picture()).decode()
    frame = shop.frames[-1]
    frame.evaluate(PASTE, ["textarea", "paste", "one.png", data])
    frame.evaluate(PASTE, [".log", "drop", "two.png", data])
    expect(chat.locator(".tray li")).to_have_count(2)
    chat.get_by_role("button", name="Send message").click()
    expect(chat.locator(".mine img")).to_have_count(2)


def test_what_is_not_taken_says_why_and_can_be_taken_out(shop: Page) -> None:  # noqa: F811 -- a fixture
    chat = opened(shop)
    choose(chat, "setup.exe", b"MZ" + bytes(100), "application/octet-stream")
    expect(chat.locator(".tray .bad")).to_have_text("Programs are not taken.")
    expect(chat.get_by_role("button", name="Send message")).to_be_disabled()
    chat.get_by_role("button", name="Remove setup.exe").click()
    expect(chat.locator(".tray")).to_have_count(0)


def test_what_the_shop_sends_is_shown_and_can_be_downloaded(shop: Page) -> None:  # noqa: F811 -- a fixture
    chat = opened(shop)
    chat.get_by_label("Write a message").fill("hi")
    chat.get_by_role("button", name="Send message").click()
    expect(chat.locator("article.bot").first).to_be_visible()
    for name, content in (("offer.pdf", files.PDF), ("sofa.png", files.picture(size=(300, 200)))):
        answer(name, content)
    expect(chat.locator(".agent img")).to_have_js_property("naturalWidth", 300)
    with shop.context.expect_page() as _, shop.context.expect_event("page"):
        chat.locator(".agent .file").click()
    expect(chat.locator(".agent .file")).to_contain_text("offer.pdf")


def test_a_chat_without_files_has_no_button(shop: Page) -> None:  # noqa: F811 -- a fixture
    channel = Channel.objects.get()
    Channel.objects.update(config=channel.config | {"files": False})
    shop.reload()
    chat = opened(shop)
    expect(chat.get_by_label("Attach files")).to_have_count(0)


def answer(name: str, content: bytes) -> None:
    session = Session.objects.get()
    made = attachments.upload(file=File(content, "", name), customer_id=session.customer_id, uploader="agent:1")
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        said = attachments.as_content(made)
        outbox.say(conversation=conversation, session=session, content=said, author="agent", agent_name="Ana")
