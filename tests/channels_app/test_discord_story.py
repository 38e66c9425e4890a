"""Does a conversation on Discord work from end to end? Emulator, gateway, inbox, turn, delivery, emulator."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from django.core.management import call_command

from channels_app.models import Channel, InboundEvent
from channels_app.registry import DeliveryError, Outgoing, account_of, adapter
from channels_app.sandbox import emulators, kit
from channels_app.sandbox.discord_emulator import objects, sessions
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxControls, SandboxExchange, SandboxMessage
from conversations.content import Text
from conversations.models import Delivery, Message
from customers.models import Identity
from tests.channels_app import discord_site
from tests.channels_app.discord_site import go_on, phone, until, write
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bot(settings: Any) -> Iterator[Channel]:
    """Maya's bot, listened for."""
    with discord_site.site(settings):
        found = discord_site.channel()
        with discord_site.gateway():
            until(lambda: discord_site.is_ready(found))
            yield found


def arrived(count: int) -> None:
    until(lambda: InboundEvent.objects.count() >= count)
    go_on()


def tap(bot: Channel, label: str) -> SandboxMessage:
    """Presses a button of the newest message."""
    message = phone(bot)[-1]
    options = [
        one for row in message["components"] for part in row["components"] for one in part.get("options", [part])
    ]
    found = next(one for one in options if one["label"] == label)
    row = write(bot, "tap", message=message["id"], option=found.get("custom_id") or found["value"], title=label)
    assert row is not None
    return row


def test_a_journey_runs_on_discord_with_words_and_taps(bot: Channel) -> None:
    cast.sales()
    cast.library()
    write(bot, text="hi")
    arrived(1)
    row = tap(bot, "Mesh executive")
    arrived(2)
    assert "budget" in phone(bot)[-1]["content"]
    write(bot, text="400")
    arrived(3)
    assert "What matters most" in phone(bot)[-1]["content"]
    assert Identity.objects.get(namespace="discord_user").proof == "provider"
    until(lambda: SandboxMessage.objects.get(pk=row.pk).state == "delivered")
    assert Message.objects.filter(author="customer").count() == 3


def test_a_tap_is_answered_within_three_seconds_and_comes_once(bot: Channel) -> None:
    cast.sales()
    cast.library()
    write(bot, text="hi")
    arrived(1)
    row = tap(bot, "Mesh executive")
    exchange = until(lambda: SandboxExchange.objects.filter(direction="in", path__startswith="/webhooks/").first())
    assert exchange.status == 200 and exchange.took_ms < 3000 and json.loads(exchange.response) == {"type": 6}
    until(lambda: SandboxMessage.objects.get(pk=row.pk).state == "delivered")
    assert InboundEvent.objects.filter(key=row.external_id).count() == 1


@pytest.mark.scenario("T-33")
def test_discords_ping_is_answered_and_its_bad_signature_refused(bot: Channel) -> None:
    write(bot, "action", option="probe")
    until(lambda: kit.recall(bot, "probe:401") and kit.recall(bot, "probe:200"))
    assert (kit.recall(bot, "probe:200"), kit.recall(bot, "probe:401")) == ("ok", "ok")
    assert not InboundEvent.objects.exists()


def test_an_endpoint_that_nobody_answers_fails_the_tap(bot: Channel) -> None:
    write(bot, text="hello there")
    arrived(1)
    bot.config |= {"webhook_url": "http://127.0.0.1:1/"}
    row = write(bot, "open", "ABCD2345")
    assert row is not None
    failed = until(lambda: SandboxMessage.objects.filter(pk=row.pk, state="failed").first())
    assert "failed" in emulators.of(bot).bubble(failed).note


def test_the_link_command_is_answered_at_once_and_only_to_who_gave_it(bot: Channel) -> None:
    row = write(bot, "open", "ABCDEFGH23456789")
    assert row is not None
    arrived(1)
    shown = until(lambda: SandboxMessage.objects.filter(pk=row.pk, state="delivered").first())
    assert "direct message" in emulators.of(bot).bubble(shown).note


def test_a_send_whose_answer_was_lost_shows_once(bot: Channel) -> None:
    write(bot, text="hello there")
    SandboxControls.objects.update_or_create(channel=bot.key, defaults={"failure": kit.LOST, "is_failure_once": True})
    arrived(1)
    assert len(phone(bot)) == 1
    sent = Delivery.objects.order_by("pk").first()
    assert sent is not None
    Delivery.objects.filter(pk=sent.pk).update(state="queued", next_attempt_at=sent.queued_at)
    go_on()
    sent.refresh_from_db()
    assert sent.state == "sent" and len(phone(bot)) == 1 and sent.external_id == phone(bot)[0]["id"]


