"""How does the worker run? `manage.py work`: until SIGTERM or SIGINT, then what has begun is finished."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from channels_app.work import Workshop

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Drains inbox, outbox and timers."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        workshop = Workshop()
        workshop.start()
        log.info("worker %s started", os.getpid())
        while not stop.wait(1.0):
            ended = [thread.name for thread in workshop.threads if not thread.is_alive()]
            if ended:
                log.error("worker %s ends: %s is dead", os.getpid(), ", ".join(ended))
                os._exit(1)  # the supervisor starts us again; a thread less would be a silent half
        workshop.stop()
        log.info("worker %s stopped", os.getpid())
