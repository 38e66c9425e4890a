"""Is it stored? Rows of the inbox, written by group commit: concurrent callers share one statement and one COMMIT.

NotStored
+-- Busy          more waits than may wait: say so, the sender comes again
+-- Unavailable   the database did not commit; what was sent may or may not be there, and its key makes that safe
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import connection

from channels_app.registry import RawEvent, safe_key
from common import crypto
from common.ids import uuid7

log = logging.getLogger(__name__)

BATCH = 200  # rows in one statement, and
BATCH_BYTES = 4 * 1024 * 1024  # bytes of their bodies: whoever comes behind waits for so much, and no more
LARGE = 256 * 1024  # bytes of a body that is written beside the others'
SHARDS = 2  # a handle's rows always take the same one, so no two batches hold rows of one person
WAITING_MAX = 5000  # rows that may wait in this process
CONNECT_SECONDS = 2
COMMIT_SECONDS = 5.0
TABLE, COLUMN = "channels_app_inboundevent", "body"

# New keys first, in a fixed order so that two batches never wait for each other; then the events of the new ones.
PUT = """
WITH given AS (
    SELECT * FROM ROWS FROM (
        json_to_recordset(%s::json)
        AS (channel_id bigint, key text, handle text, kind text, public_id uuid, body text, occurred_at timestamptz,
            error text)
    ) WITH ORDINALITY AS g(channel_id, key, handle, kind, public_id, body, occurred_at, error, n)
), fresh AS (
    INSERT INTO channels_app_inboundkey (channel_id, key, seen_at)
    SELECT channel_id, key, now() FROM given ORDER BY channel_id, key
    ON CONFLICT DO NOTHING RETURNING channel_id, key
)
INSERT INTO channels_app_inboundevent
    (public_id, channel_id, key, handle, kind, body, occurred_at, received_at, state, attempts, next_attempt_at, error,
     outcome)
SELECT public_id, channel_id, key, handle, kind, body, occurred_at, now(),
    CASE WHEN error = '' THEN 'pending' ELSE 'quarantined' END, 0, now(), error, ''
FROM given JOIN fresh USING (channel_id, key) ORDER BY n
"""


class NotStored(Exception):
    """The rows were not acknowledged by the database."""


class Busy(NotStored):
    """The queue of this process is full."""


class Unavailable(NotStored):
    """The database did not answer, or refused."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event, ready to be written; with an error it goes to quarantine."""

    channel_id: int
    key: str
    handle: str
    kind: str
    public_id: UUID
    body: str
    occurred_at: datetime
    error: str = ""

    def members(self) -> dict[str, object]:
        """What PUT reads, as JSON can write it."""
        return {
            "channel_id": self.channel_id,
            "key": self.key,
            "handle": self.handle,
            "kind": self.kind,
            "public_id": str(self.public_id),
            "body": self.body,
            "occurred_at": self.occurred_at.isoformat(),
            "error": self.error,
        }


def row(channel_id: int, event: RawEvent, error: str = "") -> Row:
    """The event sealed to its row; the handle becomes a digest, for only its equality is needed."""
    public_id = uuid7()
    return Row(
        channel_id=channel_id,
        key=safe_key(event.key),
        handle=crypto.blind("handle", value=safe_key(event.handle)),
        kind=event.kind,
        public_id=public_id,
        body=crypto.seal(event.raw, table=TABLE, column=COLUMN, row=public_id),
        occurred_at=event.occurred_at,
        error=error,
    )


async def put(rows: Sequence[Row]) -> None:
    """Returns once the rows are committed; a row whose key is known adds nothing. Raises `NotStored`.

    May wait for the batch before it, too; a caller that must answer in time sets its own deadline.
    """
    await here().put(rows)


