"""Which sockets of this process want to know? Each frame once, in order, to whoever joined, and to nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from conversations import hub, realtime
from conversations.hub import Frames, Hub


class Screen:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, str]] = []

    def push(self, stream: str, seq: int, frame: str) -> None:
        self.frames.append((seq, frame))


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What the stream `test:1` holds; its reader counts its calls in `reads`."""
    rows: list[str] = []

    def read(name: str, after: int) -> Frames:
        return [(seq, text) for seq, text in enumerate(rows, start=1) if seq > after][:2]

    hub.reader("test", read)
    yield rows


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0.005)


def hint(here: Hub, *names: str) -> None:
    here.heard(json.dumps({"names": names}).encode())


async def test_a_joiner_catches_up_from_its_cursor(log: list[str]) -> None:
    log.extend("abcde")
    here, screen = Hub(), Screen()
    await here.join("test:1", screen, after=2)
    assert screen.frames == [(3, "c"), (4, "d"), (5, "e")]


async def test_a_hint_brings_each_new_frame_once_to_every_screen(log: list[str]) -> None:
    here, first, second = Hub(), Screen(), Screen()
    await here.join("test:1", first, after=0)
    await here.join("test:1", second, after=0)
    log.extend("abc")
    hint(here, "test:1", "test:1")
    hint(here, "test:1")
    await settle()
    assert first.frames == second.frames == [(1, "a"), (2, "b"), (3, "c")]


async def test_one_who_joins_late_and_one_who_was_there_both_get_all(log: list[str]) -> None:
    here, early, late = Hub(), Screen(), Screen()
    await here.join("test:1", early, after=0)
    log.append("a")
    await here.join("test:1", late, after=0)
    log.append("b")
    hint(here, "test:1")
    await settle()
    assert early.frames == late.frames == [(1, "a"), (2, "b")]


async def test_a_cursor_that_somebody_made_up_silences_nobody_else(log: list[str]) -> None:
    here, forger, honest = Hub(), Screen(), Screen()
    await here.join("test:1", forger, after=2**62)
    await here.join("test:1", honest, after=0)
    log.extend("ab")
    hint(here, "test:1")
    await settle()
    assert (forger.frames, honest.frames) == ([], [(1, "a"), (2, "b")])


async def test_a_cursor_beyond_the_end_counts_as_the_end(log: list[str]) -> None:
    log.append("a")
    hub.reader("ended", hub._readers["test"].function, heads=lambda rests: dict.fromkeys(rests, len(log)))
    here, screen = Hub(), Screen()
    await here.join("ended:1", screen, after=2**62)
    log.append("b")
    hint(here, "ended:1")
    await settle()
    assert screen.frames == [(2, "b")]


async def test_who_joins_while_the_last_one_leaves_is_heard(log: list[str]) -> None:
    here, first, second = Hub(), Screen(), Screen()
    await here.join("test:1", first, after=0)
    async with here.streams["test:1"].lock:  # as while its news are read
        joining = asyncio.create_task(here.join("test:1", second, after=0))
        await settle()
        here.leave(first)
    await joining
    log.append("a")
    hint(here, "test:1")
    await settle()
    assert second.frames == [(1, "a")]


async def test_who_left_hears_nothing(log: list[str]) -> None:
    here, screen = Hub(), Screen()
    await here.join("test:1", screen, after=0)
    here.leave(screen)
    log.append("a")
    hint(here, "test:1")
    await settle()
    assert (screen.frames, here.streams) == ([], {})


async def test_another_stream_is_not_touched(log: list[str]) -> None:
    here, screen = Hub(), Screen()
    await here.join("test:1", screen, after=0)
    log.append("a")
    hint(here, "test:2", "desk:4")
    await settle()
    assert screen.frames == []


async def test_rows_and_wake_ups_reach_their_listeners() -> None:
    here = Hub()
    heard: list[object] = []

    async def listener(data: dict[str, object]) -> None:
        heard.append(data)

    here.listen("desk", listener)
    here.listen("wake:outbox", listener)
    hint(here, "desk:4", "desk:7", "wake:outbox", "wake:inbox")
    await settle()
    assert sorted(heard, key=str) == sorted([{"ids": [4, 7]}, {}], key=str)


async def test_a_published_event_arrives_through_redis(log: list[str], redis_client: object) -> None:
    here, screen = Hub(), Screen()
    run = asyncio.create_task(here.run())
    await here.join("test:1", screen, after=0)
    while not here.is_connected:
        await asyncio.sleep(0.01)
    log.append("a")
    await asyncio.to_thread(realtime._publish, {"names": ["test:1"]})
    await asyncio.sleep(0.2)
    run.cancel()
    assert screen.frames == [(1, "a")]


async def test_the_poll_reads_only_streams_that_have_gone_on(log: list[str]) -> None:
    ends = {"1": 1, "2": 1, "3": 2}
    hub.reader("numbered", lambda name, after: [(1, "a")] if after < 1 else [], heads=lambda _: ends)
    here, screen = Hub(), Screen()
    for name in ("numbered:1", "numbered:2", "numbered:3", "test:1"):
        await here.join(name, screen, after=0)
    assert await here._behind() == ["test:1", "numbered:3"]
