"""Does a conversation on Discord work from end to end? Emulator, gateway, inbox, turn, delivery, emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.models import Channel, InboundEvent
from channels_app.sandbox.models import SandboxMessage
from conversations.models import Message
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
