"""Is a file kept, shown only if it is harmless, and gone with its message?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from common import clock
from common.files import File
from conversations import amendments, attachments, events
from conversations.attachments import NotAvailable, Unwelcome
from conversations.content import Media
from conversations.models import Attachment, Conversation, Message
from tests import factories
from tests.conversations import files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def said(folder: Path) -> Message:
    """Maya has sent a picture that nobody has fetched yet."""
    received = factories.receive(factories.whatsapp(factories.maya()[1]), Media(kind="image"))
    assert received.message is not None
    return received.message


def upload(said: Message, content: bytes = files.PDF, *, name: str = "offer.pdf", by: str = "agent:1") -> Attachment:
    return attachments.upload(file=File(content, "", name), customer_id=said.customer_id, uploader=by)


def on_disk(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def test_a_picture_is_stored_with_its_size_and_a_small_copy(said: Message) -> None:
    made = files.stored(said, files.picture(size=(800, 600)), name="chair.png", media_type="image/png")
    made.refresh_from_db()
    assert (made.state, made.sniffed_type, made.is_inline) == ("stored", "image/png", True)
    assert (made.width, made.height, made.name) == (800, 600, "chair.png")
    assert made.thumb.size > 0


@pytest.mark.scenario("T-2")
def test_the_key_in_the_storage_says_nothing_of_the_name(said: Message, folder: Path) -> None:
    made = files.stored(said, files.HTML, name='../../"><img src=x onerror=alert(1)>.png')
    stored = made.file.name or ""
    assert len(stored.split("/")[-1]) == 32
    assert "img" not in stored
    assert (folder / stored).resolve().is_relative_to(folder.resolve())


def test_what_is_stored_is_told_to_the_screens(said: Message) -> None:
    conversation = said.session.conversation
    before = conversation.head_seq
    files.stored(said, files.picture())
    (event,) = events.of_conversation(conversation.pk, after=before)
    assert (event.kind, event.data) == ("attachment", {"message": said.pk, "state": "stored"})


def test_a_file_that_was_taken_back_meanwhile_leaves_nothing(said: Message, folder: Path) -> None:
    made = files.referenced(said)
    amendments.remove(message=said, occurred_at=clock.now())
    assert not attachments.store(made, File(files.picture(), "image/png"))
    assert on_disk(folder) == 0


def test_a_file_is_stored_once(said: Message, folder: Path) -> None:
    made = files.stored(said, files.PDF)
    again = Attachment.objects.get(pk=made.pk)
    assert not attachments.store(again, File(files.HTML))
    assert attachments.load(made.public_id).content == files.PDF
    assert on_disk(folder) == 1


def test_taking_a_message_back_removes_file_and_small_copy(said: Message, folder: Path) -> None:
    files.stored(said, files.picture())
    assert on_disk(folder) == 2
    amendments.remove(message=said, occurred_at=clock.now())
    assert on_disk(folder) == 0
    assert not Attachment.objects.exists()


@pytest.mark.scenario("T-47")
def test_a_picture_too_large_to_look_at_is_kept_as_a_mere_file(said: Message) -> None:
    made = files.stored(said, files.bomb(), media_type="image/png")
    assert (made.is_inline, bool(made.thumb), made.state) == (False, False, "stored")


def test_an_upload_waits_for_its_words(said: Message) -> None:
    made = upload(said)
    assert attachments.waiting(public_id=made.public_id, uploader="agent:1") == made
    assert attachments.as_content(made) == Media(
        kind="file",
        filename="offer.pdf",
        mime_type="application/pdf",
        attachment=str(made.public_id),
        size=len(files.PDF),
    )


@pytest.mark.scenario("T-5")
def test_an_upload_is_nobody_elses(said: Message) -> None:
    made = upload(said)
    for uploader in ("agent:2", ""):
        with pytest.raises(NotAvailable):
            attachments.waiting(public_id=made.public_id, uploader=uploader)


def test_words_take_their_file_along_once(said: Message) -> None:
    made = upload(said)
    sent = factories.bot_says(said.session, attachments.as_content(made))
    made.refresh_from_db()
    assert made.message_id == sent.pk
    with pytest.raises(NotAvailable):
        attachments.waiting(public_id=made.public_id, uploader="agent:1")


@pytest.mark.scenario("T-8")
def test_words_do_not_take_a_file_of_somebody_else_along(said: Message) -> None:
    other = factories.customer("Tom")
    made = attachments.upload(file=File(files.PDF), customer_id=other.pk, uploader="agent:1")
    factories.bot_says(said.session, attachments.as_content(made))
    made.refresh_from_db()
    assert made.message_id is None


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.txt"), (b"MZ\x90\x00" + bytes(99), "a.txt"), (b"hello", "run.bat"), (b"#!/bin/sh", "x")],
)
def test_what_is_empty_or_a_program_is_not_taken(said: Message, content: bytes, name: str) -> None:
    with pytest.raises(Unwelcome):
        upload(said, content, name=name)
    assert not Attachment.objects.exists()


def test_what_is_too_large_is_not_taken(said: Message) -> None:
    with pytest.raises(Unwelcome, match="25 MB"):
        upload(said, bytes(attachments.UPLOAD_MAX + 1))


def test_a_file_that_is_not_stored_cannot_be_loaded(said: Message) -> None:
    for public_id in (files.referenced(said).public_id, uuid4(), "nonsense"):
        with pytest.raises(NotAvailable):
            attachments.load(public_id)
        assert attachments.signed_url(public_id) == ""


def test_a_loaded_file_has_its_name_and_the_type_of_its_bytes(said: Message) -> None:
    made = files.stored(said, files.picture("JPEG"), media_type="image/jpeg")
    assert attachments.load(str(made.public_id)) == File(files.picture("JPEG"), "image/jpeg", "picture.jpg")


def test_uploads_without_words_are_swept_and_others_are_not(said: Message, folder: Path) -> None:
    old, fresh = upload(said), upload(said)
    used = upload(said)
    factories.bot_says(said.session, attachments.as_content(used))
    long_ago = clock.now() - timedelta(hours=25)
    Attachment.objects.filter(pk__in=[old.pk, used.pk]).update(recorded_at=long_ago)
    assert attachments.sweep_unused() == 1
    assert set(Attachment.objects.values_list("pk", flat=True)) == {fresh.pk, used.pk}
    assert on_disk(folder) == 2


def test_the_bytes_stay_when_the_transaction_does_not_commit(said: Message, folder: Path) -> None:
    files.stored(said, files.PDF)
    with pytest.raises(RuntimeError), transaction.atomic():
        attachments.erase(message=said)
        raise RuntimeError
    assert on_disk(folder) == 1
    assert Conversation.objects.exists()
