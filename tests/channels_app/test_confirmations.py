"""Do receipts settle what was sent, whatever their order, and never move it backwards?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_app import confirmations, delivery
from channels_app.models import InboundEvent
from channels_app.registry import RawEvent, Receipt
from common import clock
from conversations.models import ConversationEvent
from tests.channels_app import whatsapp
from tests.channels_app.sending import receive, say, store
from tests.channels_app.test_ingest import spoil

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(graph, session):
    row = say(session)
    delivery.send_due()
    return row


@pytest.mark.scenario("HO-13")
def test_a_receipt_never_moves_a_delivery_backwards(channel, sent):
    for word in ("read", "delivered", "sent", "failed"):
        receive(channel, whatsapp.status("wamid.out.1", word))
        sent.refresh_from_db()
        assert sent.state == "read"
    assert sent.read_at and sent.delivered_at and sent.sent_at


def test_receipts_of_one_batch_count_as_the_furthest(channel, sent):
    receive(channel, *(whatsapp.status("wamid.out.1", word) for word in ("delivered", "read", "sent")))
    sent.refresh_from_db()
    assert sent.state == "read"
    states = [event.data["state"] for event in ConversationEvent.objects.filter(kind="delivery").order_by("seq")]
    assert states == ["sent", "read"]


def test_delivered_wins_over_failed_and_failed_does_not_win_over_delivered(channel, sent):
    receive(channel, whatsapp.status("wamid.out.1", "failed", errors=[{"code": 131026}]))
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("failed", "unreachable")
    receive(channel, whatsapp.status("wamid.out.1", "delivered"))
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("delivered", "")


def test_a_failure_after_the_answer_that_may_pass_is_sent_again_later(channel, graph, sent):
    receive(channel, whatsapp.status("wamid.out.1", "failed", errors=[{"code": 131049}]))
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("queued", "deferred")
    assert sent.next_attempt_at > clock.now() + timedelta(hours=23)


def test_a_receipt_that_overtook_our_commit_is_looked_at_again(channel, graph, session):
    receive(channel, whatsapp.status("wamid.out.1"))
    assert InboundEvent.objects.get(kind="status").state == "pending"
    row = say(session)
    delivery.send_due()
    InboundEvent.objects.update(next_attempt_at=clock.now() - timedelta(seconds=1))
    confirmations.drain()
    row.refresh_from_db()
    assert row.state == "delivered"


def test_a_receipt_of_a_strangers_message_ends_unmatched(channel):
    receive(channel, whatsapp.status("wamid.of.somebody"))
    for _ in range(6):
        InboundEvent.objects.update(next_attempt_at=clock.now() - timedelta(seconds=1))
        confirmations.drain()
    assert InboundEvent.objects.get().outcome == "unmatched"


def test_another_channels_receipt_does_not_count(channel, sent):
    receipt = Receipt("wamid.out.1", "read", clock.now(), str(sent.public_id))
    assert confirmations.confirm([("another", receipt)]) == [False]
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_one_broken_receipt_does_not_hold_the_others(channel, sent):
    store(channel, RawEvent("broken", "h", clock.now(), "{}", "status"))
    spoil("broken")
    receive(channel, whatsapp.status("wamid.out.1", "read"))
    sent.refresh_from_db()
    assert sent.state == "read"