def test_a_file_is_fetched_also_when_its_link_ran_out(bot: Channel, settings: Any) -> None:
    row = write(bot, "file", "look", file=Upload(b"\x89PNG\r\n\x1a\n0", "image/png", "a b.png"))
    assert row is not None
    arrived(1)
    url = row.body["attachments"][0]["url"]
    account, discord = account_of(bot), adapter("discord")
    assert discord.fetch(account, url).content == b"\x89PNG\r\n\x1a\n0"
    stale = re.sub("ex=[0-9a-f]+", "ex=1", url)
    assert discord.fetch(account, stale).media_type == "image/png"
    with pytest.raises(DeliveryError) as caught:
        discord.fetch(account, stale.replace("/attachments/", "/attachments/0"))
    assert caught.value.is_permanent


@pytest.mark.scenario("T-34")
def test_a_file_elsewhere_is_not_fetched(bot: Channel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        real = replace(account_of(bot), config={})
        for host in ("127.0.0.1", "localhost", "cdn.discordapp.com@127.0.0.1"):
            with pytest.raises(DeliveryError):
                adapter("discord").fetch(real, f"http://{host}:{listener.getsockname()[1]}/attachments/1/2/a.png")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_who_blocks_the_bot_is_unreachable(bot: Channel) -> None:
    write(bot, text="hello there")
    write(bot, "action", option="block")
    arrived(1)
    assert Delivery.objects.get(state="failed").reason == "unreachable" and not phone(bot)


def test_what_is_edited_and_taken_back_follows(bot: Channel) -> None:
    row = write(bot, text="one")
    assert row is not None
    arrived(1)
    write(bot, "edit", "two", message=row.external_id)
    arrived(2)
    message = Message.objects.get(external_id=row.external_id)
    assert message.edits.get().content == {"type": "text", "text": "two"}
    write(bot, "reaction", message=row.external_id, emoji="🔥")
    arrived(3)
    assert message.reactions.get().emoji == "🔥"
    write(bot, "removal", message=row.external_id)
    arrived(4)
    message.refresh_from_db()
    assert message.kind == "removed" and not message.edits.exists()


def test_an_application_is_connected_by_command(bot: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("connect_channel", bot.key)
    told = capsys.readouterr().out
    assert "/link is set" in told and "endpoint URL is set" in told and "FAIL" not in told
    until(lambda: kit.recall(bot, "probe:200") == "ok" and kit.recall(bot, "probe:401") == "ok")


@pytest.mark.scenario("J-12")
def test_who_speaks_in_a_server_is_answered_there_and_in_private_in_private(bot: Channel) -> None:
    write(bot, text="hello there")
    arrived(1)
    user = objects.user(objects.address(discord_site.maya()))
    kit.remember(bot, "dm:4242", user["id"])
    words = objects.message(bot, "4242", user, content=f"<@{bot.account}> hello", guild_id="77")
    sessions.dispatch(bot, "MESSAGE_CREATE", words)
    arrived(2)
    write(bot, text="and here")
    arrived(3)
    assert [one["channel_id"] == "4242" for one in phone(bot)] == [False, True, False]


def test_the_sixth_message_within_five_seconds_has_to_wait(bot: Channel) -> None:
    account, user = account_of(bot), objects.address(discord_site.maya())
    for n in range(5):
        adapter("discord").send(account, Outgoing(Text(str(n)), "discord_user", user, f"ref-{n}"))
    with pytest.raises(DeliveryError) as caught:
        adapter("discord").send(account, Outgoing(Text("6"), "discord_user", user, "ref-6"))
    assert caught.value.reason == "rate_limited" and 0 < (caught.value.retry_after or 0) <= 5
    place = objects.direct(bot, user)
    headers = {"Authorization": f"Bot {account.secret('bot_token')}", "User-Agent": "DiscordBot (x, 1)"}
    url = f"{objects.root()}/channels/{place}/messages"
    answer = httpx.post(url, json={"content": "7"}, headers=headers, trust_env=False)
    assert answer.status_code == 429 and 0 < answer.json()["retry_after"] <= 5
    assert answer.headers["x-ratelimit-scope"] == "user" and answer.headers["x-ratelimit-remaining"] == "0"


def test_who_does_not_call_itself_a_bot_is_turned_away(bot: Channel) -> None:
    place = objects.direct(bot, objects.address(discord_site.maya()))
    headers = {"Authorization": f"Bot {account_of(bot).secret('bot_token')}"}
    url = f"{objects.root()}/channels/{place}/messages"
    answer = httpx.post(url, json={"content": "7"}, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (403, 40333)
