"""Tests of mails that are written to cost us much: each is taken, kept and shown, and none keeps the others waiting."""

from __future__ import annotations

import time

import pytest

from channels_app.adapters.base import codes, kept
from channels_app.adapters.email import adapter, files, incoming
from channels_app.adapters.email.letters import Letter
from channels_app.adapters.email.stored import Stored
from channels_app.registry import Inbound, Request
from conversations.content import Text, Unsupported
from tests.channels_app import mails

HEAD = b"From: Eve <eve@evil.example>\nTo: support@shop.example\nSubject: Hi\nMessage-ID: <bomb@evil.example>\n"
NESTED = [
    b"Content-Type: message/rfc822\n\n" * 1500,
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1500)),
]
COSTLY = {
    "parameters": b"Content-Type: text/plain" + b";" * 200_000 + b"\n\nx",
    "parts of parameters": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Type: text/plain%b\n\nx\n" % (b";" * 20_000) * 150
    + b"--b--",
    "words": b"References: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nx",
    "headers": b"X: a\n" * 300_000 + b"\nx",
    "report": b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    + b"A: b\n\n" * 500_000
    + b"--b--",
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000 + b"--b--",
    "blanks": b"\na" + b" " * 100_000 + b"b",
    "charset": b"Content-Type: text/html\n\n<meta " + b"content-type " * 40_000,
    "quotes": b"Authentication-Results: mx.shop.example; " + b'"\\' * 200_000 + b"\n\nx",
}


def seconds(raw: bytes) -> float:
    """How long it takes to read a mail from the door to our words."""
    start = time.process_time()
    event = incoming.event(Stored("mime", raw), [mails.account()])
    assert adapter.parse(event.raw, mails.account())
    return time.process_time() - start


@pytest.mark.scenario("T-30")
@pytest.mark.parametrize("body", NESTED)
def test_a_mail_of_endless_nesting_is_kept_and_shown_by_its_header(body: bytes) -> None:
    (event,) = adapter.split(Request(HEAD + body)).events
    (found,) = adapter.parse(event.raw, mails.account())
    assert isinstance(found, Inbound) and found.content == Unsupported("an e-mail that cannot be read")
    assert (event.handle, found.external_id) == ("eve@evil.example", "<bomb@evil.example>")


@pytest.mark.scenario("T-30")
@pytest.mark.parametrize("name", sorted(COSTLY))
def test_a_costly_mail_is_read_in_no_time(name: str) -> None:
    assert seconds(HEAD + COSTLY[name]) < 4


def test_a_mail_of_ordinary_nesting_is_read_whole() -> None:
    body = mails.raw("Look", files=[("a.pdf", "application/pdf", b"%PDF")])
    assert Letter(body).is_whole
    assert mails.heard(body).content == Text("My order\n\nLook")


def test_blanks_before_a_code_go_with_it() -> None:
    assert codes.cut("Hello  \n [#K7Q2M9] there") == ("Hello there", "K7Q2M9")


def test_looking_for_a_code_takes_time_by_the_length() -> None:
    start = time.process_time()
    assert codes.cut("a" + " " * 200_000 + "b")[1] == ""
    assert time.process_time() - start < 0.2


def test_a_long_html_mail_is_cut_with_a_mark() -> None:
    text = mails.heard(mails.raw(" ", html="<p>" + "word " * 300_000 + "</p>")).text
    assert len(text) <= 100_000 and text.startswith("word")


def test_webhooks_of_mail_are_read_on_a_thread() -> None:
    assert adapter.slow_to_read is True


def test_the_files_of_one_mail_are_found_by_reading_it_once() -> None:
    event = incoming.event(Stored("mime", mails.raw(files=[("a", "text/css", b"1"), ("b", "text/css", b"2")])), [])
    (found,) = adapter.parse(event.raw, mails.account())
    before = kept.read_by(lambda channel, key: event.raw)
    files._parts.cache_clear()
    for item in found.media:  # type: ignore[union-attr]  # an Inbound
        assert adapter.fetch(mails.account(), item["reference"]).content
    kept.read_by(before)
    assert (files._parts.cache_info().misses, files._parts.cache_info().hits) == (1, 1)


def test_a_form_with_a_mail_of_endless_nesting_is_kept() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n' + NESTED[0] + b"\r\n--x--\r\n"
    request = mails.posted(body, content_type="multipart/form-data; boundary=x")
    (event,) = adapter.verify(request, [mails.account(config={"esp": "sendgrid"})]).events
    assert event.kind == "other"
