"""Which accounts stand behind a webhook's URL? Read by the door without the ORM, and remembered for some seconds."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import psycopg

from channels_app.inbox_store import Unavailable, connect
from channels_app.registry import Account, Adapter, RawEvent, UnknownKind, adapter
from common import crypto

log = logging.getLogger(__name__)

TTL = 5.0  # seconds: a changed secret counts after that
TTL_OF_UNKNOWN = 1.0  # an app that is not known is looked up again no sooner
READ_SECONDS = 3.0
TABLE, COLUMN = "channels_app_channel", "credentials"

CHANNELS = """
SELECT id, public_id, kind, key, account, config, credentials FROM channels_app_channel
WHERE is_enabled AND config ? 'app' ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class App:
    """An app of a provider: its adapter, and our Channels that share its URL and secret, by id."""

    adapter: Adapter
    channels: dict[int, Account]

    @property
    def accounts(self) -> list[Account]:
        return list(self.channels.values())

    def place(self, event: RawEvent) -> tuple[int, RawEvent]:
        """The event's Channel; one for a number that nobody connected is kept under the first, as `other`."""
        for channel_id, account in self.channels.items():
            if account.account == event.account:
                return channel_id, event
        first = next(iter(self.channels))
        return (first, event) if event.kind == "other" else (first, replace(event, kind="other"))


Apps = dict[tuple[str, str], App]


@dataclass
class Book:
    """What one event loop remembers."""

    apps: Apps = field(default_factory=dict)
    read_at: float = -1e9
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: psycopg.AsyncConnection[Any] | None = None


_books: WeakKeyDictionary[asyncio.AbstractEventLoop, Book] = WeakKeyDictionary()


async def app(kind: str, key: str) -> App | None:
    """The app of a URL, None if there is none. Raises `Unavailable` when nobody can tell."""
    book = _books.setdefault(asyncio.get_running_loop(), Book())
    found = book.apps.get((kind, key))
    if time.monotonic() - book.read_at < (TTL if found else TTL_OF_UNKNOWN):
        return found
    async with book.lock:
        found = book.apps.get((kind, key))
        if time.monotonic() - book.read_at >= (TTL if found else TTL_OF_UNKNOWN):
            await _refresh(book)
    return book.apps.get((kind, key))


async def shutdown() -> None:
    """Closes the connection of the running event loop and forgets."""
    book = _books.pop(asyncio.get_running_loop(), None)
    if book is not None and book.connection is not None:
        await book.connection.close()


async def _refresh(book: Book) -> None:
    """Reads all apps; what is remembered stands while the database is away, for then nothing is accepted anyway."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            if book.connection is None:
                book.connection = await connect()
            rows = await (await book.connection.execute(CHANNELS)).fetchall()
    except (psycopg.Error, OSError, TimeoutError) as error:
        dead, book.connection = book.connection, None
        if dead is not None:
            dead.pgconn.finish()
        if not book.apps:
            raise Unavailable(type(error).__name__) from error
        return
    book.apps = _apps(rows)
    book.read_at = time.monotonic()


def _apps(rows: list[Any]) -> Apps:
    """One channel that cannot be read must not close the door of the others."""
    apps: Apps = {}
    for pk, public_id, kind, key, account, config, credentials in rows:
        try:
            opened = crypto.unseal(credentials, table=TABLE, column=COLUMN, row=public_id) if credentials else "{}"
            found = Account(key=key, account=account, config=config, credentials=json.loads(opened) or {})
            apps.setdefault((kind, str(config["app"])), App(adapter(kind), {})).channels[pk] = found
        except (crypto.CryptoError, UnknownKind) as error:
            log.error("channel %s cannot be used: %s", key, type(error).__name__)
    return apps
