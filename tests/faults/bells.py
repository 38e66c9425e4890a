"""What if a worker's clock is wrong, or it dies while a timer fires? A worker with bells: slow, countable effects.

`BELL_HOURS` moves this process's clock; `BELL_CARELESS` rings outside the timer's transaction, which must be caught.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, tzinfo

HOURS = timedelta(hours=float(os.environ.get("BELL_HOURS", "0")))
LEASE = timedelta(seconds=3)  # of a worker that died; a minute would be too long for a test
SLOW = 0.04  # seconds that an effect takes
SLOWER = 0.5  # and a careless one: between its effect and its timer's end, time for a kill that is sure to hit it
RING = "INSERT INTO bell (number, ringer) VALUES (%s, %s)"


class Wrong(datetime):
    """What this process takes for the time."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain moment is what is asked for
        return datetime.now(tz) + HOURS


def main() -> None:
    import django

    django.setup()
    import psycopg
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from common import clock
    from conversations import timers
    from conversations.models import Timer

    def ring(timer: Timer) -> None:
        with connection.cursor() as cursor:
            cursor.execute(RING, [timer.object_id, os.getpgrp()])
        time.sleep(SLOW)

    def ring_carelessly(timer: Timer) -> None:
        with psycopg.connect(settings.DATABASE_URL, autocommit=True) as link:
            link.execute(RING, [timer.object_id, os.getpgrp()])
        time.sleep(SLOWER)

    clock.datetime = Wrong  # type: ignore[misc]  # the machine's clock is not ours to move
    timers.LEASE = LEASE
    timers.on("bell", ring_carelessly if os.environ.get("BELL_CARELESS") else ring)
    call_command("work")


if __name__ == "__main__":
    main()
