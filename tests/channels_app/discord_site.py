"""How do tests run a pretended Discord? The whole ASGI application on a port, and our gateway beside it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from channels_app import delivery, ingest
from channels_app.gateway.fleet import Fleet
from channels_app.gateway.models import GatewaySession
from channels_app.models import Channel
from channels_app.sandbox import emulators
from channels_app.sandbox.discord_emulator import objects, sessions
from channels_app.sandbox.emulators import Said
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person, find
from tests.browser.site import Site

started: list[subprocess.Popen[bytes]] = []
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def site(given: Any, heartbeat_ms: int = 41_250) -> Iterator[str]:
    """The product with its sandbox on a free port; `given` is pytest-django's `settings`."""
    running = Site()
    # The sockets of other loops are still open when this one ends: uvloop would wait for them.
    running.server.config.loop = "asyncio"
    given.PUBLIC_URL = running.url
    given.SANDBOX_DISCORD_HEARTBEAT_MS = heartbeat_ms
    running.start()
    try:
        yield running.url
    finally:
        while started:
            started.pop().kill()  # what a test that failed has left behind
        running.stop()


def channel(**config: Any) -> Channel:
    """The demo's bot."""
    emulator = emulators.find("discord")
    assert emulator is not None
    fields = emulators.demo_fields(emulator)
    fields["config"] |= config
    return Channel.objects.create(**fields)


@contextmanager
def gateway() -> Iterator[threading.Thread]:
    """Our gateway on a thread of this process, until the block ends."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(Fleet(poll=0.2).run(stop)), daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
        assert not thread.is_alive()
        loop.close()


def process(stderr: int | None = None) -> subprocess.Popen[bytes]:
    """Our gateway as the process that it is in production, on the test database."""
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}:{found['PASSWORD']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PUBLIC_URL": settings.PUBLIC_URL,
    }
    running = subprocess.Popen([sys.executable, "manage.py", "run_discord_gateway"], cwd=ROOT, env=env, stderr=stderr)
    started.append(running)
    return running


def until(found: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `found` gives once it is true; a test waits for nothing longer."""
    end = time.monotonic() + seconds
    while not (got := found()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return got


def is_ready(bot: Channel) -> bool:
    """Does the gateway listen for this bot?"""
    return GatewaySession.objects.filter(channel=bot, state="ready").exclude(session_id="").exists()


def maya() -> Person:
    found = find("maya")
    assert found is not None
    return found


def write(bot: Channel, act: str = "text", text: str = "", **more: Any) -> SandboxMessage | None:
    """Maya does something in Discord's app."""
    return emulators.of(bot).write(bot, maya(), Said(act, text, **more))  # type: ignore[arg-type]  # a word of Act


def phone(bot: Channel) -> list[dict[str, Any]]:
    """What the bot has written to Maya."""
    rows = SandboxMessage.objects.filter(channel=bot.key, address=objects.address(maya()), is_from_customer=False)
    return [dict(row.body) for row in rows.order_by("pk")]


def go_on() -> None:
    """Whatever waits anywhere is handled and sent."""
    ingest.drain()
    while delivery.send_due():
        pass


def order(bot: Channel, word: str) -> None:
    """What the pretended gateway shall do to its connections."""
    sessions.order(bot, word)
