"""Can a program hand in files and read them, and only those of conversations that it may see?"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from conversations.models import Attachment, Conversation, Delivery, Message
from handover.models import Agent
from tests import factories as make
from tests.conversations import files
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.test_actions import act

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1/conversations/"


@pytest.fixture
def ana(tmp_path: Path, settings: Any) -> Agent:
    settings.MEDIA_ROOT = tmp_path
    return make.agent("Ana Sousa", queues=(make.queue("sales"),))


@pytest.fixture
def waiting(ana: Agent) -> Conversation:
    return make.waiting_in(make.queue("sales"))


def api(agent: Agent) -> APIClient:
    client = APIClient()
    client.force_authenticate(agent.user)
    return client


def upload(agent: Agent, conversation: Conversation, content: bytes = files.PDF, *, key: str = "u-1") -> Any:
    headers = {"Idempotency-Key": key, "X-File-Name": quote("Angebot für Maya.pdf")}
    url = f"{API}{conversation.public_id}/files/"
    return api(agent).generic("POST", url, content, content_type="application/pdf", headers=headers)


def reply(agent: Agent, conversation: Conversation, body: dict[str, Any], key: str = "r-1") -> Any:
    url = f"{API}{conversation.public_id}/messages/"
    return api(agent).post(url, body, format="json", headers={"Idempotency-Key": key})


def test_a_file_is_uploaded_sent_and_read_back(ana: Agent, waiting: Conversation) -> None:
    made = upload(ana, waiting)
    assert (made.status_code, made.json()["name"], made.json()["kind"]) == (201, "Angebot für Maya.pdf", "file")
    sent = reply(ana, waiting, {"text": "Our offer", "file": made.json()["id"]})
    assert (sent.status_code, sent.json()["text"]) == (201, "Our offer")
    (newest, *_) = api(ana).get(f"{API}{waiting.public_id}/messages/").json()["results"]
    (file,) = newest["files"]
    assert (file["media_type"], file["size"], file["state"]) == ("application/pdf", len(files.PDF), "stored")
    answer = Client().get(urlsplit(file["url"]).path)
    assert b"".join(answer.streaming_content) == files.PDF  # type: ignore[attr-defined]  # the client's own class


def test_a_repeated_upload_is_kept_once(ana: Agent, waiting: Conversation) -> None:
    assert upload(ana, waiting).json()["id"] == upload(ana, waiting).json()["id"]
    assert Attachment.objects.count() == 1
    assert upload(ana, waiting, b"another file").status_code == 422


def test_a_repeated_upload_is_answered_though_the_conversation_went_out_of_sight(
    ana: Agent, waiting: Conversation
) -> None:
    first = upload(ana, waiting)
    make.give(waiting, make.queue("support"))
    assert (upload(ana, waiting).status_code, upload(ana, waiting).json()) == (201, first.json())
    assert upload(ana, waiting, key="u-2").status_code == 404


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_a_file_without_a_byte_is_refused_in_words(ana: Agent, waiting: Conversation, kind: str) -> None:
    headers = {"Idempotency-Key": "u-1", "X-File-Name": "a.txt"}
    answer = api(ana).generic("POST", f"{API}{waiting.public_id}/files/", b"", content_type=kind, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_refused")
    assert answer.json()["detail"] == "This file is empty."


def test_a_repeated_reply_is_sent_once(ana: Agent, waiting: Conversation) -> None:
    body = {"file": upload(ana, waiting).json()["id"]}
    assert [reply(ana, waiting, body).status_code for _ in range(2)] == [201, 201]
    assert Message.objects.filter(author="agent").count() == 1


def test_words_or_a_file_are_needed(ana: Agent, waiting: Conversation) -> None:
    assert reply(ana, waiting, {"text": " "}).status_code == 400
    assert reply(ana, waiting, {"file": str(uuid4())}, key="r-2").status_code == 400


@pytest.mark.scenario("T-8")
def test_a_file_that_somebody_else_handed_in_cannot_be_sent(ana: Agent, waiting: Conversation) -> None:
    bea = make.agent("Bea Lind", queues=(make.queue("sales"),))
    made = upload(bea, waiting).json()["id"]
    assert reply(ana, waiting, {"file": made}).status_code == 400


@pytest.mark.scenario("T-7")
def test_a_conversation_out_of_reach_takes_nothing(waiting: Conversation, ana: Agent) -> None:
    ben = make.agent("Ben Okafor", queues=(make.queue("support"),))
    assert upload(ben, waiting).status_code == 404
    assert upload(ana, waiting, b"MZ" + bytes(60)).status_code == 422


def test_a_file_that_did_not_come_has_a_reason_and_no_link(ana: Agent, waiting: Conversation) -> None:
    said = Message.objects.get(session__conversation=waiting)
    files.referenced(said, name="film.mp4", state="failed", reason="the file has expired")
    (message,) = api(ana).get(f"{API}{waiting.public_id}/messages/").json()["results"]
    (file,) = message["files"]
    assert (file["state"], file["reason"], file["url"]) == ("failed", "the file has expired", None)


@pytest.mark.scenario("T-8")
def test_a_file_for_one_customer_does_not_go_to_another(ana: Agent, waiting: Conversation) -> None:
    other, made = make.waiting_in(make.queue("sales"), name="Tom Hardy"), upload(ana, waiting)
    before = Delivery.objects.count()
    sent = reply(ana, other, {"text": "Our offer", "file": made.json()["id"]})
    assert (sent.status_code, b"There is no such upload." in sent.content) == (400, True)
    form = {"text": "Our offer", "file": made.json()["id"], "client_id": str(uuid4())}
    assert act(client_of(ana), other, "reply", **form).status_code == 400
    assert Delivery.objects.count() == before
