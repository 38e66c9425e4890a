"""Which sockets of this process want to know? One Redis subscription, one fan-out, a poll that needs no Redis.

A hint names a stream; the hub reads the stream's new frames from Postgres once per process (`reader`), encodes them
once and hands them to every subscribed sink. A sink is told each frame once and in order: it joins with a cursor.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import redis.asyncio as aioredis
from django.conf import settings
from django.db import DatabaseError, close_old_connections

log = logging.getLogger(__name__)

POLL = 20.0  # seconds between looks at every stream while Redis answers
POLL_WITHOUT_REDIS = 2.0
THREADS = 4

Frames = list[tuple[int, str]]
Heads = Callable[[Collection[str]], dict[str, int]]  # parts of names -> the last number of each
Reader = Callable[[str, int], Frames]  # (the part of the stream's name after its kind, cursor) -> [(seq, frame)]
Listener = Callable[[dict[str, Any]], Awaitable[None]]


class Sink(Protocol):
    def push(self, stream: str, seq: int, frame: str) -> None:
        """Takes a frame without waiting; a sink that cannot keep up closes itself."""


@dataclass
class Stream:
    name: str
    cursors: dict[Sink, int] = field(default_factory=dict)
    is_dirty: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def told(self) -> int:
        """How far everybody has been told: a cursor that somebody made up moves it for nobody else."""
        return min(self.cursors.values(), default=0)


class Hub:
    """All subscriptions of one event loop."""

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.listeners: dict[str, list[Listener]] = {}
        self.is_connected = False
        self._is_lost = asyncio.Event()  # ends the long pause of the poll
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hub")

    async def join(self, name: str, sink: Sink, after: int) -> None:
        """Subscribes and catches up: every frame with seq > `after` is pushed, now or when it comes.

        An `after` beyond the stream's end, where the kind tells it, counts as the end.
        """
        after = min(after, await self._end(name, after))
        stream = self.streams.setdefault(name, Stream(name))
        async with stream.lock:
            if self.streams.setdefault(name, stream) is stream:
                stream.cursors[sink] = after
                await self._catch_up(stream, after, lambda: [sink])
                return
        await self.join(name, sink, after)  # whoever had it left meanwhile, and somebody has opened it anew

    def leave(self, sink: Sink, name: str | None = None) -> None:
        """Ends one subscription of the sink, or all."""
        for key in [name] if name else list(self.streams):
            stream = self.streams.get(key)
            if stream and stream.cursors.pop(sink, None) is not None and not stream.cursors:
                del self.streams[key]

    def listen(self, topic: str, listener: Listener) -> None:
        """Calls the listener with a topic's payloads: `desk`, `person` ({"ids": [...]}), or one of `realtime.tell`.

        Of `typing:12` hears who listens to `typing:12`, and who listens to `typing`.
        """
        if listener not in self.listeners.setdefault(topic, []):
            self.listeners[topic].append(listener)

    def unlisten(self, topic: str, listener: Listener) -> None:
        if listener in self.listeners.get(topic, []):
            self.listeners[topic].remove(listener)

    async def run(self) -> None:
        """Follows Redis for ever; while it is away, only the poll is left."""
        poll = self._start(self._poll())
        try:
            while not _is_cancelled():
                try:
                    await self._follow()
                except (aioredis.RedisError, OSError) as error:
                    log.warning("hub without redis: %s", type(error).__name__)
                self.is_connected = False
                self._is_lost.set()
                await asyncio.sleep(1)
        finally:
            poll.cancel()

    async def _follow(self) -> None:
        client = aioredis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=10)
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(settings.HUB_CHANNEL)
            if _is_cancelled():
                return
            self.is_connected = True
            for name in list(self.streams):
                self._touch(name)
            self.tell("poll", {})  # what was said meanwhile reached nobody
            async for message in subscription.listen():
                if message["type"] == "message":
                    self.heard(message["data"])

    def heard(self, raw: bytes) -> None:
        """Takes one published payload."""
        payload = json.loads(raw)
        if topic := payload.get("topic"):
            self.tell(topic, payload["data"])
            if (kind := topic.partition(":")[0]) != topic:
                self.tell(kind, payload["data"])  # for those who follow all of a kind
        rows: dict[str, list[int]] = {"desk": [], "person": []}
        for name in payload.get("names", ()):
            kind, _, rest = name.partition(":")
            if kind in rows:
                rows[kind].append(int(rest))
            elif kind == "wake":
                self.tell(name, {})
            else:
                self._touch(name)
        for topic, ids in rows.items():
            if ids:
                self.tell(topic, {"ids": ids})

    def tell(self, topic: str, data: dict[str, Any]) -> None:
        """Calls this process's listeners of a topic, as a hint from Redis does."""
        for listener in self.listeners.get(topic, ()):
            self._start(listener(data))

    def _touch(self, name: str) -> None:
        stream = self.streams.get(name)
        if stream is None or stream.is_dirty:
            return
        stream.is_dirty = True
        self._start(self._pump(stream))

    async def _pump(self, stream: Stream) -> None:
        async with stream.lock:
            stream.is_dirty = False
            if stream.cursors:
                await self._catch_up(stream, stream.told, lambda: list(stream.cursors))

    async def _catch_up(self, stream: Stream, after: int, sinks: Callable[[], list[Sink]]) -> None:
        page = _readers[stream.name.partition(":")[0]].page
        while frames := await self._read(stream.name, after):
            self._fan_out(stream, frames, sinks())
            if len(frames) < page:  # that was all; what was committed since then has its own hint
                return
            after = frames[-1][0]

    def _fan_out(self, stream: Stream, frames: Frames, sinks: list[Sink]) -> None:
        for seq, frame in frames:
            for sink in sinks:
                if seq > stream.cursors.get(sink, seq):
                    stream.cursors[sink] = seq
                    sink.push(stream.name, seq, frame)

    async def _read(self, name: str, after: int) -> Frames:
        kind, _, rest = name.partition(":")
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, _read, _readers[kind].function, rest, after
        )

    async def _poll(self) -> None:
        while True:
            await self._pause()
            for name in await self._behind():
                self._touch(name)
            self.tell("poll", {})

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._is_lost.wait(), POLL if self.is_connected else POLL_WITHOUT_REDIS)
        except TimeoutError:
            return
        self._is_lost.clear()
        await asyncio.sleep(POLL_WITHOUT_REDIS)

    async def _behind(self) -> list[str]:
        """The streams that may have something new: asked at once for all of a kind, or taken for granted."""
        found: list[str] = []
        for kind, registered in _readers.items():
            names = [name for name in self.streams if name.partition(":")[0] == kind]
            if registered.heads is not None and names:
                names = await self._ahead(registered.heads, names)
            found += names
        return found

    async def _ahead(self, heads: Heads, names: list[str]) -> list[str]:
        rests = {name: name.partition(":")[2] for name in names}
        try:
            ends = await self._ask(heads, list(rests.values()))
        except DatabaseError as error:
            log.warning("poll without database: %s", type(error).__name__)
            return []
        known = {name: stream.told for name, stream in self.streams.items()}
        return [name for name, rest in rests.items() if ends.get(rest, 0) > known.get(name, 0)]

    async def _end(self, name: str, unknown: int) -> int:
        """Where the stream ends by now, or `unknown` for a kind that does not tell."""
        kind, _, rest = name.partition(":")
        heads = _readers[kind].heads
        return (await self._ask(heads, [rest])).get(rest, 0) if heads else unknown

    async def _ask(self, heads: Heads, rests: Collection[str]) -> dict[str, int]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _ask, heads, rests)

    def _start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("hub task failed", exc_info=task.exception())


