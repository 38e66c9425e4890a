"""What does an agent's screen hear while it is open? One socket: threads it may see, rows, and who else is there."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error
from django.urls import path

from common import clock
from conversations import hub, realtime
from handover import limits, presence
from handover.inbox import (
    boardfeed,
    door,
    feeds,
    floor,
    frames,
    requests,
    seenfeed,
    staff,
)
from handover.inbox.requests import Board, Doing, Heartbeat, Seen, Shown, Subscribe, Unreadable, Unsubscribe
from handover.models import Agent

NOT_OURS, TRY_LATER = 1003, 1013
LOG_IN_AGAIN = floor.LOG_IN_AGAIN
WAITING_MAX = 512  # frames that a slow screen may owe
WATCHED_MAX = 6  # conversations of one screen
ASKED_MAX, ASKED_WITHIN = 120, 10.0  # requests in so many seconds

feeds.ready()
hub.reader("conversation", frames.read, page=frames.REPLAY_LIMIT, heads=frames.heads)


class InboxSocket(AsyncWebsocketConsumer):
    """The socket of one screen; authorised at every subscription and again while it lasts."""

    agent: Agent | None = None

    async def connect(self) -> None:
        if not door.is_our_page(self.scope):
            await self.close()  # before the handshake: 403
            return
        entered = await floor.in_thread(door.enter, self.scope)
        await self.accept()
        if entered is None:
            await self.close(LOG_IN_AGAIN)
            return
        if floor.here().is_full(entered[0].pk):
            await self.close(TRY_LATER)
            return
        self.agent, self.session_key = entered
        self.agent_id, self.password = self.agent.pk, self.agent.user.password
        self.watched: dict[int, str] = {}
        self.shown: dict[int, str] = {}
        self.asked: list[float] = []
        self.waiting: asyncio.Queue[str | int] = asyncio.Queue()
        self.writer = asyncio.ensure_future(self._write())
        hub.here().listen(f"agent:{self.agent_id}", self.told)
        floor.here().enter(self)
        self.tell(_frame("hello", {"heartbeat": limits.number("HEARTBEAT"), "now": _now()}))

    async def disconnect(self, code: int) -> None:
        if self.agent is None:
            return
        for conversation_id in list(self.watched):
            await self._unwatch(conversation_id)
        hub.here().unlisten(f"agent:{self.agent_id}", self.told)
        floor.here().leave(self)
        self.writer.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.agent is None:
            return
        try:
            asked = requests.read(text_data, bytes_data)
        except Unreadable as error:
            self.shut(error.code)
            return
        if self._is_too_much():
            self.shut(TRY_LATER)
            return
        if isinstance(asked, Subscribe):
            await self._subscribe(asked)
        elif isinstance(asked, Unsubscribe):
            await self._unwatch(self._watched_id(asked.conversation))
        elif isinstance(asked, Shown):
            self.shown = await floor.in_thread(door.visible, self.agent, asked.ids)
            await feeds.catch_up(self)
        elif isinstance(asked, Doing):
            await self._doing(asked)
        elif isinstance(asked, Seen):
            seenfeed.note(self, asked.conversation, asked.seq)
        elif isinstance(asked, Board):
            boardfeed.put(self, is_on=asked.is_on)
        elif isinstance(asked, Heartbeat):
            is_idle = await floor.in_thread(_beat, self.agent, asked.has_input)
            self.tell(_frame("beat", {"idle": is_idle, "now": _now()}))

    # what the hub, the row feed and the warden call -----------------------------------------------------------------

    def push(self, stream: str, seq: int, frame: str) -> None:
        """An envelope of a stream that this screen has joined."""
        self.tell(frame)

    def tell(self, frame: str) -> None:
        """Queues a frame; a screen that cannot keep up is closed and comes back with its cursor."""
        if self.waiting.qsize() >= WAITING_MAX:
            self.shut(TRY_LATER)
            return
        self.waiting.put_nowait(frame)

    def shut(self, code: int) -> None:
        """Closes the socket; what is still queued is dropped."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(code)

    def drop(self, conversation_id: int) -> None:
        """Ends a subscription that lost its right."""
        public_id = self.watched.get(conversation_id)
        if public_id is not None:
            self._leave(conversation_id)
            self.tell(_frame("revoked", {"conversation": public_id}))

    async def heard(self, data: dict[str, Any]) -> None:
        """Somebody looks or types in a conversation that this screen watches."""
        self.tell(_frame("here", data))

    async def told(self, data: dict[str, Any]) -> None:
        """Something that only this agent's screens show: `type` and `data` of the frame."""
        self.tell(_frame(data["type"], data["data"]))

    # what the screen asks ---------------------------------------------------------------------------------------------

    async def _subscribe(self, asked: Subscribe) -> None:
        public_id = str(asked.conversation)
        if len(self.watched) >= WATCHED_MAX and self._watched_id(asked.conversation) is None:
            self.tell(_frame("refused", {"conversation": public_id, "code": "too_many"}))
            return
        found = await floor.in_thread(door.readable, self.agent, asked.conversation)
        if not found:
            self.tell(_frame("refused", {"conversation": public_id, "code": "not_found"}))
            return
        [(pk, _)] = found.items()
        if not 0 <= await floor.in_thread(_behind, pk, asked.after) <= frames.REPLAY_LIMIT:
            self.tell(_frame("reload", {"conversation": public_id}))
            return
        await self._unwatch(pk)
        self.watched[pk] = public_id
        hub.here().listen(f"typing:{pk}", self.heard)
        await hub.here().join(realtime.conversation_stream(pk), self, asked.after)
        self.tell(_frame("subscribed", {"conversation": public_id}))

    async def _unwatch(self, conversation_id: int | None) -> None:
        if conversation_id in self.watched and conversation_id is not None:
            await self._say(conversation_id, "left")
            self._leave(conversation_id)

    def _leave(self, conversation_id: int) -> None:
        self.watched.pop(conversation_id, None)
        hub.here().unlisten(f"typing:{conversation_id}", self.heard)
        hub.here().leave(self, realtime.conversation_stream(conversation_id))

    async def _doing(self, asked: Doing) -> None:
        """Only what the screen watches, hence may see, can be looked at or typed in."""
        conversation_id = self._watched_id(asked.conversation)
        if conversation_id is not None:
            await self._say(conversation_id, asked.what, str(asked.session or ""))

    async def _say(self, conversation_id: int, what: str, session: str = "") -> None:
        assert self.agent is not None
        who = {"by": "agent", "agent": f"agent:{staff.ref(self.agent_id)}", "name": self.agent.name}
        data = {"conversation": self.watched[conversation_id], "what": what, "session": session, **who}
        await floor.in_thread(realtime.tell, f"typing:{conversation_id}", data)

    def _watched_id(self, public_id: UUID) -> int | None:
        return next((pk for pk, known in self.watched.items() if known == str(public_id)), None)

    def _is_too_much(self) -> bool:
        now = time.monotonic()
        self.asked = [at for at in self.asked if now - at < ASKED_WITHIN] + [now]
        return len(self.asked) > ASKED_MAX

    async def _write(self) -> None:
        while True:
            frame = await self.waiting.get()
            if isinstance(frame, int):
                await self.close(frame)
                return
            await self.send(await self._for_me(frame) if isinstance(frame, frames.Leading) else frame)

    async def _for_me(self, frame: frames.Leading) -> str:
        """With its link, if this agent may see where it leads now."""
        assert self.agent is not None
        try:
            return frame.linked if await floor.in_thread(door.visible, self.agent, (frame.to,)) else frame
        except Error:
            return frame


def _frame(kind: str, data: dict[str, Any]) -> str:
    return json.dumps({"v": frames.VERSION, "type": kind, "data": data})


def _now() -> int:
    """What the screen measures by, whatever its own clock says: milliseconds since 1970."""
    return int(clock.now().timestamp() * 1000)


def _behind(conversation_id: int, after: int) -> int:
    """How many events the screen has missed; less than none if its cursor is not ours."""
    return frames.head(conversation_id) - after


def _beat(agent: Agent, has_input: bool) -> bool:
    """Whether all screens of the agent are without input for long."""
    now = clock.now()
    presence.heartbeat(agent=agent, at=now)
    if has_input:
        presence.touched(agent=agent, at=now)
    return not has_input and presence.is_idle(agent.pk, now)


websocket_urlpatterns = [path("inbox/socket", InboxSocket.as_asgi())]
