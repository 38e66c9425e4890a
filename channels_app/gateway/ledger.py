"""What is certain? Events in the inbox, the session's place, people's places: one transaction, one writer per bot.

The connection that writes holds the bot's advisory lock: whoever lost the lock has lost the connection, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from channels_app import inbox_store
from channels_app.inbox_store import Row

LOCK = "SELECT pg_try_advisory_lock(hashtextextended('discord gateway', %s))"
MAKE = """
INSERT INTO channels_app_gatewaysession (channel_id, session_id, resume_url, seq, state, note, identifies)
VALUES (%s, '', '', 0, 'connecting', '', 0) ON CONFLICT (channel_id) DO NOTHING
"""
LOAD = "SELECT session_id, resume_url, seq FROM channels_app_gatewaysession WHERE channel_id = %s"
BEGAN = """
UPDATE channels_app_gatewaysession
SET session_id = %s, resume_url = %s, seq = %s, state = 'ready', note = '', ready_at = now(), beat_at = now()
WHERE channel_id = %s
"""
MISSED = """
UPDATE channels_app_directplace SET gap_after = coalesce(gap_after, last_message)
WHERE channel_id = %s AND last_message > 0
"""
FORGET = "UPDATE channels_app_gatewaysession SET session_id = '', resume_url = '', seq = 0 WHERE channel_id = %s"
CAME = "UPDATE channels_app_gatewaysession SET seq = greatest(seq, %s) WHERE channel_id = %s AND session_id = %s"
BEAT = "UPDATE channels_app_gatewaysession SET state = %s, note = %s, beat_at = now() WHERE channel_id = %s"
STATE = "UPDATE channels_app_gatewaysession SET state = %s, note = %s WHERE channel_id = %s"
IDENTIFIES = """
UPDATE channels_app_gatewaysession SET
    identifies = CASE WHEN identifies_since > now() - interval '1 day' THEN identifies ELSE 0 END + 1,
    identifies_since = CASE WHEN identifies_since > now() - interval '1 day' THEN identifies_since ELSE now() END
WHERE channel_id = %s
RETURNING identifies, extract(epoch FROM identifies_since + interval '1 day' - now())::float
"""
PLACE = """
INSERT INTO channels_app_directplace (channel_id, place, handle, last_message, seen_at)
VALUES (%s, %s, %s, %s, now())
ON CONFLICT (channel_id, place) DO UPDATE SET handle = excluded.handle, seen_at = now(),
    last_message = greatest(channels_app_directplace.last_message, excluded.last_message)
"""
HANDLE = "SELECT handle FROM channels_app_directplace WHERE channel_id = %s AND place = %s"
GAPS = """
SELECT place, gap_after FROM channels_app_directplace
WHERE channel_id = %s AND gap_after IS NOT NULL ORDER BY last_message DESC LIMIT 1
"""
GAP = "UPDATE channels_app_directplace SET gap_after = %s WHERE channel_id = %s AND place = %s"
OLD = "DELETE FROM channels_app_directplace WHERE channel_id = %s AND seen_at < now() - interval '30 days'"


class Taken(Exception):
    """Another process writes for this bot."""


@dataclass(frozen=True, slots=True)
class Session:
    """Where the bot stands at the gateway."""

    id: str
    resume_url: str
    seq: int


@dataclass(frozen=True, slots=True)
class Heard:
    """One event with its row; `place` is the direct messages it came in, `message` the id to go on after.

    `is_named`: the event says who did it; one that does not is ordered by the person of its place.
    """

    row: Row
    place: int = 0
    message: int = 0
    is_named: bool = True


@dataclass(slots=True)
class Ledger:
    """The writer of one bot; its methods take turns, for they share one connection."""

    channel_id: int
    connection: psycopg.AsyncConnection[Any]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def session(self) -> Session | None:
        """The session to resume, None if there is none."""
        found = await self._one(LOAD, self.channel_id)
        return Session(*found) if found and found[0] else None

    async def began(self, session: Session) -> None:
        """A new session: what people wrote since the last one has to be asked for."""
        async with self.turn, self.connection.transaction():
            place = [session.id[:255], session.resume_url[:255], session.seq, self.channel_id]
            await self.connection.execute(BEGAN, place)
            await self.connection.execute(MISSED, [self.channel_id])

    async def forget(self) -> None:
        """The session is over."""
        await self._do(FORGET, self.channel_id)

    async def commit(self, session_id: str, seq: int, heard: Sequence[Heard]) -> None:
        """Events, places and how far the session has come: all of it or nothing."""
        async with self.turn, self.connection.transaction():
            await self._put(heard)
            await self.connection.execute(CAME, [seq, self.channel_id, session_id])

    async def filled(self, place: int, up_to: int | None, heard: Sequence[Heard]) -> None:
        """What was missed at a place goes into the inbox; without `up_to` there is no more."""
        async with self.turn, self.connection.transaction():
            await self._put(heard)
            await self.connection.execute(GAP, [up_to, self.channel_id, place])

    async def gap(self) -> tuple[int, int] | None:
        """(place, last message that is known) where something may have been missed."""
        found = await self._one(GAPS, self.channel_id)
        return (int(found[0]), int(found[1])) if found else None

    async def beat(self, state: str, note: str = "") -> None:
        """A sign of life, for the health page."""
        await self._do(BEAT, state, note[:200], self.channel_id)

    async def say(self, state: str, note: str) -> None:
        """What we are doing, without a sign of life."""
        await self._do(STATE, state, note[:200], self.channel_id)

    async def identifies(self) -> tuple[int, float]:
        """Counts a new session: how many in this day with it, and in how many seconds the day is over."""
        found = await self._one(IDENTIFIES, self.channel_id)
        return (int(found[0]), float(found[1])) if found else (1, 0.0)

    async def tidy(self) -> None:
        """Forgets places where nobody wrote for a month."""
        await self._do(OLD, self.channel_id)

    async def _put(self, heard: Sequence[Heard]) -> None:
        rows = [await self._ordered(one) for one in heard]
        if rows:
            await self.connection.execute(inbox_store.PUT, [inbox_store.as_json(rows)])
        for one in heard:
            if one.place and one.is_named:
                await self.connection.execute(PLACE, [self.channel_id, one.place, one.row.handle, one.message])

    async def _ordered(self, heard: Heard) -> Row:
        """A deletion names no person: it waits its turn behind what the person of that place wrote."""
        if heard.is_named or not heard.place:
            return heard.row
        found = await (await self.connection.execute(HANDLE, [self.channel_id, heard.place])).fetchone()
        return replace(heard.row, handle=str(found[0])) if found else heard.row

    async def _one(self, query: str, *values: object) -> Any:
        async with self.turn:
            return await (await self.connection.execute(query, values)).fetchone()

    async def _do(self, query: str, *values: object) -> None:
        async with self.turn:
            await self.connection.execute(query, values)


@asynccontextmanager
async def opened(channel_id: int) -> AsyncIterator[Ledger]:
    """The bot's ledger, while the lock is ours; `Taken` if it is another's. Database errors come as they are."""
    connection = await inbox_store.connect()
    try:
        (is_ours,) = await (await connection.execute(LOCK, [channel_id])).fetchone() or (False,)
        if not is_ours:
            raise Taken
        await connection.execute(MAKE, [channel_id])
        yield Ledger(channel_id, connection)
    finally:
        await connection.close()
