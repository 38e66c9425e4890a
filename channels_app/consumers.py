"""How does a widget talk over a socket? It proves its visit in the first frame, then speaks the fixed vocabulary.

Close codes: 1003 no frame of ours · 1009 too big · 1012 come back · 1013 too many, too slow · 4401 open a visit again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.urls import path

from channels_app import (
    connections,
    frames,
    inbox_store,
    limits,
    origins,
    person_news,
    protocol,
    sightings,
    uploads,
    vigil,
    visits,
    wakeup,
)
from channels_app.connections import Standing
from channels_app.inbox_store import NotStored
from channels_app.protocol import Garbage, Hello, Ping, Refused, Resync, Say, Seen, Typing
from channels_app.visits import VisitUnknown
from conversations import hub, realtime

log = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
OUTGOING_MOST = 256  # frames that may wait for a slow browser
BAD_FRAMES_MOST = 20
Json = dict[str, Any]


class WidgetSocket(AsyncWebsocketConsumer):
    """One browser's socket; a sink of the hub for the streams of its endpoints."""

    standing: Standing | None = None

    async def connect(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.outgoing: asyncio.Queue[str] = asyncio.Queue(OUTGOING_MOST)
        self.bad_frames = 0
        self.is_moving = False  # something was said since: the conversation may be another one
        self.entered: list[tuple[limits.Count, str]] = []
        self.heard_in: set[int] = set()
        self.key = self.scope["url_route"]["kwargs"]["channel"]
        channel = await database_sync_to_async(connections.channel)(self.key)
        if channel is None or not origins.of_socket(self.scope["headers"], channel):
            await self.close()
            return
        await self.accept()
        if not self._enter(limits.SOCKETS_OF_ADDRESS, connections.address(self.scope)):
            await self.close(protocol.CLOSE_BUSY)
            return
        self._start(self._write())
        self._start(self._close_without_hello())

    async def disconnect(self, code: int) -> None:
        hub.here().leave(self)
        vigil.here().leave(self)
        person_news.here().leave(self)
        self._listen(set())
        for task in self.tasks:
            task.cancel()
        for count, name in self.entered:
            count.leave(name)
        self.entered = []

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if text_data is None:
                raise Garbage(protocol.CLOSE_BAD)
            await self._take(protocol.read(text_data))
        except Garbage as garbage:
            await self.close(garbage.close)
        except Refused as refusal:
            await self._refuse(refusal)
        except (DatabaseError, NotStored) as error:
            log.warning("widget frame not taken: %s", type(error).__name__)
            await self.close(protocol.CLOSE_RESTART)

    def push(self, stream: str, seq: int, frame: str) -> None:
        """The hub's frame for this browser; one that cannot keep up is told where to begin again."""
        if self.standing is not None and not self.heard_in and not self.is_moving:
            self._start(self.look_again())  # the first words have opened a conversation: who types in it is told
        self.is_moving = True
        self._send_soon(frame)

    def tell(self, frame: str) -> None:
        """Something about the person behind the login is different."""
        self._send_soon(frame)

    async def look_again(self) -> None:
        """J12: whose login was revoked, expired, ended or became another person's does not stay."""
        try:
            now = await self._stand(self.token)
        except DatabaseError:
            return
        if now is None or now != self.standing:
            await self.close(protocol.CLOSE_AUTH)
            return
        self._stands(now)

    async def _take(self, frame: protocol.Frame) -> None:
        if isinstance(frame, Ping):
            self._say({"type": "pong"})
        elif isinstance(frame, Hello):
            await self._hello(frame)
        elif self.standing is None:
            raise Refused("hello_first")
        elif isinstance(frame, Say):
            await self._store(self.standing, frame)
        elif isinstance(frame, Resync):
            await self._join(self.standing, frame.after)
        elif isinstance(frame, Seen):
            await database_sync_to_async(sightings.note)(standing=self.standing, seen=frame)
        elif isinstance(frame, Typing):
            await self._typing(self.standing, frame)

    async def _hello(self, hello: Hello) -> None:
        """The visit behind the token; without one, or a second time, the socket closes."""
        if self.standing is not None:
            raise Refused("frame_invalid")
        standing = await self._stand(hello.token)
        if standing is None:
            await self.close(protocol.CLOSE_AUTH)
            return
        if not self._enter(limits.SOCKETS_OF_VISIT, standing.visit_id):
            await self.close(protocol.CLOSE_BUSY)
            return
        self.token = hello.token
        self._say({"type": "ready", "v": protocol.VERSION, "streams": list(standing.streams)})
        await self._join(standing, hello.after)
        self._stands(standing)
        self.visit_id = standing.visit_id
        vigil.here().enter(self)

    async def _join(self, standing: Standing, after: dict[str, int]) -> None:
        """Only the visit's own streams; a name that is not its own is as unknown as one that does not exist."""
        for public, name in standing.streams.items():
            hub.here().leave(self, name)
            await hub.here().join(name, self, after.get(public, 0))

    async def _store(self, standing: Standing, say: Say) -> None:
        seconds = limits.MESSAGES.wait(standing.visit_id)
        if seconds:
            raise Refused("too_fast", retry_after=round(seconds, 1), id=say.client_id)
        file = await database_sync_to_async(uploads.carried)(standing=standing, say=say) if say.file else None
        here, language = connections.address(self.scope), connections.language(self.scope)
        if say.action == "open" and limits.OPENINGS.wait(here):
            self._say({"type": "ack", "id": say.client_id})
            return
        stored = connections.event(standing, say, file, here, language)
        await inbox_store.put([inbox_store.row(standing.channel_id, stored)])
        if standing.is_kiosk:
            await database_sync_to_async(visits.acted)(visit_id=standing.visit_id)
        wakeup.inbox()
        self._say({"type": "ack", "id": say.client_id})

    async def _typing(self, standing: Standing, typing: Typing) -> None:
        """Told to the agents who look; worth nothing a moment later."""
        if limits.TYPING.wait(standing.visit_id):
            return
        if self.is_moving:
            await self.look_again()
        for pk, public_id in standing.conversations.items():
            data = {"conversation": public_id, "what": "typing" if typing.is_typing else "still", "by": "customer"}
            await sync_to_async(realtime.tell)(f"typing:{pk}", data)

    async def _typed(self, data: Json) -> None:
        """An agent types in a conversation of ours: shown only where the answer will arrive."""
        what, here = data.get("what"), self.standing.sessions if self.standing else frozenset()
        if data.get("by") != "agent" or what not in ("typing", "still", "left"):
            return
        if what != "typing" or data.get("session") in here:
            self._say({"type": "typing", "name": str(data.get("name", "")), "is_typing": what == "typing"})

    def _listen(self, wanted: set[int]) -> None:
        for pk in self.heard_in - wanted:
            hub.here().unlisten(f"typing:{pk}", self._typed)
        for pk in wanted - self.heard_in:
            hub.here().listen(f"typing:{pk}", self._typed)
        self.heard_in = wanted

    def _stands(self, standing: Standing) -> None:
        """Where this browser stands now; in which conversations "is typing" counts."""
        self.standing, self.is_moving = standing, False
        if standing.assurance == "strong":
            person_news.here().enter(self, standing.identity_id)
        else:
            person_news.here().leave(self)
        self._listen(set(standing.conversations))

    async def _stand(self, token: str) -> Standing | None:
        try:
            found: Standing = await database_sync_to_async(connections.standing)(key=self.key, token=token)
            return found
        except VisitUnknown:
            return None

    async def _close_without_hello(self) -> None:
        await asyncio.sleep(HELLO_SECONDS)
        if self.standing is None:
            await self.close(protocol.CLOSE_AUTH)

    async def _write(self) -> None:
        while True:
            await self.send(text_data=await self.outgoing.get())

    def _say(self, frame: Json) -> None:
        self._send_soon(json.dumps(frame))

    def _send_soon(self, frame: str) -> None:
        try:
            self.outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            hub.here().leave(self)
            while not self.outgoing.empty():
                self.outgoing.get_nowait()
            self.outgoing.put_nowait('{"type": "resync"}')

    async def _refuse(self, refusal: Refused) -> None:
        self.bad_frames += 1
        if self.bad_frames > BAD_FRAMES_MOST:
            await self.close(protocol.CLOSE_BUSY)
            return
        self._say(refusal.answer())

    def _enter(self, count: limits.Count, name: str) -> bool:
        if not count.enter(name):
            return False
        self.entered.append((count, name))
        return True

    def _start(self, work: Any) -> None:
        self.tasks.append(asyncio.ensure_future(work))


hub.reader("endpoint", frames.read, page=frames.PAGE, heads=frames.heads)
websocket_urlpatterns = [path("widget/<slug:channel>/socket", WidgetSocket.as_asgi())]
