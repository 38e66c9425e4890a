"""Does a channel keep its pace and space its recipients, whoever claims, and does one channel leave room for others?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels_app import claims, delivery
from channels_app.models import Channel, ChannelState, RecipientPace
from conversations import capabilities
from conversations.models import Delivery
from tests import factories
from tests.channels_app import whatsapp
from tests.channels_app.sending import say
from tests.channels_app.test_ingest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def crowd(count):
    """So many people who have written on WhatsApp, each with an answer that waits."""
    for number in range(count):
        person = factories.customer(f"Person {number}")
        place = factories.whatsapp(factories.phone(person, f"4670174{number:04}"))
        say(factories.receive(place, "hi").session, f"to {number}")


def set_config(channel, **values):
    channel.config = {**channel.config, **values}
    channel.save(update_fields=["config"])


def test_a_channel_leaves_no_faster_than_its_rate(graph, channel):
    set_config(channel, rate_per_second=5)
    crowd(12)
    delivery.send_due()
    assert graph.requests <= 6


@pytest.mark.scenario("T-P4")
def test_several_workers_share_one_rate(graph, channel):
    set_config(channel, rate_per_second=4)
    crowd(16)
    claims.know_channels()
    taken = []
    in_threads(4, lambda: [taken.extend(claims.claim(10)) for _ in range(3)])
    assert 1 <= len(taken) <= 7 and len({task.pk for task in taken}) == len(taken)


def test_a_pace_lets_more_go_as_time_passes(graph, channel):
    set_config(channel, rate_per_second=5)
    crowd(8)
    delivery.send_due()
    before = graph.requests
    ChannelState.objects.update(paced_until=None)
    delivery.send_due()
    assert graph.requests > before


def test_without_a_rate_everything_leaves_at_once(graph, channel):
    set_config(channel, rate_per_second=0)
    crowd(9)
    delivery.send_due()
    assert graph.requests == 9


def test_a_rate_that_is_no_number_counts_as_not_set(graph, channel):
    set_config(channel, rate_per_second="fast", pair_seconds=None)
    crowd(2)
    delivery.send_due()
    assert graph.requests == 2


def test_the_second_word_to_one_recipient_waits_its_seconds_and_nobody_elses_does(graph, channel):
    set_config(channel, pair_seconds=60)
    crowd(2)
    say(Delivery.objects.order_by("pk").first().message.session, "again")
    for _ in range(3):
        delivery.send_due()
    assert sorted(graph.texts) == ["to 0", "to 1"]
    RecipientPace.objects.all().delete()
    delivery.send_due()
    assert graph.texts[-1] == "again"


def test_a_burst_to_one_recipient_may_pass_before_the_seconds_count(graph, channel, session):
    plain = capabilities.of("whatsapp")
    capabilities.register(replace(plain, pair_seconds=60, pair_burst=3))
    try:
        for number in range(5):
            say(session, f"m{number}")
        for _ in range(5):
            delivery.send_due()
    finally:
        capabilities.register(plain)
    assert graph.texts == ["m0", "m1", "m2"]


def test_paces_that_are_long_over_are_forgotten(channel):
    RecipientPace.objects.create(identity_id=1, channel=channel.key, until="2020-01-01T00:00Z")
    delivery.sweep()
    assert not RecipientPace.objects.exists()


def test_a_channel_that_is_busy_is_left_out_and_others_are_not(graph, channel):
    crowd(2)
    other = whatsapp.channel("whatsapp-two", account="2", base_url=graph.url)
    person = factories.customer("Elsewhere")
    place = replace(factories.whatsapp(factories.phone(person, "46701755555")), channel=other.key)
    say(factories.receive(place, "hi").session, "on the other")
    claims.know_channels()
    assert [task.channel for task in claims.claim(10, busy=[channel.key])] == ["whatsapp-two"]


def test_a_stopped_channel_is_not_claimed_of_and_a_new_one_is_known_at_once(graph, channel):
    crowd(1)
    Channel.objects.update(stopped_reason="token revoked")
    assert claims.claim(10) == []
    Channel.objects.update(stopped_reason="")
    ChannelState.objects.all().delete()
    assert len(claims.claim(10)) == 1


@pytest.mark.parametrize("name", ["rate_per_second", "pair_seconds"])
@pytest.mark.parametrize("value", ["text", -1, 1e308, 1e-300, 10**400, [], None])
def test_a_pace_that_is_none_holds_nothing_up(graph, channel, name, value):
    set_config(channel, **{name: value})
    crowd(1)
    delivery.send_due()
    assert Delivery.objects.get().state == "sent"
