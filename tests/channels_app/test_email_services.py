"""Tests of sending mail by the API of an e-mail service: each one's own shape, and what its answers mean."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from channels_app.adapters.email import adapter
from channels_app.registry import Account, File
from conversations.content import Media
from tests.channels_app import mails
from tests.channels_app.mails import failure, free_port


@dataclass
class Service:
    """Answers for any e-mail service: the next answer, and what was asked."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""

    def account(self, esp: str, **config: Any) -> Account:
        credentials = {"api_key": "token", "api_secret": "second"}
        return mails.account(config={"esp": esp, "base_url": self.url, **config}, credentials=credentials)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            found.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, answer = found.answers.pop(0) if found.answers else (200, {})
            if status == 0:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.send_header("retry-after", "7")
            self.send_header("x-message-id", "1")
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    found.url = f"http://127.0.0.1:{running.server_address[1]}/"
    Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    yield found
    running.shutdown()
    running.server_close()


TAKEN = {"To": "maya@example.com", "MessageID": "m-1", "ErrorCode": 0, "Message": "OK", "SubmittedAt": "now"}


def test_postmark_is_told_our_reference_and_gives_its_id(service: Service) -> None:
    service.answers = [(200, TAKEN)]
    assert adapter.send(service.account("postmark"), mails.outgoing()).external_id == "m-1"
    path, headers, raw = service.asked[0]
    body = json.loads(raw)
    assert (path, headers["x-postmark-server-token"]) == ("/email", "token")
    assert body["Metadata"] == {"delivery": mails.REF, "channel": "email"}
    named = {one["Name"]: one["Value"] for one in body["Headers"]}
    assert named["Auto-Submitted"] == "auto-generated" and named["X-PM-KeepID"] == "true"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), "channel_down"),
        (
            (422, {"ErrorCode": 406, "Message": "Found inactive addresses: maya@example.com.\nInactive recipients"}),
            "unreachable",
        ),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'maya@example.com'."}), "unreachable"),
        ((422, {"ErrorCode": 300, "Message": "Invalid metadata content."}), "rejected"),
        ((422, {"ErrorCode": 400, "Message": "Sender signature not found"}), "channel_down"),
        ((429, {}), "rate_limited"),
        ((503, {}), "provider_down"),
        ((200, "nonsense"), "lost"),
        ((0, None), "lost"),
    ],
)
def test_what_postmark_answers_decides(service: Service, answer: tuple[int, Any], reason: str) -> None:
    service.answers = [answer]
    found = failure(service.account("postmark"))
    assert found.reason == reason
    assert found.retry_after == 7.0 if reason == "rate_limited" else True


def test_a_service_that_is_not_there_is_down() -> None:
    assert failure(mails.account(config={"base_url": f"http://127.0.0.1:{free_port()}/"})).reason == "provider_down"


ANSWERS: dict[str, Any] = {
    "brevo": {"messageId": "<1@x>"},
    "mailersend": {},
    "mailgun": {"id": "<1@x>", "message": "Queued"},
    "mailjet": {"Messages": [{"Status": "success", "To": [{"Email": "maya@example.com", "MessageID": 1}]}]},
    "mailtrap": {"success": True, "message_ids": ["1"]},
    "mandrill": [{"email": "maya@example.com", "status": "sent", "_id": "1"}],
    "postal": {"status": "success", "data": {"messages": {"maya@example.com": {"id": 1}}}},
    "resend": {"id": "1"},
    "sendgrid": {},
    "sparkpost": {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "1"}},
}


@pytest.mark.parametrize("esp", sorted(ANSWERS))
def test_every_service_takes_a_mail(service: Service, esp: str) -> None:
    service.answers = [(202 if esp in ("mailersend", "sendgrid") else 200, ANSWERS[esp])]
    media = Media(kind="file", caption="The bill", filename="bill.pdf")
    said = mails.outgoing(media, load=lambda: File(b"%PDF-1.7", "application/pdf", "bill.pdf"))
    assert adapter.send(service.account(esp), said).external_id
    assert len(service.asked) == 1 and service.asked[0][2]


def test_amazon_ses_is_refused_in_plain_words() -> None:
    found = failure(mails.account(config={"esp": "amazon_ses"}))
    assert found.reason == "channel_down" and "boto3" in found.provider_text
    assert any(
        "boto3" in one.text and not one.is_well for one in adapter.check(mails.account(config={"esp": "amazon_ses"}))
    )


def test_a_key_is_proven_by_a_call_that_changes_nothing(service: Service) -> None:
    service.answers = [(200, {}), (401, {})]
    assert all(one.is_well for one in adapter.check(service.account("postmark")))
    assert not all(one.is_well for one in adapter.check(service.account("postmark")))
    assert {path for path, _, _ in service.asked} == {"/server"}
