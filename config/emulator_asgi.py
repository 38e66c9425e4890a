"""Who answers when emulators run alone? Their URLs and sockets and nothing else; `run_channel_emulator` starts it.

EMULATOR_KINDS names them (all if unset), EMULATOR_WEBHOOK where they post their webhooks.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "config.emulator_asgi.urls"
# There are no pages here, so no static files are served; in a clean checkout there are none.
settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("whitenoise.")]
django_pages = get_wsgi_application()

from channels.routing import URLRouter  # noqa: E402 -- apps must be loaded first

from channels_app.sandbox import consumers, emulators, standalone  # noqa: E402 -- likewise
from config import bridge  # noqa: E402 -- likewise

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

KINDS = tuple(os.environ.get("EMULATOR_KINDS", "").split()) or tuple(emulators.kinds())
pages = bridge.Pages(django_pages, threads=settings.WEB_THREADS)
sockets = URLRouter(consumers.provider_sockets(KINDS))
urls = ModuleType(settings.ROOT_URLCONF)
urls.urlpatterns = standalone.urls(KINDS)  # type: ignore[attr-defined]  # a URL configuration made at the start
sys.modules[settings.ROOT_URLCONF] = urls


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of emulators that run alone."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await sockets(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Makes the channels, and runs the emulators' further servers (SMTP, IMAP) as long as this one."""
    await receive()
    await asyncio.to_thread(standalone.seed, KINDS, os.environ.get("EMULATOR_WEBHOOK", ""))
    found = [emulators.find(kind) for kind in KINDS]
    running = [asyncio.ensure_future(one.standalone()) for one in found if one is not None]
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await send({"type": "lifespan.shutdown.complete"})
