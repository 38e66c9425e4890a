"""Who tells the worker that something came in? One hint at a time, after the commit, dropped when Redis is slow."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import redis.asyncio as aioredis
from django.conf import settings

DEADLINE = 0.2  # seconds
REST = 2.0  # seconds without trying, after Redis failed to answer
PAYLOAD = json.dumps({"names": ["wake:inbox"]})


@dataclass
class Bell:
    """The client of one event loop, and whether it is ringing."""

    client: aioredis.Redis
    ringing: asyncio.Task[None] | None = None
    again: bool = False
    silent_until: float = 0.0


_bells: WeakKeyDictionary[asyncio.AbstractEventLoop, Bell] = WeakKeyDictionary()


def inbox() -> None:
    """Hints that the inbox has work; returns at once. Hints while one is on its way become one more."""
    loop = asyncio.get_running_loop()
    bell = _bells.get(loop) or _bells.setdefault(loop, Bell(aioredis.Redis.from_url(settings.REDIS_URL)))
    if bell.ringing is not None and not bell.ringing.done():
        bell.again = True
    elif loop.time() >= bell.silent_until:
        bell.ringing = loop.create_task(_ring(bell))


async def shutdown() -> None:
    """Closes the client of the running event loop."""
    bell = _bells.pop(asyncio.get_running_loop(), None)
    if bell is not None:
        if bell.ringing is not None:
            bell.ringing.cancel()
        await bell.client.aclose()


async def _ring(bell: Bell) -> None:
    while True:
        bell.again = False
        try:
            async with asyncio.timeout(DEADLINE):
                await bell.client.publish(settings.HUB_CHANNEL, PAYLOAD)
        except (aioredis.RedisError, OSError, TimeoutError):
            bell.silent_until = asyncio.get_running_loop().time() + REST
            return
        if not bell.again:
            return
