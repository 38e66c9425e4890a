"""Does a queued message leave once, in order, only when it may, and is its fate always known or said to be unknown?"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from channels_app import checks, delivery
from channels_app.models import Attempt, Channel
from common import clock
from conversations.models import Conversation, ConversationEvent, Delivery, Session
from tests.channels_app import providers, whatsapp
from tests.channels_app.sending import receive, say
from tests.channels_app.test_ingest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_is_sent_with_our_reference_and_its_outcome_is_kept(graph, session):
    row = say(session)
    assert delivery.send_due() > 0
    row.refresh_from_db()
    assert (row.state, row.external_id, row.attempts) == ("sent", "wamid.out.1", 1)
    assert graph.accepted[0]["to"] == whatsapp.MAYA and graph.refs == [str(row.public_id)]
    tried = Attempt.objects.get()
    assert (tried.number, tried.outcome, tried.delivery_id) == (1, "sent", row.pk)
    told = ConversationEvent.objects.filter(kind="delivery").get()
    assert told.data == {"message": row.message_id, "state": "sent", "reason": ""}


def test_what_is_sent_is_not_sent_again(graph, session):
    say(session)
    delivery.send_due()
    delivery.send_due()
    assert graph.requests == 1


def test_messages_of_one_person_leave_in_order(graph, session):
    for number in range(5):
        say(session, f"m{number}")
    for _ in range(5):
        delivery.send_due()
    assert graph.texts == [f"m{number}" for number in range(5)]


@pytest.mark.scenario("T-P4")
def test_many_senders_at_once_send_each_message_once_and_in_order(graph, session):
    for number in range(6):
        say(session, f"m{number}")
    in_threads(4, lambda: [delivery.send_due() for _ in range(8)])
    for _ in range(6):  # a slow machine leaves some: whoever held the head had not written its outcome yet
        delivery.send_due()
    assert graph.texts == [f"m{number}" for number in range(6)]


def test_a_head_that_waits_holds_those_behind_it(graph, session):
    graph.script = [providers.error(131000, 500)]
    say(session, "first")
    say(session, "second")
    delivery.send_due()
    delivery.send_due()
    assert graph.texts == []
    Delivery.objects.update(next_attempt_at=clock.now())
    delivery.send_due()
    delivery.send_due()
    assert graph.texts == ["first", "second"]


@pytest.mark.scenario("HO-18")
def test_a_worker_that_died_before_the_claim_costs_nothing(graph, session):
    row = say(session)
    assert delivery.sweep() == 0
    delivery.send_due()
    delivery.send_due()
    row.refresh_from_db()
    assert row.state == "sent" and graph.requests == 1


@pytest.mark.scenario("T-P4")
def test_a_worker_that_died_after_the_claim_leaves_unknown_and_no_second_send(graph, session):
    row = say(session)
    assert len(delivery.claim(10)) == 1
    Delivery.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert delivery.sweep() == 1
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("unknown", "lost") and graph.requests == 0


@pytest.mark.scenario("HO-19", "HO-I13")
@pytest.mark.scenario("T-P6")
def test_a_lost_answer_is_unknown_and_settled_by_a_receipt_with_our_reference(channel, graph, session):
    graph.script = ["lost"]
    row = say(session)
    delivery.send_due()
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, graph.requests) == ("unknown", 1)
    receive(channel, whatsapp.status("wamid.out.1", "delivered", ref=str(row.public_id)))
    row.refresh_from_db()
    assert (row.state, row.external_id) == ("delivered", "wamid.out.1")


@pytest.mark.scenario("HO-I11")
def test_while_a_provider_thinks_no_transaction_is_open(graph, session):
    graph.script = ["slow:1"]
    say(session)
    sender = threading.Thread(target=_send_and_hang_up)
    sender.start()
    deadline = time.monotonic() + 10
    while not graph.requests:
        assert time.monotonic() < deadline, "nothing was sent"
        time.sleep(0.01)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)
    sender.join()


def _send_and_hang_up():
    delivery.send_due()
    connection.close()


def test_a_connection_that_was_never_made_is_tried_again(session, channel):
    channel.config = {**channel.config, "base_url": "http://127.0.0.1:9"}
    channel.save(update_fields=["config"])
    row = say(session)
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("queued", "provider_down")
    assert row.next_attempt_at > clock.now()


@pytest.mark.scenario("T-P5")
@pytest.mark.parametrize(
    ("code", "status", "state", "reason"),
    [
        (131047, 400, "failed", "outside_window"),
        (131026, 400, "failed", "unreachable"),
        (131050, 400, "failed", "opted_out"),
        (132001, 400, "failed", "rejected"),
        (130429, 429, "queued", "rate_limited"),
        (131049, 400, "queued", "deferred"),
        (131000, 500, "queued", "provider_down"),
        (190, 401, "queued", "channel_down"),
    ],
)
def test_each_refusal_has_its_consequence_and_its_reason(graph, session, code, status, state, reason):
    graph.script = [providers.error(code, status)]
    row = say(session)
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason) == (state, reason)
    assert row.provider_text == f"details of {code}" and Attempt.objects.get().provider_code == str(code)
    assert ConversationEvent.objects.get(kind="delivery").data["reason"] == reason


def test_a_retry_after_is_honoured(graph, session):
    graph.script = [providers.error(130429, 429, retry_after="120")]
    row = say(session)
    delivery.send_due()
    row.refresh_from_db()
    assert 115 < (row.next_attempt_at - clock.now()).total_seconds() < 121


@pytest.mark.scenario("T-P5")
def test_a_revoked_token_stops_the_channel_and_a_green_check_starts_it(graph, channel, session):
    graph.script = [providers.error(190, 401)]
    row = say(session)
    delivery.send_due()
    channel.refresh_from_db()
    assert channel.stopped_reason == "details of 190"
    Delivery.objects.update(next_attempt_at=clock.now())
    delivery.send_due()
    assert graph.requests == 1
    assert all(finding.is_well for finding in checks.check(channel))
    delivery.send_due()
    row.refresh_from_db()
    assert row.state == "sent"


@pytest.mark.scenario("HO-22")
def test_what_the_bot_said_is_cancelled_when_a_human_has_taken_over(graph, session):
    row = say(session)
    Conversation.objects.update(owner_kind="agent", owner_id=1, owner_epoch=7)
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason, graph.requests) == ("cancelled", "taken_over", 0)


def test_what_the_system_says_while_an_agent_has_the_floor_leaves(graph, session):
    Conversation.objects.update(owner_kind="agent", owner_id=1, owner_epoch=7)
    row = say(session, "You are talking to our team.", author="system")
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, len(graph.accepted)) == ("sent", 1)


def test_what_an_agent_said_is_sent_whoever_owns(graph, session):
    row = say(session, author="agent")
    Conversation.objects.update(owner_epoch=7)
    delivery.send_due()
    row.refresh_from_db()
    assert row.state == "sent"


def test_outside_the_window_no_free_text_leaves(graph, session):
    row = say(session)
    Session.objects.update(window_expires_at=clock.now())
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason, graph.requests) == ("failed", "outside_window", 0)


def test_a_disabled_channel_holds_its_deliveries(graph, session):
    say(session)
    Channel.objects.update(is_enabled=False)
    assert delivery.send_due() == 0
    assert graph.requests == 0


def test_an_agent_may_ask_for_it_again(graph, session):
    graph.script = [providers.error(132001)]
    row = say(session)
    delivery.send_due()
    assert delivery.retry(delivery_id=row.pk)
    delivery.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == ("sent", "", 2)
    assert not delivery.retry(delivery_id=row.pk)


def test_a_message_that_cannot_be_built_fails_with_a_reason_and_holds_up_no_other(graph, session):
    broken = say(session, "first")
    Delivery.objects.filter(pk=broken.pk).update(part=-9)
    say(session, "second")
    delivery.send_due()
    delivery.send_due()
    broken.refresh_from_db()
    assert (broken.state, broken.reason, graph.texts) == ("failed", "rejected", ["second"])
