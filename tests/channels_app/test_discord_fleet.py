"""Does one dispatch, or one bot, that our reading stumbles over leave all the others connected?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from channels_app.gateway.fleet import Fleet
from channels_app.gateway.keeper import Bot, Keeper
from channels_app.gateway.ledger import opened
from channels_app.models import InboundEvent
from channels_app.registry import Account
from tests.channels_app import discord_site

ACCOUNT = Account(key="discord-test", account="7")


def dispatch(number: int, **data: Any) -> Mapping[str, Any]:
    """A direct message; `data` replaces its members."""
    said = {"id": str(number), "channel_id": "2", "author": {"id": "3"}, "content": "hi", "type": 0}
    return {"t": "MESSAGE_CREATE", "s": number, "d": said | data}


class Unwritable(dict[str, Any]):
    """A payload that no code of ours can walk."""

    def get(self, *names: Any) -> Any:
        raise TypeError("poison")


class Poor(Keeper):
    """A bot that a defect of ours ends."""

    async def run(self) -> None:
        raise TypeError("poison")


class Few(Fleet):
    """Bots that are no rows; the first one dies."""

    async def _bots(self) -> Mapping[int, Bot]:
        return {1: Bot(1, ACCOUNT)}


@pytest.mark.django_db(transaction=True)
def test_a_poison_dispatch_is_kept_and_those_around_it_go_on() -> None:
    bot = discord_site.channel()

    async def commit() -> None:
        async with opened(bot.pk) as ledger:
            keeper = Keeper(Bot(bot.pk, Account(bot.key, bot.account)))
            frames = [dispatch(1), {"t": "MESSAGE_CREATE", "s": 2, "d": Unwritable(x=1)}, dispatch(3)]
            await keeper._commit(ledger, None, frames)  # type: ignore[arg-type]  # nothing is answered

    asyncio.run(commit())
    found = list(InboundEvent.objects.order_by("pk").values_list("kind", "state"))
    assert found == [("message", "pending"), ("other", "quarantined"), ("message", "pending")]
    assert InboundEvent.objects.get(state="quarantined").error.startswith("TypeError at ")


def test_a_keeper_that_dies_ends_nobody_else_and_waits_before_it_begins_anew() -> None:
    async def look() -> tuple[Fleet, bool]:
        fleet = Few()
        fleet.keepers = {1: Poor(Bot(1, ACCOUNT))}
        fleet.tasks = {1: asyncio.create_task(fleet.keepers[1].run())}
        await asyncio.sleep(0)
        await fleet._look()
        waits = 1 not in fleet.keepers
        fleet.not_before[1] = 0.0
        await fleet._look()
        began = 1 in fleet.keepers
        await fleet._end(1)
        return fleet, waits and began

    fleet, is_as_told = asyncio.run(look())
    assert is_as_told and not fleet.keepers
