"""Is a provider that fails left in peace, tried with one message, and trusted again; and does somebody hear of it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_app import alarms, checks, claims, delivery
from channels_app.models import Channel, ChannelState
from common import clock
from conversations.models import Delivery
from tests.channels_app import providers
from tests.channels_app.test_claims import crowd
from tests.channels_app.test_ingest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rung():
    """The alarms that are rung meanwhile."""
    heard = []
    alarms.listeners.append(heard.append)
    yield heard
    alarms.listeners.remove(heard.append)


def fail(graph, times, code=131000, status=500):
    graph.script = [providers.error(code, status)] * times


def make_due():
    Delivery.objects.filter(state="queued").update(next_attempt_at=clock.now() - timedelta(seconds=1))


def break_circuit(graph):
    crowd(8)
    fail(graph, 8)
    delivery.send_due()
    make_due()


def let_time_pass():
    """The pause is over."""
    ChannelState.objects.filter(open_until__isnull=False).update(open_until=clock.now() - timedelta(seconds=1))


def test_failures_in_a_row_open_the_circuit_and_nothing_leaves(graph, channel, rung):
    break_circuit(graph)
    before = graph.requests
    assert delivery.send_due() == 0 and graph.requests == before
    assert [alarm.kind for alarm in rung] == ["circuit_open"] and rung[0].channel == channel.key


def test_some_failures_among_successes_open_nothing(graph, channel):
    crowd(8)
    fail(graph, 4)
    delivery.send_due()
    assert ChannelState.objects.get().open_until is None


def test_a_refused_message_says_nothing_about_the_provider(graph, channel):
    crowd(8)
    fail(graph, 8, code=131009, status=400)
    delivery.send_due()
    assert ChannelState.objects.get().failures == 0


def test_after_the_pause_one_message_is_tried_by_one_worker(graph, channel):
    break_circuit(graph)
    let_time_pass()
    taken = []
    in_threads(4, lambda: taken.extend(claims.claim(10)))
    assert len(taken) == 1 and taken[0].is_probe


def test_an_accepted_probe_closes_the_circuit_and_all_of_them_leave(graph, channel, rung):
    break_circuit(graph)
    let_time_pass()
    delivery.send_due()
    assert ChannelState.objects.get().open_until is None and len(graph.accepted) == 1
    delivery.send_due()
    assert len(graph.accepted) == 8 and rung[-1].kind == "well_again"


def test_a_probe_that_fails_makes_the_pause_longer_and_rings_no_second_time(graph, channel, rung):
    break_circuit(graph)
    let_time_pass()
    fail(graph, 1)
    delivery.send_due()
    state = ChannelState.objects.get()
    assert state.opens == 2 and state.open_until > clock.now() + timedelta(seconds=10)
    assert len(rung) == 1


def test_what_was_on_its_way_when_it_opened_makes_the_pause_no_longer(graph, channel):
    break_circuit(graph)
    assert ChannelState.objects.get().opens == 1


def test_a_refused_account_stops_the_channel_and_rings(graph, channel, rung):
    crowd(1)
    fail(graph, 1, code=190, status=401)
    delivery.send_due()
    assert Channel.objects.get().stopped_reason and [alarm.kind for alarm in rung] == ["stopped"]
    assert Delivery.objects.get().state == "queued"


def test_a_stopped_channel_is_looked_at_again_and_goes_on_by_itself(graph, channel):
    crowd(1)
    fail(graph, 1, code=190, status=401)
    delivery.send_due()
    assert checks.recheck() == 0  # too early
    ChannelState.objects.update(recheck_at=clock.now() - timedelta(seconds=1))
    assert checks.recheck() == 1
    make_due()
    delivery.send_due()
    assert Delivery.objects.get().state == "sent" and ChannelState.objects.get().rechecks == 0


def test_each_look_that_finds_it_stopped_puts_the_next_one_further_off(channel):
    Channel.objects.update(stopped_reason="token revoked", config={"base_url": "http://127.0.0.1:9"})
    pauses = []
    for _ in range(3):
        channel.refresh_from_db()
        checks.check(channel)
        pauses.append(ChannelState.objects.get().recheck_at - clock.now())
    assert pauses[0] < pauses[1] < pauses[2] and Channel.objects.get().stopped_reason
