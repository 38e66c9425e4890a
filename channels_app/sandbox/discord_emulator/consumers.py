"""The pretended gateway as a websocket: hello, identify, resume, heartbeats, dispatches, and its closing codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from channels_app.models import Channel
from channels_app.sandbox.discord_emulator import objects, sessions
from channels_app.sandbox.discord_emulator.objects import Json
from channels_app.sandbox.inspector import TOPIC
from conversations import hub

HEARTBEAT_MS = 41_250
POLL = 1.0  # seconds between looks when nothing wakes us
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
UNKNOWN_OPCODE, UNREADABLE, NOT_IDENTIFIED, BAD_TOKEN, TWICE, BAD_SEQ = 4001, 4002, 4003, 4004, 4005, 4007
INTENTS_MAX = 1 << 26


class GatewaySocket(AsyncWebsocketConsumer):
    """One bot's connection."""

    async def connect(self) -> None:
        self.channel: Channel | None = None
        self.session = ""
        self.sent = self.intents = 0
        self.order = 0
        self.is_silent = self.is_ours = False
        self.has_news = asyncio.Event()
        self.feeding: asyncio.Task[None] | None = None
        if not settings.SANDBOX:
            await self.close(4404)
            return
        await self.accept()
        hub.here().listen(TOPIC, self.hinted)
        await self.say(HELLO, {"heartbeat_interval": await _of(_interval)})

    async def disconnect(self, code: int) -> None:
        hub.here().unlisten(TOPIC, self.hinted)
        if self.feeding is not None:
            self.feeding.cancel()
        if self.channel is not None and self.session:
            # What we close ourselves can always be resumed.
            await _of(sessions.left, self.channel, self.session, None if self.is_ours else code)

    async def hinted(self, data: Json) -> None:
        """Something happened: perhaps for us."""
        self.has_news.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A frame of the bot's."""
        try:
            frame = json.loads(text_data or (bytes_data or b"").decode())
            op, data = frame["op"], frame.get("d")
        except (ValueError, TypeError, KeyError):
            await self.close(UNREADABLE)
            return
        if op == HEARTBEAT:
            await self._beaten()
        elif op in (IDENTIFY, RESUME) and isinstance(data, dict):
            await self._introduced(op, data)
        elif op not in (3, 4, 8, 31):
            await self.close(UNKNOWN_OPCODE)
        elif self.channel is None:
            await self.close(NOT_IDENTIFIED)

    async def say(self, op: int, data: Any = None) -> None:
        """A frame that is no dispatch."""
        await self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def _beaten(self) -> None:
        if self.is_silent:
            return
        await self.say(ACK)
        if self.channel is not None:
            await _of(sessions.touch, self.channel, self.session)

    async def _introduced(self, op: int, data: Json) -> None:
        if self.channel is not None:
            await self.close(TWICE)
            return
        channel = await _of(objects.bot_with, str(data.get("token", "")))
        if channel is None:
            await self.close(BAD_TOKEN)
        elif op == RESUME:
            await self._resume(channel, str(data.get("session_id", "")), data.get("seq"))
        elif not isinstance(data.get("intents"), int) or not 0 <= data["intents"] < INTENTS_MAX:
            await self.close(4013)
        elif not isinstance(data.get("properties"), dict):
            await self.close(UNREADABLE)
        else:
            await self._identify(channel, data["intents"])

    async def _identify(self, channel: Channel, intents: int) -> None:
        if await _of(sessions.starts_left, channel) <= 0:
            await self.close(BAD_TOKEN)  # the token has been reset
            return
        ready = await _of(sessions.begin, channel, intents)
        await self._follow(channel, ready["session_id"], 0)

    async def _resume(self, channel: Channel, session: str, seq: object) -> None:
        if not await _of(sessions.resume, channel, session):
            await self.say(INVALID, False)
            return
        if not isinstance(seq, int) or seq > await _of(sessions.last, channel, session):
            await self.close(BAD_SEQ)
            return
        await _of(sessions.append, channel, session, "RESUMED", {"_trace": []})
        await self._follow(channel, session, seq)

    async def _follow(self, channel: Channel, session: str, seq: int) -> None:
        self.channel, self.session, self.sent = channel, session, seq
        self.intents = await _of(sessions.intents_of, channel, session)
        self.order, _ = await _of(sessions.ordered, channel)
        self.feeding = asyncio.create_task(self._feed(channel))

    async def _feed(self, channel: Channel) -> None:
        """Sends what is new, as long as the connection lives."""
        while True:
            self.has_news.clear()
            await _of(sessions.keep, channel, self.session, self.intents, self.sent)
            for frame in await _of(sessions.after, channel, self.session, self.sent):
                self.sent = frame["s"]
                await self.send(json.dumps(frame))
            number, word = await _of(sessions.ordered, channel)
            if number != self.order:
                self.order = number
                await self._obey(channel, word)
            try:
                async with asyncio.timeout(POLL):
                    await self.has_news.wait()
            except TimeoutError:
                pass

    async def _obey(self, channel: Channel, word: str) -> None:
        if word == "reconnect":
            await self.say(RECONNECT)
        elif word == "beat":
            await self.say(HEARTBEAT)
        elif word == "resumable":
            await self.say(INVALID, True)
        elif word == "invalid":
            await _of(sessions.end_all, channel)
            await self.say(INVALID, False)
        elif word == "zombie":
            self.is_silent = True
        elif word.isdigit():
            self.is_ours = True
            await self.close(int(word))


def _interval() -> int:
    """Milliseconds between heartbeats; a test may want them sooner."""
    return int(getattr(settings, "SANDBOX_DISCORD_HEARTBEAT_MS", HEARTBEAT_MS))


async def _of(work: Callable[..., Any], *arguments: object) -> Any:
    return await database_sync_to_async(work)(*arguments)
