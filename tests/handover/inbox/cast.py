"""Who stands at the desk in these tests, and how does a screen speak to us?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from handover.inbox.consumers import InboxSocket
from handover.models import Agent


def client_of(agent: Agent) -> Client:
    """A browser in which the agent is logged in."""
    client = Client()
    client.force_login(agent.user)
    return client


class Screen:
    """A socket of a logged-in agent."""

    def __init__(self, client: Client | None, *, origins: tuple[str, ...] | None = None) -> None:
        headers = [(b"origin", origin.encode()) for origin in origins or (settings.PUBLIC_URL,)]
        if client is not None:
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie.value}".encode()))
        scope = {"type": "websocket", "path": "/inbox/socket", "headers": headers, "subprotocols": []}
        self.line = ApplicationCommunicator(InboxSocket.as_asgi(), scope)

    async def connect(self) -> bool:
        """Whether the handshake was accepted."""
        await self.line.send_input({"type": "websocket.connect"})
        output = await self.line.receive_output(timeout=20)
        return bool(output["type"] == "websocket.accept")

    async def open(self) -> Screen:
        assert await self.connect()
        data = (await self.hear("hello"))["data"]
        assert data == {"heartbeat": 25, "now": data["now"]}
        return self

    async def send(self, *, text: str | None = None, binary: bytes | None = None) -> None:
        await self.line.send_input({"type": "websocket.receive", "text": text, "bytes": binary})

    async def ask(self, **frame: Any) -> None:
        await self.send(text=json.dumps(frame))

    async def subscribe(self, conversation: Any, after: int = 0) -> None:
        await self.ask(type="subscribe", conversation=str(conversation.public_id), after=after)

    async def hear(self, kind: str, *, seconds: float = 20) -> dict[str, Any]:
        """The next frame of a kind; others on the way are dropped."""
        while True:
            output = await self.line.receive_output(timeout=seconds)
            assert output["type"] == "websocket.send", output
            frame = json.loads(output["text"])
            if frame["type"] == kind:
                return dict(frame)

    async def everything(self, *, seconds: float = 1.0) -> list[str]:
        """Every frame of the next moment, as it came."""
        await asyncio.sleep(seconds)
        frames = []
        while not await self.line.receive_nothing(timeout=0.1, interval=0.02):
            frames.append(str((await self.line.receive_output())["text"]))
        return frames

    async def closed_with(self, *, seconds: float = 20) -> int:
        """The code with which the server closes; frames on the way are dropped."""
        while True:
            output = await self.line.receive_output(timeout=seconds)
            if output["type"] == "websocket.close":
                return int(output["code"])

    async def leave(self) -> None:
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(timeout=20)


def later(function: Any, *arguments: Any, **named: Any) -> Any:
    """Runs what uses the database beside the loop of an asynchronous test."""
    return sync_to_async(function, thread_sensitive=True)(*arguments, **named)
