"""Does an agent see, fetch and send files, and nobody else's?"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from common import clock
from conversations import amendments
from conversations.content import Location, Text
from conversations.models import Attachment, Conversation, Message
from handover.inbox import timeline
from handover.models import Agent, Queue
from tests import factories as make
from tests.conversations import files
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db(transaction=True)
FORBIDDEN = '"><img src=x onerror=alert(1)>.png'


@pytest.fixture
def conversation(sales: Queue, tmp_path: Path, settings: Any) -> Conversation:
    settings.MEDIA_ROOT = tmp_path
    return make.waiting_in(sales, text="look at this")


@pytest.fixture
def said(conversation: Conversation) -> Message:
    return Message.objects.get(session__conversation=conversation)


def page(desk: Client, conversation: Conversation) -> str:
    return desk.get(f"/inbox/c/{conversation.public_id}/").content.decode()


def upload(
    desk: Client, conversation: Conversation, content: bytes = files.PDF, name: str = "offer.pdf", **headers: str
) -> Any:
    headers = {"X-File-Name": quote(name), "Accept": "application/json", **headers}
    url = f"/inbox/c/{conversation.public_id}/files"
    return desk.post(url, content, content_type="application/pdf", headers=headers)


def reply(desk: Client, conversation: Conversation, **fields: Any) -> Any:
    given = {"client_id": str(uuid4()), **fields}
    return desk.post(f"/inbox/c/{conversation.public_id}/reply", given, headers={"Accept": "application/json"})


def test_a_picture_is_shown_small_with_its_size(desk: Client, conversation: Conversation, said: Message) -> None:
    made = files.stored(said, files.picture(size=(1440, 900)), name="chair.png", media_type="image/png")
    shown = page(desk, conversation)
    assert f'src="/inbox/files/{made.public_id}/small" alt="Picture: chair.png" width="320" height="200"' in shown
    assert f'href="/inbox/files/{made.public_id}"' in shown


@pytest.mark.scenario("T-1")
@pytest.mark.scenario("T-2")
def test_a_name_with_markup_is_text(desk: Client, conversation: Conversation, said: Message) -> None:
    files.stored(said, files.PDF, name=FORBIDDEN)
    files.stored(said, files.picture(), name=FORBIDDEN, media_type="image/png")
    files.referenced(said, name=FORBIDDEN, state="failed", reason="<b>gone</b>")
    shown = page(desk, conversation)
    assert "onerror" in shown
    assert "<img src=x" not in shown and "<b>gone" not in shown


def test_the_file_comes_by_a_link_that_was_made_for_the_moment(
    desk: Client, conversation: Conversation, said: Message
) -> None:
    made = files.stored(said, files.picture(), media_type="image/png")
    for path in (f"/inbox/files/{made.public_id}", f"/inbox/files/{made.public_id}/small"):
        answer = desk.get(path)
        assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
        assert desk.get(urlsplit(answer["Location"]).path).status_code == 200


@pytest.mark.scenario("T-5")
@pytest.mark.scenario("T-7")
def test_a_file_out_of_reach_is_not_there(ben: Agent, conversation: Conversation, said: Message) -> None:
    made = files.stored(said, files.picture(), media_type="image/png")
    other = client_of(ben)
    for path in (f"{made.public_id}", f"{made.public_id}/small", f"{uuid4()}"):
        assert other.get(f"/inbox/files/{path}").status_code == 404
    assert other.post(f"/inbox/files/{made.public_id}/again").status_code == 404
    assert upload(other, conversation).status_code == 404
    assert Client().get(f"/inbox/files/{made.public_id}", headers={"Accept": "application/json"}).status_code == 401


def test_what_could_not_be_fetched_says_why_and_can_be_tried_again(
    desk: Client, conversation: Conversation, said: Message
) -> None:
    made = files.referenced(said, name="film.mp4", state="failed", reason="the file has expired")
    shown = page(desk, conversation)
    assert "could not be fetched: the file has expired" in shown
    assert f'data-retry="/inbox/files/{made.public_id}/again"' in shown
    assert desk.post(f"/inbox/files/{made.public_id}/again").json() == {"ok": True}
    assert "is being fetched" in page(desk, conversation)


def test_the_bubble_is_drawn_anew_when_its_file_has_come(conversation: Conversation, said: Message) -> None:
    before = Conversation.objects.get().head_seq
    files.stored(said, files.picture(), media_type="image/png")
    ((event, item),) = timeline.since(conversation.pk, after=before)
    assert (event.kind, item and item.dom_id) == ("attachment", f"m-{said.public_id}")
    assert item is not None and "<img" in timeline.html(item)


def test_an_upload_is_sent_with_its_words(desk: Client, conversation: Conversation) -> None:
    made = upload(desk, conversation)
    assert (made.status_code, made.json()["name"], made.json()["kind"]) == (201, "offer.pdf", "file")
    assert reply(desk, conversation, text="Our offer", file=made.json()["id"]).status_code == 200
    said = Message.objects.get(author="agent")
    assert said.content == {
        "type": "media", "kind": "file", "caption": "Our offer", "filename": "offer.pdf",
        "mime_type": "application/pdf", "attachment": made.json()["id"], "size": len(files.PDF),
    }  # fmt: skip
    assert Attachment.objects.get().message == said
    assert "offer.pdf" in page(desk, conversation)


def test_a_file_needs_no_words_and_a_note_does(desk: Client, conversation: Conversation) -> None:
    made = upload(desk, conversation).json()["id"]
    assert reply(desk, conversation, file=made).status_code == 200
    assert reply(desk, conversation, text=" ").status_code == 400
    note = {"client_id": str(uuid4()), "file": made}
    answer = desk.post(f"/inbox/c/{conversation.public_id}/note", note, headers={"Accept": "application/json"})
    assert answer.status_code == 400


def test_the_same_reply_again_sends_nothing_twice(desk: Client, conversation: Conversation) -> None:
    fields = {"file": upload(desk, conversation).json()["id"], "client_id": str(uuid4())}
    assert [reply(desk, conversation, **fields).status_code for _ in range(2)] == [200, 200]
    assert Message.objects.filter(author="agent").count() == 1
    assert reply(desk, conversation, file=fields["file"]).status_code == 400


@pytest.mark.scenario("T-8")
def test_another_agents_upload_cannot_be_sent(
    desk: Client, chloe: Agent, conversation: Conversation, said: Message
) -> None:
    made = upload(client_of(chloe), conversation).json()["id"]
    received = files.stored(said, files.PDF)
    for file in (made, received.public_id, uuid4()):
        assert reply(desk, conversation, file=str(file)).status_code == 400
    assert not Message.objects.filter(author="agent").exists()


def test_an_upload_that_is_refused_says_why(desk: Client, conversation: Conversation) -> None:
    answer = upload(desk, conversation, b"MZ" + bytes(100), "setup.exe")
    assert (answer.status_code, answer.json()["code"]) == (422, "file_refused")
    assert "Programs" in answer.json()["detail"]


@pytest.mark.scenario("T-53")
def test_an_upload_needs_the_pages_token(ana: Agent, conversation: Conversation) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana.user)
    assert upload(strict, conversation).status_code == 403


def test_an_edit_shows_the_new_words_and_keeps_the_old_ones(
    desk: Client, conversation: Conversation, said: Message
) -> None:
    amendments.edit(message=said, content=Text("the blue one"), occurred_at=clock.now())
    shown = page(desk, conversation)
    assert '<div class="words" dir="auto">the blue one</div>' in shown
    assert "<summary>edited</summary>" in shown
    assert '<span dir="auto">look at this</span>' in shown


def test_a_removed_message_leaves_its_place_and_nothing_else(
    desk: Client, conversation: Conversation, said: Message
) -> None:
    files.stored(said, files.picture(), media_type="image/png")
    amendments.remove(message=said, occurred_at=clock.now())
    shown = page(desk, conversation)
    assert "The customer took this message back." in shown
    assert "look at this" not in shown.split('id="items"')[1].split("composer")[0]


def test_reactions_stand_below_the_words(desk: Client, conversation: Conversation, said: Message) -> None:
    amendments.react(message=said, customer=said.customer, emoji="<b>", occurred_at=clock.now())
    assert "<bdi>&lt;b&gt;</bdi>" in page(desk, conversation)
    amendments.react(message=said, customer=said.customer, emoji="", occurred_at=clock.now())
    assert 'class="reactions"' not in page(desk, conversation)


def test_a_place_is_a_link_to_a_map(desk: Client, said: Message, conversation: Conversation) -> None:
    place = make.whatsapp(said.session.identity)
    make.receive(place, Location(59.334591, 18.06324, name="<Stockholm>"))
    shown = page(desk, conversation)
    assert 'href="https://www.openstreetmap.org/?mlat=59.334591&amp;mlon=18.063240#map=16/59.334591/18.063240"' in shown
    assert 'rel="noopener noreferrer"' in shown and "&lt;Stockholm&gt;" in shown


def test_a_file_in_a_letter_with_words_is_shown_too(desk: Client, conversation: Conversation, said: Message) -> None:
    assert said.kind == "text"
    files.stored(said, files.PDF, name="invoice.pdf")
    assert "invoice.pdf" in page(desk, conversation)