def _is_cancelled() -> bool:
    """The Redis client swallows a cancellation while it connects, or makes an error of it: the task still knows."""
    own = asyncio.current_task()
    return own is not None and own.cancelling() > 0


@dataclass(frozen=True, slots=True)
class Registered:
    """A reader, and how many frames it gives at most: fewer are all that there are."""

    function: Reader
    page: int
    heads: Heads | None = None


_readers: dict[str, Registered] = {}
_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def reader(kind: str, function: Reader, *, page: int = 1, heads: Heads | None = None) -> None:
    """Registers how the streams of a kind are read; called once, from the app that owns the frames.

    `page`: the most frames that one call gives; with 1, a stream is read until nothing comes. `heads` tells of many
    streams how far each goes, so that the poll reads only those that have something new.
    """
    _readers[kind] = Registered(function, page, heads)


def here() -> Hub:
    """The hub of the running event loop; its `run()` is started with the first use."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = hub = Hub()
        hub._start(hub.run())
    return _hubs[loop]


def _ask(heads: Heads, rests: Collection[str]) -> dict[str, int]:
    close_old_connections()
    try:
        return heads(rests)
    finally:
        close_old_connections()


def _read(function: Reader, rest: str, after: int) -> Frames:
    close_old_connections()
    try:
        return function(rest, after)
    finally:
        close_old_connections()
