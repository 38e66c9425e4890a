"""Which open sandbox pages must look again? A socket that carries nothing but the word to do so."""

from __future__ import annotations

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.urls import path

from channels_app.sandbox.inspector import TOPIC
from conversations import hub


class SandboxConsumer(AsyncWebsocketConsumer):
    """Says `look` whenever a pretended provider did something; no data goes over it."""

    async def connect(self) -> None:
        if not settings.SANDBOX:
            await self.close(4404)
            return
        await self.accept()
        hub.here().listen(TOPIC, self.hinted)

    async def disconnect(self, code: int) -> None:
        hub.here().unlisten(TOPIC, self.hinted)

    async def hinted(self, data: dict[str, Any]) -> None:
        """Passes the hint on."""
        await self.send("look")


websocket_urlpatterns = [path("sandbox/live", SandboxConsumer.as_asgi())]
