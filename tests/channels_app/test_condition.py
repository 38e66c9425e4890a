"""Are the numbers of a channel's health right, and does silence ring only where it is unusual?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_app import alarms, checks, condition, delivery, ingest, silence
from channels_app.models import Channel, ChannelState, InboundEvent
from common import checkups, clock
from tests.channels_app import providers, whatsapp
from tests.channels_app.sending import say
from tests.channels_app.test_ingest import spoil, store

pytestmark = pytest.mark.django_db(transaction=True)


def came_in(channel, *ages):
    """Events that were processed so long ago."""
    for number, age in enumerate(ages):
        at = clock.now() - age
        InboundEvent.objects.create(
            channel=channel, key=f"k{number}", handle="h", state="done", occurred_at=at, received_at=at,
            next_attempt_at=at,
        )  # fmt: skip


def is_silent(channel):
    silence.listen()
    return bool(ChannelState.objects.filter(channel=channel, silent_at__isnull=False))


def habit(channel, *, until=timedelta(hours=2)):
    """Every day at this hour something came in, until a while ago."""
    day, week = timedelta(hours=24, minutes=30), timedelta(hours=168, minutes=30)
    came_in(channel, *[day] * 6, *[week] * 6, until)


def test_sends_are_counted_by_what_came_of_them(graph, channel, session):
    graph.script = [None, providers.error(131009)]
    say(session, "one")
    delivery.send_due()
    say(session, "two")
    delivery.send_due()
    found = condition.of(channel)
    assert found.hour == (1, 1) and found.day == (1, 1) and found.last_sent_at is not None


def test_what_waits_and_what_is_in_quarantine_is_counted(graph, channel, session):
    say(session)
    store(channel, whatsapp.value(whatsapp.message("hi")))
    InboundEvent.objects.create(
        channel=channel, key="bad", handle="x", state="quarantined", occurred_at=clock.now(),
        received_at=clock.now(), next_attempt_at=clock.now(),
    )  # fmt: skip
    found = condition.of(channel)
    assert (found.waiting_out, found.waiting_in, found.quarantined) == (1, 1, 1)
    assert [text for _, text in found.troubles] == ["1 events are in quarantine"]


def test_a_channel_that_is_well_has_no_trouble_and_no_badge(channel):
    assert [level for level, _ in condition.of(channel).troubles] == ["WARN"]  # nobody has tried it
    came_in(channel, timedelta(minutes=1))
    assert condition.of(channel).troubles == [] and condition.in_trouble() == 0


@pytest.mark.parametrize("fields", [{"stopped_reason": "revoked"}, {"open_until": True}, {"silent_at": True}])
def test_each_trouble_counts_for_the_badge_once(channel, fields):
    now = clock.now()
    named = {name: now for name in fields if name != "stopped_reason"}
    ChannelState.objects.create(channel=channel, **named)
    Channel.objects.update(stopped_reason=fields.get("stopped_reason", ""))
    assert condition.in_trouble() == 1 and condition.of(channel).level in ("FAIL", "WARN")
    Channel.objects.update(is_enabled=False)
    assert condition.in_trouble() == 0


def test_doctor_says_the_same_sentences(channel):
    Channel.objects.update(stopped_reason="token revoked")
    found = checkups.registered["channels"]()
    assert found.level == "FAIL" and "whatsapp-demo: stopped: token revoked" in found.text


def test_a_check_is_kept_with_what_it_found(graph, channel):
    checks.check(channel)
    state = ChannelState.objects.get()
    assert state.checked_at is not None and all(isinstance(one["text"], str) for one in state.findings)


def test_an_unusual_silence_rings_once_and_is_taken_back(channel):
    heard = []
    alarms.listeners.append(heard.append)
    habit(channel)
    assert is_silent(channel) and is_silent(channel)
    store(channel, whatsapp.value(whatsapp.message("hi")))
    ingest.drain()
    assert not is_silent(channel)
    alarms.listeners.remove(heard.append)
    assert [alarm.kind for alarm in heard] == ["silent", "well_again"]


def test_a_channel_that_is_always_quiet_at_this_hour_does_not_ring(channel):
    came_in(channel, timedelta(days=3), timedelta(hours=5))
    assert not is_silent(channel)


def test_the_operator_may_say_how_long_silence_may_last(channel):
    came_in(channel, timedelta(minutes=20))
    assert not is_silent(channel)
    Channel.objects.update(config={"silent_after_minutes": 15})
    assert is_silent(channel)


def test_zero_minutes_mean_never(channel):
    habit(channel)
    Channel.objects.update(config={"silent_after_minutes": 0})
    assert not is_silent(channel)


def test_an_event_that_is_spoiled_shows_in_the_condition(channel):
    store(channel, whatsapp.value(whatsapp.message("hi", wamid="wamid.bad")))
    spoil("wamid.bad")
    for _ in range(6):
        InboundEvent.objects.update(next_attempt_at=clock.now())
        ingest.drain()
    assert condition.of(channel).quarantined == 1
