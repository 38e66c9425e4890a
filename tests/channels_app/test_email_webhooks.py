"""Tests of what e-mail services post: who may, which events are in it, and what each of them means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.adapters.email import adapter, esps
from channels_app.registry import BadSignature, Inbound, Malformed, Notice, Parsed, Preference, Receipt, Request
from conversations.content import Text
from tests.channels_app import mails

CORPUS = Path(__file__).parents[3] / "shared" / "payloads"
POSTMARK = {
    "FromFull": {"Email": "maya@example.com", "Name": "Maya"},
    "ToFull": [{"Email": mails.ADDRESS, "Name": ""}],
    "Subject": "My order",
    "TextBody": "Where is it?",
    "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
    "Headers": [{"Name": "Message-ID", "Value": "<one@example.com>"}],
}
MAIL = mails.raw("Where is it?", Authentication_Results=mails.PASS)


def form(**fields: str) -> tuple[bytes, str]:
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def mailgun(key: str = "signing", at: float | None = None) -> tuple[bytes, str]:
    stamp = str(int(time.time() if at is None else at))
    signature = hmac.new(key.encode(), f"{stamp}tok".encode(), hashlib.sha256).hexdigest()
    return form(**{"body-mime": MAIL.decode(), "timestamp": stamp, "token": "tok", "signature": signature})


def of(esp: str, **credentials: str) -> Any:
    """An account of this service, without a password unless one is given."""
    return mails.account(config={"esp": esp}, credentials={"webhook_secret": "", **credentials})


def read(request: Request, to: Any) -> Sequence[Parsed]:
    return [item for event in adapter.verify(request, [to]).events for item in adapter.parse(event.raw, to)]


def heard(request: Request, to: Any) -> Inbound:
    (found,) = read(request, to)
    assert isinstance(found, Inbound)
    return found


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize("esp", sorted(esps.ESPS))
def test_a_channel_without_any_secret_takes_nothing(esp: str) -> None:
    with pytest.raises(BadSignature):
        adapter.verify(mails.posted(json.dumps(POSTMARK).encode(), password=""), [of(esp)])
    assert any(
        not one.is_well for one in adapter.check(of(esp, api_key="")) if "secret" in one.text or "boto3" in one.text
    )


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize("password", ["", "us:wrong", "us:", ":", "us:secret2"])
def test_a_wrong_password_opens_nothing(password: str) -> None:
    with pytest.raises(BadSignature):
        adapter.verify(mails.posted(json.dumps(POSTMARK).encode(), password=password), [mails.account()])


def test_the_password_before_a_rotation_opens_as_well() -> None:
    to = mails.account(credentials={"webhook_secret": "new:one", "webhook_secret_previous": "us:secret"})
    assert heard(mails.posted(json.dumps(POSTMARK).encode()), to).text == "Where is it?"


def test_postmarks_fields_become_a_message() -> None:
    found = heard(mails.posted(json.dumps(POSTMARK).encode()), mails.account())
    assert (found.content, found.external_id) == (Text("My order\n\nWhere is it?"), "<one@example.com>")
    assert found.handles[0][:3] == ("email_from", mails.ADDRESS, "maya@example.com")


@pytest.mark.scenario("T-30")
@pytest.mark.scenario("ID-63")
def test_a_verdict_in_a_mail_that_was_taken_apart_proves_nobody() -> None:
    headers = [*POSTMARK["Headers"], {"Name": "Authentication-Results", "Value": mails.PASS}]  # type: ignore[misc]  # a list in the payload
    found = heard(mails.posted(json.dumps({**POSTMARK, "Headers": headers}).encode()), mails.account())
    assert found.handles[0][0] == "email_from"


def test_authserv_id_of_a_service_that_takes_mails_apart_is_warned_of() -> None:
    said = [one.text for one in adapter.check(mails.account(config={"esp": "brevo"}, credentials={"api_key": ""}))]
    assert any("No sender is proven: Brevo never hands over" in one for one in said)


def test_a_raw_mail_inside_is_read_rather_than_the_fields() -> None:
    body = {**POSTMARK, "TextBody": "something else", "RawEmail": MAIL.decode()}
    assert heard(mails.posted(json.dumps(body).encode()), mails.account()).handles[0][0] == "email"


def test_of_several_channels_the_one_it_was_written_to_gets_it() -> None:
    other = mails.account(account="sales@shop.example")
    (event,) = adapter.verify(mails.posted(json.dumps(POSTMARK).encode()), [other, mails.account()]).events
    assert event.account == mails.ADDRESS


@pytest.mark.scenario("T-33")
def test_mailguns_signature_opens_and_a_wrong_or_old_one_does_not() -> None:
    to = of("mailgun", signing_key="signing")
    good, kind = mailgun()
    assert heard(mails.posted(good, password="", content_type=kind), to).handles[0][0] == "email"
    for body, _ in (mailgun("wrong"), mailgun(at=time.time() - 90_000)):
        with pytest.raises(BadSignature):
            adapter.verify(mails.posted(body, password="", content_type=kind), [to])


def test_sendgrids_form_with_a_raw_mail_becomes_a_message_with_its_file() -> None:
    raw = mails.raw("Look", files=[("a.bin", "application/octet-stream", bytes(range(256)))])
    head = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n'
    request = mails.posted(head + raw + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")
    found = heard(request, mails.account(config={"esp": "sendgrid"}))
    assert (found.text, found.media[0]["size"]) == ("Look", 256)


def test_sendgrids_parsed_form_keeps_its_files_byte_for_byte() -> None:
    content = b"\r\n\0\xff--x\n" * 40
    parts = {"headers": "From: maya@example.com\nSubject: Hi\n", "text": "Look", "attachment-info": '{"f1": {}}'}
    fields = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items()
    ]
    file = '--xyz\r\nContent-Disposition: form-data; name="f1"; filename="a.bin"\r\n\r\n'
    body = "".join(fields).encode() + file.encode() + content + b"\r\n--xyz--\r\n"
    request = mails.posted(body, content_type="multipart/form-data; boundary=xyz")
    found = heard(request, mails.account(config={"esp": "sendgrid"}))
    assert (found.text, found.media[0]["size"]) == ("Look", len(content))


def test_postals_rsa_signature_is_asked_for() -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    body = json.dumps({"rcpt_to": mails.ADDRESS, "mail_from": "x", "message": MAIL.decode()}).encode()
    signature = base64.b64encode(key.sign(body, padding.PKCS1v15(), hashes.SHA1())).decode()
    to = of("postal", signing_key="".join(pem.splitlines()[1:-1]))
    assert heard(mails.posted(body, password="", x_postal_signature=signature), to).text == "Where is it?"
    with pytest.raises(BadSignature):
        adapter.verify(mails.posted(body + b" ", password="", x_postal_signature=signature), [to])


@pytest.mark.parametrize(("esp", "header"), [("mailersend", "signature"), ("mailtrap", "mailtrap_signature")])
def test_a_signed_body_opens_and_another_body_does_not(esp: str, header: str) -> None:
    inner = {"id": "1", "raw": MAIL.decode()} if esp == "mailersend" else []
    body = json.dumps(
        {"type": "inbound.message", "data": inner, "events": [{"event": "bounce", "timestamp": 1}]}
    ).encode()
    to = of(esp, signing_key="key")
    signature = hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert adapter.verify(mails.posted(body, password="", **{header: signature}), [to]).events
    with pytest.raises(BadSignature):
        adapter.verify(mails.posted(body + b" ", password="", **{header: signature}), [to])


def test_mandrills_signature_is_over_the_public_url() -> None:
    events = json.dumps([{"event": "inbound", "ts": 1, "msg": {"raw_msg": MAIL.decode(), "email": mails.ADDRESS}}])
    body, kind = form(mandrill_events=events)
    said = "https://us.example/webhooks/email/demomandrill_events" + events
    signature = base64.b64encode(hmac.new(b"key", said.encode(), hashlib.sha1).digest()).decode()
    request = mails.posted(body, password="", content_type=kind, x_mandrill_signature=signature)
    assert heard(request, of("mandrill", signing_key="key")).text == "Where is it?"


def tracking(kind: str, **more: Any) -> Request:
    metadata = {"delivery": mails.REF, "channel": "email"}
    event = {"RecordType": kind, "MessageID": "m-1", "Metadata": metadata, "Email": "maya@example.com", **more}
    return mails.posted(json.dumps(event).encode())


@pytest.mark.parametrize(("kind", "status"), [("Delivery", "delivered"), ("Open", "read")])
def test_an_event_says_how_far_a_mail_of_ours_came(kind: str, status: str) -> None:
    (found,) = read(tracking(kind), mails.account())
    assert isinstance(found, Receipt)
    assert (found.status, found.delivery_ref, found.external_id) == (status, mails.REF, "m-1")


def test_a_bounce_means_that_the_address_cannot_be_reached() -> None:
    (found,) = read(tracking("Bounce", Type="HardBounce", ID=7), mails.account())
    assert isinstance(found, Receipt) and found.error is not None
    assert (found.status, found.error.reason) == ("failed", "unreachable")


def test_a_deferred_mail_has_not_failed_yet() -> None:
    (found,) = read(tracking("Bounce", Type="Transient", ID=7), mails.account())
    assert isinstance(found, Notice) and found.kind == "deferred"


@pytest.mark.parametrize(
    "request_",
    [
        tracking("SpamComplaint", Type="SpamComplaint"),
        tracking("SubscriptionChange", SuppressionReason="ManualSuppression"),
    ],
)
def test_a_complaint_or_unsubscription_is_a_wish_to_hear_nothing_more(request_: Request) -> None:
    (event,) = adapter.verify(request_, [mails.account()]).events
    (found,) = adapter.parse(event.raw, mails.account())
    assert isinstance(found, Preference) and event.kind == "message"
    assert (found.purpose, found.state, found.handles[0][2]) == ("all", "out", "maya@example.com")


def test_the_same_news_twice_have_one_key_and_later_news_another() -> None:
    keys = [
        adapter.verify(tracking(kind), [mails.account()]).events[0].key for kind in ("Delivery", "Delivery", "Open")
    ]
    assert keys[0] == keys[1] != keys[2]


def test_each_event_of_a_batch_is_one_of_its_own() -> None:
    batch = [
        {"event": "delivered", "sg_event_id": str(n), "timestamp": 1600000000, "email": "a@b.example"} for n in range(3)
    ]
    to = mails.account(config={"esp": "sendgrid"})
    assert len({event.key for event in adapter.verify(mails.posted(json.dumps(batch).encode()), [to]).events}) == 3


@pytest.mark.parametrize("esp", ["resend", "mailtrap"])
def test_a_pointer_to_a_mail_waits_to_be_fetched(esp: str) -> None:
    body = {"type": "email.received", "data": {"email_id": "e1"}}
    body |= {"events": [{"event": "inbound.message_received", "event_id": "x", "inbox_id": 2, "message_id": "m"}]}
    to = mails.account(config={"esp": esp})
    (found,) = read(mails.posted(json.dumps(body).encode()), to)
    assert isinstance(found, Notice) and found.kind == "to_collect"


def test_brevos_files_are_named_and_not_fetched() -> None:
    file = {"Name": "a.pdf", "ContentType": "application/pdf", "ContentLength": 5, "DownloadToken": "tok"}
    item = {"Uuid": ["u"], "RawTextBody": "Look", "Attachments": [file], "Headers": {"From": "maya@example.com"}}
    found = heard(mails.posted(json.dumps({"items": [item]}).encode()), mails.account(config={"esp": "brevo"}))
    assert found.media == (
        {"reference": '{"brevo":"tok"}', "media_type": "application/pdf", "name": "a.pdf", "size": 5},
    )


def test_what_is_no_json_is_malformed() -> None:
    with pytest.raises((Malformed, BadSignature)):
        adapter.verify(mails.posted(b"{"), [mails.account()])


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of payloads is not here")
def test_every_payload_of_the_corpus_is_read() -> None:
    for path in sorted(CORPUS.glob("email_*/*.json")):
        data = json.loads(path.read_bytes())
        found = [item for event in adapter.split(Request(path.read_bytes())).events for item in _parse(event.raw)]
        assert found, path.name
        if isinstance(data, dict) and "expected" in data:
            assert [item.text for item in found if isinstance(item, Inbound)] == [data["expected"].strip()], path.name


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of payloads is not here")
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_mutation_of_a_payload_makes_the_adapter_stumble(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(CORPUS.glob("email_webhooks/*.json"))))
    body = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(1, len(body)))])
    try:
        events = adapter.split(Request(cut)).events
    except Malformed:
        return
    assert all(_parse(event.raw) for event in events)


def _parse(raw: str) -> Sequence[Parsed]:
    return adapter.parse(raw, mails.account())
