"""By how much has the sandbox moved the clock? One row, followed by every process on a connection of its own.

The row is read outside the caller's transaction and never in an event loop: `common.clock.now()` may be asked anywhere.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta

import psycopg
from django.conf import settings
from django.db import connection, transaction

from channels_app.sandbox.models import SandboxClock
from common import clock
from handover import presence

CHANNEL = "sandbox_clock"
READ = "SELECT shift_seconds FROM channels_app_sandboxclock WHERE id = 1"
FIRST_READ = 0.5  # seconds that the first question of a process may wait
LOOK_AGAIN = 30.0  # seconds after which the row is read without having been told
RETRY = 1.0


def install() -> None:
    """Makes `common.clock` of this process follow the row."""
    clock.shift_by(_shift)


def advance(by: timedelta) -> timedelta:
    """Moves every process's clock forward; returns the whole shift. The clock never goes back but by `reset`."""
    with transaction.atomic():
        row, _ = SandboxClock.objects.select_for_update().get_or_create(pk=1)
        row.shift_seconds += int(by.total_seconds())
        row.save(update_fields=["shift_seconds"])
        presence.carry(by)
        _tell(row.shift_seconds)
    return timedelta(seconds=row.shift_seconds)


def reset() -> None:
    """Back to the real time."""
    with transaction.atomic():
        row, _ = SandboxClock.objects.select_for_update().get_or_create(pk=1)
        presence.carry(-timedelta(seconds=row.shift_seconds))
        row.shift_seconds = 0
        row.save(update_fields=["shift_seconds"])
        _tell(0)


def _tell(seconds: int) -> None:
    """Tells every process on commit, and this one at once, so that whoever moved the clock sees it moved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(seconds)])
    transaction.on_commit(lambda: _follower.learn(seconds))


class Follower:
    """The shift as this process last heard it, kept fresh by one thread."""

    def __init__(self) -> None:
        self.pid = 0
        self.shift = timedelta()
        self.is_known = threading.Event()
        self.lock = threading.Lock()

    def learn(self, seconds: int) -> None:
        self.shift = timedelta(seconds=seconds)
        self.is_known.set()

    def start(self) -> None:
        """Starts the thread in this process; a forked child has none of its parent's."""
        with self.lock:
            if self.pid == os.getpid():
                return
            self.pid = os.getpid()
            self.is_known.clear()
            threading.Thread(target=self._follow, name="sandbox-clock", daemon=True).start()
        self.is_known.wait(FIRST_READ)

    def _follow(self) -> None:
        while True:
            try:
                with psycopg.connect(settings.DATABASE_URL, autocommit=True, connect_timeout=3) as link:
                    link.execute(f"LISTEN {CHANNEL}")
                    while True:
                        self._look(link)
                        for notice in link.notifies(timeout=LOOK_AGAIN, stop_after=1):
                            self.learn(int(notice.payload))
            except psycopg.Error:
                time.sleep(RETRY)

    def _look(self, link: psycopg.Connection) -> None:
        row = link.execute(READ).fetchone()
        self.learn(row[0] if row else 0)


_follower = Follower()


def _shift() -> timedelta:
    if _follower.pid != os.getpid():
        _follower.start()
    return _follower.shift
