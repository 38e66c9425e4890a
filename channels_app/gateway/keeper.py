"""How does one bot stay connected? Lock, session, connect or resume, commit what is heard, wait, and begin again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from channels.db import database_sync_to_async

from channels_app import stops, wakeup
from channels_app.gateway import backfill, endings, frames, ledger
from channels_app.gateway.connection import Connection, Frame, Unreachable
from channels_app.gateway.discord import Api, Refused, Unanswered
from channels_app.gateway.endings import Ending
from channels_app.gateway.ledger import Ledger, Session
from channels_app.inbox import where
from channels_app.registry import Account

log = logging.getLogger(__name__)

WAIT_MAX = 60.0  # seconds between two tries
TAKEN_REST = 5.0  # seconds until the lock is tried again
BATCH, QUEUE = 200, 2000  # frames in one transaction; frames that may wait for one
STARTS_KEPT = 5  # sessions of the day that are left to whoever repairs something
STARTS_MAX = 900  # sessions a day; after 1,000 Discord resets the token
TRIES_TO_RESUME = 8  # connections that are not made, about two minutes: then the session is dead
FLUSH_SECONDS = 5.0

Item = Frame | None  # None is a heartbeat's answer


@dataclass(frozen=True, slots=True)
class Bot:
    """A channel whose bot is to be connected."""

    channel_id: int
    account: Account


class Keeper:
    """One bot's life, until `stop`."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.stopping = asyncio.Event()
        self.live: Connection | None = None
        self.failures = 0
        self.session_id = ""
        self.tasks: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Returns when it was stopped, or when Discord refuses the bot for good (the channel is stopped then)."""
        api = Api(self.bot.account)
        try:
            while not self.stopping.is_set():
                try:
                    async with ledger.opened(self.bot.channel_id) as opened:
                        await self._stay(opened, api)
                        return
                except ledger.Taken:
                    await self._sleep(TAKEN_REST)
                except (psycopg.Error, OSError, TimeoutError) as error:
                    log.warning("gateway %s without database: %s", self.bot.account.key, type(error).__name__)
                    await self._rest()
        finally:
            for task in self.tasks:
                task.cancel()
            await api.close()

    async def stop(self) -> None:
        """Closes the connection so that it can be resumed; `run` returns after what was heard is committed."""
        self.stopping.set()
        if self.live is not None:
            await self.live.stop()

    async def _stay(self, opened: Ledger, api: Api) -> None:
        """Connection after connection, under one lock."""
        while not self.stopping.is_set():
            ending = await self._once(opened, api)
            if ending is Ending.FATAL:
                return
            if ending is Ending.NEW:
                await opened.forget()
                await self._sleep(random.uniform(1.0, 5.0))
            await self._rest()

    async def _once(self, opened: Ledger, api: Api) -> Ending:
        """One connection from its address to its ending."""
        session = await opened.session()
        try:
            url = session.resume_url if session else await self._address(opened, api)
            if not url:
                return Ending.STOPPED
            return await self._connected(opened, api, session, url)
        except Refused as error:
            return await self._refused(opened, str(error))
        except (Unanswered, Unreachable) as error:
            await opened.say("waiting", f"Discord cannot be reached: {error}")
            await self._sleep(getattr(error, "wait", 0.0))
            return Ending.NEW if session and self.failures >= TRIES_TO_RESUME else Ending.RESUME

    async def _address(self, opened: Ledger, api: Api) -> str:
        """Where to begin a new session, once one may be begun; '' when we were stopped meanwhile."""
        start = await api.start()
        count, left = await opened.identifies()
        wait = start.reset_after if start.remaining <= STARTS_KEPT else left if count > STARTS_MAX else 0.0
        if wait:
            log.error("gateway %s: no new session for %.0f s, too many today", self.bot.account.key, wait)
            await opened.say("waiting", "Too many new sessions today; the next one has to wait.")
            await self._sleep(wait)
        return "" if self.stopping.is_set() else start.url

    async def _connected(self, opened: Ledger, api: Api, session: Session | None, url: str) -> Ending:
        """Listener and writer side by side; whichever ends takes the other with it, and nothing heard is left over."""
        queue: asyncio.Queue[Item] = asyncio.Queue(QUEUE)
        self.session_id = session.id if session else ""
        token = self.bot.account.secret("bot_token")
        live = Connection(token, queue.put, lambda: queue.put(None), session.seq if session else 0, self.session_id)
        self.live = live
        writer = self._start(self._write(opened, api, queue))
        listener = self._start(live.run(url))
        try:
            if self.stopping.is_set():
                await live.stop()
            await asyncio.wait([writer, listener], return_when=asyncio.FIRST_COMPLETED)
            if writer.done():
                writer.result()  # raises what ended it
            ending: Ending = await listener
            await self._flush(queue, writer)
            return await self._ended(opened, live, ending)
        finally:
            self.live = None
            await live.stop()
            for task in (writer, listener):
                task.cancel()
            await asyncio.gather(writer, listener, return_exceptions=True)

    async def _flush(self, queue: asyncio.Queue[Item], writer: asyncio.Task[Any]) -> None:
        """What was heard is committed, or, if that takes too long, comes again when the session is resumed."""
        joined = asyncio.ensure_future(queue.join())
        await asyncio.wait([joined, writer], timeout=FLUSH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        joined.cancel()
        if writer.done():
            writer.result()

    async def _ended(self, opened: Ledger, live: Connection, ending: Ending) -> Ending:
        if ending is Ending.FATAL:
            return await self._refused(opened, endings.REFUSED[live.code_of_end or 0])
        note = "stopped" if ending is Ending.STOPPED else f"connection ended ({live.code_of_end or 'broken'})"
        await opened.say("stopped" if ending is Ending.STOPPED else "waiting", note)
        return ending

    async def _refused(self, opened: Ledger, text: str) -> Ending:
        """Nothing but a person can help: the channel is stopped, and says why."""
        await opened.forget()
        await opened.say("refused", text)
        await database_sync_to_async(stops.stop)(self.bot.account.key, text)
        return Ending.FATAL

    async def _write(self, opened: Ledger, api: Api, queue: asyncio.Queue[Item]) -> None:
        """Commits what was heard, as much at once as has come in the meantime."""
        while True:
            batch = [await queue.get()]
            while len(batch) < BATCH and not queue.empty():
                batch.append(queue.get_nowait())
            await self._commit(opened, api, [frame for frame in batch if frame is not None])
            if None in batch:
                await opened.beat("ready")
            for _ in batch:
                queue.task_done()

    async def _commit(self, opened: Ledger, api: Api, batch: Sequence[Frame]) -> None:
        heard: list[ledger.Heard] = []
        replies: list[tuple[Frame, str]] = []
        for frame in batch:
            if frame.get("t") == "READY":
                await self._began(opened, api, frame)
                continue
            if frame.get("t") == "RESUMED":
                self._settle(opened, api)
                await opened.beat("ready")
            taken = self._take(frame)
            heard += taken.heard
            replies += [(taken.interaction, taken.reply)] if taken.reply else []
        seq = max((frame["s"] for frame in batch if isinstance(frame.get("s"), int)), default=0)
        await opened.commit(self.session_id, seq, heard)
        for interaction, reply in replies:
            self._start(api.acknowledge(interaction, reply))
        if heard:
            wakeup.inbox()

    def _take(self, frame: Frame) -> frames.Taken:
        try:
            return frames.take(self.bot.channel_id, frame, self.session_id)
        except Exception as error:  # noqa: BLE001 -- the quarantine of an event
            log.error("gateway %s: a dispatch is kept whole: %s", self.bot.account.key, where(error))
            return frames.stumbled(self.bot.account, self.bot.channel_id, frame, self.session_id, error)

    async def _began(self, opened: Ledger, api: Api, frame: Frame) -> None:
        data = frame.get("d") if isinstance(frame.get("d"), dict) else {}
        self.session_id = str((data or {}).get("session_id") or "")
        url = str((data or {}).get("resume_gateway_url") or "")
        await opened.began(Session(self.session_id, url, frame.get("s") or 0))
        self._settle(opened, api)

    def _settle(self, opened: Ledger, api: Api) -> None:
        """The session lives: failures are forgotten, and what was missed before is asked for."""
        log.info("gateway %s is ready", self.bot.account.key)
        self.failures = 0
        self._start(self._fill(opened, api))

    async def _fill(self, opened: Ledger, api: Api) -> None:
        try:
            await opened.tidy()
            if found := await backfill.fill(opened, api):
                log.info("gateway %s: %s messages had been missed", self.bot.account.key, found)
        except (psycopg.Error, OSError) as error:
            # The writer meets the same and begins anew; the gaps are kept in their rows.
            log.warning("what was missed waits for the database: %s", type(error).__name__)

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _rest(self) -> None:
        """Before the next try: at once the first time, then longer and longer, never all bots at the same moment."""
        wait = min(2.0 ** (self.failures - 1), WAIT_MAX) if self.failures else 0.0
        self.failures += 1
        await self._sleep(wait * random.uniform(0.75, 1.25))

    async def _sleep(self, seconds: float) -> None:
        """Waits, but not longer than until we are stopped."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self.stopping.wait()
        except TimeoutError:
            pass
