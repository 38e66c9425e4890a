"""Tests of sending mail: how it looks, where it goes, and what refusals mean. Real servers on this machine answer."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from channels_app.adapters.email import adapter
from channels_app.adapters.email.writing import compose
from channels_app.registry import Account, File
from conversations.content import Media
from tests.channels_app import mails
from tests.channels_app.mails import failure, free_port


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
        self.mails.append(email.message_from_bytes(raw, policy=email.policy.default))  # type: ignore[arg-type]  # the default policy gives the newer class
        if self.data == "hang up":
            server.transport.abort()
        return self.data

    def account(self, **config: Any) -> Account:
        given = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none", **config}
        return mails.account(config={"esp": "", **given})


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server(port=free_port())
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


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
