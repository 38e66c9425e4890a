"""Tests of sending mail: how it looks, where it goes, and what refusals mean. Real servers on this machine answer."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from channels_app.adapters.email import adapter
from channels_app.adapters.email.writing import compose
from channels_app.registry import Account, DeliveryError, File
from conversations.content import Media
from tests.channels_app import mails


@dataclass
class Server:
    """A mail server that answers what it is told to: per recipient, to the data, or with a hung-up line."""

    recipients: dict[str, str] = field(default_factory=dict)
    data: str = "250 taken"
    mails: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipients.get(address, "250 ok")

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.mails.append(email.message_from_bytes(raw, policy=email.policy.default))  # type: ignore[arg-type]
        if self.data == "hang up":
            server.transport.abort()
        return self.data

    def account(self, **config: Any) -> Account:
        given = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none", **config}
        return mails.account(config={"esp": "", **given})


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server(port=free_port())
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


def failure(account: Account, **more: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        adapter.send(account, mails.outgoing(**more))
    return raised.value


def test_a_mail_says_the_words_as_text_and_as_escaped_html() -> None:
    mail = compose(mails.account(), mails.outgoing("1) <b>Yes</b>\n2) No & never"))
    ((html, kind),) = mail.alternatives
    assert (mail.body, kind) == ("1) <b>Yes</b>\n2) No & never", "text/html")
    assert "1) &lt;b&gt;Yes&lt;/b&gt;<br>2) No &amp; never" in html


def test_an_answer_hangs_below_the_mail_it_answers() -> None:
    thread = {"subject": "AW: Re: My order", "message_id": "<b@x.example>", "references": ["<a@x.example>"]}
    mail = compose(mails.account(), mails.outgoing(thread=thread))
    assert mail.subject == "Re: My order"
    assert mail.extra_headers["In-Reply-To"] == "<b@x.example>"
    assert mail.extra_headers["References"] == "<a@x.example> <b@x.example>"
    assert mail.reply_to[0].startswith("support+c") and mail.reply_to[0].endswith("@shop.example")


def test_the_same_delivery_always_bears_the_same_message_id() -> None:
    ids = {compose(mails.account(), mails.outgoing(text)).extra_headers["Message-ID"] for text in ("a", "b")}
    assert ids == {f"<conv.{mails.CONVERSATION}.msg.{mails.REF}@shop.example>"}
    assert adapter.capabilities.collapses


@pytest.mark.scenario("T-60")
def test_a_machines_mail_says_so_and_a_persons_does_not() -> None:
    bot = compose(mails.account(), mails.outgoing(author="bot"))
    ann = compose(mails.account(config={"from_name": "Shop"}), mails.outgoing(author="agent", agent_name="Ann"))
    assert bot.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "Auto-Submitted" not in ann.extra_headers
    assert "Ann" in ann.from_email and "support@shop.example" in ann.from_email


@pytest.mark.scenario("T-58")
def test_a_machine_repeats_nothing_of_an_unproven_senders_words() -> None:
    thread = {"subject": "BUY NOW http://spam.example", "message_id": "<x@spam.example>"}
    mail = compose(mails.account(), mails.outgoing(namespace="email_from", thread=thread))
    assert "BUY" not in mail.message().as_string() and mail.to == ["maya@example.com"]
    answered = compose(mails.account(), mails.outgoing(namespace="email_from", thread=thread, author="agent"))
    assert answered.subject == "Re: BUY NOW http://spam.example"


@pytest.mark.parametrize("subject", ["a\r\nBcc: victim@example.com", "a\nb"])
def test_no_subject_writes_headers(subject: str) -> None:
    mail = compose(mails.account(), mails.outgoing(thread={"subject": subject, "message_id": "<a@b>\r\nX: y"}))
    assert "Bcc" not in [name for name, _ in mail.message().items()]
    assert "X" not in [name for name, _ in mail.message().items()]


def test_a_file_goes_along_and_a_large_one_as_a_link() -> None:
    media = Media(kind="file", url="https://us.example/f", caption="The bill", filename="bill.pdf")
    small = compose(mails.account(), mails.outgoing(media, load=lambda: File(b"%PDF", "application/pdf", "bill.pdf")))
    large = compose(
        mails.account(), mails.outgoing(media, load=lambda: File(b"x" * 11_000_000, "application/pdf", "b"))
    )
    assert [tuple(one) for one in small.attachments] == [("bill.pdf", b"%PDF", "application/pdf")]
    assert not large.attachments and "https://us.example/f" in str(large.body)


def test_a_mail_arrives_over_smtp_under_its_message_id(server: Server) -> None:
    sent = adapter.send(server.account(), mails.outgoing())
    again = adapter.send(server.account(), mails.outgoing("Two", ref=mails.CONVERSATION))
    assert [mail["Message-ID"].strip() for mail in server.mails] == [sent.external_id, again.external_id]
    assert server.mails[0]["To"] == "maya@example.com"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("450 try again", "provider_down"),
        ("451 4.3.2 busy", "provider_down"),
        ("550 5.1.1 user unknown", "unreachable"),
        ("550 no such user", "unreachable"),
        ("554 5.7.1 we do not like you", "rejected"),
        ("530 5.7.0 log in first", "channel_down"),
    ],
)
def test_what_the_server_says_of_a_recipient_decides(server: Server, answer: str, reason: str) -> None:
    server.recipients["maya@example.com"] = answer
    found = failure(server.account())
    assert (found.reason, found.provider_code) == (reason, answer[:3])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("451 later", "provider_down"), ("550 5.1.1 gone", "unreachable"), ("554 spam", "rejected"), ("hang up", "lost")],
)
def test_what_the_server_says_to_the_mail_decides(server: Server, answer: str, reason: str) -> None:
    server.data = answer
    assert failure(server.account()).reason == reason


def test_after_a_refusal_the_next_mail_goes_out(server: Server) -> None:
    server.data = "hang up"
    failure(server.account())
    server.data = "250 ok"
    assert adapter.send(server.account(), mails.outgoing()).external_id


def test_a_server_that_is_not_there_is_down() -> None:
    config = {"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_security": "none"}
    assert failure(mails.account(config=config)).reason == "provider_down"
    assert not all(one.is_well for one in adapter.check(mails.account(config=config)))


def test_a_server_without_the_asked_for_security_stops_the_channel(server: Server) -> None:
    assert failure(server.account(smtp_security="starttls")).reason == "channel_down"
    assert not server.mails


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_refused_log_in_stops_the_channel() -> None:
    def nobody(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    options = {"authenticator": nobody, "auth_required": True, "auth_require_tls": False}
    port = free_port()
    controller = Controller(Server(), hostname="127.0.0.1", port=port, **options)
    controller.start()
    config = {"esp": "", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_user": "us", "smtp_security": "none"}
    account = mails.account(config=config, credentials={"smtp_password": "wrong"})
    assert failure(account).reason == "channel_down"
    assert any("does not let us in" in one.text and not one.is_well for one in adapter.check(account))
    controller.stop()


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
