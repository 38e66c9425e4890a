"""In which ways can Django's pages stand behind an ASGI server? Each name is one application for `bench.pages`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from config import bridge

Message = dict[str, Any]

pages = bridge.Pages(get_wsgi_application(), threads=8)
handler = get_asgi_application()
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def threads(scope: Message, receive: Receive, send: Send) -> None:
    """Our bridge, without the door and the sockets that `live` puts before it."""
    await (bare if scope["type"] == "lifespan" else pages)(scope, receive, send)


async def django_asgi(scope: Message, receive: Receive, send: Send) -> None:
    """Django's own handler, which knows no lifespan."""
    await (bare if scope["type"] == "lifespan" else handler)(scope, receive, send)


async def bare(scope: Message, receive: Receive, send: Send) -> None:
    """Answers at once: what the server itself costs."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\n"})
