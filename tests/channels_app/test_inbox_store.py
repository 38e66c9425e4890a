"""Does a large body keep nobody waiting, and its own person's events in order?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from channels_app import inbox_store
from channels_app.inbox_store import BATCH_BYTES, LARGE, SHARDS, Committer, Row, Store
from channels_app.models import InboundEvent
from channels_app.registry import RawEvent
from common import clock
from tests.channels_app import whatsapp


def row(key: str, *, handle: str = "ann", size: int = 10, channel_id: int = 1) -> Row:
    made = inbox_store.row(channel_id, RawEvent(key, handle, clock.now(), "x", "message"))
    return replace(made, body="x" * size, handle=handle)


def run(work: Callable[[Store], Awaitable[None]]) -> None:
    """Runs it with a store whose committers have nothing to do with a database yet."""

    async def all_of_it() -> None:
        store = Store()
        for task in store.tasks:
            task.cancel()
        await work(store)

    asyncio.run(all_of_it())


def test_a_batch_ends_before_it_is_too_large() -> None:
    async def fill(store: Store) -> None:
        committer = Committer()
        for number in range(5):
            committer.add(row(str(number), size=BATCH_BYTES // 2 - 1))
        assert committer._most() == 2
        committer.waiting[0] = (row("huge", size=BATCH_BYTES * 9), committer.waiting[0][1])
        assert committer._most() == 1

    run(fill)


def test_what_is_large_waits_apart_and_what_follows_of_its_handle_behind_it() -> None:
    async def fill(store: Store) -> None:
        rows = [row("1"), row("2", size=LARGE + 1), row("3"), row("4", handle="ben")]
        done = [store._add(one) for one in rows]
        assert [one.key for one, _ in store.committers[SHARDS].waiting] == ["2", "3"]
        for one in done:
            one.set_result(None)
        await asyncio.sleep(0)
        assert not store.behind

    run(fill)


@pytest.mark.django_db(transaction=True)
def test_large_and_small_are_stored_and_the_large_ones_connection_is_made_by_the_first() -> None:
    channel = whatsapp.channel()

    async def put() -> list[bool]:
        store = inbox_store.here()
        await store.open()
        before = store.committers[SHARDS].connection is None
        await store.put([row("1", size=LARGE * 2, channel_id=channel.pk), row("2", channel_id=channel.pk)])
        after = store.committers[SHARDS].connection is not None
        await inbox_store.shutdown()
        return [before, after]

    assert asyncio.run(put()) == [True, True]
    assert set(InboundEvent.objects.values_list("key", flat=True)) == {"1", "2"}
