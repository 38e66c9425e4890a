"""How does the gateway run? `manage.py run_discord_gateway`, until SIGTERM or SIGINT; its sessions can be resumed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand

from channels_app.gateway.fleet import Fleet

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Listens to Discord's gateway for every enabled Discord channel."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(serve())


async def serve() -> None:
    """All bots, until the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("gateway %s started", os.getpid())
    await Fleet().run(stop)
    log.info("gateway %s stopped", os.getpid())
