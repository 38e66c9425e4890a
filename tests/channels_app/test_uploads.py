"""Can a visitor send and open files, and nobody else's?"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import transaction

from channels_app import ingest, limits, uploads
from channels_app.models import Channel
from common.files import File
from conversations import attachments, outbox, threads
from conversations.models import Attachment, Message, Session
from tests.channels_app import storefront
from tests.channels_app.storefront import KEY, TOM, Browser, login
from tests.conversations import files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(tmp_path: Path, settings: Any) -> Channel:
    settings.MEDIA_ROOT = tmp_path
    return storefront.open_shop()


@pytest.fixture
def maya(shop: Channel) -> Browser:
    browser = Browser()
    browser.visit(jwt=login())
    return browser


@pytest.fixture
def tom(shop: Channel) -> Browser:
    browser = Browser()
    browser.visit(jwt=login(phone=None, **TOM))
    return browser


def upload(browser: Browser, content: bytes, name: str = "chair.png", kind: str = "image/png") -> Any:
    headers = browser.headers({"X-File-Name": quote(name)})
    return browser.client.post(f"/widget/{KEY}/files", content, content_type=kind, headers=headers)


def send(browser: Browser, file: str, text: str = "", client_id: str = "") -> Any:
    frame = {"type": "message", "id": client_id or str(uuid4()), "file": file}
    return browser.post("messages", frame | ({"text": text} if text else {}))


def newest(browser: Browser) -> dict[str, Any]:
    said = [one for one in browser.visit()["history"] if one["type"] == "message" and one["data"].get("files")]
    found: dict[str, Any] = said[-1]["data"]
    return found


def answered_with(content: bytes) -> Message:
    """The shop sends a file to the one who wrote last."""
    session = Session.objects.latest("pk")
    made = attachments.upload(file=File(content, "", "offer.pdf"), customer_id=session.customer_id, uploader="agent:1")
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        said = outbox.say(
            conversation=conversation, session=session, content=attachments.as_content(made), author="agent"
        )
    assert said is not None
    return said


def test_a_picture_is_uploaded_sent_and_seen_again(maya: Browser) -> None:
    made = upload(maya, files.picture(size=(1000, 500)))
    assert (made.status_code, made.json()["kind"]) == (200, "image")
    assert send(maya, made.json()["id"], "this one").json()["type"] == "ack"
    ingest.drain()
    said = newest(maya)
    assert said["content"] == {"type": "text", "text": "this one"}
    assert [(file["name"], file["width"], file["height"]) for file in said["files"]] == [("chair.png", 320, 160)]
    assert Attachment.objects.get().message == Message.objects.get(author="customer")


def test_its_links_open_it(maya: Browser) -> None:
    made = upload(maya, files.picture()).json()["id"]
    send(maya, made)
    ingest.drain()
    found = maya.get(f"file?id={made}").json()
    assert [maya.client.get(found[name]).status_code for name in ("url", "small")] == [200, 200]


def test_the_customer_sees_what_the_shop_sends(maya: Browser) -> None:
    maya.say("hi")
    ingest.drain()
    answered_with(files.PDF)
    said = newest(maya)
    assert (said["author"], said["content"]["text"]) == ("agent", "")
    found = maya.get(f"file?id={said['files'][0]['id']}").json()
    assert maya.client.get(found["url"])["Content-Disposition"].startswith("attachment;")


@pytest.mark.scenario("T-5")
def test_a_file_of_another_visitor_is_as_unknown_as_none(maya: Browser, tom: Browser) -> None:
    waiting = upload(maya, files.picture()).json()["id"]
    sent = upload(maya, files.picture()).json()["id"]
    send(maya, sent)
    ingest.drain()
    for file in (waiting, sent, str(uuid4()), "nonsense"):
        answer = tom.get(f"file?id={file}")
        assert (answer.status_code, answer.json()["code"]) == (404, "file_unknown")
    for file in (waiting, sent, str(uuid4())):
        answer = send(tom, file)
        assert (answer.status_code, answer.json()["code"]) == (422, "file_unknown")


@pytest.mark.scenario("T-5")
def test_without_a_visit_nothing_is_taken_and_nothing_is_given(maya: Browser) -> None:
    made = upload(maya, files.picture()).json()["id"]
    stranger = Browser()
    assert upload(stranger, files.picture()).status_code == 401
    assert stranger.get(f"file?id={made}").status_code == 401


def test_the_same_frame_again_sends_the_file_once(maya: Browser) -> None:
    made, client_id = upload(maya, files.picture()).json()["id"], str(uuid4())
    for _ in range(2):
        assert send(maya, made, client_id=client_id).status_code == 200
        ingest.drain()
    assert Message.objects.filter(author="customer").count() == 1
    assert send(maya, made).status_code == 422


@pytest.mark.parametrize(
    ("config", "content", "status", "code"),
    [
        ({"files": False}, files.PDF, 403, "files_off"),
        ({"file_max_mb": 1}, bytes(1_048_577), 413, "file_too_large"),
        ({"file_kinds": ["image"]}, files.PDF, 422, "file_refused"),
        ({}, b"", 422, "file_refused"),
        ({}, b"MZ" + bytes(50), 422, "file_refused"),
    ],
)
def test_the_channel_says_what_is_taken(
    shop: Channel, maya: Browser, config: dict[str, Any], content: bytes, status: int, code: str
) -> None:
    Channel.objects.update(config=shop.config | config)
    answer = upload(maya, content, "a.bin", "application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Attachment.objects.exists()


def test_the_app_is_told_the_rules(shop: Channel, maya: Browser) -> None:
    assert maya.visit()["config"]["files"] == {"max": 10 * 1024 * 1024, "kinds": ["image", "audio", "video", "file"]}
    Channel.objects.update(config=shop.config | {"files": False})
    assert maya.visit()["config"]["files"] is None


def test_files_that_are_never_sent_do_not_pile_up(maya: Browser) -> None:
    answers = []
    for _ in range(uploads.WAITING_MAX + 1):
        limits.UPLOADS.forget()
        answers.append(upload(maya, files.PDF).status_code)
    assert (answers.count(200), answers[-1]) == (uploads.WAITING_MAX, 422)


@pytest.mark.scenario("T-25")
def test_uploads_have_a_limit_of_their_own(maya: Browser) -> None:
    answers = [upload(maya, files.picture()).status_code for _ in range(int(limits.UPLOADS.burst) + 2)]
    assert answers.count(200) == limits.UPLOADS.burst
    assert answers[-1] == 429


def test_a_page_of_another_site_cannot_upload(maya: Browser) -> None:
    maya.origin = "https://evil.example"
    assert upload(maya, files.picture()).status_code == 403


def test_a_listed_site_may_name_the_file(maya: Browser) -> None:
    answer = maya.client.options(f"/widget/{KEY}/files", headers={"Origin": storefront.ORIGIN})
    assert "X-File-Name" in answer["Access-Control-Allow-Headers"]
