"""Who serves a connection on the one port? The webhook door, the sockets, or Django's pages on threads."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_pages = get_wsgi_application()

from channels.routing import URLRouter  # noqa: E402 -- apps must be loaded first

from channels_app import consumers as widget  # noqa: E402 -- likewise
from channels_app import webhooks  # noqa: E402 -- likewise
from channels_app.sandbox import consumers as sandbox  # noqa: E402 -- likewise
from config import bridge, durability, health  # noqa: E402 -- likewise
from handover.inbox import consumers as inbox  # noqa: E402 -- likewise

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

DOOR = "/webhooks/"
sockets = URLRouter([*widget.websocket_urlpatterns, *inbox.websocket_urlpatterns, *sandbox.websocket_urlpatterns])
pages = bridge.Pages(django_pages, threads=settings.WEB_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the process `live`."""
    if scope["type"] == "http":
        path = scope["path"]
        if path.startswith(DOOR):
            await webhooks.door(scope, receive, send)
        elif path in health.ALIVE_PATHS:
            await answer(send, 200, b"ok\n")
        else:
            await pages(scope, receive, send)
    elif scope["type"] == "websocket":
        await socket(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The consumer of the path, or a refusal."""
    try:
        await sockets(scope, receive, send)
    except ValueError as error:
        if "No route found" not in str(error):
            raise
        await send({"type": "websocket.close", "code": 4404})


async def answer(send: Send, status: int, body: bytes) -> None:
    """A short plain answer."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Receive, send: Send) -> None:
    """Starts and stops the hub and the door with the server; a failed start ends the server with its reason."""
    await receive()
    try:
        await asyncio.to_thread(durability.refuse_unsafe)
        await webhooks.startup()
    except durability.UnsafeDatabase as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    drain_before_stopping(asyncio.get_running_loop())
    # What was loaded stays for ever: a full collection that walks it stops every socket for a third of a second.
    gc.collect()
    gc.freeze()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await webhooks.shutdown()
    await send({"type": "lifespan.shutdown.complete"})


def drain_before_stopping(loop: asyncio.AbstractEventLoop) -> None:
    """On SIGTERM `/readyz` says no for DRAIN_SECONDS: load balancers look elsewhere before the port closes."""
    server_stops = signal.getsignal(signal.SIGTERM)
    if not callable(server_stops):
        return

    def on_term(number: int, frame: FrameType | None) -> None:
        health.drain()
        loop.call_soon_threadsafe(loop.call_later, settings.DRAIN_SECONDS, server_stops, number, None)

    signal.signal(signal.SIGTERM, on_term)
