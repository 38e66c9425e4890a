"""Do files come after their messages, and what is said when they do not?"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from channels_app import fetching
from channels_app.models import Channel
from common import clock
from conversations import amendments, attachments, threads
from conversations.content import Media
from conversations.models import Attachment, Conversation, ConversationEvent, Message
from tests import factories
from tests.channels_app import whatsapp
from tests.conversations import files

pytestmark = pytest.mark.django_db(transaction=True)


class Shelf(ThreadingHTTPServer):
    """Meta's two hops: an id leads to a link, the link to the bytes. `plan` are the answers to the first hop."""

    daemon_threads = True
    plan: list[int]
    hits: list[str]
    content: bytes = files.picture()
    during: Any = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hop)
        self.plan, self.hits = [], []
        self.place = f"127.0.0.1:{self.server_port}"
        self.link = f"http://{self.place}/bytes"


class Hop(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        self.server.hits.append(self.path)
        if self.path == "/bytes":
            if self.server.during:
                self.server.during()
            self._answer(200, self.server.content, "image/png")
            return
        status = self.server.plan.pop(0) if self.server.plan else 200
        error = {"error": {"message": "gone", "code": 100, "error_subcode": 33}}
        found = {"url": self.server.link, "mime_type": "image/png"} if status == 200 else error if status == 400 else {}
        self._answer(status, json.dumps(found).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def shelf() -> Iterator[Shelf]:
    server = Shelf()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def meta(tmp_path: Path, settings: Any) -> Iterator[Shelf]:
    settings.MEDIA_ROOT = tmp_path
    with shelf() as running:
        settings.INSIDE_HOSTS = [running.place]
        yield running


@pytest.fixture
def photo(meta: Shelf) -> Attachment:
    """Maya has sent a photo on WhatsApp."""
    whatsapp.channel(base_url=f"http://{meta.place}")
    received = factories.receive(factories.whatsapp(factories.maya()[1]), Media(kind="image"))
    assert received.message is not None
    return files.referenced(received.message, "123", media_type="image/png")


def told(photo: Attachment) -> list[str]:
    rows = ConversationEvent.objects.filter(kind="attachment").order_by("seq")
    return [row.data["state"] for row in rows]


def make_due() -> None:
    Attachment.objects.update(next_attempt_at=clock.now() - timedelta(seconds=1))


def test_a_file_is_fetched_and_the_timeline_is_told(photo: Attachment, meta: Shelf) -> None:
    assert fetching.fetch_due() == 1
    photo.refresh_from_db()
    assert (photo.state, photo.is_inline, photo.size) == ("stored", True, len(meta.content))
    assert told(photo) == ["stored"]
    assert fetching.fetch_due() == 0


def test_nothing_is_locked_while_it_comes(photo: Attachment, meta: Shelf) -> None:
    spoken: list[int] = []

    def speak() -> None:
        try:
            with transaction.atomic():
                Attachment.objects.select_for_update(nowait=True).get(pk=photo.pk)
                conversation = Conversation.objects.select_for_update(nowait=True).get()
                spoken.append(threads.lock(conversation_id=conversation.pk).pk)
        finally:
            connection.close()

    meta.during = speak
    fetching.fetch_due()
    assert len(spoken) == 1


def test_a_provider_that_is_down_is_asked_again_later(photo: Attachment, meta: Shelf) -> None:
    meta.plan = [503]
    fetching.fetch_due()
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == ("referenced", 1)
    assert photo.next_attempt_at > clock.now() + timedelta(seconds=5)
    assert fetching.fetch_due() == 0
    make_due()
    assert fetching.fetch_due() == 1
    photo.refresh_from_db()
    assert (photo.state, photo.reason) == ("stored", "")


def test_a_file_that_is_gone_is_given_up_at_once_with_the_reason(photo: Attachment, meta: Shelf) -> None:
    meta.plan = [400]
    fetching.fetch_due()
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == ("failed", 1)
    assert "expired" in photo.reason
    assert told(photo) == ["failed"]
    assert Message.objects.filter(pk=photo.message_id).exists()


def test_it_is_given_up_after_the_last_try_and_told_twice_in_all(photo: Attachment, meta: Shelf) -> None:
    meta.plan = [503] * 20
    for _ in range(fetching.ATTEMPTS):
        make_due()
        fetching.fetch_due()
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == ("failed", fetching.ATTEMPTS)
    assert told(photo) == ["referenced", "failed"]


def test_somebody_may_ask_for_it_once_more(photo: Attachment, meta: Shelf) -> None:
    meta.plan = [400]
    fetching.fetch_due()
    photo.refresh_from_db()
    assert attachments.fetch_again(attachment=photo)
    assert fetching.fetch_due() == 1
    photo.refresh_from_db()
    assert photo.state == "stored"
    assert not attachments.fetch_again(attachment=photo)


def test_what_somebody_claimed_and_never_finished_is_fetched_by_another(photo: Attachment, meta: Shelf) -> None:
    (task,) = fetching._claim(10)
    assert (task.number, fetching.fetch_due()) == (1, 0)
    make_due()
    assert fetching.fetch_due() == 1
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == ("stored", 2)


def test_several_are_fetched_side_by_side(photo: Attachment, meta: Shelf) -> None:
    assert photo.message is not None
    for number in range(5):
        files.referenced(photo.message, f"20{number}", media_type="image/png")
    assert fetching.fetch_due() == 6
    assert set(Attachment.objects.values_list("state", flat=True)) == {"stored"}


def test_a_message_taken_back_while_its_file_comes_keeps_nothing(photo: Attachment, meta: Shelf) -> None:
    def take_back() -> None:
        try:
            amendments.remove(message=Message.objects.get(pk=photo.message_id), occurred_at=clock.now())
        finally:
            connection.close()

    meta.during = take_back
    fetching.fetch_due()
    assert not Attachment.objects.exists()
    assert not any(path.is_file() for path in Path(str(photo.file.storage.location)).rglob("*"))


@pytest.mark.scenario("T-34")
def test_a_link_to_the_inside_is_not_followed(photo: Attachment, meta: Shelf) -> None:
    with shelf() as inner:
        meta.link = inner.link
        fetching.fetch_due()
        photo.refresh_from_db()
        assert (photo.state, inner.hits) == ("failed", [])
        assert str(inner.server_port) not in photo.reason


def test_an_unreadable_reference_does_not_stop_the_others(photo: Attachment, meta: Shelf) -> None:
    assert photo.message is not None
    bad = files.referenced(photo.message, "{nonsense")
    lost = files.referenced(photo.message, "")
    assert fetching.fetch_due() == 3
    bad.refresh_from_db()
    lost.refresh_from_db()
    photo.refresh_from_db()
    assert [bad.state, lost.state, photo.state] == ["failed", "failed", "stored"]


def test_a_channel_that_is_gone_says_so(photo: Attachment) -> None:
    Channel.objects.all().delete()
    fetching.fetch_due()
    photo.refresh_from_db()
    assert (photo.state, photo.reason) == ("failed", "this channel is no longer connected")


def test_an_upload_is_never_fetched(photo: Attachment, meta: Shelf) -> None:
    photo.delete()
    attachments.upload(file=attachments.File(files.PDF), customer_id=photo.customer_id, uploader="agent:1")
    assert fetching.fetch_due() == 0


def no_disk(meta: Shelf, settings: Any, tmp_path: Path) -> None:
    """Where the files should go lies a file: whatever is written there fails."""
    (tmp_path / "full").write_bytes(b"")
    settings.MEDIA_ROOT = tmp_path / "full"


def test_a_storage_that_fails_is_tried_again_and_ends_no_worker(
    photo: Attachment, meta: Shelf, settings: Any, tmp_path: Path
) -> None:
    no_disk(meta, settings, tmp_path)
    assert fetching.fetch_due() == 1
    photo.refresh_from_db()
    assert (photo.state, photo.reason) == ("referenced", "it could not be kept")
    settings.MEDIA_ROOT = tmp_path
    make_due()
    fetching.fetch_due()
    photo.refresh_from_db()
    assert photo.state == "stored"


def test_a_storage_that_fails_for_ever_is_given_up(
    photo: Attachment, meta: Shelf, settings: Any, tmp_path: Path
) -> None:
    no_disk(meta, settings, tmp_path)
    for _ in range(fetching.ATTEMPTS):
        make_due()
        fetching.fetch_due()
    photo.refresh_from_db()
    assert (photo.state, photo.attempts, told(photo)) == ("failed", fetching.ATTEMPTS, ["referenced", "failed"])


def test_a_file_that_ends_its_process_each_time_is_given_up_too(photo: Attachment, meta: Shelf) -> None:
    for _ in range(fetching.ATTEMPTS):
        make_due()
        assert len(fetching._claim(1)) == 1
    make_due()
    fetching.fetch_due()
    photo.refresh_from_db()
    assert (photo.state, meta.hits) == ("failed", []) and "could not be kept" in photo.reason


def test_a_name_that_cannot_be_opened_stops_no_other_file(photo: Attachment, meta: Shelf) -> None:
    assert photo.message is not None
    other = files.referenced(photo.message, "456", media_type="image/png")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE conversations_attachment SET name = 'broken' WHERE id = %s", [photo.pk])
    assert fetching.fetch_due() == 2
    states = dict(Attachment.objects.values_list("pk", "state"))
    assert states == {photo.pk: "referenced", other.pk: "stored"}
