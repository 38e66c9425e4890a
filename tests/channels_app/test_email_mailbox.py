"""Tests of mailboxes that nobody posts to us: read once, in order, marking nothing, whatever happens between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from channels_app import cursors, ingest, mailboxes
from channels_app.adapters.email import adapter
from channels_app.models import Channel, InboundEvent
from channels_app.registry import DeliveryError, account_of
from common import clock
from conversations.models import Attachment, Message
from tests.channels_app import imap, mails

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mailbox() -> Iterator[imap.Mailbox]:
    with imap.mailbox() as running:
        yield running


@pytest.fixture
def channel(mailbox: imap.Mailbox) -> Channel:
    """A channel that has looked into its mailbox once, so that what comes from now on is new."""
    config = {**mailbox.settings, "authserv_id": mails.SERVER}
    given: dict[str, Any] = {"config": config, "credentials": {"imap_password": imap.PASSWORD}}
    found = Channel.objects.create(key="email", kind="email", title="E-mail", account=mails.ADDRESS, **given)
    mailboxes.poll(found)
    return found


def numbered(*numbers: int, **more: str) -> list[bytes]:
    return [mails.raw(f"Mail {number}", Message_ID=f"<{number}@example.com>", **more) for number in numbers]


def texts() -> list[str]:
    return [event_text(event) for event in InboundEvent.objects.order_by("pk")]


def event_text(event: InboundEvent) -> str:
    (found,) = adapter.parse(event.body or "", mails.account())
    return str(getattr(found, "text", ""))


def test_what_lay_there_before_us_is_left_alone(mailbox: imap.Mailbox) -> None:
    mailbox.put(*numbered(1))
    config = {**mailbox.settings}
    found = Channel.objects.create(
        key="e", kind="email", title="E", config=config, credentials={"imap_password": imap.PASSWORD}
    )
    assert mailboxes.poll(found) == 0
    mailbox.put(*numbered(2))
    assert mailboxes.poll(found) == 1
    assert texts() == ["Mail 2"]


def test_new_mails_come_once_and_in_order(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(1, 2))
    assert mailboxes.poll(channel) == 2
    mailbox.put(*numbered(3))
    assert mailboxes.poll(channel) == 1
    assert mailboxes.poll(channel) == 0
    assert texts() == ["Mail 1", "Mail 2", "Mail 3"]


def test_more_mails_than_fit_one_batch_all_come(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(*range(1, 31)))
    assert mailboxes.poll(channel) == 30
    assert InboundEvent.objects.count() == 30


def test_nothing_is_marked_as_read(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(1))
    mailboxes.poll(channel)
    assert "\\Seen" not in mailbox.flags()[0]


def test_a_mailbox_with_new_uids_is_read_again_and_nothing_comes_twice(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(1, 2))
    mailboxes.poll(channel)
    mailbox.renumber()
    mailbox.put(*numbered(3))
    mailboxes.poll(channel)
    assert texts() == ["Mail 1", "Mail 2", "Mail 3"]
    assert mailboxes.poll(channel) == 0


def test_the_place_moves_with_the_rows_or_not_at_all(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(1))
    before = cursors.place(channel.pk, mailboxes.MAILBOX)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE channels_app_inboundevent ADD CONSTRAINT refuse_all CHECK (id < 0) NOT VALID")
    with pytest.raises(Exception, match="refuse_all"):
        mailboxes.poll(channel)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE channels_app_inboundevent DROP CONSTRAINT refuse_all")
    assert cursors.place(channel.pk, mailboxes.MAILBOX) == before
    assert mailboxes.poll(channel) == 1


def test_two_who_read_the_same_mailbox_do_not_meet(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(1))
    with mailboxes._alone(f"{mailboxes.LOCK}{channel.key}"):
        counts: list[int] = []
        other = threading.Thread(target=lambda: (counts.append(mailboxes.poll(channel)), connection.close()))
        other.start()
        other.join()
    assert counts == [0]
    assert mailboxes.poll(channel) == 1


def test_a_mail_becomes_a_message_with_its_file(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(mails.raw("Look", files=[("chair.png", "image/png", b"\x89PNG\x00\xff")]))
    mailboxes.poll(channel)
    ingest.drain()
    message = Message.objects.get(author="customer")
    attachment = Attachment.objects.get()
    assert message.content["text"] == "My order\n\nLook"
    assert adapter.fetch(account_of(channel), attachment.reference).content == b"\x89PNG\x00\xff"


def test_a_stored_event_that_is_no_mail_is_unreadable_and_stops_nobody(channel: Channel) -> None:
    event = InboundEvent(channel=channel, key="k", handle="h", body="not ours", occurred_at=clock.now())
    event.received_at = event.next_attempt_at = clock.now() - timedelta(seconds=1)
    event.save(force_insert=True)
    ingest.drain()
    event.refresh_from_db()
    assert event.outcome == "unreadable"


@pytest.mark.parametrize("body", [b"\xff\xfe\x00garbage", b"Subject: no sender\n\nhi", b"From: <<>>\n\n"])
def test_a_strange_mail_stops_nobody(mailbox: imap.Mailbox, channel: Channel, body: bytes) -> None:
    mailbox.put(body, *numbered(1))
    assert mailboxes.poll(channel) == 2
    ingest.drain()
    assert [message.content["text"] for message in Message.objects.filter(author="customer")] == ["My order\n\nMail 1"]


def test_a_wrong_password_stops_the_channel(mailbox: imap.Mailbox, channel: Channel) -> None:
    channel.credentials = {"imap_password": "wrong"}
    channel.save(update_fields=["credentials"])
    with pytest.raises(DeliveryError) as failure:
        mailboxes.poll(channel)
    assert failure.value.reason == "channel_down"
    assert any("does not open" in one.text for one in adapter.check(account_of(channel)))


def test_the_server_wakes_us_when_a_mail_comes(mailbox: imap.Mailbox, channel: Channel) -> None:
    started = time.monotonic()
    threading.Timer(0.5, lambda: mailbox.put(*numbered(1))).start()
    mailboxes.follow(channel, 8)
    assert time.monotonic() - started < 6
    assert mailboxes.poll(channel) == 1


def test_the_command_reads_every_mailbox(mailbox: imap.Mailbox, channel: Channel) -> None:
    mailbox.put(*numbered(1, 2))
    said = StringIO()
    call_command("poll_mail", stdout=said)
    assert said.getvalue() == "2 mails\n"
