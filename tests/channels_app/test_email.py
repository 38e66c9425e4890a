"""Tests of reading mail: who wrote, what is new in it, which files it brings, and whether a machine wrote it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from channels_app.adapters.base import kept
from channels_app.adapters.email import adapter, incoming, naming
from channels_app.adapters.email.letters import Letter
from channels_app.adapters.email.stored import Stored, pack
from channels_app.registry import DeliveryError, Notice, Receipt, Request
from conversations.content import Media, Text, Unsupported
from tests.channels_app import mails

BOUNCE = """From: MAILER-DAEMON@example.com
To: support@shop.example
Subject: Undelivered
Message-ID: <bounce@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.com

Final-Recipient: rfc822; maya@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} user unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Re: My order

--b--
"""
OURS = f"<conv.{mails.CONVERSATION}.msg.{mails.REF}@shop.example>"


def bounce(status: str = "5.1.1", action: str = "failed", message_id: str = OURS) -> bytes:
    return BOUNCE.format(status=status, action=action, message_id=message_id).encode()


@pytest.mark.scenario("ID-63")
def test_a_sender_is_proven_by_a_dmarc_pass_of_our_own_server() -> None:
    found = mails.heard(mails.raw(Authentication_Results=mails.PASS))
    assert found.handles == (("email", "", "maya@example.com", "provider", "Maya"),)


@pytest.mark.scenario("ID-63")
@pytest.mark.parametrize(
    "said",
    [
        "",
        "mx.attacker.example; dmarc=pass header.from=example.com",
        f"{mails.SERVER}; dmarc=pass header.from=attacker.example",
        f"{mails.SERVER}; dmarc=pass",
        f"{mails.SERVER}; spf=pass; dkim=pass header.d=example.com",
        f'{mails.SERVER}; dkim=pass reason="; dmarc=pass header.from=example.com"',
        f"{mails.SERVER} (dmarc=pass header.from=example.com); dmarc=none",
        f"{mails.SERVER}; dmarc=none; dmarc=pass header.from=example.com",
    ],
)
def test_anything_less_proves_no_sender(said: str) -> None:
    found = mails.heard(mails.raw(Authentication_Results=said))
    assert found.handles == (("email_from", mails.ADDRESS, "maya@example.com", "imported", "Maya"),)


def test_a_pass_below_another_servers_word_is_the_senders_own_writing() -> None:
    body = b"Authentication-Results: other.example; dmarc=none\n" + mails.raw(Authentication_Results=mails.PASS)
    assert mails.heard(body).handles[0][0] == "email_from"


@pytest.mark.scenario("T-30")
@pytest.mark.scenario("ID-63")
def test_a_pass_below_a_foreign_server_is_the_senders_own_writing() -> None:
    foreign = b"Received: from evil.example by relay.service.example; Fri, 1 Mar 2024 10:00:00 +0000\n"
    ours = f"Received: from evil.example by {mails.SERVER}; Fri, 1 Mar 2024 10:00:00 +0000\n".encode()
    body = mails.raw(Authentication_Results=mails.PASS)
    assert mails.heard(foreign + body).handles[0][0] == "email_from"
    assert mails.heard(ours + foreign + body).handles[0][0] == "email_from"
    assert mails.heard(ours + body).handles[0][0] == "email"


def test_a_pass_does_not_choose_between_two_senders() -> None:
    body = mails.raw(From="maya@example.com, tom@example.com", Authentication_Results=mails.PASS)
    assert mails.heard(body).handles[0][0] == "email_from"


def test_without_our_servers_name_nobody_is_proven() -> None:
    to = mails.account(config={"authserv_id": ""})
    assert mails.heard(mails.raw(Authentication_Results=mails.PASS), to).handles[0][0] == "email_from"


def test_a_sender_whom_his_domain_disowns_is_never_answered() -> None:
    assert mails.heard(mails.raw(Authentication_Results=mails.FAIL)).is_automatic
    assert not mails.heard(mails.raw(Authentication_Results=mails.PASS)).is_automatic


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "bulk"},
        {"X_Auto_Response_Suppress": "OOF"},
        {"List_Id": "<news.example.com>"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@example.com"},
    ],
)
@pytest.mark.scenario("T-60")
def test_a_machines_mail_is_marked(header: dict[str, str]) -> None:
    assert mails.heard(mails.raw(**header)).is_automatic


def test_a_persons_mail_is_not() -> None:
    assert not mails.heard(mails.raw(Auto_Submitted="no", Return_Path="<maya@example.com>")).is_automatic


def test_the_subject_stands_above_what_begins_a_thread_and_not_above_an_answer() -> None:
    begins = mails.heard(mails.raw("Where is it?"))
    answers = mails.heard(mails.raw("Where is it?", Subject="Re: My order", In_Reply_To="<two@shop.example>"))
    assert (begins.content, begins.text) == (Text("My order\n\nWhere is it?"), "Where is it?")
    assert (answers.content, answers.context["id"]) == (Text("Where is it?"), "<two@shop.example>")


def test_an_answer_needs_subject_and_ids_of_what_it_answers() -> None:
    found = mails.heard(mails.raw(References="<a@x.example> <b@x.example>", In_Reply_To="<b@x.example>"))
    expected = {"subject": "My order", "message_id": "<one@example.com>"}
    assert found.thread == {**expected, "references": ["<a@x.example>", "<b@x.example>"]}


def test_files_are_found_again_in_the_stored_event() -> None:
    body = mails.raw(files=[("chair.png", "image/png", b"\x89PNG\r\n\x00\xff"), ("a.pdf", "application/pdf", b"%PDF")])
    event = incoming.event(Stored("mime", body), [mails.account()])
    (found,) = adapter.parse(event.raw, mails.account())
    before = kept.read_by(lambda channel, key: event.raw if (channel, key) == ("email", event.key) else None)
    try:
        files = [adapter.fetch(mails.account(), item["reference"]) for item in found.media]  # type: ignore[union-attr]  # a message, not a receipt
    finally:
        kept.read_by(before)
    assert [(file.name, file.media_type) for file in files] == [
        ("chair.png", "image/png"),
        ("a.pdf", "application/pdf"),
    ]
    assert files[0].content == b"\x89PNG\r\n\x00\xff"


def test_a_file_of_an_event_that_is_no_longer_kept_is_gone_for_good() -> None:
    before = kept.read_by(lambda channel, key: None)
    with pytest.raises(DeliveryError) as failure:
        adapter.fetch(mails.account(), json.dumps({"event": "gone", "part": 0}))
    kept.read_by(before)
    assert failure.value.is_permanent


def test_a_mail_that_only_brings_a_file_is_that_file() -> None:
    found = mails.heard(mails.raw(" ", Subject="", files=[("chair.png", "image/png", b"\x89PNG")]))
    assert found.content == Media(kind="image", filename="chair.png", mime_type="image/png")


def test_of_a_mail_that_is_too_large_the_header_is_shown() -> None:
    (found,) = adapter.parse(pack(Stored("mime", mails.raw(), is_cut=True, key="k")), mails.account())
    assert found.content == Unsupported("an e-mail that is too large")  # type: ignore[union-attr]  # a message, not a receipt


@pytest.mark.parametrize("place", [{"Subject": "Continue here [#K7Q2M9]"}, {"To": "support+k-k7q2m9@shop.example"}])
def test_a_code_is_found_in_subject_and_address(place: dict[str, str]) -> None:
    assert mails.heard(mails.raw("Send this.", **place)).code == "K7Q2M9"


def test_a_code_is_cut_out_of_text_and_subject() -> None:
    found = mails.heard(mails.raw("Hello [#K7Q2M9]", Subject="Continue [#K7Q2M9]"))
    assert (found.code, found.text, found.content) == ("K7Q2M9", "Hello", Text("Continue\n\nHello"))


def test_a_link_leads_to_a_mail_that_carries_the_code() -> None:
    link = adapter.link(mails.account(), "K7Q2M9")
    assert link is not None and link.url.startswith(
        "mailto:support@shop.example?subject=Continue%20here%20%5B%23K7Q2M9"
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [("5.1.1", "unreachable"), ("5.2.1", "unreachable"), ("5.7.1", "rejected"), ("4.4.7", "provider_down")],
)
def test_a_bounce_with_our_message_id_fails_that_delivery(status: str, reason: str) -> None:
    (found,) = mails.parsed(bounce(status))
    assert isinstance(found, Receipt) and found.error is not None
    assert (found.status, found.delivery_ref, found.error.reason) == ("failed", mails.REF, reason)


def test_a_bounce_without_our_message_id_says_nothing_about_anybody() -> None:
    (foreign,) = mails.parsed(bounce(message_id="<guess@shop.example>"))
    (elsewhere,) = mails.parsed(bounce(message_id=OURS.replace("shop.example", "other.example")))
    assert isinstance(foreign, Notice) and isinstance(elsewhere, Notice)


def test_a_delayed_mail_has_not_failed() -> None:
    (found,) = mails.parsed(bounce("4.4.1", action="delayed"))
    assert isinstance(found, Notice) and found.kind == "bounce_delayed"


@pytest.mark.scenario("T-60")
@pytest.mark.parametrize("header", [{"Message_ID": OURS}, {"From": "support+c123@shop.example"}])
def test_our_own_mail_come_back_is_no_message(header: dict[str, str]) -> None:
    (found,) = mails.parsed(mails.raw(**header))
    assert isinstance(found, Notice) and found.kind == "own_echo"


def test_the_key_of_a_mail_is_its_message_id() -> None:
    first, again = (incoming.split(Request(mails.raw(text))).events[0] for text in ("a", "b"))
    assert first.key == again.key == "<one@example.com>"


def test_without_a_message_id_the_words_tell_mails_apart() -> None:
    one, same, other = (incoming.split(Request(mails.raw(t, Message_ID=""))).events[0].key for t in ("a", "a", "b"))
    assert one == same != other
    assert one.startswith("sha256:")


def test_the_handle_of_a_mail_is_its_sender() -> None:
    assert incoming.split(Request(mails.raw(From="Maya <MAYA@Example.com>"))).events[0].handle == "maya@example.com"


def test_a_signed_address_names_its_conversation_and_a_guessed_one_does_not() -> None:
    to = naming.reply_address(mails.account(), mails.CONVERSATION)
    forged = to[:-15] + ("aaa" if to[-15:-12] != "aaa" else "bbb") + to[-12:]
    other = mails.account()
    assert mails.heard(mails.raw(To=to)).context["conversation"] == mails.CONVERSATION
    assert "conversation" not in mails.heard(mails.raw(To=forged)).context
    assert naming.conversation_of(Letter(mails.raw(To=to)), type(other)("another", other.account, other.config)) == ""


def test_the_senders_date_counts_unless_their_clock_is_years_off() -> None:
    right, wrong = "Fri, 1 Mar 2024 10:00:00 +0000", "Fri, 1 Jan 2010 10:00:00 +0000"
    received = "from x by mx.shop.example; Fri, 1 Mar 2024 10:05:00 +0000"
    assert mails.heard(mails.raw(Date=right, Received=received)).occurred_at == datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
    assert mails.heard(mails.raw(Date=wrong, Received=received)).occurred_at == datetime(2024, 3, 1, 10, 5, tzinfo=UTC)
    assert mails.heard(mails.raw(Date="Fri, 1 Jan 2100 10:00:00 +0000")).occurred_at.year < 2100


@pytest.mark.parametrize("body", [b"", b"\0\xff\xfe", b"{", b"[]", b"null", b"From: \n\n", b"a" * 5000])
def test_no_body_makes_the_adapter_stumble(body: bytes) -> None:
    raw = pack(Stored("mime", body))
    assert adapter.parse(raw, mails.account())
    assert adapter.parse(body.decode("latin-1"), mails.account())
