"""Which open sandbox pages must look again? A socket that carries nothing but the word to do so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.conf import settings
from django.urls import URLPattern, path

from channels_app.sandbox import emulators
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


def provider_sockets(kinds: Sequence[str] = ()) -> list[URLPattern]:
    """The sockets of pretended providers (Discord's gateway), below /sandbox/<its word>/; of these kinds, or of all."""
    found = [emulators.find(kind) for kind in kinds or emulators.kinds()] if settings.SANDBOX else []
    named = [(one.mount or one.kind, one.websockets) for one in found if one is not None and one.websockets]
    return [path(f"sandbox/{mount}/", URLRouter(list(sockets))) for mount, sockets in named]


websocket_urlpatterns = [path("sandbox/live", SandboxConsumer.as_asgi()), *provider_sockets()]
