"""Does the gateway lose nothing and repeat nothing, however its connections, Discord and the database end?"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from channels_app import checks
from channels_app.gateway import endings, pulse
from channels_app.gateway.endings import Ending
from channels_app.gateway.models import DirectPlace, GatewaySession
from channels_app.models import Channel, InboundEvent
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import objects
from channels_app.sandbox.models import SandboxFact
from common import checkups
from tests.channels_app import discord_site
from tests.channels_app.discord_site import is_ready, maya, order, until, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bot(settings: Any, request: Any) -> Iterator[Channel]:
    """A bot that nobody listens for yet; a heart that beats more often is missed on a machine that is busy."""
    with discord_site.site(settings, heartbeat_ms=getattr(request, "param", 5_000)):
        yield discord_site.channel()


@pytest.fixture
def listened(bot: Channel) -> Iterator[Channel]:
    """The same, listened for on a thread of this process."""
    with discord_site.gateway():
        until(lambda: is_ready(bot))
        yield bot


def keys() -> list[str]:
    """The messages in our inbox, in the order of their coming."""
    return list(InboundEvent.objects.order_by("pk").values_list("key", flat=True))


def told(bot: Channel, *texts: str) -> list[str]:
    """Maya writes; the ids of her messages."""
    rows = [write(bot, text=text) for text in texts]
    return [row.external_id for row in rows if row is not None]


def session(bot: Channel) -> GatewaySession:
    return GatewaySession.objects.get(channel=bot)


def starts(bot: Channel) -> int:
    """How many sessions were begun at Discord."""
    return int(kit.recall(bot, "starts", 0))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_of_the_process_loses_nothing_and_repeats_nothing(bot: Channel, end: signal.Signals) -> None:
    first = discord_site.process()
    until(lambda: is_ready(bot), 40)
    sent = told(bot, "one", "two")
    until(lambda: len(keys()) >= 1)
    first.send_signal(end)
    sent += told(bot, "three")
    assert first.wait(40) == (0 if end == signal.SIGTERM else -end)
    sent += told(bot, "four", "five")
    second = discord_site.process()
    try:
        until(lambda: len(keys()) >= 5, 40)
        sent += told(bot, "six")
        until(lambda: len(keys()) >= 6)
    finally:
        second.terminate()
        second.wait(40)
    assert keys() == sent and starts(bot) == 1


def test_a_process_without_channels_waits_and_ends_when_asked(transactional_db: None, settings: Any) -> None:
    idle = discord_site.process(subprocess.PIPE)
    assert idle.stderr is not None
    with idle.stderr:
        assert b"started" in idle.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            idle.wait(0.5)
    idle.terminate()
    assert idle.wait(40) == 0


@pytest.mark.parametrize("word", ["reconnect", "resumable", "4000", "4008", "1001"])
def test_what_can_be_resumed_is_resumed(listened: Channel, word: str) -> None:
    before = session(listened).session_id
    order(listened, word)
    sent = told(listened, "one", "two")
    until(lambda: len(keys()) >= 2)
    assert keys() == sent and session(listened).session_id == before and starts(listened) == 1


def test_a_heartbeat_that_is_asked_for_is_given(listened: Channel) -> None:
    order(listened, "beat")
    sent = told(listened, "one")
    until(lambda: keys() == sent)
    assert starts(listened) == 1


@pytest.mark.parametrize("bot", [500], indirect=True)
def test_silence_instead_of_heartbeats_is_a_dead_connection(listened: Channel) -> None:
    begun = starts(listened)
    order(listened, "zombie")
    ready_at = until(lambda: session(listened).beat_at)
    until(lambda: session(listened).beat_at > ready_at)
    sent = told(listened, "one")
    until(lambda: keys() == sent)
    assert starts(listened) == begun


def test_what_was_missed_between_two_sessions_is_asked_for(listened: Channel) -> None:
    sent = told(listened, "one")
    until(lambda: len(keys()) == 1)
    order(listened, "invalid")
    before = session(listened).session_id
    until(lambda: not SandboxFact.objects.filter(name__startswith="session:", value__is_open=True).exists())
    sent += told(listened, "two", "three")
    until(lambda: session(listened).session_id not in ("", before))
    sent += told(listened, "four")
    until(lambda: len(keys()) >= 4)
    assert sorted(keys()) == sorted(sent) and starts(listened) == 2
    until(lambda: not DirectPlace.objects.exclude(gap_after=None).exists())


def test_a_session_that_timed_out_is_followed_by_a_new_one(listened: Channel) -> None:
    order(listened, "4009")
    until(lambda: starts(listened) == 2)
    until(lambda: is_ready(listened))


@pytest.mark.parametrize("code", [4004, 4014])
def test_a_bot_that_is_refused_is_stopped_and_asks_no_more(listened: Channel, code: int) -> None:
    order(listened, str(code))
    until(lambda: Channel.objects.get(pk=listened.pk).stopped_reason)
    assert str(code) in Channel.objects.get(pk=listened.pk).stopped_reason
    until(lambda: session(listened).state == "refused")
    assert starts(listened) == 1


def test_a_token_that_was_reset_stops_the_channel(bot: Channel) -> None:
    write(bot, "action", option="reset")
    with discord_site.gateway():
        until(lambda: Channel.objects.get(pk=bot.pk).stopped_reason)
    assert starts(bot) == 0


def test_a_channel_that_is_switched_off_is_left_and_taken_up_again(listened: Channel) -> None:
    Channel.objects.filter(pk=listened.pk).update(is_enabled=False)
    until(lambda: session(listened).state == "stopped")
    sent = told(listened, "one")
    Channel.objects.filter(pk=listened.pk).update(is_enabled=True)
    until(lambda: keys() == sent)
    assert starts(listened) == 1


def test_only_one_process_listens_for_a_bot(listened: Channel) -> None:
    with discord_site.gateway():
        sent = told(listened, "one")
        until(lambda: keys() == sent)
        assert starts(listened) == 1
    sent += told(listened, "two")
    until(lambda: keys() == sent)


def test_a_database_that_drops_its_connections_costs_nothing(listened: Channel) -> None:
    sent = told(listened, "one")
    until(lambda: keys() == sent)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'inbox' AND datname = current_database()"
        )
    sent += told(listened, "two", "three")
    until(lambda: len(keys()) >= 3, 30)
    assert keys() == sent and starts(listened) == 1


def test_without_redis_messages_come_all_the_same(bot: Channel, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with discord_site.gateway():
        until(lambda: is_ready(bot))
        sent = told(bot, "one", "two")
        until(lambda: keys() == sent)


def test_when_the_days_sessions_are_used_up_none_is_begun(bot: Channel) -> None:
    kit.remember(bot, "starts", 998)
    with discord_site.gateway():
        until(lambda: GatewaySession.objects.filter(state="waiting", note__startswith="Too many").exists())
    assert starts(bot) == 998


def test_a_message_that_comes_twice_is_stored_once(listened: Channel) -> None:
    controls = kit.controls_of(listened.key)
    controls.duplicates = True
    controls.save(update_fields=["duplicates"])
    sent = told(listened, "one", "two")
    until(lambda: session(listened).seq >= 5)
    assert keys() == sent


def test_edit_reaction_and_deletion_wait_behind_the_message(listened: Channel) -> None:
    (number,) = told(listened, "one")
    until(lambda: keys() == [number])
    write(listened, "edit", "two", message=number)
    write(listened, "reaction", message=number, emoji="🔥")
    write(listened, "removal", message=number)
    until(lambda: InboundEvent.objects.count() == 4)
    assert InboundEvent.objects.values("handle").distinct().count() == 1


def test_a_preview_of_a_link_is_not_followed(listened: Channel) -> None:
    sent = told(listened, "see https://shop.example/oak", "two")
    until(lambda: len(keys()) >= 2)
    assert keys() == sent


def test_the_bots_own_words_are_not_followed(listened: Channel) -> None:
    (number,) = told(listened, "hello there")
    until(lambda: keys() == [number])
    discord_site.go_on()
    until(lambda: discord_site.phone(listened) and session(listened).seq >= 3)
    assert keys() == [number]


def test_an_interaction_over_the_gateway_is_acknowledged_in_time(bot: Channel) -> None:
    bot.config |= {"interactions": "gateway"}
    bot.save(update_fields=["config"])
    with discord_site.gateway():
        until(lambda: is_ready(bot))
        row = write(bot, "open", "ABCD2345")
        assert row is not None
        until(lambda: keys() == [row.external_id])
        facts = SandboxFact.objects.filter(name__startswith=f"interaction:{row.external_id}")
        answer = until(lambda: objects.mapping(facts.get().value).get("answer"))
    assert answer["type"] == 4 and answer["data"]["flags"] == 64


def test_a_place_is_kept_by_a_digest_only(listened: Channel) -> None:
    told(listened, "one")
    place = until(lambda: DirectPlace.objects.first())
    assert place.handle == InboundEvent.objects.get().handle != objects.address(maya())


@pytest.mark.parametrize(
    ("code", "ending"),
    [(None, Ending.RESUME), (1000, Ending.RESUME), (1006, Ending.RESUME), (4000, Ending.RESUME), (4001, Ending.RESUME)]
    + [(code, Ending.NEW) for code in (4003, 4007, 4009)]
    + [(code, Ending.FATAL) for code in (4004, 4010, 4011, 4012, 4013, 4014)],
)
def test_every_closing_code_has_its_ending(code: int | None, ending: Ending) -> None:
    assert endings.of(code) is ending


def test_we_never_close_with_a_code_that_ends_the_session() -> None:
    assert endings.GOING_ON not in (1000, 1001)


# --- what is said of it -----------------------------------------------------------------------------------------------


def test_a_bot_that_is_listened_for_is_well(listened: Channel) -> None:
    assert [finding.is_well for finding in pulse.findings(listened)] == [True]
    assert checkups.registered["gateway"]().level == "OK"
    assert all(finding.is_well for finding in checks.check(listened))


def test_a_bot_that_nobody_listens_for_is_said(bot: Channel) -> None:
    assert checkups.registered["gateway"]().level == "FAIL"
    GatewaySession.objects.create(channel=bot, beat_at=timezone.now() - timedelta(seconds=200), note="broken")
    assert "200 s: broken" in checkups.registered["gateway"]().text
    assert not all(finding.is_well for finding in checks.check(bot))


def test_a_stopped_bot_is_not_missed(bot: Channel) -> None:
    Channel.objects.filter(pk=bot.pk).update(stopped_reason="401")
    assert checkups.registered["gateway"]().level == "OK" and not pulse.findings(bot)


def test_an_emptied_sandbox_goes_on_talking(listened: Channel) -> None:
    SandboxFact.objects.all().delete()
    kit.tell()
    until(lambda: SandboxFact.objects.filter(name__startswith="session:").exists())
    sent = told(listened, "one")
    until(lambda: keys() == sent)
