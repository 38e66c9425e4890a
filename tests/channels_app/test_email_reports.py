"""Tests of complaints that come as mails: they count for whoever got that mail of ours, and for nobody else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from channels_app import inbox_store, ingest
from channels_app.adapters.email import incoming
from channels_app.adapters.email.stored import Stored
from channels_app.models import Channel, InboundEvent
from channels_app.registry import account_of
from conversations.models import Delivery
from customers.models import Consent
from tests.channels_app import mails

pytestmark = pytest.mark.django_db(transaction=True)

COMPLAINT = """From: fbl@provider.example
To: support@shop.example
Subject: Complaint
Message-ID: <{key}@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Original-Rcpt-To: <{about}>

--b
Content-Type: text/rfc822-headers

Message-ID: <conv.{ref}.msg.{ref}@shop.example>

--b--
"""


@pytest.fixture
def channel() -> Channel:
    """Maya has written, and our answer to her is a delivery."""
    account = mails.account()
    given: dict[str, Any] = {"config": dict(account.config), "credentials": dict(account.credentials)}
    made = Channel.objects.create(key="email", kind="email", title="E-mail", account=account.account, **given)
    put(made, mails.raw("Where is it?", Authentication_Results=mails.PASS))
    ingest.drain()
    return made


def put(channel: Channel, raw: bytes, kind: str = "") -> None:
    event = incoming.event(Stored("mime", raw), [account_of(channel)])
    inbox_store.put_now([inbox_store.row(channel.pk, event)])
    if kind:
        InboundEvent.objects.filter(key=event.key).update(kind=kind)


def complaint(ref: object, about: str = "tom@example.com") -> bytes:
    return COMPLAINT.format(key=uuid4(), about=about, ref=ref).encode()


@pytest.mark.scenario("T-30")
@pytest.mark.parametrize("kind", ["", "status"])
def test_a_complaint_is_the_wish_of_whoever_got_that_mail(channel: Channel, kind: str) -> None:
    delivery = Delivery.objects.get()
    put(channel, complaint(delivery.public_id), kind)
    ingest.drain()
    wish = Consent.objects.get()
    assert (wish.state, wish.purpose, wish.identity_id) == ("out", "all", delivery.identity_id)
    assert InboundEvent.objects.latest("pk").outcome == "opted_out"


@pytest.mark.scenario("T-30")
def test_a_complaint_with_an_invented_id_says_nothing_about_anybody(channel: Channel) -> None:
    put(channel, complaint(uuid4(), about="maya@example.com"))
    ingest.drain()
    assert not Consent.objects.exists()
    assert InboundEvent.objects.latest("pk").outcome == "unknown_delivery"


def test_a_complaint_at_another_channel_says_nothing(channel: Channel) -> None:
    Delivery.objects.update(channel="another")
    put(channel, complaint(Delivery.objects.get().public_id))
    ingest.drain()
    assert not Consent.objects.exists()
