"""Which bots are connected? Those of all enabled Discord channels, looked up every few seconds."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import psycopg

from channels_app import inbox_store, wakeup
from channels_app.gateway.keeper import WAIT_MAX, Bot, Keeper
from channels_app.inbox import where
from channels_app.registry import Account
from common import crypto

log = logging.getLogger(__name__)

POLL = 5.0  # seconds until a channel that was added, changed, stopped or removed is noticed
TABLE, COLUMN = "channels_app_channel", "credentials"
CHANNELS = """
SELECT id, public_id, key, account, config, credentials FROM channels_app_channel
WHERE kind = 'discord' AND is_enabled AND stopped_reason = ''
"""


class Fleet:
    """All bots of this installation in one process."""

    def __init__(self, poll: float = POLL) -> None:
        self.poll = poll
        self.keepers: dict[int, Keeper] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.deaths: dict[int, int] = {}  # keepers that died of a defect of ours, one after the other
        self.not_before: dict[int, float] = {}  # of the event loop's clock
        self.connection: psycopg.AsyncConnection[Any] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then every connection is closed so that it can be resumed."""
        try:
            while not stop.is_set():
                try:
                    await self._look()
                except (psycopg.Error, OSError, TimeoutError) as error:
                    log.warning("channels cannot be read: %s", type(error).__name__)
                    await self._drop()
                try:
                    async with asyncio.timeout(self.poll):
                        await stop.wait()
                except TimeoutError:
                    pass
        finally:
            await asyncio.gather(*(self._end(pk) for pk in list(self.keepers)))
            await self._drop()
            await wakeup.shutdown()

    async def _look(self) -> None:
        """Ends keepers whose channel is gone or changed, starts those that are missing."""
        wanted = await self._bots()
        for pk, keeper in list(self.keepers.items()):
            if wanted.get(pk) != keeper.bot or self.tasks[pk].done():
                await self._end(pk)
        for pk, bot in wanted.items():
            if pk not in self.keepers and self.not_before.get(pk, 0.0) <= asyncio.get_running_loop().time():
                self.keepers[pk] = Keeper(bot)
                self.tasks[pk] = asyncio.create_task(self.keepers[pk].run(), name=f"gateway {bot.account.key}")

    async def _end(self, pk: int) -> None:
        """One keeper's death is its own: it is told, and the next one waits longer and longer."""
        keeper, task = self.keepers.pop(pk), self.tasks.pop(pk)
        await keeper.stop()
        (error,) = await asyncio.gather(task, return_exceptions=True)
        if not isinstance(error, Exception):
            self.deaths.pop(pk, None)
            return
        self.deaths[pk] = self.deaths.get(pk, 0) + 1
        wait = min(2.0 ** self.deaths[pk], WAIT_MAX)
        self.not_before[pk] = asyncio.get_running_loop().time() + wait
        log.error("gateway %s died, again in %.0f s: %s", keeper.bot.account.key, wait, where(error))

    async def _bots(self) -> Mapping[int, Bot]:
        if self.connection is None:
            self.connection = await inbox_store.connect()
        rows = await (await self.connection.execute(CHANNELS)).fetchall()
        bots: dict[int, Bot] = {}
        for pk, public_id, key, account, config, credentials in rows:
            try:
                opened = crypto.unseal(credentials, table=TABLE, column=COLUMN, row=public_id) if credentials else "{}"
            except crypto.CryptoError as error:
                log.error("channel %s cannot be used: %s", key, type(error).__name__)
                continue
            bots[pk] = Bot(pk, Account(key, account, config, json.loads(opened) or {}))
        return bots

    async def _drop(self) -> None:
        dead, self.connection = self.connection, None
        if dead is not None:
            dead.pgconn.finish()