def put_now(rows: Sequence[Row]) -> None:
    """The same from a thread, in the caller's transaction if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(PUT, [as_json(rows)])


def as_json(rows: Sequence[Row]) -> str:
    """The parameter of PUT, half as dear as arrays; a key that stands there twice is written once."""
    unique: dict[tuple[int, str], dict[str, object]] = {}
    for one in rows:
        unique.setdefault((one.channel_id, one.key), one.members())
    return json.dumps(list(unique.values()))


class Committer:
    """One connection, one batch at a time: what comes while a batch is written makes the next one."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self.has_work = asyncio.Event()
        self.connection: psycopg.AsyncConnection[Any] | None = None

    def add(self, row: Row) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((row, done))
        self.has_work.set()
        return done

    async def run(self) -> None:
        while True:
            await self.has_work.wait()
            most = self._most()
            batch, self.waiting = self.waiting[:most], self.waiting[most:]
            if not self.waiting:
                self.has_work.clear()
            failure = await self._write([row for row, _ in batch])
            for _, done in batch:
                if not done.done():
                    done.set_exception(failure) if failure else done.set_result(None)

    def _most(self) -> int:
        """How many of those that wait make the next batch: one at least."""
        size = 0
        for count, (row, _) in enumerate(self.waiting[:BATCH]):
            size += len(row.body)
            if size > BATCH_BYTES:
                return max(count, 1)
        return BATCH

    async def _write(self, rows: list[Row]) -> NotStored | None:
        """Writes the batch, a second time over a new connection if the first one turns out to be dead."""
        reused = self.connection is not None
        failure = await self._try(rows)
        return await self._try(rows) if failure and reused and self.connection is None else failure

    async def _try(self, rows: list[Row]) -> NotStored | None:
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                if self.connection is None:
                    self.connection = await connect()
                is_large = sum(len(row.body) for row in rows) > LARGE
                given = await asyncio.to_thread(as_json, rows) if is_large else as_json(rows)
                await self.connection.execute(PUT, [given], prepare=True)
            return None
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError, TimeoutError) as error:
            await self._drop()
            return Unavailable(type(error).__name__)
        except psycopg.Error as error:
            log.error("inbox rows refused: %s", type(error).__name__)
            return Unavailable(type(error).__name__)

    async def _drop(self) -> None:
        dead, self.connection = self.connection, None
        if dead is not None:
            # Closing says goodbye to the server, and that may never be heard: the socket goes first.
            dead.pgconn.finish()

    async def close(self) -> None:
        if self.connection is not None:
            await self.connection.close()


class Store:
    """The committers of one event loop: one per shard, and behind them one for what is large.

    A person's order holds: what follows something large of a handle waits behind it, and what is pending is taken by
    the provider's clock, then by our id, whoever wrote it.
    """

    def __init__(self) -> None:
        self.committers = [Committer() for _ in range(SHARDS + 1)]
        self.tasks = [asyncio.ensure_future(committer.run()) for committer in self.committers]
        self.behind: Counter[str] = Counter()  # handle -> its rows that wait behind the large ones

    async def put(self, rows: Sequence[Row]) -> None:
        queued = sum(len(committer.waiting) for committer in self.committers)
        if queued and queued + len(rows) > WAITING_MAX:
            raise Busy("the queue is full")
        waiting = [self._add(one) for one in rows]
        try:
            for done in waiting:
                await done
        finally:
            for done in waiting:
                if not done.done():
                    done.add_done_callback(_heed)
                else:
                    _heed(done)

    def _add(self, row: Row) -> asyncio.Future[None]:
        if len(row.body) <= LARGE and row.handle not in self.behind:
            return self.committers[hash(row.handle) % SHARDS].add(row)
        self.behind[row.handle] += 1
        done = self.committers[SHARDS].add(row)
        done.add_done_callback(lambda _: self._left(row.handle))
        return done

    def _left(self, handle: str) -> None:
        self.behind[handle] -= 1
        if self.behind[handle] <= 0:
            del self.behind[handle]

    async def open(self) -> None:
        """Connects before the first request needs it, but for what is large; a database that is down is tried again."""
        for committer in self.committers[:SHARDS]:
            try:
                committer.connection = committer.connection or await connect()
            except (psycopg.Error, OSError) as error:
                log.warning("inbox store without database: %s", type(error).__name__)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for committer in self.committers:
            await committer.close()


def _heed(done: asyncio.Future[None]) -> None:
    """A failure nobody waits for any more has been told already."""
    if not done.cancelled():
        done.exception()


async def connect() -> psycopg.AsyncConnection[Any]:
    """A connection of our own to Django's database: autocommit, prepared, and the commit waits for the disk."""
    found = settings.DATABASES["default"]
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    given: dict[str, Any] = {key: found[name] for key, name in named.items() if found.get(name)}
    # Only a test of what happens without it may acknowledge what the disk does not hold yet.
    options = "" if settings.ALLOW_UNSAFE_DATABASE else "-c synchronous_commit=on"
    return await psycopg.AsyncConnection.connect(
        **given,
        autocommit=True,
        prepare_threshold=0,
        connect_timeout=CONNECT_SECONDS,
        options=f"{options} -c application_name=inbox".strip(),
    )


_stores: WeakKeyDictionary[asyncio.AbstractEventLoop, Store] = WeakKeyDictionary()


def here() -> Store:
    """The store of the running event loop, made by its first use."""
    loop = asyncio.get_running_loop()
    if loop not in _stores:
        _stores[loop] = Store()
    return _stores[loop]


async def shutdown() -> None:
    """Ends the store of the running event loop, if there is one."""
    store = _stores.pop(asyncio.get_running_loop(), None)
    if store is not None:
        await store.close()
